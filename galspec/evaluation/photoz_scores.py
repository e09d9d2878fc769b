"""How good photometric redshifts are: of each galaxy, of parts, and of two methods.

Scores of each galaxy come first; all metrics, their bootstrap errors and comparisons
are made of them, so that densities are looked at once.

Examples
--------
>>> import numpy as np
>>> from galspec.evaluation.photoz_scores import redshift_scores, summary_table
>>> from galspec.redshift_table import RedshiftTable
>>> table = RedshiftTable(
...     {"z_phot": [0.6, 0.5, 2.0], "z_phot_pdf": [[0.5, 0.2, 0.025]] * 3},
...     meta={"z_bins": 3, "z_max": 7.0},
... )
>>> scores = redshift_scores(table, [0.7, 0.5, 0.9])
>>> summary = summary_table(scores, {"all": [True] * 3, "bright": [True, True, False]})
>>> summary["part", "n", "sigma_nmad", "eta15"].pprint()
 part   n      sigma_nmad         eta15
------ --- ------------------- ------------------
   all   3  0.0870588235294117 0.3333333333333333
bright   2 0.04352941176470585                0.0
"""

import functools
import itertools

import numpy as np
from astropy.table import QTable

from galspec.evaluation.density_metrics import density_scores, even_distance
from galspec.evaluation.metrics import bootstrap_error, coverage
from galspec.evaluation.photoz_metrics import bias, outlier_fraction, sigma_nmad
from galspec.training.calibration import ONE_SIGMA

__all__ = [
    "METRICS",
    "compare_redshifts",
    "parts_between",
    "parts_of",
    "redshift_scores",
    "redshift_summary",
    "summary_table",
]


def _mean(values):
    return float(np.mean(values)) if len(values) else float("nan")


def _within(pit, *, level):
    return coverage(pit, (1 - level) / 2, (1 + level) / 2)


_POINT = ("z_spec", "z_phot")
_METRICS = {
    "bias": (bias, _POINT, "median of dz = (z_phot - z_spec) / (1 + z_spec)"),
    "sigma_nmad": (sigma_nmad, _POINT, "1.48 median(abs(dz - median(dz)))"),
    "eta15": (outlier_fraction, _POINT, "share of abs(dz) > 0.15"),
    "eta10": (
        functools.partial(outlier_fraction, threshold=0.1),
        _POINT,
        "share of abs(dz) > 0.10",
    ),
    "crps": (_mean, ("crps",), "continuous ranked probability score, in ln(1 + z)"),
    "cde_loss": (_mean, ("cde_loss",), "loss of conditional density estimation"),
    "log_likelihood": (
        _mean,
        ("log_likelihood",),
        "mean ln of the density per ln(1 + z) at the true redshift",
    ),
    "pit_ks": (even_distance, ("pit",), "Kolmogorov-Smirnov distance of the PIT"),
    "coverage68": (
        functools.partial(_within, level=ONE_SIGMA),
        ("pit",),
        "share of true redshifts in the central 68 %",
    ),
    "coverage95": (
        functools.partial(_within, level=0.95),
        ("pit",),
        "share of true redshifts in the central 95 %",
    ),
}
_NEEDED = (*_POINT, "crps", "cde_loss", "log_likelihood", "pit")
#: All metrics, and what they are.
METRICS = {name: words for name, (_, _, words) in _METRICS.items()}


def redshift_scores(table, z_spec):
    """Scores of each galaxy.

    Parameters
    ----------
    table : `~galspec.redshift_table.RedshiftTable`
        Predictions.
    z_spec : array_like, shape (n,)
        True redshifts; NaN where unknown.

    Returns
    -------
    `~astropy.table.QTable`
        Columns ``z_spec``, ``z_phot``, ``dz``, ``pit``, ``crps``, ``cde_loss`` and
        ``log_likelihood``, of which `galspec.evaluation.density_metrics` tells. NaN in
        all of them where the truth or the prediction is not known.

    Raises
    ------
    ValueError
        If ``z_spec`` has another length than the table.
    """
    z_spec = np.array(z_spec, float)
    if z_spec.shape != (len(table),):
        raise ValueError(
            f"the table has {len(table)} rows, z_spec has shape {z_spec.shape}"
        )
    z_phot = np.array(table["z_phot"], float)
    density = np.asarray(table["z_phot_pdf"], float)
    known = np.isfinite(z_spec + z_phot) & np.isfinite(density).all(axis=1)
    z_spec[~known] = z_phot[~known] = np.nan
    columns = {"z_spec": z_spec, "z_phot": z_phot}
    columns["dz"] = (z_phot - z_spec) / (1 + z_spec)
    p = density * table.bins.z_width
    return QTable(columns | density_scores(z_spec, p, table.bins))


def redshift_summary(scores, *, groups=None, resamples=200, seed=0):
    """All metrics, with bootstrap errors.

    Parameters
    ----------
    scores : `~astropy.table.QTable`
        What `redshift_scores` gave, or rows of it.
    groups : array_like, shape (n,), optional
        Whole groups are drawn, such as fields of the sky; rows unless given.
    resamples, seed : int
        As for `~galspec.evaluation.bootstrap_error`.

    Returns
    -------
    dict of str to number
        ``n``, the rows with truth and prediction; each of `METRICS`, and its error
        called like it with ``_err`` behind. The distance ``pit_ks`` of n perfect
        densities is about 0.83 / sqrt(n), not 0.
    """
    known = np.isfinite(scores["dz"])
    groups = None if groups is None else np.asarray(groups)[known]
    columns = _columns(scores[known])
    # of fewer than two objects there is one NaN
    errors = bootstrap_error(
        _all_metrics, *columns, groups=groups, resamples=resamples, seed=seed
    )
    errors = np.broadcast_to(errors, len(_METRICS))
    summary = {"n": int(known.sum())}
    values = _all_metrics(*columns)
    for name, value, error in zip(_METRICS, values, errors, strict=True):
        summary |= {name: float(value), f"{name}_err": float(error)}
    return summary


