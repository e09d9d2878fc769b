"""Metrics of estimates against the truth."""

import numpy as np

__all__ = ["coverage", "residual_summary"]


def residual_summary(true, predicted):
    """Bias, scatter and slope of predicted against true values.

    Parameters
    ----------
    true, predicted : array_like, shape (n,)
        Pairs with a NaN are left out.

    Returns
    -------
    dict
        ``n``; ``bias`` and ``sigma``, mean and standard deviation of predicted minus
        true; ``nmad``, 1.4826 times their median absolute deviation; ``slope`` of the
        least-squares line of predicted against true, which regression to the mean
        brings below 1; ``null``, the standard deviation of the truth: the scatter of
        an estimator that always gives the mean.

    Examples
    --------
    >>> from galspec.evaluation import residual_summary
    >>> summary = residual_summary([8.0, 8.5, 9.0], [8.1, 8.5, 8.9])
    >>> round(summary["slope"], 3)
    0.8
    """
    true, predicted = np.asarray(true, float), np.asarray(predicted, float)
    known = np.isfinite(true) & np.isfinite(predicted)
    true, predicted = true[known], predicted[known]
    error = predicted - true
    if len(error) < 2 or not true.std() > 0:
        slope = np.nan
    else:
        slope = np.polyfit(true, predicted, 1)[0]
    if not len(error):
        return {"n": 0} | dict.fromkeys(
            ("bias", "sigma", "nmad", "slope", "null"), np.nan
        )
    return {
        "n": len(error),
        "bias": float(error.mean()),
        "sigma": float(error.std()),
        "nmad": float(1.4826 * np.median(np.abs(error - np.median(error)))),
        "slope": float(slope),
        "null": float(true.std()),
    }


def coverage(true, lower, upper):
    """Share of true values that lie within their intervals.

    Parameters
    ----------
    true, lower, upper : array_like, shape (n,)
        Rows with a NaN are left out.

    Returns
    -------
    float
        NaN where nothing is left.

    Examples
    --------
    >>> from galspec.evaluation import coverage
    >>> coverage([1.0, 2.0], [0.5, 2.5], [1.5, 3.5])
    0.5
    """
    true, lower, upper = (np.asarray(a, float) for a in (true, lower, upper))
    known = np.isfinite(true) & np.isfinite(lower) & np.isfinite(upper)
    if not known.any():
        return float("nan")
    return float(np.mean(((true >= lower) & (true <= upper))[known]))
