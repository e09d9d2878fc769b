"""A smooth response from many stars, of which some are wrong: arrays to arrays.

The logarithm of the response is a cubic spline; counts / (response * flux) of a star
should be 1, or a constant of its own where only shapes are known. Deviations are
weighted by iteration with Tukey's bisquare, by pixel and by star, from a start by
medians. Pixels of one star err together and stars independently of each other, so
that errors come from the scatter between stars: the sandwich estimate with stars as
clusters (Liang & Zeger 1986, Biometrika 73, 13), residuals divided by one minus their
leverage, corrected for the weights as in Huber (1973, Ann. Statist. 1, 799, eq. 6.5).
"""

import dataclasses

import numpy as np

from galspec.flux_calibration.splines import splines
from galspec.flux_calibration.starting import (
    column_median,
    medians,
    smooth_variance,
    worth_fitting,
)

__all__ = ["Fit", "fit_response"]

#: Of Tukey's bisquare: 95 % efficiency for Gaussian errors.
_TUNING = 4.685
#: A star is not rejected for less than this times the usual scatter.
_TOLERATED = 2.0
_MAD = 1.482602
#: Below this ratio of counts to expectation a logarithm is continued as a line.
_LOW_RATIO = 0.1
_ITERATIONS, _SETTLED, _CONVERGED = 60, 15, 1e-8
_LARGEST_STEP = 1.0
#: Pixels over which the scatter is averaged.
_SCATTER_WINDOW = 15


@dataclasses.dataclass(frozen=True, eq=False)
class Fit:
    """A response on the wavelengths of the stars.

    Parameters
    ----------
    log_value, log_error : `numpy.ndarray`, shape (n_pix,)
        Of the natural logarithm of the response; NaN outside the fitted range.
    n_stars : `numpy.ndarray` of int, shape (n_pix,)
        How many have weight.
    scatter, chi2 : `numpy.ndarray`, shape (n_pix,)
        Relative scatter of stars beyond their errors; mean squared deviation in units
        of these.
    scales : `numpy.ndarray`, shape (n_stars,)
        Ratio of the counts of a star to its expected ones; NaN without a usable pixel.
    weights : `numpy.ndarray`, shape (n_stars,)
        Share that robust weights have left of each star.
    """

    log_value: np.ndarray
    log_error: np.ndarray
    n_stars: np.ndarray
    scatter: np.ndarray
    chi2: np.ndarray
    scales: np.ndarray
    weights: np.ndarray


def fit_response(stars, knots):
    """Fit a spline to the ratios of counts and fluxes.

    Parameters
    ----------
    stars : `~galspec.flux_calibration.inputs.Stars`
    knots : float or array_like
        Distance of the knots, or the knots themselves, in angstrom.

    Returns
    -------
    Fit

    Raises
    ------
    ValueError
        If there are fewer than three stars at all wavelengths, or none that is
        significant.
    """
    variance = smooth_variance(stars)
    start, scales = medians(stars)
    used = worth_fitting(stars, variance, start, scales)
    design, basis = splines(stars.wavelength, used, knots)
    state = _State(stars, variance, used, basis)
    state.begin(np.log(start[used]), np.log(scales))
    for step in range(_ITERATIONS):
        if state.iterate(settle=step < _SETTLED) < _CONVERGED and step >= _SETTLED:
            break
    return state.result(design)


