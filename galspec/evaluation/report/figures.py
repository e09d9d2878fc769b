"""Drawing that several sections share; each figure is legible on a phone."""

import contextlib

import numpy as np

from galspec.evaluation.metrics import running_quantiles
from galspec.plotting import INK, QUIET, SPECTRUM, STYLE, WARNING

__all__ = [
    "COLORS",
    "axis_label",
    "cloud",
    "histogram",
    "legend_above",
    "limits",
    "logarithmic",
    "panel",
    "reference",
    "running",
    "with_errors",
]

#: Up to this many points are drawn one by one.
MAX_POINTS = 2000
COLORS = (SPECTRUM, WARNING, "#5b8c5a", "#8e5ea2", "#c9a227", QUIET)
FILL = "#9fbdd3"


@contextlib.contextmanager
def panel(x_label, y_label, *, height=3.6):
    """A figure with one panel.

    Parameters
    ----------
    x_label, y_label : str
    height : float
        In inches; the width is 4.8.

    Yields
    ------
    figure : `matplotlib.figure.Figure`
    axis : `matplotlib.axes.Axes`
        To be drawn on within the context, which holds the style.
    """
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        figure = Figure(figsize=(4.8, height), layout="constrained")
        axis = figure.subplots()
        axis.set_xlabel(x_label)
        axis.set_ylabel(y_label)
        yield figure, axis


def axis_label(target, words=""):
    """Description and unit of a target; dex and pure numbers need no unit.

    Parameters
    ----------
    target : `~galspec.Target`
    words : str
        What to put before, such as "true".

    Returns
    -------
    str
    """
    unit = str(target.unit or "")
    text = f"{words} {target.description}".strip()
    return f"{text} [{unit}]" if unit and "dex" not in unit else text


def limits(*arrays, share=0.002):
    """Range that holds nearly all values of all arrays.

    Parameters
    ----------
    *arrays : array_like
    share : float
        Of the values of each array that may lie below, and above.

    Returns
    -------
    low, high : float
        0 and 1 if there is no value.
    """
    found = [a[np.isfinite(a)] for a in map(np.asarray, arrays)]
    ends = [np.quantile(a, (share, 1 - share)) for a in found if a.size]
    if not ends:
        return 0.0, 1.0
    low, high = np.min(ends), np.max(ends)
    margin = 0.04 * (high - low)
    if margin < 1e-6 * max(abs(low), abs(high)) or margin == 0:
        margin = 0.05 * max(abs(low), abs(high)) or 0.5  # one value, but for rounding
    return float(low - margin), float(high + margin)


def cloud(axis, x, y, extent):
    """Points, or where they are many their density on a logarithmic scale.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    x, y : array_like, shape (n,)
    extent : tuple of float
        Left, right, bottom, top.
    """
    from matplotlib.cm import Blues
    from matplotlib.colors import ListedColormap

    known = np.isfinite(x) & np.isfinite(y)
    axis.set(xlim=extent[:2], ylim=extent[2:])
    if known.sum() <= MAX_POINTS:
        size = 9 if known.sum() > 200 else 25
        style = {"s": size, "alpha": 0.5, "color": SPECTRUM, "lw": 0}
        axis.scatter(x[known], y[known], **style)
        return
    # from a blue that is seen on white
    colors = Blues(np.linspace(0.25, 1, 256))
    axis.hexbin(
        x[known],
        y[known],
        gridsize=45,
        extent=extent,
        bins="log",
        mincnt=1,
        cmap=ListedColormap(colors),
        linewidths=0.2,
    )


def running(axis, x, y):
    """Running median and the band from 16 to 84 %.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    x, y : array_like, shape (n,)
    """
    middle, (low, median, high) = running_quantiles(x, y)
    if not middle.size:
        return
    axis.plot(middle, median, color=WARNING, lw=1.8, label="running median")
    for number, edge in enumerate((low, high)):
        label = None if number else "16 and 84 %"
        axis.plot(middle, edge, color=WARNING, lw=1, ls="--", label=label)


def histogram(axis, sets, labels, *, bins=30):
    """Histograms over each other: the first filled, the others as lines.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    sets : list of array_like
    labels : list of str
    bins : int
        At most; fewer for few values.
    """
    range_ = limits(*sets)
    bins = min(bins, 5 + len(sets[0]) // 5)
    for number, (values, label) in enumerate(zip(sets, labels, strict=True)):
        values = values[np.isfinite(values)]
        if not values.size:
            continue
        style = {"histtype": "step", "color": COLORS[number % len(COLORS)], "lw": 1.5}
        if number == 0:
            style = {"histtype": "stepfilled", "color": FILL}
        axis.hist(values, bins=bins, range=range_, label=label, **style)
    if len(sets) > 1:
        legend_above(axis, min(len(sets), 3))


def with_errors(axis, rows, key, error, *, color=SPECTRUM, label=None):
    """Points in bins, with the width of the bin and the error of the value.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    rows : list of dict
        With ``low``, ``high`` and ``n``; those without a value are left out.
    key, error : str
        Entries of value and error.
    color, label
        As matplotlib has them.
    """
    rows = [row for row in rows if np.isfinite(row[key]) and row["n"] > 1]
    low, high = (np.array([row[end] for row in rows]) for end in ("low", "high"))
    values, errors = (np.array([row[k] for row in rows]) for k in (key, error))
    middle = np.sqrt(low * high) if np.all(low > 0) else (low + high) / 2
    axis.errorbar(
        middle,
        values,
        yerr=errors,
        xerr=(middle - low, high - middle),
        fmt="o",
        ms=4.5,
        lw=1.2,
        color=color,
        ecolor=color,
        label=label,
    )


def logarithmic(axis, rows):
    """A logarithmic axis of bins with their edges for ticks, if all are positive.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    rows : list of dict
        With ``low`` and ``high``.
    """
    edges = [rows[0]["low"], *(row["high"] for row in rows)]
    if edges[0] > 0:
        axis.set_xscale("log")
        axis.set_xticks(edges, [f"{edge:.3g}" for edge in edges])
        axis.set_xticks([], minor=True)


def legend_above(axis, columns=2):
    """A legend that hides no data.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    columns : int
    """
    axis.legend(
        frameon=False,
        fontsize=8.5,
        loc="lower left",
        bbox_to_anchor=(-0.02, 1),
        ncols=columns,
        borderaxespad=0.2,
    )


def reference(axis, value, label=None, *, vertical=False):
    """A quiet line to compare with.

    Parameters
    ----------
    axis : `matplotlib.axes.Axes`
    value : float
    label : str, optional
    vertical : bool
    """
    draw = axis.axvline if vertical else axis.axhline
    draw(value, color=INK, lw=0.8, ls=":", label=label, zorder=0)
