"""Columns of a data frame as arrays: plain, lists, nested, with or without Arrow."""

import numpy as np

__all__ = ["has_one_value_a_row", "lists_of", "numbers_of", "padded", "place_of"]


def has_one_value_a_row(dtype):
    """Whether a column of a data frame holds numbers, words or times, told by its type.

    Parameters
    ----------
    dtype : `numpy.dtype` or pandas.api.extensions.ExtensionDtype

    Returns
    -------
    bool
        False for ``object``, which may hold anything.
    """
    import pandas as pd

    if isinstance(dtype, np.dtype):
        return dtype.kind != "O"
    arrow = getattr(dtype, "pyarrow_dtype", None)
    if arrow is not None:
        import pyarrow as pa

        return not pa.types.is_nested(arrow)
    known = (np.generic, str, pd.Timestamp)
    return isinstance(dtype, pd.CategoricalDtype) or issubclass(dtype.type, known)


def place_of(name, frame):
    """Where a column is: itself, or a field of a nested one.

    Parameters
    ----------
    name : str
        ``"flux"``, or ``"spectrum.flux"`` for a field of the column ``spectrum``.
    frame : pandas.DataFrame

    Returns
    -------
    column : str
    field : str
        Empty for the column itself.

    Raises
    ------
    ValueError
        If there is no such column or field.
    """
    if name in frame.columns:
        return name, ""
    column, _, field = name.partition(".")
    if column in frame.columns and field in fields_of(frame[column].dtype):
        return column, field
    raise ValueError(
        f"there is no column {name!r}; the partition has {', '.join(names_of(frame))}"
    )


def names_of(frame):
    """Names of all columns, those inside of nested ones behind a dot.

    Parameters
    ----------
    frame : pandas.DataFrame

    Returns
    -------
    list of str
    """
    names = []
    for name, dtype in frame.dtypes.items():
        fields = fields_of(dtype)
        names += [f"{name}.{field}" for field in fields] or [str(name)]
    return names


def fields_of(dtype):
    """Names of the fields of a nested column; none of any other.

    Parameters
    ----------
    dtype : `numpy.dtype` or pandas.api.extensions.ExtensionDtype

    Returns
    -------
    list of str
    """
    arrow = getattr(dtype, "pyarrow_dtype", None)
    if arrow is None:
        return []
    import pyarrow as pa

    if _is_list(arrow):  # of structures, which is the same told the other way round
        arrow = arrow.value_type
    return [field.name for field in arrow] if pa.types.is_struct(arrow) else []


def lists_of(frame, name):
    """A column of arrays, one a row, end to end.

    Parameters
    ----------
    frame : pandas.DataFrame
    name : str
        As for `place_of`.

    Returns
    -------
    lengths : `numpy.ndarray` of int, shape (n,)
        0 where a row has none, or one that holds no numbers.
    values : `numpy.ndarray`
        Floats; NaN where there is no value.
    """
    column, field = place_of(name, frame)
    series = frame[column]
    if getattr(series.dtype, "pyarrow_dtype", None) is None:
        return _from_objects(series)
    return _from_arrow(_arrow(series), field)


def numbers_of(series):
    """A column with a number a row.

    Parameters
    ----------
    series : pandas.Series

    Returns
    -------
    `numpy.ndarray` of float64, shape (n,)
        NaN where there is none, or something else.
    """
    import pandas as pd

    numbers = pd.to_numeric(series, errors="coerce")
    return numbers.to_numpy(dtype=np.float64, na_value=np.nan)


def padded(lengths, values, width):
    """Arrays of different lengths as one, NaN behind the ends.

    Parameters
    ----------
    lengths, values
        Of `lists_of`; no length is more than ``width``.
    width : int

    Returns
    -------
    `numpy.ndarray`, shape (n, width)
    """
    if np.all(lengths == width):
        return values.reshape(len(lengths), width)
    filled = np.full((len(lengths), width), np.nan, values.dtype)
    filled[np.arange(width) < lengths[:, None]] = values
    return filled


def _arrow(series):
    """A column with Arrow inside as one Arrow array."""
    import pyarrow as pa

    array = pa.array(series.array)
    return array.combine_chunks() if isinstance(array, pa.ChunkedArray) else array


def _is_list(kind):
    import pyarrow as pa

    return pa.types.is_list(kind) or pa.types.is_large_list(kind)


def _from_arrow(array, field):
    import pyarrow as pa
    import pyarrow.compute as pc

    if field and not _is_list(array.type):
        # unlike StructArray.field, this one knows where the whole row is null
        array, field = pc.struct_field(array, field), ""
    if pa.types.is_fixed_size_list(array.type):
        array = array.cast(pa.large_list(array.type.value_type))
    if not _is_list(array.type):
        return np.zeros(len(array), int), np.empty(0)
    lengths = pc.list_value_length(array).fill_null(0).to_numpy().astype(int)
    values = array.flatten()
    values = pc.struct_field(values, field) if field else values
    if not pa.types.is_floating(values.type):
        if not (pa.types.is_integer(values.type) or pa.types.is_boolean(values.type)):
            return np.zeros(len(array), int), np.empty(0)
        values = values.cast(pa.float64())
    return lengths, values.to_numpy(zero_copy_only=False)


def _from_objects(series):
    """As `lists_of`, for numpy arrays, lists and whatever else is in a column."""
    rows = [_row(value) for value in series]
    lengths = np.array([len(row) for row in rows], int)
    return lengths, np.concatenate(rows) if rows else np.empty(0)


def _row(value):
    try:
        row = np.asarray(value, np.float64)
    except (TypeError, ValueError):  # None, words, lists of lists
        return np.empty(0)
    return row if row.ndim == 1 else np.empty(0)
