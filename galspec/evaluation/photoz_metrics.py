"""Metrics of photometric redshifts; for densities `galspec.evaluation.density_metrics`.

Errors are dz = (z_phot - z_spec) / (1 + z_spec). Papers differ in what is an outlier
and in the factor of the NMAD: both are arguments here. An error of any of these numbers
comes from `~galspec.evaluation.bootstrap_error`, which takes the functions as they are.

Examples
--------
>>> from galspec.evaluation import bootstrap_error
>>> from galspec.evaluation.photoz_metrics import outlier_fraction
>>> z_spec, z_phot = [0.1, 0.2, 0.3, 0.4], [0.11, 0.19, 0.3, 0.9]
>>> outlier_fraction(z_spec, z_phot)
0.25
>>> bootstrap_error(outlier_fraction, z_spec, z_phot) > 0.1
True
"""

import functools

import numpy as np

from galspec.evaluation.metrics import bootstrap_error

__all__ = [
    "NMAD_FACTOR",
    "OUTLIER_THRESHOLD",
    "bias",
    "outlier_fraction",
    "point_summary",
    "redshift_error",
    "sigma_nmad",
]

#: Wei et al. (2025, arXiv:2505.24175); 1.4826 makes it the sigma of a
#: Gaussian.
NMAD_FACTOR = 1.48
#: Wei et al. (2025); Zhou et al. (2023, AJ 165, 58) count from 0.10.
OUTLIER_THRESHOLD = 0.15


def redshift_error(z_spec, z_phot):
    """(z_phot - z_spec) / (1 + z_spec), of the pairs without a NaN.

    Parameters
    ----------
    z_spec, z_phot : array_like, shape (n,)

    Returns
    -------
    `numpy.ndarray`, shape (n_known,)
    """
    z_spec, z_phot = np.asarray(z_spec, float), np.asarray(z_phot, float)
    dz = (z_phot - z_spec) / (1 + z_spec)
    return dz[np.isfinite(dz)]


def bias(z_spec, z_phot):
    """Median error.

    Parameters
    ----------
    z_spec, z_phot : array_like, shape (n,)

    Returns
    -------
    float
        NaN where no pair is known.
    """
    return _median(redshift_error(z_spec, z_phot))


def sigma_nmad(z_spec, z_phot, *, factor=NMAD_FACTOR):
    """Normalised median absolute deviation: factor median(abs(dz - median(dz))).

    Parameters
    ----------
    z_spec, z_phot : array_like, shape (n,)
    factor : float

    Returns
    -------
    float
        NaN where no pair is known.
    """
    dz = redshift_error(z_spec, z_phot)
    return factor * _median(np.abs(dz - _median(dz)))


def outlier_fraction(z_spec, z_phot, *, threshold=OUTLIER_THRESHOLD):
    """Share of galaxies with abs(dz) above the threshold.

    Parameters
    ----------
    z_spec, z_phot : array_like, shape (n,)
    threshold : float

    Returns
    -------
    float
        NaN where no pair is known.
    """
    dz = redshift_error(z_spec, z_phot)
    return float(np.mean(np.abs(dz) > threshold)) if len(dz) else float("nan")


def point_summary(
    z_spec,
    z_phot,
    *,
    factor=NMAD_FACTOR,
    threshold=OUTLIER_THRESHOLD,
    resamples=200,
    seed=0,
):
    """The usual three numbers of photometric redshifts, with bootstrap errors.

    Parameters
    ----------
    z_spec, z_phot : array_like, shape (n,)
        Pairs with a NaN are left out.
    factor : float
        Of `sigma_nmad`.
    threshold : float
        Of `outlier_fraction`.
    resamples, seed : int
        As for `~galspec.evaluation.bootstrap_error`.

    Returns
    -------
    dict of str to number
        ``n``; ``bias``, ``sigma_nmad`` and ``outlier_fraction``, each with ``_err``.

    Examples
    --------
    >>> from galspec.evaluation.photoz_metrics import point_summary
    >>> summary = point_summary([0.1, 0.2, 0.3, 0.4], [0.11, 0.19, 0.3, 0.9])
    >>> summary["n"], round(summary["bias"], 4)
    (4, 0.0045)
    """
    z_spec, z_phot = np.asarray(z_spec, float), np.asarray(z_phot, float)
    metrics = {
        "bias": bias,
        "sigma_nmad": functools.partial(sigma_nmad, factor=factor),
        "outlier_fraction": functools.partial(outlier_fraction, threshold=threshold),
    }
    known = np.isfinite(z_spec) & np.isfinite(z_phot)
    pairs = z_spec[known], z_phot[known]
    summary = {"n": int(known.sum())}
    for name, metric in metrics.items():
        summary[name] = metric(*pairs)
        summary[f"{name}_err"] = bootstrap_error(
            metric, *pairs, resamples=resamples, seed=seed
        )
    return summary


def _median(values):
    return float(np.median(values)) if len(values) else float("nan")
