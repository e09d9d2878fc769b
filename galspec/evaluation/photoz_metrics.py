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

import numpy as np

__all__ = [
    "NMAD_FACTOR",
    "OUTLIER_THRESHOLD",
    "bias",
    "outlier_fraction",
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


def _median(values):
    return float(np.median(values)) if len(values) else float("nan")
