"""Pictures of results: a few spectra with their values, or the values of many."""

import os

import numpy as np

from galspec.constants import WAVELENGTHS
from galspec.flags import describe

__all__ = ["MAX_PANELS", "plot_predictions", "require_matplotlib"]

#: More spectra than this are drawn as a histogram of their values.
MAX_PANELS = 6

#: Vacuum wavelengths in angstrom of the lines that are marked.
LINES = {
    "[O II]": 3728.5,
    "Hβ": WAVELENGTHS["Hbeta"],
    "[O III]": WAVELENGTHS["OIII_5007"],
    "Hα + [N II]": WAVELENGTHS["Halpha"],
}

INK, SPECTRUM, QUIET, WARNING = "#1b2433", "#2f6690", "#8d99a6", "#b3541e"
STYLE = {
    "font.size": 9.5,
    "text.color": INK,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "xtick.color": INK,
    "ytick.color": INK,
    "xtick.direction": "in",
    "ytick.direction": "in",
}


def plot_predictions(table, batch=None, path=None):
    """Draw a result: spectra with their values, or histograms where they are many.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        What an estimator's ``predict`` gave.
    batch : `~galspec.SpectrumBatch`, optional
        The spectra, row by row those of ``table``. Without them, or with more than
        six, each target is drawn as a histogram.
    path : str or path-like, optional
        Where to save the picture; its suffix says in which format.

    Returns
    -------
    `matplotlib.figure.Figure`
        Independent of pyplot and of any display.

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    ValueError
        If ``batch`` and ``table`` have different lengths.
    """
    require_matplotlib()
    import matplotlib

    if batch is not None and len(batch) != len(table):
        raise ValueError(f"the table has {len(table)} rows, the batch {len(batch)}")
    with matplotlib.rc_context(STYLE):
        if batch is None or not 0 < len(batch) <= MAX_PANELS:
            figure = _histograms(table)
        else:
            figure = _panels(table, batch)
        if path is not None:
            figure.savefig(path, dpi=160)
    return figure


def require_matplotlib():
    """Say how to install matplotlib if it is not there.

    Raises
    ------
    ImportError
        With the command.
    """
    try:
        import matplotlib.figure  # noqa: F401
    except ImportError as error:
        raise ImportError(
            "plots need matplotlib: pip install 'astro-galspec[plot]'"
        ) from error


def _panels(table, batch):
    """One panel a spectrum, under each other on one axis of wavelength."""
    from matplotlib.figure import Figure

    n = len(table)
    figure = Figure(figsize=(9, 1.25 * n + 0.9), layout="constrained")
    axes = figure.subplots(n, 1, sharex=True, squeeze=False)[:, 0]
    for number, axis in enumerate(axes):
        _spectrum(axis, batch[number])
        _mark_lines(axis, _redshift(table, batch, number))
        _annotate(axis, table, number)
    axes[-1].set_xlabel("observed wavelength in vacuum [Å]")
    figure.supylabel("flux / median", fontsize=9.5)
    _common_range(axes, batch)
    return figure


def _spectrum(axis, row):
    good = ~row.mask[0]
    wavelength = np.broadcast_to(row.wavelength, row.flux.shape)[0]
    axis.margins(x=0)
    axis.set_yticks([])
    if not good.any():
        return
    flux = np.where(good, row.flux[0], np.nan) / (
        abs(np.median(row.flux[0][good])) or 1
    )
    axis.plot(wavelength, flux, color=SPECTRUM, lw=0.6)
    axis.set_ylim(*_limits(flux[good]))
    axis.set_yticks([1])


def _limits(flux):
    """Show the continuum and the lines that stand out, not single wild pixels."""
    low, middle, high = np.percentile(flux, [0.5, 50, 99.9])
    spread = max(high - low, 1e-3 * abs(middle), 1e-6)
    return low - 0.15 * spread, high + 0.4 * spread


def _common_range(axes, batch):
    """From the first to the last pixel that any spectrum can use."""
    wavelength = np.broadcast_to(batch.wavelength, batch.flux.shape)[~batch.mask]
    if wavelength.size:
        axes[0].set_xlim(wavelength.min(), wavelength.max())


def _redshift(table, batch, number):
    """The redshift, NaN where it is unknown."""
    if "redshift" in table.colnames:
        return float(table["redshift"][number])
    return float(batch.redshift[number])


def _mark_lines(axis, redshift):
    if not np.isfinite(redshift):
        return
    for name, rest in LINES.items():
        place = rest * (1 + redshift)
        axis.axvline(place, color=QUIET, lw=0.6, ls=(0, (2, 3)), zorder=0)
        axis.annotate(
            name,
            (place, 0.97),
            xycoords=("data", "axes fraction"),
            xytext=(2, 0),
            textcoords="offset points",
            va="top",
            color=QUIET,
            fontsize=7.5,
            annotation_clip=True,
        )


def _annotate(axis, table, number):
    row, names = table[number], _targets(table)
    values = "\n".join(_value(table, row, name) for name in names)
    few = len(names) <= 3
    size, top = (11, 0.85) if few else (7.5, 1.15)
    axis.text(1.01, top, values, transform=axis.transAxes, va="top", fontsize=size)
    words = ", ".join(describe(row["flags"]))
    axis.set_title(words, loc="right", fontsize=7.5, color=WARNING, pad=2)
    if "file" in table.colnames:
        name = os.path.basename(str(row["file"]))
        axis.set_title(name, loc="left", fontsize=7.5, color=QUIET, pad=2)


def _value(table, row, name):
    """Such as "12 + log10(O/H) = 8.61 ± 0.05", as many digits as the error allows."""
    value, error = float(_plain(row[name])), float(_plain(row[f"{name}_err"]))
    if not np.isfinite(value):
        return f"{_symbol(table, name)}: no value"
    digits = 2
    if np.isfinite(error) and error > 0:
        digits = int(np.clip(-np.floor(np.log10(error / 2)), 0, 6))
    unit = _unit(table, name)
    beside = f" ± {error:.{digits}f}" if np.isfinite(error) else ""
    return f"{_symbol(table, name)} = {value:.{digits}f}{beside}{unit}"


def _histograms(table):
    """The distribution of each target; flagged rows apart."""
    from matplotlib.figure import Figure

    names = _targets(table)
    figure = Figure(figsize=(4.8 * len(names), 3.2), layout="constrained")
    flags = np.asarray(table["flags"])
    axes = figure.subplots(1, len(names), squeeze=False)[0]
    for axis, name in zip(axes, names, strict=True):
        values = np.asarray(_plain(table[name]), float)
        known = np.isfinite(values)
        sets = [values[known & (flags == 0)], values[known & (flags != 0)]]
        labels = [f"good ({len(sets[0])})", f"flagged ({len(sets[1])})"]
        axis.hist(
            sets, bins=30, stacked=True, label=labels, color=[SPECTRUM, "#dcb8a3"]
        )
        axis.set_xlabel(_symbol(table, name) + _unit(table, name, "[{}]"))
        axis.set_ylabel("spectra")
        axis.legend(frameon=False)
    return figure


def _targets(table):
    """Columns that have an error: the values."""
    return [name for name in table.colnames if f"{name}_err" in table.colnames]


def _symbol(table, name):
    return table[name].info.description or name


def _unit(table, name, form="{}"):
    """The unit with a space before it; dex and pure numbers need none."""
    text = str(getattr(table[name], "unit", None) or "")
    return f" {form.format(text)}" if text and "dex" not in text else ""


def _plain(column):
    return getattr(column, "value", column)
