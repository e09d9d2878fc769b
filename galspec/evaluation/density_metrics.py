"""Metrics of probability densities of redshift.

Densities are probabilities ``p`` of bins, as everywhere: those of a
`~galspec.redshift_table.RedshiftTable` are
``table["z_phot_pdf"] * table.bins.z_width``. Rows without a density or without a
spectroscopic redshift are left out. An error of any of these numbers comes from
`~galspec.evaluation.bootstrap_error`.
"""

import numpy as np

from galspec.redshift_points import cdf_at, cumulative

__all__ = [
    "DENSITY_FLOOR",
    "cde_loss",
    "crps",
    "density_scores",
    "even_distance",
    "log_likelihood",
    "pit",
    "pit_ks",
]

#: Densities per unit of ln(1 + z) below this count as this in `log_likelihood`: one
#: empty bin would decide about a sample otherwise.
DENSITY_FLOOR = 1e-4


def pit(z_spec, p, bins):
    """Probability integral transform: the probability below the true redshift.

    Parameters
    ----------
    z_spec : array_like, shape (n,)
    p : `numpy.ndarray`, shape (n, n_bins)
        Probabilities of the bins, rows that sum to 1.
    bins : `~galspec.redshift_bins.RedshiftBins`

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        Even between 0 and 1 if densities are right; NaN where something is not known.
    """
    return cdf_at(cumulative(p), z_spec, bins)


def pit_ks(z_spec, p, bins):
    """Kolmogorov-Smirnov distance of the PIT values from an even distribution.

    The largest difference between the two cumulative distributions. Perfect densities
    have about 0.83 / sqrt(n) in the median.

    Parameters
    ----------
    z_spec, p, bins
        As for `pit`.

    Returns
    -------
    float
        NaN where nothing is known.
    """
    return even_distance(pit(z_spec, p, bins))


def even_distance(values):
    """Kolmogorov-Smirnov distance of numbers from being even between 0 and 1.

    Parameters
    ----------
    values : array_like, shape (n,)
        NaN are left out.

    Returns
    -------
    float
        NaN where nothing is known.
    """
    values = np.asarray(values, float)
    values = np.sort(values[np.isfinite(values)])
    if not len(values):
        return float("nan")
    # scipy.stats.kstest gives the same, but its probability takes most of a bootstrap
    steps = np.arange(len(values) + 1) / len(values)
    return float(max(np.max(steps[1:] - values), np.max(values - steps[:-1])))


def density_scores(z_spec, p, bins):
    """What the metrics here are made of, for every galaxy.

    Parameters
    ----------
    z_spec, p, bins
        As for `pit`.

    Returns
    -------
    dict of str to `numpy.ndarray`, shape (n,)
        ``pit``, ``crps``, ``cde_loss`` and ``log_likelihood``: the metrics of these
        names are the means of the latter three. NaN where something is not known.
    """
    z_spec, p = np.asarray(z_spec, float), np.asarray(p, float)
    known = np.isfinite(z_spec) & np.isfinite(p).all(axis=1)
    found = {"pit": pit(z_spec[known], p[known], bins)}
    for name, each in _EACH.items():
        found[name] = each(z_spec[known], p[known], bins)
    scores = {name: np.full(len(z_spec), np.nan) for name in found}
    for name, values in found.items():
        scores[name][known] = values
    return scores


def crps(z_spec, p, bins):
    """Mean continuous ranked probability score, in ln(1 + z).

    The integral of (F - H)^2 over ln(1 + z), where F is the cumulative density, linear
    in bins, and H the step at the truth (Gneiting & Raftery 2007, J. Am. Stat. Assoc.
    102, 359, eq. 20). Of a density that is one peak without width this is the absolute
    error in ln(1 + z); like that error, it is the better the smaller.

    Parameters
    ----------
    z_spec, p, bins
        As for `pit`.

    Returns
    -------
    float
        NaN where nothing is known.
    """
    return _mean(_crps(*_known(z_spec, p), bins))


def cde_loss(z_spec, p, bins):
    """Loss of conditional density estimation, per unit of z.

    The mean of the integral of (dP/dz)^2 minus twice the mean of dP/dz at the truth
    (Izbicki & Lee 2017, Electron. J. Stat. 11, 2800): up to a constant, the mean
    square difference from the true density. The smaller, the better.

    Parameters
    ----------
    z_spec, p, bins
        As for `pit`.

    Returns
    -------
    float
        NaN where nothing is known.
    """
    return _mean(_cde_loss(*_known(z_spec, p), bins))


def log_likelihood(z_spec, p, bins, *, floor=DENSITY_FLOOR):
    """Mean natural logarithm of the density per ln(1 + z) at the truth.

    Parameters
    ----------
    z_spec, p, bins
        As for `pit`.
    floor : float
        Densities below count as this.

    Returns
    -------
    float
        NaN where nothing is known.
    """
    return _mean(_log_likelihood(*_known(z_spec, p), bins, floor))


def _crps(z_spec, p, bins):
    x, cdf = np.log1p(z_spec)[:, None], cumulative(p)
    low, high = cdf[:, :-1], cdf[:, 1:]
    below = np.clip((x - bins.edges[:-1]) / bins.width, 0, 1)
    middle = low + below * (high - low)
    each = below * _square(low, middle) + (1 - below) * _square(1 - middle, 1 - high)
    outside = np.maximum(x[:, 0] - bins.x_max, 0) + np.maximum(-x[:, 0], 0)
    return each.sum(axis=1) * bins.width + outside


def _cde_loss(z_spec, p, bins):
    density = p / bins.z_width
    return (density * p).sum(axis=1) - 2 * _at(density, z_spec, bins)


def _log_likelihood(z_spec, p, bins, floor=DENSITY_FLOOR):
    return np.log(np.maximum(_at(p / bins.width, z_spec, bins), floor))


_EACH = {"crps": _crps, "cde_loss": _cde_loss, "log_likelihood": _log_likelihood}


def _known(z_spec, p):
    """Rows of which the truth and the density are known."""
    z_spec, p = np.asarray(z_spec, float), np.asarray(p, float)
    known = np.isfinite(z_spec) & np.isfinite(p).all(axis=1)
    return z_spec[known], p[known]


def _at(density, z, bins):
    """Density in the bins that hold the redshifts; 0 beyond."""
    inside = (z >= 0) & (z <= bins.z_max)
    k = np.searchsorted(bins.z_edges, z, side="right") - 1
    k = np.clip(k, 0, bins.n - 1)
    return np.where(inside, density[np.arange(len(z)), k], 0)


def _square(low, high):
    """Mean square of what runs evenly from low to high."""
    return (low * low + low * high + high * high) / 3


def _mean(values):
    return float(np.mean(values)) if len(values) else float("nan")
