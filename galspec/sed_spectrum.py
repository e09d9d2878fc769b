"""Energy distributions as a table and as a specutils spectrum."""

import math
import os

import astropy.units as u
import numpy as np
from astropy.nddata import StdDevUncertainty

from galspec.sed import WAVELENGTH

__all__ = ["AXIS", "flux_columns", "stars_shape", "to_spectrum", "unmasked"]

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


def stars_shape(data, n):
    """How the spectra lie in an input of ``predict``.

    Parameters
    ----------
    data : object
        As for `~galspec.SpectralEstimator.predict`.
    n : int
        How many there are.

    Returns
    -------
    tuple of int
        () of one spectrum or one file with one, which a list of one is not; (ny, nx) of
        a cube; (n,) of anything else.
    """
    shape = (n,)
    if isinstance(data, (str, os.PathLike)):
        shape = ()
    elif hasattr(data, "spectral_axis_index"):
        shape = np.delete(np.shape(data.flux), data.spectral_axis_index)
    elif hasattr(data, "keys") and "flux" in data.keys():  # noqa: SIM118
        shape = np.shape(data["flux"])[:-1]
    return tuple(shape) if math.prod(shape) == n else (n,)


def unmasked(values):
    """Numbers of a column or an array, NaN where they are masked.

    Parameters
    ----------
    values : object

    Returns
    -------
    object
        Without a mask, if it had one.
    """
    masked = getattr(values, "mask", None) is not None and hasattr(values, "filled")
    return values.astype(float).filled(np.nan) if masked else values


def to_spectrum(table, *, shape=None):
    """A table of energy distributions as one spectrum with many rows.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        What ``predict_batches`` of `~galspec.estimators.sed_predictor.SEDPredictor`
        gives, or ``galspec predict`` writes.
    shape : tuple of int, optional
        How the rows shall lie; () for the one row of a table. As they are, (n,), when
        not given.

    Returns
    -------
    `~galspec.energy_distributions.EnergyDistributions`
        A `~specutils.Spectrum`: flux of the shape (n, 574) or ``(*shape, 574)`` over
        ``galspec.sed.WAVELENGTH``; ``StdDevUncertainty``; masked where it is NaN.
        Whatever else the table holds, ``meta`` has under its name: provenance, and an
        array (n,) of each column, or its one value.

    Raises
    ------
    ValueError
        If there are no energy distributions in it.
    """
    from galspec.energy_distributions import EnergyDistributions

    missing = {"sed", "sed_err"} - set(table.colnames)
    if missing:
        raise ValueError(
            f"the table has no column {' and no '.join(sorted(missing))}; it has "
            f"{', '.join(table.colnames)}"
        )
    shape = (len(table),) if shape is None else shape
    values = {name: _values(table[name]) for name in table.colnames}
    values = {k: v.reshape((*shape, *v.shape[1:]))[()] for k, v in values.items()}
    flux, error = (u.Quantity(values.pop(name)) for name in _FLUX[:2])
    meta = dict(table.meta) | values
    return EnergyDistributions(
        flux=flux,
        spectral_axis=WAVELENGTH * u.AA,
        spectral_axis_index=flux.ndim - 1,
        uncertainty=StdDevUncertainty(error.to_value(flux.unit), unit=flux.unit),
        mask=np.isnan(flux.value),
        meta=meta,
    )


def _values(column):
    """A column as a quantity or plain array, without what ties it to its table."""
    if getattr(column, "unit", None) is not None:
        return column.copy()
    # text comes from FITS files as bytes
    return np.char.decode(column) if column.dtype.kind == "S" else np.array(column)
