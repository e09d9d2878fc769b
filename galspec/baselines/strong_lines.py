"""Oxygen abundance and class of a galaxy from the ratios of its strongest lines."""

import numpy as np

__all__ = ["is_star_forming", "oh_o3n2"]


def oh_o3n2(log_o3hb, log_n2ha):
    """12 + log10(O/H) by the O3N2 index.

    Pettini & Pagel (2004, MNRAS 348, L59, eq. 3), valid for -1 < O3N2 < 1.9.

    Parameters
    ----------
    log_o3hb : array_like
        log10 of [O III] 5007 over H-beta.
    log_n2ha : array_like
        log10 of [N II] 6584 over H-alpha.

    Returns
    -------
    `numpy.ndarray`
        NaN where the index lies outside the valid range.

    Examples
    --------
    >>> from galspec.baselines.strong_lines import oh_o3n2
    >>> round(float(oh_o3n2(0.0, -0.5)), 3)
    8.57
    """
    index = np.asarray(log_o3hb, float) - np.asarray(log_n2ha, float)
    with np.errstate(invalid="ignore"):
        return np.where((index > -1) & (index < 1.9), 8.73 - 0.32 * index, np.nan)


def is_star_forming(log_o3hb, log_n2ha):
    """Whether the line ratios are those of H II regions.

    Kauffmann et al. (2003, MNRAS 346, 1055, eq. 1).

    Parameters
    ----------
    log_o3hb, log_n2ha : array_like
        As for `oh_o3n2`.

    Returns
    -------
    `numpy.ndarray` of bool
        False also where a ratio is not known.

    Examples
    --------
    >>> from galspec.baselines.strong_lines import is_star_forming
    >>> is_star_forming([0.0, 1.0], [-0.5, -0.1])
    array([ True, False])
    """
    x = np.asarray(log_n2ha, float)
    with np.errstate(invalid="ignore", divide="ignore"):
        return (x < 0.05) & (np.asarray(log_o3hb, float) < 0.61 / (x - 0.05) + 1.3)
