"""The MPA-JHU labels out of the files of SDSS DR8."""

import numpy as np

from galspec.datasets.mpa_jhu_columns import COLUMNS, label_table
from galspec.datasets.service import DatasetError

__all__ = ["read_mpa_jhu"]

#: The reduction whose spectra the pipeline was run on:
#: https://www.sdss3.org/dr10/spectro/galaxy_mpajhu.php
RUN2D = "26"
#: Lines as galspec calls them, and what they are in galSpecLine.
LINES = {
    "OII_3728": ("OII_3726", "OII_3729"),
    "Hbeta": ("H_BETA",),
    "OIII_5007": ("OIII_5007",),
    "Halpha": ("H_ALPHA",),
    "NII_6584": ("NII_6584",),
    "SII_6716": ("SII_6717",),
    "SII_6731": ("SII_6731",),
}


def read_mpa_jhu(info, extra, lines=None):
    """Read the files galSpecInfo-dr8.fits and galSpecExtra-dr8.fits.

    364 and 339 MB; https://www.sdss4.org/dr17/spectro/spectro_access/ says where they
    are.

    Parameters
    ----------
    info, extra : path-like
        The two files, which have the same rows.
    lines : path-like, optional
        galSpecLine-dr8.fits, 1.7 GB: adds the fluxes of strong lines under the names
        that the strong-line estimators know, such as ``Halpha`` and ``Halpha_err``, in
        1e-17 erg / (s cm2).

    Returns
    -------
    `~astropy.table.QTable`
        As of `fetch_mpa_jhu`, without ``snr_r``; rows for which there is no result are
        left out.

    Raises
    ------
    OSError
        If a file cannot be read.
    DatasetError
        If a file lacks a column, or the files are not of the same rows.
    """
    origin = {"i": info, "e": extra}
    names = {name: about.file.split(".") for name, about in COLUMNS.items()}
    names = {name: place for name, place in names.items() if len(place) == 2}
    columns = {}
    for letter, path in origin.items():
        wanted = {name: column for name, (at, column) in names.items() if at == letter}
        if letter == "e":
            wanted["same"] = "SPECOBJID"
        columns |= _columns(path, wanted)
    numbers, same = (_numbers(columns.pop(n)) for n in ("specObjID", "same"))
    if not np.array_equal(numbers, same):
        raise DatasetError(f"the rows of {info} and {extra} are of different spectra")
    columns = {"specObjID": numbers, **columns}
    columns["run2d"] = np.full(len(numbers), RUN2D)
    if lines is not None:
        columns |= _fluxes(lines, numbers)
    known = numbers > 0
    return label_table(
        {name: values[known] for name, values in columns.items()}, "files of DR8"
    )


def _columns(path, wanted):
    """Some columns of the first table of a file; names in capitals or not."""
    from astropy.io import fits

    with fits.open(path, memmap=True) as hdus:
        there = {name.upper(): name for name in hdus[1].columns.names}
        missing = [name for name in wanted.values() if name not in there]
        if missing:
            raise DatasetError(f"{path} has no column {', '.join(missing)}")
        # copies, for the file is closed behind them
        return {k: np.array(hdus[1].data[there[name]]) for k, name in wanted.items()}


def _numbers(identifiers):
    """Spectrum numbers, which are text in the files; 0 where there is none."""
    if identifiers.dtype.kind not in "SU":
        return identifiers.astype("i8")
    text = np.char.strip(identifiers.astype("U"))
    return np.where(np.char.isdigit(text), text, "0").astype("i8")


def _fluxes(path, numbers):
    import astropy.units as u

    wanted = {"same": "SPECOBJID"}
    for parts in LINES.values():
        for part in parts:
            wanted |= {part: f"{part}_FLUX", f"{part}_err": f"{part}_FLUX_ERR"}
    columns = _columns(path, wanted)
    if not np.array_equal(_numbers(columns["same"]), numbers):
        raise DatasetError(f"the rows of {path} are of other spectra")
    unit, fluxes = u.Unit("1e-17 erg / (s cm2)"), {}
    for name, parts in LINES.items():
        flux = np.sum([columns[p] for p in parts], axis=0, dtype=float)
        error = np.sqrt(np.sum([columns[f"{p}_err"] ** 2.0 for p in parts], axis=0))
        # an error that is not positive says that the line was not measured
        bad = np.any([columns[f"{p}_err"] <= 0 for p in parts], axis=0)
        fluxes[name] = np.where(bad, np.nan, flux) * unit
        fluxes[f"{name}_err"] = np.where(bad, np.nan, error) * unit
    return fluxes
