"""Results as data frames: which columns there are, also where there are no rows."""

import numpy as np

from galspec.partitions.columns import has_one_value_a_row

__all__ = ["carried", "columns_of", "result_frame"]

#: What files say of themselves, given where a partition has no such column.
OF_FILES = ("obsid", "ra", "dec", "snr_r", "redshift", "problem")
TEXT = "U"


def columns_of(table):
    """What the columns of a result are.

    Parameters
    ----------
    table : `~astropy.table.QTable`

    Returns
    -------
    tuple of (str, str, bool, str)
        Name, type of its numbers, whether a row has many of them, and unit.
    """
    return tuple(
        (
            name,
            TEXT if column.dtype.kind == TEXT else column.dtype.str,
            column.ndim > 1,
            "" if column.info.unit is None else column.info.unit.to_string(),
        )
        for name, column in table.columns.items()
    )


def carried(frame, keep, reader):
    """The columns of a partition that its result has too.

    Parameters
    ----------
    frame : pandas.DataFrame
    keep : tuple of str or None
        Their names; all that hold one value a row when None, and names of files.
    reader : object
        How the partition is read.

    Returns
    -------
    list of str

    Raises
    ------
    ValueError
        If there is no such column.
    """
    if keep is None:
        file = getattr(reader, "file", None)
        return [
            name
            for name in frame.columns
            if name == file or has_one_value_a_row(frame[name].dtype)
        ]
    missing = [name for name in keep if name not in frame.columns]
    if missing:
        raise ValueError(
            f"keep names {', '.join(missing)}; the partition has "
            f"{', '.join(map(str, frame.columns)) or 'no columns'}"
        )
    return list(keep)


def result_frame(table, columns, kept, of_files):
    """A result beside the columns that are kept of a partition.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        Row by row for those of ``kept``.
    columns : tuple
        Of `columns_of`: what every result has.
    kept : pandas.DataFrame
        Whose index is that of the result; a column called like one of the result is
        renamed to ``input_NAME``.
    of_files : bool
        Whether the spectra are in files, which say more about themselves.

    Returns
    -------
    pandas.DataFrame
    """
    import pandas as pd

    own = [name for name, *_ in columns]
    frame = kept.rename(columns={name: f"input_{name}" for name in own})
    told = [name for name in OF_FILES * of_files if name not in frame.columns]
    types = [(n, TEXT if n in ("obsid", "problem") else "<f8", False) for n in told]
    made = {
        name: _series(_values(table, name, kind), many, frame.index)
        for name, kind, many, *_ in (*types, *columns)
    }
    return pd.concat([frame, pd.DataFrame(made, frame.index, copy=False)], axis=1)


def _values(table, name, kind):
    """Plain values of a column; empty ones where a result says nothing of it."""
    if name not in table.colnames:
        return np.full(len(table), "" if kind == TEXT else np.nan)
    column = table[name]
    values = np.asarray(getattr(column, "value", column))
    return values.astype(str if kind == TEXT else kind, copy=False)


def _series(values, many, index):
    """A column of a data frame; words and arrays are Arrow's, whatever pandas it is."""
    import pandas as pd
    import pyarrow as pa

    if many:
        ends = np.arange(0, values.size + 1, values.shape[1], dtype=np.int64)
        lists = pa.LargeListArray.from_arrays(ends, values.ravel())
        array = lists.cast(pa.list_(lists.type.value_type))
    elif values.dtype.kind == TEXT:
        array = pa.array(values.tolist(), pa.string())
    else:
        return pd.Series(values, index)
    return pd.Series(pd.arrays.ArrowExtensionArray(array), index)
