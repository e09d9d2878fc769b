"""Tables of photometry on disk to one batch."""

import dataclasses
import os

import numpy as np

from galspec.io.fits_fallback import checked
from galspec.io.limits import check_bytes
from galspec.photometry import PhotometryBatch
from galspec.photometry_table import columns_needed
from galspec.surveys import get_survey

__all__ = ["read_photometry"]

#: What names a row of the Legacy Surveys, the same in sweeps and in extra sweeps.
SAME_ROW = ("release", "brickid", "objid")
#: How compressed files begin, whatever they are called.
PACKED = (b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"PK\x03\x04", b"\x1f\x9d")
READERS = {
    ".fits": "fits",
    ".fits.gz": "fits",
    ".fits.fz": "fits",
    ".fit": "fits",
    ".parquet": "parquet",
    ".ecsv": "ascii.ecsv",
    ".csv": "ascii.csv",
}


def read_photometry(
    paths, *, survey, extra=None, columns=None, ebv=None, dust_map=None, keep=()
):
    """Read the photometry of one or many tables into one batch.

    Sweep and Tractor files of the Legacy Surveys, and any other table in FITS, Parquet,
    ECSV or CSV. Of FITS and Parquet only the columns that are needed are read.

    Parameters
    ----------
    paths : path-like or iterable of path-like
        Tables of one survey.
    survey : str or `~galspec.surveys.Survey`
        ``"ls-dr9"``, ``"ls-dr10"``, ``"sdss"``, ``"cosmos"``, or a declaration.
    extra : path-like or iterable of path-like, optional
        For each table one with further columns, row by row: the extra sweeps
        (``-ex.fits``), in which the Legacy Surveys keep aperture fluxes.
    columns, ebv, dust_map, keep
        As for `~galspec.PhotometryBatch.gather`.

    Returns
    -------
    PhotometryBatch
        One row a row of the tables, in their order; ``ids`` has the column ``file``
        where there are several.

    Raises
    ------
    OSError
        If a file is not there or cannot be read.
    ValueError
        If its name does not tell its format, a column is missing, or an extra table is
        of other rows.
    ImportError
        If Parquet is to be read and its library is not installed.

    Examples
    --------
    >>> from galspec.io import read_photometry
    >>> read_photometry("sweep-000m005-010p000.fits", survey="ls-dr10")
    Traceback (most recent call last):
    ...
    FileNotFoundError: [Errno 2] No such file or directory: 'sweep-000m005-010p000.fits'
    """
    survey, keep = get_survey(survey), [keep] if isinstance(keep, str) else list(keep)
    if columns is not None:
        survey = dataclasses.replace(survey, columns=(columns,))
    paths = _names(paths)
    others = [None] * len(paths) if extra is None else _names(extra)
    if len(others) != len(paths):
        raise ValueError(
            f"{len(paths)} tables and {len(others)} extra ones: one for each"
        )
    options = {"ebv": ebv, "dust_map": dust_map, "keep": keep}
    batches = [
        PhotometryBatch.gather(
            _read_pair(*pair, survey, keep), survey=survey, **options
        )
        for pair in zip(paths, others, strict=True)
    ]
    if len(batches) == 1:
        return batches[0]
    return PhotometryBatch.concatenate(
        batch.replace(ids={"file": np.full(len(batch), path), **batch.ids})
        for batch, path in zip(batches, paths, strict=True)
    )


def _names(paths):
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    names = [os.fspath(path) for path in paths]
    if not names:
        raise ValueError("there are no tables to read")
    return names


def _read_pair(path, extra, survey, keep):
    """The columns of a table, and of another that has the same rows."""
    table = _read(path, survey, keep)
    if extra is None:
        return table
    other = _read(extra, survey, keep)
    lengths = [len(next(iter(each.values()), ())) for each in (table, other)]
    same = lengths[0] == lengths[1] and all(
        np.array_equal(_column(table, name), _column(other, name)) for name in SAME_ROW
    )
    if not same:
        raise ValueError(
            f"{extra} is not about the rows of {path}: its {', '.join(SAME_ROW)} differ"
        )
    return other | table


def _column(table, name):
    """A column by its name in any case; nothing where it is missing."""
    return next((v for k, v in table.items() if k.lower() == name), np.empty(0))


def _read(path, survey, keep):
    """The columns that are needed, as a dict."""
    kind = next((READERS[end] for end in READERS if path.lower().endswith(end)), None)
    if kind is None:
        raise ValueError(
            f"cannot read {path}: its name must end in {', '.join(READERS)}"
        )
    if not os.path.exists(path):
        raise FileNotFoundError(2, "No such file or directory", path)
    if not os.path.isfile(path):  # a pipe or device may never end
        raise OSError(f"cannot read {path}: it is no file")
    read = {"fits": _read_fits, "parquet": _read_parquet}.get(kind)
    try:
        if read is not None:
            return read(path, lambda names: columns_needed(names, survey, keep))
        return _read_text(path, kind)
    except ImportError:
        raise
    except Exception as error:  # whatever a reader makes of a broken file
        raise OSError(f"cannot read {path}: {error}") from error


def _read_fits(path, needed):
    import astropy.units as u
    from astropy.io import fits
    from astropy.table import Table

    with fits.open(checked(path, table=True)) as hdus:
        hdu = next((h for h in hdus if isinstance(h, fits.BinTableHDU)), None)
        if hdu is None:
            raise ValueError("there is no table in it")
        names = needed(hdu.columns.names)
        for name in names:
            if hdu.columns[name].format.lstrip("0123456789")[:1] in ("P", "Q"):
                raise ValueError(f"column {name} has rows of different lengths")
        header = {c.name: (c.unit, c.null) for c in hdu.columns}
        table = Table({name: hdu.data[name] for name in names}, masked=True)
    for name in names:
        unit, null = header[name]
        if unit:
            table[name].unit = u.Unit(unit, parse_strict="silent")
        if null is not None:
            table[name].mask = np.asarray(table[name]) == null
    return {name: table[name] for name in names}


def _read_parquet(path, needed):
    try:
        import pyarrow.parquet as pq
    except ImportError as error:
        raise ImportError(
            f"Parquet needs {error.name}: pip install 'astro-galspec[parquet]'"
        ) from error
    with pq.ParquetFile(path) as file:
        sizes = [file.metadata.row_group(i) for i in range(file.num_row_groups)]
        claimed = sum(group.total_byte_size for group in sizes)
        # a few bytes can repeat a value a million million times
        check_bytes(max(claimed, 8 * file.metadata.num_rows), table=True)
        table = file.read(columns=needed(file.schema_arrow.names))
    return {name: _plain(table.column(name)) for name in table.column_names}


def _plain(column):
    """A column of a Parquet file as an array; masked where it has no value."""
    import pyarrow as pa

    kind = column.type
    blank = 0 if pa.types.is_integer(kind) or pa.types.is_boolean(kind) else None
    blank = "" if pa.types.is_string(kind) or pa.types.is_large_string(kind) else blank
    if blank is None or not column.null_count:
        return column.to_numpy()
    # to_numpy would make floats of numbers, and these lose digits of identifiers
    return np.ma.array(column.fill_null(blank).to_numpy(), mask=column.is_null())


def _read_text(path, kind):
    from astropy.table import Table

    with open(path, "rb") as file:
        if file.read(6).startswith(PACKED):  # astropy would unpack it, however large
            raise ValueError("it is compressed; unpack it first")
    table = Table.read(path, format=kind)
    return {name: table[name] for name in table.colnames}