class _State:
    """Coefficients, scales of stars, scatter and weights while they are iterated."""

    def __init__(self, stars, variance, used, basis):
        self.relative, self.used, self.basis = stars.relative, used, basis
        self.good = stars.good[:, used]
        self.counts, self.flux = stars.counts[:, used], stars.flux[:, used]
        self.variance = variance[:, used]
        self.flux_variance = stars.flux_error[:, used] ** 2
        self.scatter2 = np.zeros(np.count_nonzero(used))

    def begin(self, log_response, log_scales):
        self.coefficients = np.linalg.lstsq(self.basis, log_response, rcond=None)[0]
        self.log_scales = log_scales if self.relative else np.zeros(len(self.good))
        self.compare()

    def compare(self):
        """Deviations, their variances and weights for the present response."""
        self.deviation, self.own, total = self._deviations()
        self.scaled = self.deviation / np.sqrt(total)
        self.pixel = _bisquare(self.scaled / _TUNING)
        self.star = _star_weights(self.scaled, self.good)
        self.plain = np.where(self.good, 1 / total, 0)
        self.weight = self.star[:, None] * self.pixel * self.plain

    def _deviations(self):
        """Relative deviations, their variances without and with the common scatter.

        Errors of the flux are multiplicative, those of the counts are not: logarithm
        and difference are mixed by the two variances, which leaves no bias of the
        second order in either.
        """
        level = self.basis @ self.coefficients + self.log_scales[:, None]
        expected = np.exp(level) * self.flux
        ratio = self.counts / expected
        noise = self.variance / expected**2
        factor = self.flux_variance + self.scatter2
        share = factor / (factor + noise)
        deviation = share * _log(ratio) + (1 - share) * (ratio - 1)
        return deviation, self.flux_variance + noise, factor + noise

    def iterate(self, settle):
        """One step of Newton; how far the response moved."""
        if settle:
            self.scatter2 = self._new_scatter()
            self.compare()
        scores = (self.weight * self.deviation) @ self.basis
        crossed, per_star = self._projection()
        if self.relative:
            share = np.sum(self.weight * self.deviation, axis=1) / per_star
            scores = scores - share[:, None] * crossed
        step = np.linalg.pinv(self._information(), hermitian=True) @ scores.sum(axis=0)
        move = self.basis @ step
        largest = np.max(np.abs(move))
        self.coefficients = self.coefficients + step * min(
            1, _LARGEST_STEP / max(largest, 1e-300)
        )
        self.compare()
        if self.relative:
            shift = np.sum(self.weight * self.deviation, axis=1) / self._projection()[1]
            self.log_scales = self.log_scales + np.clip(shift, -1, 1)
            self.compare()
        return largest

    def _new_scatter(self):
        """Variance that is missing for stars to scatter as their errors say."""
        from scipy.ndimage import median_filter

        squared = (_MAD * column_median(np.abs(self.scaled), self.good)) ** 2
        total = self.own + self.scatter2
        missing = (squared - 1) * column_median(total, self.good)
        found = np.where(np.isfinite(missing), self.scatter2 + missing, 0)
        return np.maximum(median_filter(found, _SCATTER_WINDOW, mode="nearest"), 0)

    def _projection(self):
        """Products of weights and splines by star, and sums of the weights."""
        total = self.weight.sum(axis=1)
        return self.weight @ self.basis, np.where(total > 0, total, 1)

    def _information(self):
        """Normal matrix; of a free scale a star, what is left behind it."""
        matrix = self.basis.T @ (self.weight.sum(axis=0)[:, None] * self.basis)
        if self.relative:
            crossed, per_star = self._projection()
            matrix -= (crossed / per_star[:, None]).T @ crossed
        return matrix

    def covariance(self):
        """Of the coefficients, from the scatter of stars around the response."""
        leverage = self.weight / np.maximum(self.weight.sum(axis=0), 1e-300)
        raw = self.weight * self.deviation / np.maximum(1 - leverage, 0.2)
        scores = raw @ self.basis
        if self.relative:
            crossed, per_star = self._projection()
            scores -= (raw.sum(axis=1) / per_star)[:, None] * crossed
        inverse = np.linalg.pinv(self._information(), hermitian=True)
        half = scores @ inverse / self._efficiency()
        return half.T @ half

    def _efficiency(self):
        """Mean derivative of the weighted deviations over the mean weight."""
        squared = (self.scaled / _TUNING) ** 2
        slope = np.where(squared < 1, (1 - squared) * (1 - 5 * squared), 0)
        kept = self.star[:, None] * self.plain
        return np.sum(kept * slope) / np.sum(kept * self.pixel)

    def result(self, design):
        """Everything on all wavelengths; a response of shapes has the median scale."""
        covariance, total = self.covariance(), self.weight.sum(axis=0)
        log_value, axes = design @ self.coefficients, design
        if self.relative:
            log_scales, kept = self.log_scales, self.star > 0
            middle = np.median(log_scales[kept & self.good.any(axis=1)])
            log_value, scales = log_value + middle, np.exp(log_scales - middle)
            axes = design - np.average(self.basis, axis=0, weights=total)
        else:
            scales = np.exp(column_median(_log(self._ratio()).T, self.good.T))
        log_error = np.sqrt(np.einsum("ij,jk,ik->i", axes, covariance, axes))
        squared = self.weight * self.deviation**2
        with np.errstate(invalid="ignore"):  # pixels of which no star has weight
            chi2 = np.sum(squared / self.own, axis=0) / total
        weighted = np.sum(self.plain, axis=1)
        known = self.good.any(axis=1)
        return Fit(
            log_value,
            log_error,
            self._spread(np.count_nonzero(self.weight > 0.01 * self.plain, axis=0), 0),
            self._spread(np.sqrt(self.scatter2), np.nan),
            self._spread(chi2, np.nan),
            np.where(known, scales, np.nan),
            np.where(
                known, self.weight.sum(axis=1) / np.where(known, weighted, 1), 0.0
            ),
        )

    def _ratio(self):
        return self.counts / (np.exp(self.basis @ self.coefficients) * self.flux)

    def _spread(self, values, fill):
        """Values of the fitted pixels among all pixels."""
        every = np.full(len(self.used), fill, dtype=values.dtype)
        every[self.used] = values
        return every


def _bisquare(values):
    return np.square(np.clip(1 - np.square(values), 0, None))


def _log(ratio):
    """Logarithm, continued as a line towards and below zero."""
    low = np.minimum(ratio, _LOW_RATIO)
    line = np.log(_LOW_RATIO) + (low - _LOW_RATIO) / _LOW_RATIO
    return np.where(ratio > _LOW_RATIO, np.log(np.maximum(ratio, _LOW_RATIO)), line)


def _star_weights(scaled, good):
    """Weights that fall for stars which deviate more than others, over all pixels."""
    squared = np.where(good, np.minimum(scaled**2, _TUNING**2), 0).sum(axis=1)
    number = np.count_nonzero(good, axis=1)
    known = (number > 0) & (squared > 0)
    size = 0.5 * np.log(np.where(known, squared / np.maximum(number, 1), 1))
    if not known.any():
        return np.where(number > 0, 1.0, 0.0)
    excess = size - np.median(size[known])
    spread = _MAD * np.median(np.abs(excess[known]))
    limit = max(_TUNING * spread, np.log(_TOLERATED))
    return np.where(
        number > 0, _bisquare(np.where(known, np.maximum(excess / limit, 0), 0)), 0.0
    )
