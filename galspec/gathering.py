"""From objects with units to plain arrays: the way in of `SpectrumBatch.gather`.

Everything here returns keyword arguments of `SpectrumBatch.from_arrays`.
"""

from collections.abc import Mapping

import numpy as np

__all__ = ["collect"]

#: Accepted names of table columns and mapping keys, in order of preference.
COLUMNS = {
    "wavelength": ("wavelength", "spectral_axis", "wave", "lambda"),
    "flux": ("flux",),
    "ivar": ("ivar", "inverse_variance"),
    "uncertainty": ("uncertainty", "flux_err", "flux_error", "error", "sigma"),
    "mask": ("mask",),
    "redshift": ("redshift", "z"),
}
#: Entries of ``Spectrum.meta`` that identify a spectrum in the result.
IDENTIFIERS = ("file", "obsid", "targetid", "ra", "dec", "snr_r")
#: Units "per element" that do not change the shape of a spectrum.
PER_ELEMENT = ("spaxel", "beam", "pix", "bin", "fiber")
#: Units of spectra that were never flux-calibrated.
COUNTS = ("ct", "adu", "electron", "DN", "ph")


def collect(data, medium=None):
    """Turn anything that holds spectra into arrays, one mapping a group of equal axis.

    Parameters
    ----------
    data : object
        See `SpectrumBatch.gather`.
    medium : {'vacuum', 'air', None}
        What the wavelengths are measured in.

    Returns
    -------
    list of dict
        Keyword arguments of `SpectrumBatch.from_arrays`.

    Raises
    ------
    TypeError
        If ``data`` is nothing that holds spectra.
    """
    if medium not in (None, "vacuum", "air"):
        raise ValueError(f"medium is {medium!r}; it can be 'vacuum' or 'air'")
    if isinstance(data, Mapping) or hasattr(data, "colnames"):
        return _from_table(data, medium)
    if hasattr(data, "spectral_axis") and hasattr(data, "flux"):
        return [_from_spectrum(data, medium)]
    if isinstance(data, (list, tuple)):
        return [piece for item in data for piece in collect(item, medium)]
    raise TypeError(
        f"cannot gather spectra from {type(data).__name__}: pass a specutils Spectrum, "
        "SpectrumList or SpectrumCollection, a list of these, or a table or mapping "
        "with 'wavelength' and 'flux'"
    )


