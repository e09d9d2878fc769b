"""The log-linear wavelength grid that LAMOST and SDSS share.

Both surveys sample at wavelength = 10**(k * 1e-4) angstrom with whole numbers k; their
spectra differ only in the first k and in length. Recognising that, spectra of many
files go on one axis without interpolation.
"""

import functools

import numpy as np

__all__ = ["axis", "first_index", "looks_like_wavelength"]

STEP = 1e-4
#: Indices of 1000 and 100 000 angstrom: what could be an optical spectrum.
LIMITS = (30_000, 50_000)
#: Agreement asked for, relative: float32 axes keep it to 3e-7, a pixel is 2.3e-4.
TOLERANCE = 1e-6


@functools.lru_cache(maxsize=64)
def axis(first, n_pix):
    """Wavelengths of the grid.

    Parameters
    ----------
    first : int
        Index k of the first pixel.
    n_pix : int
        How many pixels.

    Returns
    -------
    `numpy.ndarray`, shape (n_pix,), float64
        Angstrom; shared, hence read-only.
    """
    wavelength = 10 ** (STEP * (first + np.arange(n_pix)))
    wavelength.flags.writeable = False
    return wavelength


def first_index(wavelength):
    """Where on the grid an axis begins.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,)
        Angstrom.

    Returns
    -------
    int or None
        The index k of the first pixel; None if the axis is not on the grid to 1e-6.
    """
    start = wavelength[0] if len(wavelength) else np.nan
    if not 10 ** (STEP * LIMITS[0]) <= start <= 10 ** (STEP * LIMITS[1]):
        return None
    first = round(float(np.log10(float(start))) / STEP)
    if first + len(wavelength) > LIMITS[1]:
        return None
    grid = axis(first, len(wavelength))
    fits = np.max(np.abs(wavelength - grid) / grid) <= TOLERANCE
    return first if fits else None


def looks_like_wavelength(values):
    """Whether values ascend strictly and lie where optical wavelengths do (angstrom).

    Parameters
    ----------
    values : `numpy.ndarray`, shape (n_pix,)

    Returns
    -------
    bool
    """
    low, high = 10 ** (STEP * LIMITS[0]), 10 ** (STEP * LIMITS[1])
    return bool(
        len(values) > 1
        and low <= values[0] < values[-1] <= high
        and np.all(values[1:] > values[:-1])
    )
