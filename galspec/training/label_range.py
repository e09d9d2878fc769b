"""How far predicted spectra lie from the range of those that are at home.

What a network sees of a star that is somewhat cooler than its domain hardly differs
from what it sees of stars within; what it predicts does, if it was trained on such
stars too.
"""

import numpy as np

from galspec.training.domain import WITHIN

__all__ = ["extend_label_range", "fit_label_range", "label_range_distance"]


def fit_label_range(predicted):
    """The axis along which predictions differ most, and the range that they fill.

    Parameters
    ----------
    predicted : `numpy.ndarray`, shape (n, n_labels)
        For spectra that are at home; NaN where nothing was learned.

    Returns
    -------
    dict of str to `numpy.ndarray`
        ``label_axis``, (n_labels,), and ``label_ends``, (2,).
    """
    values = np.nan_to_num(predicted)
    _, vectors = np.linalg.eigh(np.cov(values, rowvar=False))
    axis = vectors[:, -1]
    return {"label_axis": axis, "label_ends": _ends(values @ axis)}


def extend_label_range(domain, predicted):
    """The same axis, with a range that holds other predictions too.

    Parameters
    ----------
    domain : dict
        What `fit_label_range` gave.
    predicted : `numpy.ndarray`, shape (n, n_labels)

    Returns
    -------
    dict of str to `numpy.ndarray`
        As of `fit_label_range`.
    """
    axis, (low, high) = domain["label_axis"], domain["label_ends"]
    first, last = _ends(np.nan_to_num(predicted) @ axis)
    ends = np.array([min(low, first), max(high, last)])
    return {"label_axis": axis, "label_ends": ends}


def label_range_distance(predicted, domain):
    """Distance from the middle of the range, of which each end has 1.

    Parameters
    ----------
    predicted : `numpy.ndarray`, shape (n, n_labels)
    domain : dict
        What `fit_label_range` gave; without, all distances are 0.

    Returns
    -------
    `numpy.ndarray`, shape (n,)
    """
    if "label_ends" not in domain:
        return np.zeros(len(predicted))
    low, high = domain["label_ends"]
    place = np.nan_to_num(predicted) @ domain["label_axis"]
    return np.abs(2 * place - low - high) / (high - low)


def _ends(places):
    return np.quantile(places, [(1 - WITHIN) / 2, (1 + WITHIN) / 2])
