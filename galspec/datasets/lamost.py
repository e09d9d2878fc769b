"""Catalogues of the LAMOST low-resolution survey, and where their spectra lie.

Columns and names of files: the documents of the data releases, such as
https://www.lamost.org/dr10/v2.0/doc/lr-data-production-description.
"""

import os
import pathlib

import numpy as np

from galspec.datasets.service import DatasetError
from galspec.evaluation.tables import MISSING

__all__ = ["read_lamost"]

#: What is kept, and the names that releases gave it; NaN where it is -9999.
NUMBERS = {
    "ra": ("ra", "objra"),
    "dec": ("dec", "objdec"),
    "z": ("z",),
    **{f"snr{band}": (f"snr{band}",) for band in "ugriz"},
}
WORDS = {"obsid": ("obsid",), "class": ("class",)}
PLACE = ("lmjd", "planid", "spid", "fiberid")


def read_lamost(path, folder=None):
    """Read a catalogue of LAMOST, and find the spectra that it lists.

    Parameters
    ----------
    path : path-like
        The general catalogue, or one of galaxies, as the survey's web site gives it:
        FITS (.fits, .fits.gz), or text (.csv, .csv.gz) with "|" or "," between columns.
    folder : path-like, optional
        Where the spectra lie, however deep. They are known by their names,
        spec-LMJD-PLANID_spXX-FFF.fits or .fits.gz.

    Returns
    -------
    `~astropy.table.QTable`
        ``obsid``, ``ra``, ``dec``, ``z``, ``snru`` to ``snrz``, ``class``, as far as
        the catalogue has them, and with a folder ``file``: empty where there is none.

    Raises
    ------
    DatasetError
        If it cannot be read or lacks a position, or the folder has no spectrum.
    """
    import astropy.units as u
    from astropy.table import QTable

    table = _read(os.fspath(path))
    names = {name.lower(): name for name in reversed(table.colnames)}
    result = QTable(meta={"spectra": "LAMOST low resolution"})
    for known, kind in ((WORDS, _text), (NUMBERS, _number)):
        for name, aliases in known.items():
            found = next((names[a] for a in aliases if a in names), None)
            if found is not None:
                result[name] = kind(table[found])
            elif name in ("ra", "dec"):
                raise DatasetError(
                    f"{path} has no column {name}; it has {', '.join(table.colnames)}"
                )
    for name in ("ra", "dec"):
        result[name] = result[name] * u.deg
    if folder is not None:
        missing = [name for name in PLACE if name not in names]
        if missing:
            raise DatasetError(f"{path} has no column {', '.join(missing)}")
        columns = [_text(table[names[name]]) for name in PLACE]
        result["file"] = _places(map(spectrum_name, *columns), folder)
    return result


def spectrum_name(lmjd, planid, spid, fiberid):
    """The name of a spectrum's file, without its ending.

    Parameters
    ----------
    lmjd, planid, spid, fiberid : str or int
        Local modified Julian day, plan, spectrograph and fibre.

    Returns
    -------
    str

    Examples
    --------
    >>> from galspec.datasets.lamost import spectrum_name
    >>> spectrum_name(56309, "HD083217N451354V01", 5, 112)
    'spec-56309-HD083217N451354V01_sp05-112'
    """
    return f"spec-{int(lmjd)}-{planid}_sp{int(spid):02d}-{int(fiberid):03d}"


def _places(names, folder):
    """Files by their names: each release, and each user, has folders of its own."""
    there = {
        path.name.partition(".fits")[0]: str(path)
        for path in sorted(pathlib.Path(folder).rglob("spec-*.fits*"), reverse=True)
    }
    if not there:
        raise DatasetError(f"there is no spectrum (spec-*.fits.gz) below {folder}")
    return np.array([there.get(name, "") for name in names], dtype=str)


def _read(path):
    from astropy.table import Table

    kind = path.lower().removesuffix(".gz")
    try:
        if kind.endswith(".csv"):
            keep = {name: [str] for name in ("planid", "obsid")}
            options = {"delimiter": _delimiter(path), "converters": keep}
            return Table.read(path, format="ascii.csv", **options)
        if kind.endswith((".fits", ".fit")):
            return Table.read(path, format="fits", character_as_bytes=False)
    except Exception as error:  # whatever a reader makes of a broken file
        raise DatasetError(f"cannot read {path}: {error}") from error
    raise DatasetError(f"cannot read {path}: its name must end in .fits or .csv")


def _delimiter(path):
    """What stands between the names of the columns."""
    from astropy.utils.data import get_readable_fileobj

    with get_readable_fileobj(path) as file:
        return "|" if "|" in file.readline() else ","


def _text(column):
    return np.char.strip(np.ma.filled(np.ma.asarray(column).astype(str), ""))


def _number(column):
    values = np.ma.filled(np.ma.asarray(column).astype(float), np.nan)
    return np.where(values == MISSING, np.nan, values)
