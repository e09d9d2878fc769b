"""Units of spectral axes, fluxes and errors, turned into the agreed ones.

Spectral conversions are power laws, so each unit is looked up once and then applied
as plain arithmetic: astropy's own path takes milliseconds a spectrum.
"""

import functools

import numpy as np

__all__ = ["flux_unit_error", "inverse_variance", "per_wavelength", "vacuum_angstrom"]

#: Units "per element" that do not change the shape of a spectrum.
PER_ELEMENT = ("spaxel", "beam", "pix", "bin", "fiber")
#: Units of spectra that were never flux-calibrated.
COUNTS = ("ct", "adu", "electron", "DN", "ph")
#: Power of each kind of uncertainty that gives an inverse variance.
POWERS = {"std": -2, "var": -1, "ivar": 1}


def inverse_variance(uncertainty, flux_unit):
    """Inverse variances of any of astropy's uncertainties.

    Parameters
    ----------
    uncertainty : `~astropy.nddata.NDUncertainty`, list of these, or None
    flux_unit : `~astropy.units.UnitBase`

    Returns
    -------
    `numpy.ndarray` or None
        In units of ``flux_unit ** -2``; zero where the error is not positive. None
        where nothing is known.
    """
    if isinstance(uncertainty, (list, tuple)):
        return np.stack([inverse_variance(item, flux_unit) for item in uncertainty])
    power = POWERS.get(getattr(uncertainty, "uncertainty_type", None))
    if power is None:
        return None
    values = np.asarray(uncertainty.array, dtype=np.float64)
    # an error that is not positive means "no error known"
    with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
        inverse = np.where(values > 0, np.where(values > 0, values, 1) ** power, 0)
    return inverse * _uncertainty_factor(uncertainty.unit, power, flux_unit)


@functools.lru_cache
def _uncertainty_factor(unit, power, flux_unit):
    return 1.0 if unit is None else (unit**power).to(flux_unit**-2)


def vacuum_angstrom(axis, medium):
    """Wavelengths in vacuum angstrom.

    Parameters
    ----------
    axis : `~astropy.units.Quantity`
        Wavelength, frequency, energy or wavenumber.
    medium : {'vacuum', 'air', None}
        What wavelengths were measured in.

    Returns
    -------
    `numpy.ndarray` of float64
        NaN where the axis is not positive and finite.

    Raises
    ------
    astropy.units.UnitConversionError
        If the axis has another unit.
    ValueError
        If the medium is air and the axis is no wavelength.
    """
    import astropy.units as u

    if not _is_spectral(axis.unit):
        raise u.UnitConversionError(
            f"the spectral axis has the unit {str(axis.unit) or 'none'!r}: wavelength, "
            "frequency, energy or wavenumber is needed, for example "
            "wavelength * astropy.units.AA"
        )
    scale, power = _power_law(axis.unit, u.AA)
    values = np.array(axis.value, dtype=np.float64)
    values[~(values > 0)] = np.nan
    wavelength = scale * values**power
    wavelength[~np.isfinite(wavelength)] = np.nan
    if medium != "air":
        return wavelength
    if not axis.unit.is_equivalent(u.AA):
        raise ValueError(
            f"medium='air' with a spectral axis in {axis.unit}: only wavelengths "
            "depend on the medium"
        )
    from specutils.utils.wcs_utils import air_to_vac

    return air_to_vac(wavelength * u.AA).to_value(u.AA)


@functools.lru_cache
def _is_spectral(unit):
    import astropy.units as u

    return unit.is_equivalent(u.AA, u.spectral())


@functools.lru_cache
def _power_law(unit, target):
    """Scale and power of a spectral conversion, all of which are power laws."""
    import astropy.units as u

    one, two = ([1, 2] * unit).to_value(target, u.spectral())
    return float(one), round(np.log2(two / one))


def per_wavelength(unit, wavelength):
    """The factor that turns a flux in ``unit`` into a flux per unit wavelength.

    Calibrated fluxes become 1e-17 erg / (s cm2 AA); counts and unitless fluxes are
    taken as they are.

    Parameters
    ----------
    unit : `~astropy.units.UnitBase`
    wavelength : `numpy.ndarray`
        In angstrom.

    Returns
    -------
    float or `numpy.ndarray` of the shape of ``wavelength``

    Raises
    ------
    astropy.units.UnitConversionError
        If the unit is none of flux density or counts.
    """
    scale, power = _flux_law(unit)
    if not power:
        return scale
    with np.errstate(divide="ignore", over="ignore"):  # no row raises, nor warns
        return scale * wavelength**power


@functools.lru_cache
def _flux_law(unit):
    """Scale and power of the wavelength in angstrom in `per_wavelength`.

    Found from two wavelengths, once a unit: astropy takes milliseconds for it.
    """
    import astropy.units as u

    flam = u.Unit("1e-17 erg / (s cm2 AA)")
    bare = unit
    for base, power in zip(unit.bases, unit.powers, strict=True):
        if base.name in PER_ELEMENT:
            bare = bare / base**power
    equivalencies = u.spectral_density([1, 2] * u.AA)
    for target in (flam, flam * u.cm**2, flam / u.sr):
        if bare.is_equivalent(target, equivalencies):
            one, two = ([1, 1] * bare).to_value(target, equivalencies)
            return float(one), round(np.log2(two / one))
    if bare.is_equivalent(u.dimensionless_unscaled) or any(
        base.name in COUNTS for base in bare.bases
    ):
        return 1.0, 0
    raise flux_unit_error(unit)


def flux_unit_error(unit):
    """The error that names a unit which is none of flux.

    Parameters
    ----------
    unit : `~astropy.units.UnitBase`

    Returns
    -------
    astropy.units.UnitConversionError
    """
    import astropy.units as u

    return u.UnitConversionError(
        f"the flux has the unit {str(unit)!r}: a linear flux density (such as "
        "erg / (s cm2 AA) or Jy), counts or no unit is needed"
    )
