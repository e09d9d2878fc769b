"""Columns of tables that others wrote: found, read as numbers, or named as missing."""

import os

import numpy as np

__all__ = [
    "ROLES",
    "EvaluationError",
    "column_of",
    "is_class",
    "numbers",
    "read_table",
    "require",
    "roles_of",
    "texts",
]

#: What a column may be for, and the names by which it is known, in order.
ROLES = {
    "file": ("file", "filename", "path"),
    "redshift": ("redshift", "z"),
    "snr_r": ("snr_r", "snrr", "snr"),
    "mag": ("mag", "mag_r", "r_mag"),
    "mass": ("mass", "log_mass", "logmass", "lgm_tot_p50", "lgm_fib_p50"),
    "group": ("group", "object_id", "object"),
    "split": ("split",),
    "class": ("class", "kind", "bptclass"),
}
#: What MPA-JHU tables hold where there is no value.
MISSING = -9999
_FORMATS = {
    ".ecsv": "ascii.ecsv",
    ".csv": "ascii.csv",
    ".fits": "fits",
    ".fit": "fits",
    ".fits.gz": "fits",
    ".parquet": "parquet",
}


class EvaluationError(ValueError):
    """A labelled set lacks what an evaluation needs; the message names the column."""


def read_table(source):
    """Read a table from a file, or take one that was read before.

    Parameters
    ----------
    source : str, path-like or `~astropy.table.Table`
        An ECSV, CSV, FITS or Parquet file; its suffix says which.

    Returns
    -------
    `~astropy.table.Table`
        A copy, with text as str and no quantities but columns with units.

    Raises
    ------
    EvaluationError
        If the file cannot be read, or holds no row.
    """
    from astropy.table import Table

    name = "the table"
    if isinstance(source, (str, os.PathLike)):
        name, source = os.fspath(source), _read(os.fspath(source))
    table = Table(source, copy=True)
    if not len(table):
        raise EvaluationError(f"{name} has no rows")
    table.convert_bytestring_to_unicode()
    return table


def column_of(table, role, columns):
    """The column that plays a role.

    Parameters
    ----------
    table : `~astropy.table.Table`
    role : str
        A key of `ROLES`.
    columns : dict of str to str
        Roles to names of columns that the user gave.

    Returns
    -------
    str or None
        None if there is none.

    Raises
    ------
    EvaluationError
        If the user's column is not there.
    """
    if role in columns:
        return require(table, columns[role])
    lower = {name.lower(): name for name in reversed(table.colnames)}
    return next((lower[name] for name in ROLES[role] if name in lower), None)


def roles_of(table, columns):
    """The columns that play a role.

    Parameters
    ----------
    table : `~astropy.table.Table`
    columns : dict of str to str
        As for `column_of`.

    Returns
    -------
    dict of str to str
        Roles that a column plays, to the column.
    """
    found = {role: column_of(table, role, columns) for role in ROLES}
    return {role: name for role, name in found.items() if name is not None}


def require(table, name):
    """The name of a column that must be there.

    Parameters
    ----------
    table : `~astropy.table.Table`
    name : str

    Returns
    -------
    str
        The same name.

    Raises
    ------
    EvaluationError
        That lists the columns, if it is not.
    """
    if name not in table.colnames:
        raise EvaluationError(
            f"there is no column {name!r}; the table has {', '.join(table.colnames)}"
        )
    return name


def numbers(table, name, unit=None):
    """A column as plain numbers.

    Parameters
    ----------
    table, name
        As for `require`.
    unit : `~astropy.units.UnitBase`, optional
        To convert to; a column without a unit has this one.

    Returns
    -------
    `numpy.ndarray`, shape (n,), float64
        NaN where the column is masked or -9999.

    Raises
    ------
    EvaluationError
        If the column holds text or arrays, or its unit is another kind.
    """
    column = table[require(table, name)]
    try:
        values = np.ma.filled(np.ma.array(column.data, dtype=float), np.nan)
    except (TypeError, ValueError) as error:
        raise EvaluationError(f"column {name!r} holds no numbers: {error}") from error
    if values.ndim != 1:
        raise EvaluationError(f"column {name!r} holds arrays, not one number a row")
    values[values == MISSING] = np.nan
    return values if unit is None else _converted(values, name, column.unit, unit)


def texts(table, name):
    """A column as text.

    Parameters
    ----------
    table, name
        As for `require`.

    Returns
    -------
    `numpy.ndarray` of str, shape (n,)
        Without blanks around; "" where the column is masked.
    """
    column = table[require(table, name)]
    words = np.array([str(value).strip() for value in column.tolist()], dtype=str)
    words[np.ma.getmaskarray(np.ma.asarray(column.data))] = ""
    return words


def is_class(target):
    """Whether a target is the probability of a class, by its name and range.

    Parameters
    ----------
    target : `~galspec.Target`

    Returns
    -------
    bool
    """
    return target.name.startswith("p_") and tuple(target.valid) == (0, 1)


def _read(path):
    from astropy.table import Table

    format_ = next((f for end, f in _FORMATS.items() if path.endswith(end)), None)
    if format_ is None:
        raise EvaluationError(
            f"cannot read {path}: its name must end in {', '.join(_FORMATS)}"
        )
    # names of files that are nothing but digits must stay as they are
    options = {"converters": {"file": str}} if format_ == "ascii.csv" else {}
    try:
        return Table.read(path, format=format_, **options)
    except Exception as error:  # whatever a reader makes of a broken file
        raise EvaluationError(f"cannot read {path}: {error}") from error


def _converted(values, name, unit, wanted):
    from astropy.units import UnitsError, dimensionless_unscaled

    if unit in (None, dimensionless_unscaled, wanted):
        return values
    try:
        return unit.to(wanted, values)
    except (UnitsError, AttributeError) as error:
        raise EvaluationError(
            f"column {name!r} is in {unit}, which is not to be had in {wanted}"
        ) from error
