"""Pictures of explanations: the spectrum, and below it what is relevant."""

import numpy as np

from galspec.plotting import INK, QUIET, SPECTRUM, STYLE, WARNING, require_matplotlib

__all__ = ["plot_explanation"]

#: So many windows of the largest effect are named.
_NAMED = 8
#: Below this share of the largest effect a window is not named.
_LEAST = 0.03
#: Names stand in so many rows; a letter takes this share of the width.
_ROWS, _LETTER = 3, 0.0085


def plot_explanation(explanation, path=None, axes=None):
    """Draw an explanation: see `galspec.explanation.Explanation.plot`.

    Parameters
    ----------
    explanation : `~galspec.explanation.Explanation`
    path : str or path-like, optional
        Where to save the picture; its suffix says in which format.
    axes : pair of `matplotlib.axes.Axes`, optional
        Where to draw; in a figure of its own unless given.

    Returns
    -------
    `matplotlib.figure.Figure`

    Raises
    ------
    ImportError
        If matplotlib is not installed.
    """
    require_matplotlib()
    import matplotlib
    from matplotlib.figure import Figure

    with matplotlib.rc_context(STYLE):
        if axes is None:
            new = Figure(figsize=(9, 4.6), layout="constrained")
            axes = new.subplots(2, 1, sharex=True, height_ratios=(1.3, 1))
        above, below = axes
        figure = above.get_figure()
        _spectrum(above, explanation)
        _relevance(below, explanation)
        below.set_xlim(above.get_xlim())
        _names(above, below, explanation.windows)
        above.set_title(_title(explanation), loc="left", fontsize=10.5, color=INK)
        below.set_xlabel("observed wavelength in vacuum [Å]")
        figure.align_ylabels(axes)
        if path is not None:
            figure.savefig(path, dpi=160)
    return figure


def _spectrum(axis, explanation):
    pixels = explanation.spectrum
    wavelength, good = pixels["wavelength"].value, ~np.asarray(pixels["mask"])
    flux = np.where(good, pixels["flux"], np.nan)
    flux = flux / (abs(np.nanmedian(flux)) or 1)
    gap = np.flatnonzero(np.diff(wavelength) > 5 * np.median(np.diff(wavelength)))
    broken = np.insert(flux, gap + 1, np.nan)
    axis.plot(
        np.insert(wavelength, gap + 1, wavelength[gap]), broken, color=SPECTRUM, lw=0.7
    )
    low, high = np.nanpercentile(flux, [0.5, 99.9])
    spread = max(high - low, 1e-6)
    axis.set_ylim(low - 0.15 * spread, high + 0.75 * spread)
    axis.set_xlim(wavelength[good].min(), wavelength[good].max())
    axis.set_ylabel("flux / median")


def _relevance(axis, explanation):
    pixels = explanation.spectrum
    wavelength, values = pixels["wavelength"].value, pixels["relevance"].value
    axis.axhline(0, color=QUIET, lw=0.6)
    for sign, color in ((1, SPECTRUM), (-1, WARNING)):
        part = np.where(sign * values > 0, values, 0)
        axis.fill_between(wavelength, part, color=color, lw=0.5, step="mid")
    unit = str(pixels["relevance"].unit)
    axis.set_ylabel(f"relevance [{unit}]")
    reach = 1.15 * np.max(np.abs(values), initial=0) or 1
    axis.set_ylim(-reach, reach)
    notes = {"raises the value": (0.97, "top", SPECTRUM)}
    notes["lowers it"] = (0.03, "bottom", WARNING)
    for text, (height, va, color) in notes.items():
        place = {"transform": axis.transAxes, "va": va, "color": color}
        axis.text(0.008, height, text, fontsize=8, **place)


def _names(above, below, windows):
    """Shade the windows that matter, and name them with their effects."""
    effects = np.asarray(windows["effect"].value, float)
    size = np.abs(np.nan_to_num(effects))
    order = np.argsort(-size)[:_NAMED]
    chosen = [k for k in order if size[k] > _LEAST * size.max(initial=0)]
    if "flags" in windows.colnames:  # what is most relevant: there is no value without
        chosen += [k for k in range(len(windows)) if _decisive(windows, k)]
    ends = [-np.inf] * _ROWS
    for k in sorted(set(chosen), key=lambda k: windows["low"][k]):
        limits = windows["low"][k].value, windows["high"][k].value
        color = SPECTRUM if effects[k] > 0 else WARNING if effects[k] < 0 else QUIET
        for axis in (above, below):
            axis.axvspan(*limits, color=color, alpha=0.13, lw=0)
        number = f"{effects[k]:+.2g}" if np.isfinite(effects[k]) else "no value without"
        text = f"{windows['name'][k]}\n{number}"
        row = _free_row(above, np.mean(limits), text, ends)
        if row is not None:
            above.annotate(
                text,
                (np.mean(limits), 0.98 - 0.15 * row),
                xycoords=("data", "axes fraction"),
                ha="center",
                va="top",
                color=INK if color == QUIET else color,
                fontsize=7,
                annotation_clip=True,
            )


def _free_row(axis, place, text, ends):
    """The highest row in which a text meets no other, None where all are taken."""
    low, high = axis.get_xlim()
    half = _LETTER * (high - low) * max(map(len, text.splitlines())) / 2
    for row, end in enumerate(ends):
        if place - half > end:
            ends[row] = place + half
            return row
    return None


def _decisive(windows, row):
    from galspec.flags import Flags

    unseen = bool(windows["flags"][row] & Flags.NO_DATA)
    return np.isnan(windows["effect"][row].value) and not unseen


def _title(explanation):
    meta = explanation.windows.meta
    value, error = explanation.value, explanation.error.value
    beside = f" ± {error:.2g}" if np.isfinite(error) else ""
    unit = str(value.unit)
    unit = f" {unit}" if unit and "dex" not in unit else ""
    words = meta["description"]
    words = words if words == explanation.target else f"{words} ({explanation.target})"
    return f"{words} = {value.value:.4g}{beside}{unit}, by {explanation.method}"