def summary_table(scores, parts, *, groups=None, resamples=200, seed=0):
    """All metrics of parts of a sample, a row each.

    Parameters
    ----------
    scores : `~astropy.table.QTable`
        What `redshift_scores` gave.
    parts : dict of str to array_like of bool, shape (n,)
        Names of parts, and which rows are theirs: see `parts_between` and `parts_of`.
    groups, resamples, seed
        As for `redshift_summary`.

    Returns
    -------
    `~astropy.table.QTable`
        ``part`` and the entries of `redshift_summary`.
    """
    rows = []
    for name, inside in parts.items():
        inside = np.asarray(inside, bool)
        some = None if groups is None else np.asarray(groups)[inside]
        how = {"groups": some, "resamples": resamples, "seed": seed}
        rows.append({"part": name} | redshift_summary(scores[inside], **how))
    table = QTable(rows)
    for name in METRICS if rows else ():
        table[name].info.description = METRICS[name]
    return table


def parts_between(values, edges, name):
    """Parts of a sample between edges of a quantity.

    Parameters
    ----------
    values : array_like, shape (n,)
    edges : sequence of float
        Ascending; a part holds its lower edge and not its upper one. Infinite ends are
        allowed.
    name : str
        What the quantity is called.

    Returns
    -------
    dict of str to `numpy.ndarray` of bool
        Without those that are empty.

    Examples
    --------
    >>> from galspec.evaluation.photoz_scores import parts_between
    >>> parts_between([20.1, 21.9], (-float("inf"), 21.5, 22.0), "r")
    {'r < 21.5': array([ True, False]), '21.5 <= r < 22': array([False,  True])}
    """
    values, parts = np.asarray(values, float), {}
    for low, high in itertools.pairwise(edges):
        words = f"{low:g} <= {name} < {high:g}"
        if np.isneginf(low):
            words = f"{name} < {high:g}"
        elif np.isposinf(high):
            words = f"{name} >= {low:g}"
        inside = (values >= low) & (values < high)
        if inside.any():
            parts[words] = inside
    return parts


def parts_of(types):
    """Parts of a sample by type.

    Parameters
    ----------
    types : array_like of str, shape (n,)

    Returns
    -------
    dict of str to `numpy.ndarray` of bool
        The largest first; rows of which the type is empty are in none.
    """
    types = np.asarray(types, str)
    names, counts = np.unique(types[types != ""], return_counts=True)
    order = np.argsort(-counts, kind="stable")
    return {str(name): types == name for name in names[order]}


def compare_redshifts(z_spec, tables, *, groups=None, resamples=200, seed=0):
    """Compare predictions of the same galaxies by several methods with the first.

    Galaxies are drawn for all methods together, so that what makes a galaxy difficult
    for all of them does not count: the error of a difference is smaller than those of
    the two numbers.

    Parameters
    ----------
    z_spec : array_like, shape (n,)
        True redshifts; NaN where unknown.
    tables : dict of str to `~galspec.redshift_table.RedshiftTable`
        Names of methods, and what they predict, row by row for the same galaxies. Only
        galaxies of which all have a value count.
    groups, resamples, seed
        As for `redshift_summary`.

    Returns
    -------
    `~astropy.table.QTable`
        A row a metric and method: ``metric``, ``method`` (all but the first), ``n``,
        ``first`` and ``value``, those of the first and of this method, ``difference``
        and ``difference_err``, the latter from the bootstrap.

    Raises
    ------
    ValueError
        If there are not two methods, or lengths differ.

    Examples
    --------
    >>> from galspec import ELGPhotoZ
    >>> from galspec.evaluation.photoz_scores import compare_redshifts
    >>> compare_redshifts(
    ...     z_spec, {"photometry": photometry, "with images": both}
    ... )  # doctest: +SKIP
    """
    if len(tables) < 2:
        raise ValueError(f"{len(tables)} methods are given; two or more are compared")
    scores = {name: redshift_scores(t, z_spec) for name, t in tables.items()}
    known = np.all([np.isfinite(s["dz"]) for s in scores.values()], axis=0)
    groups = None if groups is None else np.asarray(groups)[known]
    (_, first), *others = ((name, s[known]) for name, s in scores.items())
    rows = []
    for method, other in others:
        pair = *_columns(first), *_columns(other)
        half = len(pair) // 2
        values = _all_metrics(*pair[:half]), _all_metrics(*pair[half:])
        errors = bootstrap_error(
            _differences, *pair, groups=groups, resamples=resamples, seed=seed
        )
        errors = np.broadcast_to(errors, len(_METRICS))
        for name, one, two, error in zip(_METRICS, *values, errors, strict=True):
            row = {"metric": name, "method": method, "n": int(known.sum())}
            row |= {"first": one, "value": two, "difference": two - one}
            rows.append(row | {"difference_err": float(error)})
    return QTable(rows)


def _columns(scores):
    """What metrics are made of, as arrays."""
    return [np.asarray(scores[name]) for name in _NEEDED]


def _all_metrics(*columns):
    named = dict(zip(_NEEDED, columns, strict=True))
    return np.array(
        [m(*(named[n] for n in names)) for m, names, _ in _METRICS.values()]
    )


def _differences(*columns):
    half = len(columns) // 2
    return _all_metrics(*columns[half:]) - _all_metrics(*columns[:half])
