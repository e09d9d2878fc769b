"""What the ratios of the strongest lines say: the formulas, stated once.

The simulator labels its galaxies by them and the baselines estimate with them.
"""

import numpy as np

__all__ = ["is_agn", "is_star_forming", "oh_pg16_r", "oh_pp04_o3n2"]


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


def oh_pg16_r(log_r2, log_r3, log_n2):
    """12 + log10(O/H) by the R calibration of Pilyugin & Grebel.

    Pilyugin & Grebel (2016, MNRAS 457, 3678, eqs. 4 and 5): tied to direct electron
    temperatures from 7.0 to 8.8. At log N2 = -0.6 the upper branch lies above the lower
    one by 0.1 dex where [O III] is as bright as in most such gas (log R3 = 0.6-0.8), by
    0.5 dex and more where it is faint.

    Parameters
    ----------
    log_r2 : `numpy.ndarray`
        log10 of [O II] 3727 + 3729 over H-beta.
    log_r3 : `numpy.ndarray`
        log10 of [O III] 4959 + 5007 over H-beta.
    log_n2 : `numpy.ndarray`
        log10 of [N II] 6548 + 6584 over H-beta.

    Returns
    -------
    `numpy.ndarray`

    Examples
    --------
    >>> from galspec.line_ratios import oh_pg16_r
    >>> float(oh_pg16_r(0.0, 0.6, -1.4).round(3))
    7.525
    """
    q = np.subtract(log_r3, log_r2)
    n2 = np.asarray(log_n2, float)
    upper = 8.589 + 0.022 * q + 0.399 * n2
    upper = upper + (-0.137 + 0.164 * q + 0.589 * n2) * log_r2
    lower = 7.932 + 0.944 * q + 0.695 * n2
    lower = lower + (0.970 - 0.291 * q - 0.019 * n2) * log_r2
    return np.where(n2 < -0.6, lower, upper)


def is_agn(log_o3hb, log_n2ha):
    """Whether the line ratios are beyond what young stars can make.

    Kewley et al. (2001, ApJ 556, 121, eq. 5).

    Parameters
    ----------
    log_o3hb, log_n2ha : array_like
        As for `oh_pp04_o3n2`.

    Returns
    -------
    `numpy.ndarray` of bool
        Without meaning where a ratio is not known.

    Examples
    --------
    >>> from galspec.line_ratios import is_agn
    >>> is_agn([0.0, 1.0], [-0.1, 0.1])
    array([False,  True])
    """
    x = np.asarray(log_n2ha, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x >= 0.47) | (np.asarray(log_o3hb, float) > 0.61 / (x - 0.47) + 1.19)


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
