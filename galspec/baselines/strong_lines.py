"""Oxygen abundance of a galaxy from the ratios of its strongest lines."""

import numpy as np

from galspec.line_ratios import oh_pp04_o3n2

__all__ = ["oh_o3n2"]


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
    o3, n2 = np.asarray(log_o3hb, float), np.asarray(log_n2ha, float)
    with np.errstate(invalid="ignore"):
        valid = (o3 - n2 > -1) & (o3 - n2 < 1.9)
    return np.where(valid, oh_pp04_o3n2(o3, n2), np.nan)