def _from_spectrum(spectrum, medium):
    """Arrays of a specutils Spectrum or SpectrumCollection."""
    flux = spectrum.flux
    # a SpectrumCollection keeps the spectral axis last and has an axis for each row
    axis = getattr(spectrum, "spectral_axis_index", None)
    axis = flux.ndim - 1 if axis is None else axis

    def rows(values):
        values = np.moveaxis(np.asarray(values), axis, -1)
        return values.reshape(-1, values.shape[-1])

    wavelength = spectrum.spectral_axis
    if wavelength.ndim > 1:
        wavelength = wavelength.reshape(-1, wavelength.shape[-1])
    n = int(np.prod(flux.shape) // flux.shape[axis]) if flux.size else 0
    mask = spectrum.mask
    ivar = _inverse_variance(spectrum.uncertainty, flux.unit)
    meta = spectrum.meta if isinstance(spectrum.meta, Mapping) else {}
    return _arrays(
        wavelength,
        rows(flux.value) * flux.unit,
        None if ivar is None else rows(np.broadcast_to(ivar, flux.shape)),
        None if mask is None else rows(np.broadcast_to(mask, flux.shape)),
        _known_redshift(spectrum, meta, n),
        {k: np.repeat(meta[k], n) for k in IDENTIFIERS if np.ndim(meta.get(k, [])) < 1},
        medium,
    )


def _inverse_variance(uncertainty, flux_unit):
    """Inverse variance, in units of ``flux_unit ** -2``; None where unknown."""
    from astropy.nddata import InverseVariance, UnknownUncertainty

    if uncertainty is None or isinstance(uncertainty, UnknownUncertainty):
        return None
    if isinstance(uncertainty, (list, tuple)):
        return np.stack([_inverse_variance(item, flux_unit) for item in uncertainty])
    # an error of zero means "no error known": infinite here, masked by from_arrays
    with np.errstate(divide="ignore", invalid="ignore"):
        inverse = uncertainty.represent_as(InverseVariance)
    values = np.asarray(inverse.array)
    if inverse.unit is None:
        return values
    return values * inverse.unit.to(flux_unit**-2)


def _known_redshift(spectrum, meta, n):
    """What the spectrum says itself; zero is the default there, not knowledge."""
    redshift = getattr(spectrum, "redshift", None)
    redshift = np.nan if redshift is None else np.asarray(redshift, float)
    if np.size(redshift) not in (1, n) or not np.any(np.nan_to_num(redshift)):
        redshift = meta.get("redshift", np.nan)
    return np.broadcast_to(np.ravel(redshift), (n,))


def _from_table(table, medium):
    """Arrays of a table or mapping whose columns hold one spectrum a row."""
    names = list(table.keys())
    found = {
        role: next((n for a in accepted for n in names if n.lower() == a), None)
        for role, accepted in COLUMNS.items()
    }
    for role in ("wavelength", "flux"):
        if found[role] is None:
            raise ValueError(
                f"no column for {role}: looked for {', '.join(COLUMNS[role])} "
                f"among {', '.join(names) or 'no columns'}"
            )
    flux = _quantity(table[found["flux"]])
    wavelength = _quantity(table[found["wavelength"]])
    single = flux.ndim == 1
    mask = getattr(table[found["flux"]], "mask", None)
    if found["mask"] is not None:
        given = np.asarray(table[found["mask"]], bool)
        mask = given if mask is None else mask | given
    ivar = _table_ivar(table, found, flux)
    n = 1 if single else len(flux)
    redshift = None if found["redshift"] is None else table[found["redshift"]]
    if redshift is not None:
        redshift = np.ravel(np.ma.filled(np.ma.asarray(redshift, float), np.nan))
    return [
        _arrays(
            wavelength,
            flux[None] if single else flux,
            None if ivar is None else np.atleast_2d(ivar),
            None if mask is None else np.atleast_2d(mask),
            redshift,
            _scalar_columns(table, names, found, n),
            medium,
        )
    ]


def _scalar_columns(table, names, found, n):
    """Columns with one value a row that have no role of their own."""
    roles = set(found.values())
    columns = {name: np.asarray(table[name]) for name in names if name not in roles}
    return {
        name: np.atleast_1d(column)
        for name, column in columns.items()
        if np.shape(np.atleast_1d(column)) == (n,)
    }


def _quantity(column):
    import astropy.units as u

    if getattr(column, "unit", None) is None:
        return np.ma.getdata(np.asarray(column)) * u.dimensionless_unscaled
    if isinstance(column.unit, u.function.FunctionUnitBase):
        raise _flux_unit_error(column.unit)
    return u.Quantity(np.ma.getdata(column), column.unit)


def _table_ivar(table, found, flux):
    """Inverse variance from a column of it, or from one of standard deviations."""
    import astropy.units as u
    from astropy.nddata import NDUncertainty, StdDevUncertainty

    if found["ivar"] is not None:
        ivar = _quantity(table[found["ivar"]])
        if ivar.unit == u.dimensionless_unscaled:
            return ivar.value
        return ivar.to_value(flux.unit**-2)
    if found["uncertainty"] is None:
        return None
    error = table[found["uncertainty"]]
    if not isinstance(error, NDUncertainty):
        error = _quantity(error)
        bare = error.unit == u.dimensionless_unscaled
        error = StdDevUncertainty(error.value * flux.unit if bare else error)
    return _inverse_variance(error, flux.unit)


def _arrays(wavelength, flux, ivar, mask, redshift, ids, medium):
    """Convert units and medium, and make the axis ascend."""
    wavelength = _vacuum_angstrom(wavelength, medium)
    factor = _per_wavelength(flux.unit, wavelength)
    flux = np.asarray(flux.value) * factor
    if ivar is not None:
        with np.errstate(divide="ignore", invalid="ignore"):
            ivar = np.asarray(ivar) / np.square(factor)
    order = np.argsort(wavelength, axis=-1, kind="stable")
    if np.any(order != np.arange(order.shape[-1])):
        wavelength, flux, ivar, mask = (
            _reordered(values, order) for values in (wavelength, flux, ivar, mask)
        )
    wavelength, unknown = _finite_axis(wavelength)
    if unknown.any():
        mask = unknown | (False if mask is None else mask)
        mask = np.broadcast_to(mask, flux.shape)
    return {
        "wavelength": wavelength,
        "flux": flux,
        "ivar": ivar,
        "mask": mask,
        "redshift": redshift,
        "ids": ids,
    }


def _reordered(values, order):
    if values is None:
        return None
    if order.ndim == 1:
        return values[..., order]
    return np.take_along_axis(np.broadcast_to(values, order.shape), order, axis=-1)


def _finite_axis(wavelength):
    """Give pixels of unknown wavelength (sorted last) a place beyond the end."""
    unknown = ~np.isfinite(wavelength)
    if not unknown.any():
        return wavelength, unknown
    end = np.max(wavelength, axis=-1, where=~unknown, initial=0, keepdims=True)
    return np.where(unknown, end + np.cumsum(unknown, axis=-1), wavelength), unknown


def _vacuum_angstrom(axis, medium):
    """Wavelengths in vacuum angstrom as float64."""
    import astropy.units as u

    if not axis.unit.is_equivalent(u.AA, u.spectral()):
        raise u.UnitConversionError(
            f"the spectral axis has the unit {str(axis.unit) or 'none'!r}: wavelength, "
            "frequency, energy or wavenumber is needed, for example "
            "wavelength * astropy.units.AA"
        )
    with np.errstate(divide="ignore"):
        wavelength = u.Quantity(axis.value, axis.unit).to_value(u.AA, u.spectral())
    wavelength = np.array(wavelength, dtype=np.float64)
    wavelength[~(wavelength > 0)] = np.nan
    if medium != "air":
        return wavelength
    if not axis.unit.is_equivalent(u.AA):
        raise ValueError(
            f"medium='air' with a spectral axis in {axis.unit}: only wavelengths "
            "depend on the medium"
        )
    from specutils.utils.wcs_utils import air_to_vac

    return air_to_vac(wavelength * u.AA).to_value(u.AA)


def _per_wavelength(unit, wavelength):
    """The factor that turns a flux in ``unit`` into a flux per unit wavelength.

    Calibrated fluxes become 1e-17 erg / (s cm2 AA); counts and unitless fluxes are
    taken as they are.
    """
    import astropy.units as u

    flam = u.Unit("1e-17 erg / (s cm2 AA)")
    bare = unit
    for base, power in zip(unit.bases, unit.powers, strict=True):
        if base.name in PER_ELEMENT:
            bare = bare / base**power
    equivalencies = u.spectral_density(wavelength * u.AA)
    for target in (flam, flam * u.cm**2, flam / u.sr):
        if bare.is_equivalent(target, equivalencies):
            return (1 * bare).to_value(target, equivalencies)
    if bare.is_equivalent(u.dimensionless_unscaled) or any(
        base.name in COUNTS for base in bare.bases
    ):
        return 1.0
    raise _flux_unit_error(unit)


def _flux_unit_error(unit):
    import astropy.units as u

    return u.UnitConversionError(
        f"the flux has the unit {str(unit)!r}: a linear flux density (such as "
        "erg / (s cm2 AA) or Jy), counts or no unit is needed"
    )
