"""Tables on disk: which formats there are, writing them in one step, and reading."""

import os
import pathlib
import tempfile
import warnings

import numpy as np

__all__ = ["FORMATS", "check_output", "read_table", "write_table"]

#: Ending of a file name to what astropy calls the format.
FORMATS = {".ecsv": "ascii.ecsv", ".fits": "fits", ".parquet": "parquet"}


def check_output(path, overwrite=False):
    """Refuse, before any work is done, a file that could not be written.

    Parameters
    ----------
    path : path-like
    overwrite : bool
        Whether it may exist.

    Raises
    ------
    ValueError
        If the suffix is unknown.
    OSError
        If the file exists, is a folder or has none to lie in.
    ImportError
        If the library for its format is not installed.
    """
    path = pathlib.Path(path)
    if path.suffix not in FORMATS:
        raise ValueError(
            f"cannot write {path}: its name must end in {', '.join(FORMATS)}"
        )
    if path.is_dir():
        raise IsADirectoryError(f"cannot write {path}: it is a folder")
    if path.exists() and not overwrite:
        raise FileExistsError(f"{path} exists: give overwrite=True to replace it")
    if not os.access(path.parent, os.W_OK):
        raise OSError(f"cannot write {path}: no folder {path.parent} to write to")
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
    path : path-like
        Ends in .ecsv, .fits or .parquet; replaced if it exists.

    Raises
    ------
    OSError
        If the file cannot be written.
    """
    path = pathlib.Path(path)
    # beside its destination, because a file moves in one step on one disk only
    with tempfile.TemporaryDirectory(dir=path.parent, prefix=".galspec-") as folder:
        draft = pathlib.Path(folder, f"draft{path.suffix}")
        if path.suffix == ".fits":
            _write_fits(table, draft)
        else:
            table.write(draft, format=FORMATS[path.suffix])
        os.replace(draft, path)


def read_table(path):
    """Read a result as it was when it was written.

    Astropy alone reads NaN and empty text as masked, and from FITS also numbers of
    foreign byte order and keys of ``meta`` in upper case.

    Parameters
    ----------
    path : path-like
        Ends in .ecsv, .fits or .parquet: what `write_table` wrote, or astropy.

    Returns
    -------
    `~astropy.table.QTable`

    Raises
    ------
    ValueError
        If the suffix is unknown.
    OSError
        If the file cannot be read.
    ImportError
        If the library for its format is not installed.
    """
    from astropy.table import MaskedColumn, QTable

    path = pathlib.Path(path)
    if path.suffix not in FORMATS:
        raise ValueError(
            f"cannot read {path}: its name must end in {', '.join(FORMATS)}"
        )
    if path.suffix == ".parquet":
        _require_parquet()
    if path.suffix == ".fits":
        table = _read_fits(path)
    else:
        table = QTable.read(path, format=FORMATS[path.suffix])
    for name in table.colnames:
        if isinstance(table[name], MaskedColumn) and table[name].dtype.kind == "U":
            table[name] = table[name].filled("")
    return table


def _read_fits(path):
    from astropy.table import QTable

    table = QTable.read(path, format="fits", mask_invalid=False)
    table.convert_bytestring_to_unicode()
    for name in table.colnames:
        info, column = table[name].info, table[name]
        if not column.dtype.isnative:
            table[name] = column.astype(column.dtype.newbyteorder("="))
            table[name].info.description = info.description
    table.meta = {
        key.lower(): value
        for key, value in table.meta.items()
        if not key.startswith("TCOMM")
    }
    return table


def _write_fits(table, path):
    from astropy.io import fits

    table = table.copy()
    table.meta = {key: _ascii(value) for key, value in table.meta.items()}
    comments = [_comment(table[name].info) for name in table.colnames]
    for name in table.colnames:
        table[name].info.description = _ascii(table[name].info.description)
        if table[name].dtype.kind == "U":
            # a list would have no type where there are no rows
            table[name] = np.char.encode(np.asarray(table[name]), "utf-8")
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


def _require_parquet():
    try:
        import pandas  # noqa: F401
        import pyarrow  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"Parquet needs {error.name}: pip install 'astro-galspec[parquet]'"
        ) from error
