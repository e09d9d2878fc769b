"""From objects with units to plain arrays: the way in of `SpectrumBatch.gather`.

Everything here returns keyword arguments of `SpectrumBatch.from_arrays`.
"""

from collections.abc import Mapping

import numpy as np

from galspec.conversion import (
    flux_unit_error,
    inverse_variance,
    per_wavelength,
    vacuum_angstrom,
)

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
    wavelength = spectrum.spectral_axis
    # with an axis for each row, as in a SpectrumCollection, it is the last one,
    # whatever index a collection may have taken over from its members
    axis = flux.ndim - 1 if wavelength.ndim > 1 else spectrum.spectral_axis_index

    def rows(values):
        values = np.moveaxis(np.asarray(values), axis, -1)
        return values.reshape(-1, values.shape[-1])

    if wavelength.ndim > 1:
        wavelength = wavelength.reshape(-1, wavelength.shape[-1])
    n = int(np.prod(flux.shape) // flux.shape[axis]) if flux.size else 0
    mask = spectrum.mask
    ivar = inverse_variance(spectrum.uncertainty, flux.unit)
    meta = spectrum.meta if isinstance(spectrum.meta, Mapping) else {}
    return _arrays(
        wavelength,
        rows(flux.value) * flux.unit,
        None if ivar is None else rows(np.broadcast_to(ivar, flux.shape)),
        None if mask is None else rows(np.broadcast_to(mask, flux.shape)),
        _known_redshift(spectrum, meta, n),
        _identifiers(meta, n),
        medium,
    )


def _identifiers(meta, n):
    """Entries of ``meta`` that name a spectrum, one value for all or one a row."""
    known = {k: np.asarray(meta[k]) for k in IDENTIFIERS if meta.get(k) is not None}
    return {
        k: np.broadcast_to(value, (n,))
        for k, value in known.items()
        if value.shape in ((), (n,))
    }


def _known_redshift(spectrum, meta, n):
    """What the spectrum says itself; zero is the default there, not knowledge."""
    axis = spectrum.spectral_axis
    velocity = getattr(axis, "radial_velocity", None)
    # asking for the redshift costs more than everything else here
    if velocity is not None and np.any(np.nan_to_num(velocity.value)):
        redshift = np.asarray(axis.redshift, float)
    else:
        try:
            redshift = np.asarray(meta.get("redshift", np.nan), float)
        except (TypeError, ValueError):  # a header may hold anything
            redshift = np.asarray(np.nan)
    if redshift.size not in (1, n):
        redshift = np.asarray(np.nan)
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
    if _is_ragged(table[found["flux"]]):
        rows = range(len(table[found["flux"]]))
        return [_from_table(_row(table, i), medium)[0] for i in rows]
    flux = _quantity(table[found["flux"]])
    wavelength = _quantity(table[found["wavelength"]])
    single = flux.ndim == 1
    mask = _table_mask(table, found, flux.shape)
    ivar = _table_ivar(table, found, flux)
    n = 1 if single else len(flux)
    redshift = None
    if found["redshift"] is not None:
        redshift = _table_redshift(table[found["redshift"]])
    return [
        _arrays(
            wavelength,
            flux[None] if single else flux,
            None if ivar is None else np.atleast_2d(ivar),
            np.atleast_2d(mask),
            redshift,
            _scalar_columns(table, names, found, n),
            medium,
        )
    ]


def _is_ragged(column):
    """Whether a column holds arrays that numpy cannot stack, one a row."""
    if isinstance(column, (list, tuple)):
        return len({np.shape(row) for row in column}) > 1
    objects = getattr(column, "dtype", None) == np.dtype(object)
    # such as an array of arrays; a single number in the first place is no spectrum
    return objects and np.ndim(column) == 1 and np.ndim(next(iter(column), 0)) > 0


def _row(table, index):
    """One row as a mapping whose arrays keep the unit of their column."""
    row = {}
    for name in table.keys():  # noqa: SIM118 (a table iterates over its rows)
        column = table[name]
        unit = getattr(column, "unit", None)
        value = column[index]
        bare = unit is None or hasattr(value, "unit")
        row[name] = value if bare else np.asarray(value) * unit
    return row


def _table_redshift(column):
    """Redshifts with the unit of their column; NaN where masked."""
    values = np.array(getattr(column, "unmasked", column), dtype=float)
    values[np.broadcast_to(getattr(column, "mask", False), values.shape)] = np.nan
    unit = getattr(column, "unit", None)
    return np.ravel(values) if unit is None else np.ravel(values) * unit


def _table_mask(table, found, shape):
    """Pixels that a mask column names, or that are masked in any other column."""
    mask = np.zeros(shape, bool)
    if found["mask"] is not None:
        named = np.asarray(table[found["mask"]], bool)
        if named.shape not in (shape, shape[-1:]):
            raise ValueError(f"mask has shape {named.shape}; flux has {shape}")
        mask |= named
    for role in ("wavelength", "flux", "ivar", "uncertainty"):
        missing = getattr(table[found[role]], "mask", None) if found[role] else None
        if missing is not None:
            mask |= missing
    return mask


def _scalar_columns(table, names, found, n):
    """Columns with one value a row that have no role of their own."""
    roles = set(found.values())
    columns = {name: _filled(table[name]) for name in names if name not in roles}
    return {
        name: np.atleast_1d(column)
        for name, column in columns.items()
        if np.shape(np.atleast_1d(column)) == (n,)
    }


def _filled(column):
    """Values of a column; empty text or NaN where they are masked."""
    values = np.asarray(getattr(column, "unmasked", column))
    missing = getattr(column, "mask", False)
    if not np.any(missing):
        return values
    return np.where(missing, "" if values.dtype.kind in "US" else np.nan, values)


def _quantity(column):
    import astropy.units as u

    if getattr(column, "unit", None) is None:
        return _real(np.ma.getdata(np.asarray(column))) * u.dimensionless_unscaled
    if isinstance(column.unit, u.function.FunctionUnitBase):
        raise flux_unit_error(column.unit)
    return u.Quantity(_real(np.ma.getdata(column)), column.unit)


def _real(values):
    """Real numbers; of objects, as floats."""
    if values.dtype.kind == "O":
        try:
            return values.astype(float)
        except (TypeError, ValueError) as error:
            raise TypeError(f"a spectrum holds what is no number: {error}") from error
    if values.dtype.kind not in "fiub":
        raise TypeError(f"spectra of dtype {values.dtype}: real numbers are needed")
    return values


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
    return inverse_variance(error, flux.unit)


def _arrays(wavelength, flux, ivar, mask, redshift, ids, medium):
    """Convert units and medium, and make the axis ascend."""
    wavelength = vacuum_angstrom(wavelength, medium)
    if wavelength.ndim > 1 and len(wavelength) and np.all(wavelength == wavelength[0]):
        wavelength = wavelength[0]
    factor = per_wavelength(flux.unit, wavelength)
    # numbers beyond the range of floats become masked pixels, without a word
    with np.errstate(all="ignore"):
        flux = np.asarray(flux.value) * factor
        ivar = None if ivar is None else np.asarray(ivar) / np.square(factor)
    if wavelength.shape not in (flux.shape, flux.shape[1:]):
        raise ValueError(
            f"wavelength has shape {wavelength.shape}; flux needs {flux.shape[1:]} or "
            f"{flux.shape}"
        )
    for name, values in (("ivar", ivar), ("mask", mask)):
        if values is not None and values.shape != flux.shape:
            raise ValueError(
                f"{name} has shape {values.shape}; flux needs {flux.shape}"
            )
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
