"""What the ratios of the strongest lines say: the formulas, stated once.

The simulator labels its galaxies by them and the baselines estimate with them.
"""

import numpy as np

__all__ = ["is_star_forming", "oh_pp04_o3n2"]


def oh_pp04_o3n2(log_o3hb, log_n2ha):
    """12 + log10(O/H) by O3N2, inside and outside of the calibrated range.

    Pettini & Pagel (2004, MNRAS 348, L59, eq. 3), which holds for -1 < O3N2 < 1.9.

    Parameters
    ----------
    log_o3hb : `numpy.ndarray`
        log10 of [O III] 5007 over H-beta.
    log_n2ha : `numpy.ndarray`
        log10 of [N II] 6584 over H-alpha.

    Returns
    -------
    `numpy.ndarray`
    """
    return 8.73 - 0.32 * (log_o3hb - log_n2ha)


def is_star_forming(log_o3hb, log_n2ha):
    """Whether the line ratios are those of H II regions.

    Kauffmann et al. (2003, MNRAS 346, 1055, eq. 1).

    Parameters
    ----------
    log_o3hb, log_n2ha : array_like
        As for `oh_pp04_o3n2`.

    Returns
    -------
    `numpy.ndarray` of bool
        False also where a ratio is not known.

    Examples
    --------
    >>> from galspec.line_ratios import is_star_forming
    >>> is_star_forming([0.0, 1.0], [-0.5, -0.1])
    array([ True, False])
    """
    x = np.asarray(log_n2ha, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x < 0.05) & (np.asarray(log_o3hb, float) < 0.61 / (x - 0.05) + 1.3)
