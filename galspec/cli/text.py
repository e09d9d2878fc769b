"""Text in columns, for a terminal."""

__all__ = ["in_columns", "megabytes"]


def in_columns(rows):
    """Lines with the cells of rows under each other.

    Parameters
    ----------
    rows : list of sequence of str
        All of the same length.

    Returns
    -------
    str

    Examples
    --------
    >>> print(in_columns([("name", "unit"), ("oh", "dex")]))
    name  unit
    oh    dex
    """
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = (
        "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        for row in rows
    )
    return "\n".join(line.rstrip() for line in lines)


def megabytes(size):
    """A size in bytes as text in megabytes.

    Parameters
    ----------
    size : int

    Returns
    -------
    str

    Examples
    --------
    >>> megabytes(1_234_567)
    '1.23 MB'
    """
    return f"{size / 1e6:.2f} MB"
