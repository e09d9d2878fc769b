"""From spectra in their own pixels to those of another resolution, on another grid.

Between its pixels a spectrum is taken as linear, and that broken line is convolved
exactly with a Gaussian. A convolution with no width is then linear interpolation, and
no kernel is ever too narrow for the pixels.
"""

import numpy as np

__all__ = ["Smoothing", "missing_width"]

#: Dispersions that a kernel reaches.
_REACH = 5.0
#: Share of a kernel that must lie on good pixels.
_COVERED = 0.9
_FWHM = np.sqrt(8 * np.log(2))


def missing_width(have, want):
    """Dispersion of the Gaussian that widens one line-spread function to another.

    Parameters
    ----------
    have, want : array_like
        Full widths at half maximum.

    Returns
    -------
    `numpy.ndarray`
        Zero where ``have`` is as wide as ``want`` already.
    """
    return np.sqrt(np.clip(np.square(want) - np.square(have), 0, None)) / _FWHM


class Smoothing:
    """Weights that take spectra on one axis to another axis, smoothed.

    Parameters
    ----------
    wavelength : array_like, shape (n_in,)
        Of the spectra, ascending, two pixels or more.
    onto : array_like, shape (n_out,)
        Where they are wanted, in the same unit.
    sigma : array_like, shape (n_out,)
        Dispersion of the Gaussian at each of these, zero for interpolation.
    """

    def __init__(self, wavelength, onto, sigma):
        from scipy.sparse import csr_array

        wavelength, onto = np.asarray(wavelength), np.asarray(onto)
        reach = _REACH * np.asarray(sigma)
        first = np.searchsorted(wavelength, onto - reach) - 1
        last = np.searchsorted(wavelength, onto + reach) + 1
        near = first[:, None] + np.arange(np.max(last - first))
        exists = (near >= 0) & (near < len(wavelength)) & (near < last[:, None])
        column = np.clip(near, 0, len(wavelength) - 1)
        weight = _hats(wavelength, column, onto[:, None], np.asarray(sigma)[:, None])
        row = np.broadcast_to(np.arange(len(onto))[:, None], near.shape)
        self._weights = csr_array(
            (weight[exists], (row[exists], column[exists])),
            shape=(len(onto), len(wavelength)),
        )

    def __call__(self, flux, variance, good):
        """Smooth spectra, good pixels only.

        Parameters
        ----------
        flux, variance, good : `numpy.ndarray`, shape (n, n_in)

        Returns
        -------
        flux, variance, good : `numpy.ndarray`, shape (n, n_out)
            Nothing is good where more than a tenth of the kernel has no good pixel.
        """
        known = self._sum(self._weights, good.astype(float))
        enough = known > _COVERED
        share = np.where(enough, known, 1)
        total = self._sum(self._weights, np.where(good, flux, 0))
        noise = self._sum(self._weights.power(2), np.where(good, variance, 0))
        return total / share, noise / share**2, enough

    @staticmethod
    def _sum(weights, values):
        return (weights @ values.T).T


def _hats(wavelength, column, centre, sigma):
    """Integrals of the linear interpolant's basis times a Gaussian.

    A hat function is the second integral of three spikes, so that its integral is made
    of the second integral of the Gaussian at the pixel and its two neighbours.
    """
    padded = np.concatenate(
        [
            [2 * wavelength[0] - wavelength[1]],
            wavelength,
            [2 * wavelength[-1] - wavelength[-2]],
        ]
    )
    left, middle, right = (padded[column + step] for step in range(3))
    ramps = [_ramp(place - centre, sigma) for place in (left, middle, right)]
    rise = (ramps[1] - ramps[0]) / (middle - left)
    return (ramps[2] - ramps[1]) / (right - middle) - rise


def _ramp(distance, sigma):
    """Second integral of a Gaussian; max(distance, 0) for one without width."""
    from scipy.special import ndtr

    with np.errstate(divide="ignore", invalid="ignore"):
        scaled = distance / sigma
        density = np.exp(-0.5 * np.square(scaled)) / np.sqrt(2 * np.pi)
        smooth = distance * ndtr(scaled) + sigma * density
    return np.where(sigma > 0, smooth, np.maximum(distance, 0))
