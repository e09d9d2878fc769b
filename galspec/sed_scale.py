"""Energy distributions in flux units, from what is known of the star's brightness."""

import astropy.units as u
import numpy as np

from galspec.sed import WAVELENGTH
from galspec.sed_spectrum import flux_columns, unmasked
from galspec.synthetic_photometry import FLUX_UNIT, coverage, magnitudes

__all__ = ["check", "read", "scale"]

_EXAMPLES = (
    '(5500 * u.AA, 1e-14 * u.erg / u.s / u.cm**2 / u.AA) or ("sdss2010-r", 15.3 * '
    "u.ABmag)"
)


def check(scale_to):
    """Refuse a scale that makes no sense.

    Parameters
    ----------
    scale_to : tuple
        As for `scale`.

    Raises
    ------
    ValueError
        If it is no pair of wavelength and flux or band and AB magnitude, the band is
        not known, wavelength or band reach beyond ``galspec.sed.WAVELENGTH``, a flux is
        not positive, or a magnitude or the only flux not finite.
    """
    if not isinstance(scale_to, (tuple, list)) or len(scale_to) != 2:
        raise ValueError(f"scale_to is {scale_to!r}; it has to be like {_EXAMPLES}")
    if isinstance(scale_to[0], str):
        _check_band(*scale_to)
    else:
        _flux_at(*scale_to)


def read(text):
    """A scale from what a command line holds.

    Parameters
    ----------
    text : str
        Band and AB magnitude, ``sdss2010-r=15.3``, or wavelength in angstrom and flux
        in erg / (s cm2 angstrom), ``5500=1e-14``.

    Returns
    -------
    tuple
        As `scale` takes it.

    Raises
    ------
    ValueError
        If it is of another form.
    """
    place, _, value = text.partition("=")
    try:
        value = float(value)
    except ValueError:
        raise ValueError(
            f"scale_to is {text!r}; it has to be like sdss2010-r=15.3 or 5500=1e-14"
        ) from None
    try:
        return float(place) * u.AA, value * FLUX_UNIT
    except ValueError:
        return place, value * u.ABmag


def scale(table, scale_to):
    """Bring the energy distributions of a result to flux units, in place.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        With ``sed`` and ``sed_err``; ``meta["scaled_at"]`` names band or wavelength.
    scale_to : tuple
        A wavelength (in vacuum) and the flux density there, per wavelength or per
        frequency; or the name of a band, see
        `galspec.synthetic_photometry.band_names`, and the AB magnitude in it. One flux
        or magnitude for all, or one a row, of which NaN leaves nothing.

    Notes
    -----
    Errors keep their ratio to the flux: they are still those of the shape with respect
    to 5500 angstrom. The error of what the star is scaled to is not in them.
    """
    check(scale_to)
    if np.ndim(scale_to[1]) and np.size(scale_to[1]) != len(table):
        raise ValueError(
            f"scale_to has {np.size(scale_to[1])} values for {len(table)} spectra"
        )
    shape = np.asarray(table["sed"])
    if isinstance(scale_to[0], str):
        factor = _of_magnitude(shape, *scale_to)
    else:
        factor = _of_flux(shape, *scale_to)
    table.meta["scaled_at"] = str(scale_to[0])
    for name in flux_columns(table):
        description = table[name].info.description
        table[name] = np.asarray(table[name]) * factor.ravel()[:, None]
        table[name].info.description = description


def _of_flux(shape, wavelength, flux):
    """Flux over what the shapes have at the wavelength, interpolated in logarithms."""
    wavelength, flux = _flux_at(wavelength, flux)
    place = np.interp(
        np.log(wavelength), np.log(WAVELENGTH), np.arange(len(WAVELENGTH))
    )
    below = min(int(place), len(WAVELENGTH) - 2)
    left, right = np.log(shape[:, below]), np.log(shape[:, below + 1])
    return flux.ravel() / np.exp(left + (place - below) * (right - left))


def _of_magnitude(shape, band, magnitude):
    ours, _ = magnitudes(WAVELENGTH, shape, None, band)
    wanted = np.ravel(unmasked(magnitude).value)
    return 10 ** (-0.4 * (wanted - ours)) * FLUX_UNIT


def _flux_at(wavelength, flux):
    """Wavelength in angstrom, and flux per wavelength with a unit."""
    try:
        wavelength = u.Quantity(wavelength).to(u.AA, u.spectral())
        density = u.spectral_density(wavelength)
        if hasattr(flux, "physical"):  # a magnitude at one wavelength
            flux = flux.physical.to(FLUX_UNIT, density)
        flux = u.Quantity(unmasked(flux))
        unit = flux.unit if flux.unit.is_equivalent(FLUX_UNIT) else FLUX_UNIT
        flux = flux.to(unit, density)
    except (u.UnitConversionError, TypeError) as error:
        raise ValueError(f"scale_to: {error}; it has to be like {_EXAMPLES}") from error
    if not wavelength.isscalar or not (
        WAVELENGTH[0] <= wavelength.value <= WAVELENGTH[-1]
    ):
        raise ValueError(
            f"scale_to is at {wavelength}; one wavelength is needed, from "
            f"{WAVELENGTH[0]:.0f} to {WAVELENGTH[-1]:.0f} angstrom"
        )
    _check_values(flux, flux.value > 0)
    return wavelength.value, flux


def _check_band(band, magnitude):
    if getattr(magnitude, "unit", None) != u.ABmag:
        raise ValueError(
            f"scale_to has the magnitude {magnitude!r}; AB magnitudes are needed, like "
            f"{_EXAMPLES}; what to add to those on the scale of Vega tells the page on "
            "synthetic_photometry"
        )
    _check_values(magnitude, np.full(np.shape(magnitude), True))
    if not coverage(WAVELENGTH, band):
        raise ValueError(f"scale_to is in {band}, which reaches beyond the spectra")


def _check_values(values, right):
    """Refuse what no star has; one of several may be NaN, which is not known."""
    plain = unmasked(values).value
    unknown = np.isnan(plain) & (plain.ndim > 0)
    wrong = values[~((np.isfinite(plain) & right) | unknown)]
    if wrong.size:
        raise ValueError(
            f"scale_to has the value {wrong[0]}; finite magnitudes or positive fluxes "
            "are needed"
        )
