"""Spectral energy distributions of stars: their wavelengths, resolution and scale.

A distribution is flux per wavelength at a constant resolution of R = 200 on
`WAVELENGTH`, with two pixels in each element of resolution, and 1 at 5500 angstrom.
"""

import numpy as np

__all__ = ["REFERENCE", "RESOLUTION", "WAVELENGTH", "at_r200", "normalised"]

#: Wavelength over full width at half maximum.
RESOLUTION = 200.0
#: Vacuum angstrom, two pixels a resolution element: 574 from 2500 to 10475.
WAVELENGTH = 2500 * np.exp(np.arange(574) / (2 * RESOLUTION))
#: Where distributions are 1, vacuum angstrom.
REFERENCE = 5500.0

#: Dispersion of the line-spread function in the logarithm of the wavelength.
_SIGMA = 1 / (RESOLUTION * np.sqrt(8 * np.log(2)))
#: Dispersions that the line-spread function reaches.
_REACH = 4.0
#: Input with wider gaps between its pixels, in dispersions, is interpolated.
_STEP = 1.0
#: Share of the line-spread function that must be covered.
_COVERED = 0.98


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
        On `WAVELENGTH`; NaN where more than 2 % of the line-spread function have no
        flux.

    Raises
    ------
    ValueError
        If wavelengths do not ascend, or are not as many as there are pixels.
    """
    flux = np.asarray(flux, dtype=float)
    place = _places(wavelength, flux.shape)
    rows, place = _interpolated(np.atleast_2d(flux), place)
    known = np.isfinite(rows)
    values = np.stack([np.where(known, rows, 0), known])
    width = np.gradient(place) / (np.sqrt(2 * np.pi) * _SIGMA)
    result = np.empty((2, len(rows), len(WAVELENGTH)))
    for pixel, centre in enumerate(np.log(WAVELENGTH)):
        reach = np.searchsorted(place, centre + _REACH * _SIGMA * np.array([-1, 1]))
        near = slice(*reach)
        distance = (place[near] - centre) / _SIGMA
        result[..., pixel] = values[..., near] @ (
            width[near] * np.exp(-0.5 * distance**2)
        )
    total, covered = result
    enough = covered >= _COVERED
    seds = np.where(enough, total / np.where(enough, covered, 1), np.nan)
    return seds.reshape(*flux.shape[:-1], -1)


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


def _interpolated(rows, place):
    """Rows with pixels as close as the line-spread function asks for."""
    if np.diff(place).max() <= _STEP * _SIGMA:
        return rows, place
    more = np.arange(place[0], place[-1], _STEP * _SIGMA / 4)
    fine = np.union1d(place, more)
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
    place = 2 * RESOLUTION * np.log(REFERENCE / WAVELENGTH[0])
    below, share = int(place), place % 1
    beside = seds[..., below : below + 2]
    logs = np.log(np.where(beside > 0, beside, np.nan))
    reference = np.exp((1 - share) * logs[..., 0] + share * logs[..., 1])
    return seds / reference[..., None]
