"""Spectral energy distributions of stars: their wavelengths, resolution and scale.

A distribution is flux per wavelength at a constant resolution of R = 200 on
`WAVELENGTH`, with two pixels in each element of resolution, and 1 at 5500 angstrom.
"""

import numpy as np

__all__ = [
    "REFERENCE",
    "RESOLUTION",
    "WAVELENGTH",
    "at_r200",
    "convolved",
    "normalised",
    "reference_place",
]

#: Wavelength over full width at half maximum.
RESOLUTION = 200.0
#: Vacuum angstrom, two pixels a resolution element: 574 from 2500 to 10475.
WAVELENGTH = 2500 * np.exp(np.arange(574) / (2 * RESOLUTION))
#: Where distributions are 1, vacuum angstrom.
REFERENCE = 5500.0

#: Dispersions that the line-spread function reaches.
_REACH = 4.0
#: Input with wider gaps between its pixels, in dispersions, is interpolated.
_STEP = 1.0
#: Share of the line-spread function that must be covered.
_COVERED = 0.9


def at_r200(wavelength, flux):
    """Spectra at the resolution and on the wavelengths of energy distributions.

    Parameters
    ----------
    wavelength : array_like, shape (m,)
        Vacuum angstrom, ascending.
    flux : array_like, shape (n, m) or (m,)
        Per wavelength, in any unit; NaN where not known. Its own resolution should be
        much better than 200: it adds to the result.

    Returns
    -------
    ndarray, shape (n, 574) or (574,), float64
        On `WAVELENGTH`; NaN where more than 10 % of the line-spread function have no
        flux.

    Raises
    ------
    ValueError
        If wavelengths do not ascend, or are not as many as there are pixels.
    """
    return convolved(wavelength, flux, WAVELENGTH, RESOLUTION)


def convolved(wavelength, flux, pixels, resolution):
    """Spectra at any constant resolution, on any wavelengths.

    Parameters
    ----------
    wavelength, flux : array_like
        As for `at_r200`.
    pixels : array_like, shape (k,)
        Vacuum angstrom.
    resolution : float
        Wavelength over full width at half maximum of the Gaussian.

    Returns
    -------
    ndarray, shape (n, k) or (k,), float64
        NaN where more than 10 % of the line-spread function have no flux.

    Raises
    ------
    ValueError
        If wavelengths do not ascend, or are not as many as there are pixels.
    """
    flux = np.asarray(flux, dtype=float)
    sigma = 1 / (resolution * np.sqrt(8 * np.log(2)))
    place = _places(wavelength, flux.shape)
    rows, place = _interpolated(np.atleast_2d(flux), place, sigma)
    known = np.isfinite(rows)
    values = np.where(known, rows, 0)
    total = _weighted(values, place, np.log(pixels), sigma)
    # one row tells what all of them cover, unless there are gaps
    known = known if not known.all() else known[:1]
    covered = _weighted(known.astype(float), place, np.log(pixels), sigma)
    enough = covered >= _COVERED
    result = np.where(enough, total / np.where(enough, covered, 1), np.nan)
    return result.reshape(*flux.shape[:-1], -1)


def _weighted(values, place, centres, sigma):
    """Integrals of the rows over the line-spread function about each centre."""
    width = np.gradient(place) / (np.sqrt(2 * np.pi) * sigma)
    low = np.searchsorted(place, centres - _REACH * sigma)
    high = np.searchsorted(place, centres + _REACH * sigma)
    result = np.empty((len(values), len(centres)))
    for pixel, centre in enumerate(centres):
        near = slice(low[pixel], high[pixel])
        distance = (place[near] - centre) / sigma
        result[:, pixel] = values[:, near] @ (width[near] * np.exp(-0.5 * distance**2))
    return result


def _places(wavelength, shape):
    """Logarithms of the wavelengths, or an error that says what is wrong with them."""
    wavelength = np.asarray(wavelength, dtype=float)
    if wavelength.ndim != 1 or wavelength.shape != shape[-1:]:
        raise ValueError(
            f"flux of shape {shape} needs as many wavelengths as it has pixels, in one "
            f"dimension; they have shape {wavelength.shape}"
        )
    if len(wavelength) < 2 or not (
        wavelength[0] > 0 and np.all(np.diff(wavelength) > 0)
    ):
        raise ValueError("wavelengths must be positive and ascend, two or more of them")
    return np.log(wavelength)


def _interpolated(rows, place, sigma):
    """Rows with pixels as close as the line-spread function asks for."""
    if np.diff(place).max() <= _STEP * sigma:
        return rows, place
    fine = np.union1d(place, np.arange(place[0], place[-1], _STEP * sigma / 4))
    return np.stack([np.interp(fine, place, row) for row in rows]), fine


def normalised(seds):
    """Energy distributions that are 1 at `REFERENCE`.

    Parameters
    ----------
    seds : array_like, shape (..., 574)
        On `WAVELENGTH`.

    Returns
    -------
    ndarray, shape (..., 574), float64
        Divided by the value at `REFERENCE`, which is interpolated linearly in the
        logarithms of wavelength and flux. NaN throughout where that is not known or not
        positive.

    Raises
    ------
    ValueError
        If they are on other wavelengths.
    """
    seds = np.asarray(seds, dtype=float)
    if seds.shape[-1:] != WAVELENGTH.shape:
        raise ValueError(
            f"energy distributions have {len(WAVELENGTH)} pixels; these have shape "
            f"{seds.shape}: bring them onto galspec.sed.WAVELENGTH with at_r200"
        )
    below, share = reference_place()
    beside = seds[..., below : below + 2]
    logs = np.log(np.where(beside > 0, beside, np.nan))
    reference = np.exp((1 - share) * logs[..., 0] + share * logs[..., 1])
    return seds / reference[..., None]


def reference_place():
    """Where `REFERENCE` lies: the pixel below, and the share of the way to the next.

    Returns
    -------
    int, float
    """
    place = 2 * RESOLUTION * np.log(REFERENCE / WAVELENGTH[0])
    return int(place), place % 1
