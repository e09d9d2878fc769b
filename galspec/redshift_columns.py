"""From probabilities of redshift bins to the columns of the result."""

import numpy as np

from galspec.redshift_points import (
    SLOPE,
    count_modes,
    cumulative,
    least_loss,
    mean,
    mode,
    odds,
    quantiles,
)
from galspec.training.calibration import ONE_SIGMA

__all__ = ["DESCRIPTIONS", "density_columns"]

#: What the columns of `density_columns` are.
DESCRIPTIONS = {
    "z_phot": "photometric redshift of least expected loss (1 beyond 0.15 (1+z))",
    "z_phot_err": "half of the central 68 % interval",
    "z_phot_mean": "mean of the density of redshift",
    "z_phot_median": "median of the density",
    "z_phot_mode": "highest place of the density",
    "z_phot_lo68": "lower limit of the central 68 %",
    "z_phot_hi68": "upper limit of the central 68 %",
    "z_phot_lo95": "lower limit of the central 95 %",
    "z_phot_hi95": "upper limit of the central 95 %",
    "z_phot_odds": "probability within z_phot +- 0.03 (1 + z_phot)",
    "z_phot_modes": "number of separate peaks with more than 5 % each",
    "z_phot_pdf": "density dP/dz in z_bins bins even in ln(1 + z) up to z_max",
}
_LEVELS = (
    0.5,
    (1 - ONE_SIGMA) / 2,
    (1 + ONE_SIGMA) / 2,
    0.025,
    0.975,
)
#: Rows that are worked on at once, so that they stay in the processor's cache.
_CHUNK = 1000


def density_columns(p, calibration, bins, slope=SLOPE):
    """Point estimates, intervals and densities, as `DESCRIPTIONS` says.

    The estimate of least loss is of the density as the networks give it: on zCOSMOS it
    had 1.66 % of outliers there and 1.73 % of the calibrated one, which is no more than
    the scatter between parts of the sky. All else is of the calibrated one.

    Parameters
    ----------
    p : `numpy.ndarray`, shape (n, n_bins)
        Probabilities of the bins, not calibrated; float32 is twice as fast as float64.
    calibration : `~galspec.training.pit_calibration.PITCalibration`
    bins : `~galspec.redshift_bins.RedshiftBins`
    slope : float
        Of the loss that ``z_phot`` has the least of.

    Returns
    -------
    dict of str to `numpy.ndarray`
        Each of shape (n,), float64, but ``z_phot_modes`` int64 and ``z_phot_pdf`` (n,
        n_bins) float32. Where ``p`` is not finite: NaN, and 0 modes.

    Raises
    ------
    ValueError
        If ``p`` has another number of bins.
    """
    if p.ndim != 2 or p.shape[1] != bins.n:
        raise ValueError(f"p has shape {p.shape}; (n, {bins.n}) is needed")
    starts = range(0, max(len(p), 1), _CHUNK)
    chunks = [_columns(p[at : at + _CHUNK], calibration, bins, slope) for at in starts]
    return {name: np.concatenate([c[name] for c in chunks]) for name in DESCRIPTIONS}


def _columns(p, calibration, bins, slope):
    known = np.isfinite(p).all(axis=1)
    if not known.all():
        p = np.where(known[:, None], p, p.dtype.type(1 / bins.n))
    best = least_loss(p, bins, slope=slope)
    p = calibration.apply(p)
    cdf = cumulative(p)
    median, lo68, hi68, lo95, hi95 = quantiles(cdf, _LEVELS, bins).T
    columns = {
        "z_phot": best,
        "z_phot_err": (hi68 - lo68) / 2,
        "z_phot_mean": mean(p, bins).astype(float),
        "z_phot_median": median,
        "z_phot_mode": mode(p, bins),
        "z_phot_lo68": lo68,
        "z_phot_hi68": hi68,
        "z_phot_lo95": lo95,
        "z_phot_hi95": hi95,
        "z_phot_odds": odds(cdf, best, bins),
        "z_phot_modes": count_modes(p, bins),
        "z_phot_pdf": (p / bins.z_width).astype(np.float32),
    }
    for name, column in columns.items():
        column[~known] = 0 if name == "z_phot_modes" else np.nan
    return columns
