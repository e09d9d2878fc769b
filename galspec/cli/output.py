"""What comes out of a prediction: a file, a table on a terminal, one line of counts."""

import collections
import os
import pathlib
import tempfile
import warnings

import numpy as np

from galspec.cli.errors import CommandError
from galspec.flags import describe

__all__ = ["check_output", "render", "summary", "write_table"]

_FORMATS = {".ecsv": "ascii.ecsv", ".fits": "fits", ".parquet": "parquet"}

#: Digits of columns that are no target.
_DIGITS = {
    "ra": ".5f",
    "dec": ".5f",
    "redshift": ".4f",
    "snr": ".1f",
    "snr_r": ".1f",
    "domain": ".2f",
}


def check_output(path, overwrite):
    """Refuse, before any work is done, a file that could not be written.

    Parameters
    ----------
    path : str
    overwrite : bool

    Raises
    ------
    CommandError
        If the suffix is unknown, the file exists, is a folder or has none to lie in,
        or the library for its format is not installed.
    """
    path = pathlib.Path(path)
    if path.suffix not in _FORMATS:
        raise CommandError(
            f"cannot write {path}: its name must end in {', '.join(_FORMATS)}"
        )
    if path.is_dir():
        raise CommandError(f"cannot write {path}: it is a folder")
    if path.exists() and not overwrite:
        raise CommandError(f"{path} exists: give --overwrite to replace it")
    if not os.access(path.parent, os.W_OK):
        raise CommandError(f"cannot write {path}: no folder {path.parent} to write to")
    if path.suffix == ".parquet":
        _require_parquet()


def write_table(table, path):
    """Write a table, in one step: a reader sees the old file or the whole new one.

    ECSV and Parquet keep everything. So does FITS for astropy, which takes units that
    FITS does not have (dex) from comments of its own; for other readers they stand,
    with the descriptions, in ``TCOMMn``. FITS turns short keys of ``meta`` into upper
    case.

    Parameters
    ----------
    table : `~astropy.table.QTable`
    path : str
        Ends in .ecsv, .fits or .parquet; replaced if it exists.

    Raises
    ------
    CommandError
        If the file cannot be written.
    """
    path = pathlib.Path(path)
    try:
        # beside its destination, because a file moves in one step on one disk only
        with tempfile.TemporaryDirectory(dir=path.parent, prefix=".galspec-") as folder:
            draft = pathlib.Path(folder, f"draft{path.suffix}")
            if path.suffix == ".fits":
                _write_fits(table, draft)
            else:
                table.write(draft, format=_FORMATS[path.suffix])
            os.replace(draft, path)
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error}") from error


def render(table):
    """A table as text: all columns and rows, few digits, flags in words.

    Parameters
    ----------
    table : `~astropy.table.QTable`

    Returns
    -------
    str
    """
    shown = table.copy()
    for name in shown.colnames:
        if shown[name].dtype.kind == "f":
            shown[name].info.format = _DIGITS.get(name) or _digits(table, name)
    if "file" in shown.colnames:
        shown["file"] = _short(shown["file"])
    shown["flags"] = [" ".join([str(f), *describe(f)]) for f in table["flags"]]
    left = ["<" if shown[name].dtype.kind == "U" else ">" for name in shown.colnames]
    return "\n".join(shown.pformat(max_lines=-1, max_width=-1, align=left))


def summary(table):
    """One line with the number of rows, and of those with each flag.

    Parameters
    ----------
    table : `~astropy.table.QTable`

    Returns
    -------
    str

    Examples
    --------
    >>> from astropy.table import QTable
    >>> from galspec.cli.output import summary
    >>> summary(QTable({"flags": [0, 0, 8, 24]}))
    '4 spectra, 2 good, 2 flagged (LOW_SN 2, OUT_OF_RANGE 1)'
    """
    flags = [int(value) for value in table["flags"]]
    counts = collections.Counter(name for value in flags for name in describe(value))
    good = flags.count(0)
    told = ", ".join(f"{name} {number}" for name, number in counts.items())
    text = "1 spectrum" if len(flags) == 1 else f"{len(flags)} spectra"
    text = f"{text}, {good} good, {len(flags) - good} flagged"
    return f"{text} ({told})" if told else text


def _write_fits(table, path):
    from astropy.io import fits

    table = table.copy()
    table.meta = {key: _ascii(value) for key, value in table.meta.items()}
    comments = [_comment(table[name].info) for name in table.colnames]
    for name in table.colnames:
        table[name].info.description = _ascii(table[name].info.description)
        if table[name].dtype.kind == "U":
            table[name] = [text.encode() for text in table[name]]
    with warnings.catch_warnings():
        # of units that only astropy can read, and of HIERARCH cards: see write_table
        warnings.filterwarnings("ignore", "The unit .* could not be saved")
        warnings.filterwarnings("ignore", "Keyword name .* HIERARCH")
        table.write(path, format="fits")
    with fits.open(path, mode="update") as hdus:
        for number, comment in enumerate(comments, start=1):
            if comment:
                hdus[1].header.set(f"TCOMM{number}", comment, after=f"TFORM{number}")


def _comment(info):
    """The description, with a unit that FITS does not have."""
    text = _ascii(info.description or "")
    unit = "" if info.unit is None else info.unit.to_string()
    return f"{text} [{unit}]".strip() if "dex" in unit or "mag" in unit else text


def _ascii(value):
    """FITS headers have nothing but ASCII."""
    if not isinstance(value, str):
        return value
    return value.encode("ascii", "backslashreplace").decode()


def _digits(table, name):
    """A format with two digits of the typical error, if there is one."""
    error = name.removesuffix("_err").removesuffix("_lo").removesuffix("_hi") + "_err"
    if error not in table.colnames:
        return ".4g"
    errors = np.asarray(getattr(table[error], "value", table[error]), float)
    typical = errors[np.isfinite(errors) & (errors > 0)]
    if not typical.size:
        return ".4g"
    return f".{int(np.clip(1 - np.floor(np.log10(np.median(typical))), 0, 6))}f"


def _short(names):
    """The last part of file names, where it tells them apart."""
    short = [os.path.basename(name) for name in names]
    return short if len(set(short)) == len(set(names)) else list(names)


def _require_parquet():
    try:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise CommandError(
            f"Parquet needs {error.name}: pip install 'astro-galspec[parquet]'"
        ) from error
