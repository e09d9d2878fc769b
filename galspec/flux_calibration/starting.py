"""What an iteration begins from: medians over stars, and what is worth fitting."""

import numpy as np

from galspec.quantiles import good_median

__all__ = ["column_median", "medians", "smooth_variance", "worth_fitting"]

#: Fewer stars say nothing about their scatter.
_MIN_STARS = 3
#: Fewer wavelengths make no curve.
_MIN_PIXELS = 5
#: Squared signal-to-noise ratio of all stars that makes a wavelength worth fitting.
_INFORMATION = 9.0
#: Pixels over which noise is averaged.
_NOISE_WINDOW = 31


def column_median(values, good):
    """Median over the good values of each column; NaN where there are none."""
    middle = good_median(values.T, good.T)
    return np.where(np.isfinite(middle), middle, np.nan)


def smooth_variance(stars):
    """Variances of the counts, averaged over neighbours in wavelength.

    Where counts happen to be low their own error is small, and weights by it would
    draw every mean down. A pixel that is much noisier than its neighbours stays so.
    """
    from scipy.ndimage import uniform_filter1d

    good = stars.good.astype(float)
    own = np.where(stars.good, stars.noise**2, 0)
    around = uniform_filter1d(own, _NOISE_WINDOW, mode="constant")
    share = uniform_filter1d(good, _NOISE_WINDOW, mode="constant")
    mean = around / np.maximum(share, 1 / _NOISE_WINDOW)
    return np.where(stars.good, np.where(own > 3 * mean, own, mean), 1)


def medians(stars):
    """Response by medians over stars, and scales of the stars."""
    ratio = np.where(stars.good, stars.counts / stars.flux, 0)
    if not stars.relative:
        return column_median(ratio, stars.good), np.ones(len(ratio))
    scales = _positive(column_median(ratio.T, stars.good.T))
    for _ in range(10):
        response = column_median(ratio / scales[:, None], stars.good)
        useful = stars.good & (response > 0)
        again = ratio / np.where(useful, response, 1)
        scales = _positive(column_median(again.T, useful.T))
    return response, scales


def _positive(scales):
    """Scales, those that cannot be the median of the others."""
    right = scales > 0
    return np.where(right, scales, np.median(scales[right]) if right.any() else 1)


def worth_fitting(stars, variance, start, scales):
    """Wavelengths with stars enough and a response that is not lost in noise."""
    with np.errstate(invalid="ignore", divide="ignore"):
        expected = start * scales[:, None] * stars.flux
        noise = variance / expected**2 + stars.flux_error**2
        information = np.sum(np.where(stars.good, 1 / noise, 0), axis=0)
    number = np.count_nonzero(stars.good, axis=0)
    if number.max() < _MIN_STARS:
        raise ValueError(
            f"no wavelength has more than {number.max()} usable stars: a response "
            f"needs {_MIN_STARS}, and its error many more"
        )
    used = (number >= _MIN_STARS) & (start > 0) & (information > _INFORMATION)
    if np.count_nonzero(used) < _MIN_PIXELS:
        raise ValueError(
            f"the counts of {len(stars.counts)} stars are lost in their noise at all "
            "wavelengths"
        )
    return used
