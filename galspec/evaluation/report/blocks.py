"""What a report is made of: sections of text, tables and figures, and their metrics."""

import dataclasses

import numpy as np

__all__ = ["Figure", "LeftOut", "Section", "Table", "Text", "fixed", "percent"]

#: What stands for a number that is not known.
_UNKNOWN = "–"


@dataclasses.dataclass(frozen=True)
class Text:
    """A paragraph."""

    text: str


@dataclasses.dataclass(frozen=True)
class LeftOut:
    """Says what is not shown, and which column would give it."""

    text: str


@dataclasses.dataclass(frozen=True)
class Table:
    """Cells of text; the first column names the row."""

    caption: str
    header: tuple
    rows: list


@dataclasses.dataclass(frozen=True, eq=False)
class Figure:
    """A `matplotlib.figure.Figure`, and the name of its file without suffix."""

    name: str
    figure: object
    caption: str


@dataclasses.dataclass(frozen=True, eq=False)
class Section:
    """A part of the report with a title.

    Parameters
    ----------
    title : str
    blocks : list
        `Text`, `LeftOut`, `Table` and `Figure`.
    metrics : dict
        What goes into metrics.json.
    key : tuple of str
        Where in metrics.json; also the section's anchor on the page.
    """

    title: str
    blocks: list
    metrics: dict
    key: tuple


def fixed(value, scale, sign=""):
    """A number with three significant digits of a typical scatter.

    Parameters
    ----------
    value : float
    scale : float
        The scatter; says how many digits there are behind the point.
    sign : {"", "+"}
        "+" to show it for positive numbers too.

    Returns
    -------
    str
        A dash for NaN.

    Examples
    --------
    >>> fixed(0.0829, 0.2), fixed(12.3, 180.0, "+"), fixed(float("nan"), 1.0)
    ('0.0829', '+12.3', '–')
    """
    if not np.isfinite(value):
        return _UNKNOWN
    digits = 3
    if np.isfinite(scale) and scale > 0:
        digits = int(np.clip(3 - np.floor(np.log10(scale)), 0, 6))
    rounded = round(value, digits) + 0.0  # which turns -0 into 0
    return f"{rounded:{sign}.{digits}f}"


def percent(share):
    """A share in per cent.

    Parameters
    ----------
    share : float

    Returns
    -------
    str
        As of `fixed`.

    Examples
    --------
    >>> percent(0.6827)
    '68.3 %'
    """
    return f"{100 * share:.1f} %" if np.isfinite(share) else _UNKNOWN
