"""Energy distributions as a table and as a specutils spectrum."""

import os

import astropy.units as u
import numpy as np
from astropy.nddata import StdDevUncertainty

from galspec.sed import WAVELENGTH

__all__ = ["AXIS", "flux_columns", "is_one_spectrum", "to_spectrum"]

#: What the pixels of a vector column are, for readers of a file.
AXIS = "2500 * exp(i / 400) angstrom in vacuum, i = 0 ... 573"
#: Columns of flux, as they come.
_FLUX = ("sed", "sed_err", "sed_lo", "sed_hi")


def flux_columns(table):
    """Names of the columns that hold flux.

    Parameters
    ----------
    table : `~astropy.table.Table`

    Returns
    -------
    list of str
    """
    return [name for name in _FLUX if name in table.colnames]


def is_one_spectrum(data):
    """Whether an input of ``predict`` is one spectrum, not a list of one.

    Parameters
    ----------
    data : object
        As for `~galspec.SpectralEstimator.predict`.

    Returns
    -------
    bool
    """
    if isinstance(data, (str, os.PathLike)):
        return True
    if hasattr(data, "keys") and "flux" in data.keys():  # noqa: SIM118
        return np.ndim(data["flux"]) == 1
    return getattr(data, "flux", None) is not None and np.ndim(data.flux) == 1


def to_spectrum(table, *, one=False):
    """A table of energy distributions as one spectrum with many rows.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        What ``predict_batches`` of `~galspec.estimators.sed_predictor.SEDPredictor`
        gives, or ``galspec predict`` writes.
    one : bool
        Of a table with one row, whether its spectrum has one dimension.

    Returns
    -------
    `~specutils.Spectrum`
        Flux of the shape (n, 574), or (574,), over ``galspec.sed.WAVELENGTH``;
        ``StdDevUncertainty``; masked where it is NaN. Whatever else the table holds,
        ``meta`` has under its name: provenance, and an array (n,) of each column, or
        its one value.

    Raises
    ------
    ValueError
        If there are no energy distributions in it.
    """
    from specutils import Spectrum

    missing = {"sed", "sed_err"} - set(table.colnames)
    if missing:
        raise ValueError(
            f"the table has no column {' and no '.join(sorted(missing))}; it has "
            f"{', '.join(table.colnames)}"
        )
    row = 0 if one and len(table) == 1 else slice(None)
    flux, error = (u.Quantity(table[name])[row] for name in _FLUX[:2])
    meta = dict(table.meta)
    for name in table.colnames:
        if name not in _FLUX[:2]:
            meta[name] = _values(table[name])[row]
    return Spectrum(
        flux=flux,
        spectral_axis=WAVELENGTH * u.AA,
        spectral_axis_index=flux.ndim - 1,
        uncertainty=StdDevUncertainty(error.to_value(flux.unit), unit=flux.unit),
        mask=np.isnan(flux.value),
        meta=meta,
    )


def _values(column):
    """A column as a quantity or plain array, without what ties it to its table."""
    unit = getattr(column, "unit", None)
    return np.array(column) if unit is None else column.copy()
