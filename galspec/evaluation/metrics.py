"""Metrics of estimates against the truth."""

import itertools

import numpy as np

__all__ = [
    "BINS",
    "binned_summary",
    "bootstrap_error",
    "coverage",
    "residual_summary",
    "running_quantiles",
]

#: Bins of Feng, Wang & Li (2025), their figures of sigma: in S/N of the r band per
#: pixel, the last bin open there, and in redshift.
BINS = {
    "snr_r": (3, 5, 7, 10, 15, 25, 60),
    "redshift": (0, 0.03, 0.05, 0.07, 0.10, 0.15, 0.30),
}


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


def bootstrap_error(statistic, *columns, groups=None, resamples=200, seed=0):
    """Error of a statistic from the scatter between resampled data (Efron 1979).

    Parameters
    ----------
    statistic : callable
        From ``columns`` to a number, or to several.
    *columns : array_like, shape (n,)
        Resampled together, row by row.
    groups : array_like, shape (n,), optional
        Identifier of the object of each row. Spectra of one object are not
        independent, so whole objects are drawn, which `scipy.stats.bootstrap` cannot.
    resamples : int
        How often.
    seed : int
        Equal seeds give equal errors.

    Returns
    -------
    float, or `numpy.ndarray` where the statistic gives several
        NaN from fewer than two objects.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.evaluation import bootstrap_error
    >>> error = bootstrap_error(np.mean, np.random.default_rng(1).normal(size=400))
    >>> 0.04 < error < 0.06  # 1 / sqrt(400)
    True
    """
    columns = [np.asarray(column) for column in columns]
    n = len(columns[0])
    objects = np.arange(n)
    if groups is not None:
        objects = np.unique(np.asarray(groups), return_inverse=True)[1]
    n_objects = len(np.unique(objects))
    if n_objects < 2:
        return float("nan")
    rng, found = np.random.default_rng(seed), []
    for _ in range(resamples):
        drawn = np.bincount(
            rng.integers(n_objects, size=n_objects), minlength=n_objects
        )
        rows = np.repeat(np.arange(n), drawn[objects])
        found.append(statistic(*(column[rows] for column in columns)))
    error = np.std(found, axis=0)
    return error if np.ndim(error) else float(error)


def binned_summary(true, predicted, by, edges, *, groups=None, resamples=200, seed=0):
    """`residual_summary` in bins of another quantity, with the error of sigma.

    Parameters
    ----------
    true, predicted : array_like, shape (n,)
        Pairs with a NaN are left out.
    by : array_like, shape (n,)
        What the bins are of, such as the signal-to-noise ratio.
    edges : sequence of float
        Ascending; a bin holds its lower edge and not its upper one.
    groups, resamples, seed
        As for `bootstrap_error`.

    Returns
    -------
    list of dict
        One a bin: ``low``, ``high``, the entries of `residual_summary`, and
        ``sigma_err``, the bootstrap error of ``sigma``.

    Examples
    --------
    >>> from galspec.evaluation import binned_summary
    >>> bins = binned_summary([1, 2, 3, 4], [1, 2, 3, 5], [5, 5, 9, 9], (3, 7, 10))
    >>> [round(row["sigma"], 2) for row in bins]
    [0.0, 0.5]
    """
    true, predicted, by = (np.asarray(a, float) for a in (true, predicted, by))
    groups = np.arange(len(true)) if groups is None else np.asarray(groups)
    known = np.isfinite(true) & np.isfinite(predicted)
    rows = []
    for low, high in itertools.pairwise(edges):
        inside = known & (by >= low) & (by < high)
        sigma_err = bootstrap_error(
            np.std,
            (predicted - true)[inside],
            groups=groups[inside],
            resamples=resamples,
            seed=seed,
        )
        summary = residual_summary(true[inside], predicted[inside])
        limits = {"low": float(low), "high": float(high)}
        rows.append({**limits, **summary, "sigma_err": sigma_err})
    return rows


def running_quantiles(x, y, quantiles=(0.16, 0.5, 0.84), *, n_bins=15):
    """Quantiles of one quantity along another, in bins of equal numbers.

    Parameters
    ----------
    x, y : array_like, shape (n,)
        Pairs with a NaN are left out.
    quantiles : sequence of float
        Which of them.
    n_bins : int
        Bins at most; a bin holds ten pairs or more.

    Returns
    -------
    middle : `numpy.ndarray`, shape (n_bins,)
        Median of ``x`` in every bin; empty where there are fewer than ten pairs.
    values : `numpy.ndarray`, shape (len(quantiles), n_bins)

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.evaluation import running_quantiles
    >>> x = np.arange(100.0)
    >>> middle, values = running_quantiles(x, 2 * x, [0.5], n_bins=2)
    >>> values[0]
    array([ 49., 149.])
    """
    x, y = np.asarray(x, float), np.asarray(y, float)
    known = np.isfinite(x) & np.isfinite(y)
    order = np.argsort(x[known], kind="stable")
    n_bins = min(n_bins, len(order) // 10)
    if n_bins < 1:
        return np.empty(0), np.empty((len(quantiles), 0))
    parts = np.array_split(order, n_bins)
    middle = np.array([np.median(x[known][part]) for part in parts])
    values = [np.quantile(y[known][part], quantiles) for part in parts]
    return middle, np.transpose(values)
