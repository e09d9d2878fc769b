"""Continua that are the smoothed spectrum itself: weighted means and medians."""

import dataclasses
import functools

import numpy as np

from galspec.quantiles import sorted_quantiles
from galspec.transforms.bridging import bridge_masked
from galspec.transforms.continuum import Continuum
from galspec.transforms.linear import LinearWeights

__all__ = ["GaussianContinuum", "MedianContinuum"]

#: Up to so many bins a product of matrices is faster than sums in each bin.
DENSE = 256
#: Bins within one standard deviation of the Gaussian; places within one median window.
BINS, PLACES = 8, 4


@dataclasses.dataclass(frozen=True)
class GaussianContinuum(Continuum):
    """Mean of the flux, weighted by inverse variance and a Gaussian in wavelength.

    After Ho et al. (2017, ApJ 836, 5). It is linear in the flux: noise does not shift
    it, which is why it suits methods that learn over a range of signal-to-noise. It is
    no true continuum, since lines pull it down with them: one of 1.6 angstrom
    equivalent width every 100 angstrom by 1.5 %, every 40 angstrom by 3.9 %, so that
    16 angstrom around a line hold 0.86 and 0.63 of its equivalent width.

    Parameters
    ----------
    width : float
        Standard deviation of the Gaussian, angstrom.
    weighted : bool
        Whether pixels count by their inverse variance; otherwise all good ones count
        alike. Pipelines differ in whether noise goes with the flux within lines, and
        weights draw the continuum into them or out of them: by some per cent in dense
        lines.

    Raises
    ------
    ValueError
        If ``width`` is not positive.
    """

    width: float = 50.0
    weighted: bool = True

    def __post_init__(self):
        self._check(width=(self.width > 0, "positive"))

    def curve(self, wavelength, flux, weight):
        """Smooth sums in narrow even bins, and interpolate their ratio."""
        if not self.weighted:
            weight = (weight > 0).astype(np.float32)
            few = np.ptp(wavelength[0]) * BINS / self.width < DENSE
            if few and (wavelength == wavelength[0]).all():
                spread, gather = _matrices(wavelength[0].tobytes(), self.width)
                light = flux.astype(np.float32) @ spread
                return _ratio(light, weight @ spread) @ gather
        left, part, n_bins = _bins(wavelength, self.width)
        index = left + n_bins * np.arange(len(flux))[:, None]

        def binned(values):
            sums = _sums(index, values * (1 - part), (len(flux), n_bins))
            sums[:, 1:] += _sums(index, values * part, (len(flux), n_bins))[:, :-1]
            return _smoothed(sums)

        mean = _ratio(binned(weight * flux), binned(weight)).ravel()
        return mean[index] * (1 - part) + mean[index + 1] * part


@dataclasses.dataclass(frozen=True)
class MedianContinuum(Continuum):
    """Running median of the good pixels.

    It is taken at four places in each window and interpolated between them, which is
    smoother than one at each pixel, and faster. Lines of 1.6 angstrom equivalent
    width every 100 angstrom pull it down by 0.3 % and are measured at 0.96 or more of
    that; every 40 angstrom by 0.9 %, at 0.91. Noise adds to it: 0.5 % and 1.2 % at
    S/N 20.

    Parameters
    ----------
    width : int
        Of the window in pixels: on a logarithmic grid a fixed range in velocity.

    Raises
    ------
    ValueError
        If ``width`` is less than 3.
    """

    width: int = 151

    def __post_init__(self):
        self._check(width=(self.width >= 3, "3 or more"))

    def curve(self, wavelength, flux, weight):
        """Sort every window, its masked pixels last."""
        n_pix, reach = flux.shape[1], self.width // 2
        places = _places(n_pix, max(1, self.width // PLACES))
        values = np.where(weight > 0, flux, np.inf).astype(np.float32)
        values = np.pad(values, ((0, 0), (reach, reach)), constant_values=np.inf)
        windows = np.lib.stride_tricks.sliding_window_view(values, 2 * reach + 1, 1)
        ordered = np.sort(windows[:, places].reshape(-1, 2 * reach + 1), axis=1)
        count = np.count_nonzero(np.isfinite(ordered), axis=1)
        median = sorted_quantiles(ordered, count, [0.5]).reshape(len(flux), -1)
        empty = (count == 0).reshape(median.shape)
        median = bridge_masked(places * 1.0, np.where(empty, 0, median), empty)
        curve = np.empty(flux.shape, np.float32)
        # not cached: it has memory of its own, which threads must not share
        LinearWeights(places[None], np.arange(n_pix)).mean(median, curve)
        return curve


def _bins(wavelength, width):
    """The bin left of each pixel, how far that is away in bins, the number of bins."""
    place = (wavelength - wavelength[:, :1]) * (BINS / width)
    left = place.astype(np.int64)
    return left, place - left, left.max() + 2


@functools.lru_cache(maxsize=64)
def _matrices(wavelength, width):
    """From pixels that all spectra share to smooth sums in bins, and back."""
    left, part, n_bins = _bins(np.frombuffer(wavelength)[None], width)
    pixels = np.arange(left.size)
    gather = np.zeros((n_bins, left.size), np.float32)
    gather[left[0], pixels], gather[left[0] + 1, pixels] = 1 - part[0], part[0]
    return _smoothed(gather.T), gather


def _smoothed(sums):
    from scipy.ndimage import gaussian_filter1d

    return gaussian_filter1d(sums, BINS, axis=1, mode="constant")


def _ratio(light, total):
    """Mean in each bin; a total that rounding left negative is none."""
    return np.divide(light, total, out=light, where=total > 0)


def _sums(index, values, shape):
    """Sums of values that share an index, in rows."""
    size = shape[0] * shape[1]
    return np.bincount(index.ravel(), values.ravel(), size).reshape(shape)


def _places(n_pix, step):
    """Every so many pixels one, and the last."""
    return np.append(np.arange(0, n_pix - 1, step), n_pix - 1)
