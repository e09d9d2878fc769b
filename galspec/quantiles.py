"""Quantiles along rows of which not every value counts."""

import numpy as np

__all__ = ["good_median", "sorted_quantiles"]


def sorted_quantiles(ordered, count, levels):
    """Linearly interpolated quantiles of the first values of sorted rows.

    Parameters
    ----------
    ordered : `numpy.ndarray`, shape (n, n_values)
        Ascending along each row.
    count : `numpy.ndarray` of int, shape (n,)
        How many values of each row count; what lies behind them is not looked at.
    levels : array_like, shape (n_levels,)
        From 0 to 1.

    Returns
    -------
    `numpy.ndarray`, shape (n, n_levels)
        NaN in rows without any value.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.quantiles import sorted_quantiles
    >>> sorted_quantiles(np.array([[1.0, 2.0, np.inf]]), np.array([2]), [0, 0.5, 1])
    array([[1. , 1.5, 2. ]])
    """
    if not ordered.shape[1]:
        return np.full((len(ordered), len(levels)), np.nan, ordered.dtype)
    last = np.maximum(count - 1, 0)[:, None]
    place = last * np.asarray(levels)
    left = place.astype(np.int64)
    right = np.minimum(left + 1, last)
    part = (place - left).astype(ordered.dtype)
    below, above = (np.take_along_axis(ordered, at, axis=1) for at in (left, right))
    with np.errstate(invalid="ignore"):  # rows filled with infinity: inf - inf
        return below + (above - below) * part


def good_median(values, good):
    """Lower median of the good values of each row.

    Parameters
    ----------
    values : `numpy.ndarray`, shape (n, n_values)
        At least one column.
    good : `numpy.ndarray` of bool, shape (n, n_values)

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        Infinite where there are none.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.quantiles import good_median
    >>> good_median(np.array([[3.0, 1.0, 9.0]]), np.array([[True, True, False]]))
    array([1.])
    """
    middle = np.maximum(np.count_nonzero(good, axis=1) - 1, 0) // 2
    values = np.where(good, values, np.inf)
    for row, place in zip(values, middle, strict=True):
        row.partition(place)  # faster than sorting; each row has a place of its own
    return values[np.arange(len(values)), middle]
