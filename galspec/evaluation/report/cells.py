"""Tables of numbers with errors as text: for pages, and as Markdown."""

import numpy as np

from galspec.evaluation.report.blocks import fixed

__all__ = ["cells", "markdown"]


def cells(table):
    """Text of a table, where X and X_err become one column.

    Parameters
    ----------
    table : `~astropy.table.Table`

    Returns
    -------
    header : tuple of str
    rows : list of tuple of str
        Numbers with an error have two digits of it, others four in all.
    """
    names = [name for name in table.colnames if not _is_error(name, table)]
    rows = [tuple(_cell(row, name, table) for name in names) for row in table]
    return tuple(names), rows


def markdown(table):
    """A table as Markdown.

    Parameters
    ----------
    table : `~astropy.table.Table`

    Returns
    -------
    str

    Examples
    --------
    >>> from astropy.table import Table
    >>> from galspec.evaluation.report.cells import markdown
    >>> print(markdown(Table({"part": ["all"], "x": [0.51], "x_err": [0.034]})))
    | part | x |
    |---|---|
    | all | 0.510 ± 0.034 |
    """
    header, rows = cells(table)
    lines = [header, ["---"] * len(header), *rows]
    text = ["| " + " | ".join(line) + " |" for line in lines]
    text[1] = text[1].replace(" ", "")
    return "\n".join(text)


def _is_error(name, table):
    return name.endswith("_err") and name.removesuffix("_err") in table.colnames


def _cell(row, name, table):
    value = row[name]
    if not isinstance(value, (float, np.floating)):
        return str(value)
    error = row[f"{name}_err"] if f"{name}_err" in table.colnames else 0
    if not error > 0:
        return f"{value:.4g}" if np.isfinite(value) else fixed(value, 1)
    # `fixed` gives four digits of a scatter: of a hundred errors, two of the error
    return f"{fixed(float(value), 100 * error)} ± {fixed(float(error), 100 * error)}"
