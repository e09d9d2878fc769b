"""Fluxes in nanomaggies to magnitudes and back, with their errors.

One nanomaggy is the flux of an AB magnitude of 22.5, 3.631 microjansky. Everything here
takes and gives plain arrays; errors travel as inverse variances of the flux and as
standard deviations of the magnitude.
"""

import numpy as np

__all__ = [
    "asinh_magnitude",
    "flux_of_asinh_magnitude",
    "flux_of_magnitude",
    "magnitude",
]

#: AB magnitude of one nanomaggy.
ZERO_POINT = 22.5
#: Magnitudes in a factor of e.
POGSON = 2.5 / np.log(10)


def magnitude(flux, ivar):
    """AB magnitudes of fluxes (Pogson 1856).

    Parameters
    ----------
    flux, ivar : array_like
        Nanomaggies, and their inverse variance.

    Returns
    -------
    value, error : `numpy.ndarray`, float64
        NaN where the flux is not positive: a magnitude cannot tell of it.

    Examples
    --------
    >>> from galspec.magnitudes import magnitude
    >>> value, error = magnitude([100.0, -1.0], [1.0, 1.0])
    >>> value, error.round(4)
    (array([17.5,  nan]), array([0.0109,    nan]))
    """
    flux, ivar = np.asarray(flux, np.float64), np.asarray(ivar, np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        positive = np.where(flux > 0, flux, np.nan)
        return ZERO_POINT - POGSON * np.log(positive), POGSON / positive / np.sqrt(ivar)


def flux_of_magnitude(value, error):
    """Fluxes of AB magnitudes.

    Parameters
    ----------
    value, error : array_like
        AB magnitudes and their standard deviation.

    Returns
    -------
    flux, ivar : `numpy.ndarray`, float64
        Nanomaggies, and their inverse variance.

    Examples
    --------
    >>> from galspec.magnitudes import flux_of_magnitude
    >>> flux, ivar = flux_of_magnitude(20.0, 0.1)
    >>> round(float(flux), 6), round(float(flux * ivar**0.5), 3)
    (10.0, 10.857)
    """
    value, error = np.asarray(value, np.float64), np.asarray(error, np.float64)
    with np.errstate(all="ignore"):
        flux = np.exp((ZERO_POINT - value) / POGSON)
        return flux, (POGSON / (flux * error)) ** 2


def asinh_magnitude(flux, ivar, softening):
    """Magnitudes that also tell of fluxes of zero and below.

    Those of Lupton, Gunn & Szalay (1999, AJ 118, 1406, eqs. 3 and 5): above some ten
    times the softening they equal AB magnitudes, below it they grow linearly with the
    flux.

    Parameters
    ----------
    flux, ivar : array_like
        Nanomaggies, and their inverse variance.
    softening : float or array_like
        Nanomaggies; usually the standard deviation of the flux of a faint object.

    Returns
    -------
    value, error : `numpy.ndarray`, float64
        NaN where the flux is.

    Examples
    --------
    >>> from galspec.magnitudes import asinh_magnitude
    >>> value, error = asinh_magnitude([100.0, 0.0, -0.1], [400.0] * 3, 0.05)
    >>> value.round(3)
    array([17.5  , 25.753, 26.71 ])
    """
    flux, ivar = np.asarray(flux, np.float64), np.asarray(ivar, np.float64)
    twice = 2 * np.asarray(softening, np.float64)
    value = ZERO_POINT - POGSON * (np.arcsinh(flux / twice) + np.log(twice / 2))
    with np.errstate(divide="ignore", invalid="ignore"):
        return value, POGSON / np.sqrt(ivar) / np.hypot(flux, twice)


def flux_of_asinh_magnitude(value, error, softening):
    """Fluxes of asinh magnitudes: the inverse of `asinh_magnitude`.

    Parameters
    ----------
    value, error : array_like
        Asinh magnitudes and their standard deviation.
    softening : float or array_like
        Nanomaggies.

    Returns
    -------
    flux, ivar : `numpy.ndarray`, float64
        Nanomaggies, and their inverse variance.

    Examples
    --------
    >>> from galspec.magnitudes import flux_of_asinh_magnitude
    >>> flux, ivar = flux_of_asinh_magnitude(24.63, 0.5, 0.14)  # u of SDSS
    >>> round(float(flux), 3)
    0.001
    """
    value, error = np.asarray(value, np.float64), np.asarray(error, np.float64)
    twice = 2 * np.asarray(softening, np.float64)
    with np.errstate(all="ignore"):
        flux = twice * np.sinh((ZERO_POINT - value) / POGSON - np.log(twice / 2))
        return flux, (POGSON / (error * np.hypot(flux, twice))) ** 2
