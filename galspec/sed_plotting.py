"""Pictures of energy distributions: each with its error, over what was seen of it."""

import os

import numpy as np

from galspec.flags import describe
from galspec.plotting import (
    MAX_PANELS,
    QUIET,
    SPECTRUM,
    STYLE,
    WARNING,
    require_matplotlib,
)

__all__ = ["plot_seds"]

#: Of many, so many lines are drawn.
_LINES = 300
#: Angstrom: where a spectrum that was seen is brought to the level of the prediction.
_SEEN = (4000, 7000)


def plot_seds(seds, batch=None, path=None):
    """Draw energy distributions with their 68 % bands.

    Parameters
    ----------
    seds : `~specutils.Spectrum`
        What `~galspec.estimators.sed_predictor.SEDPredictor` predicts, of one star,
        many or a cube. Up to six have a panel each; of more, each is one line.
    batch : `~galspec.SpectrumBatch`, optional
        The spectra that they were predicted of, row by row: drawn in the rest frame,
        at the level of the prediction.
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
        If ``batch`` and ``seds`` have different lengths.
    """
    require_matplotlib()
    import matplotlib

    flux = _rows(seds.flux.value)
    if batch is not None and len(batch) != len(flux):
        raise ValueError(f"there are {len(flux)} stars, the batch has {len(batch)}")
    with matplotlib.rc_context(STYLE):
        draw = _panels if 0 < len(flux) <= MAX_PANELS else _together
        figure = draw(seds, flux, batch)
        if path is not None:
            figure.savefig(path, dpi=160)
    return figure


def _rows(values):
    return values.reshape(-1, values.shape[-1])


def _panels(seds, flux, batch):
    """One panel a star, under each other on one axis of wavelength."""
    from matplotlib.figure import Figure

    n, wavelength = len(flux), seds.spectral_axis.value
    figure = Figure(figsize=(9, 1.7 * n + 0.9), layout="constrained")
    axes = figure.subplots(n, 1, sharex=True, squeeze=False)[:, 0]
    error = _rows(seds.uncertainty.array)
    for number, axis in enumerate(axes):
        if batch is not None:
            _input(axis, batch[number], wavelength, flux[number])
        low, high = flux[number] - error[number], flux[number] + error[number]
        axis.fill_between(wavelength, low, high, color=SPECTRUM, alpha=0.3, lw=0)
        axis.plot(wavelength, flux[number], color=SPECTRUM, lw=1)
        axis.set_ylim(0, _top(high))
        _annotate(axis, seds.meta, number)
    _labels(figure, axes[-1], seds)
    return figure


def _together(seds, flux, batch):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 4.5), layout="constrained")
    axis = figure.subplots()
    rows = np.linspace(0, len(flux) - 1, min(len(flux), _LINES)).astype(int)
    axis.plot(seds.spectral_axis.value, flux[rows].T, color=SPECTRUM, lw=0.5, alpha=0.3)
    axis.set_ylim(0, _top(flux))
    _labels(figure, axis, seds)
    return figure


def _input(axis, row, wavelength, sed):
    """The spectrum that was seen, where it can be compared."""
    z = np.nan_to_num(row.redshift[0])
    rest = np.broadcast_to(row.wavelength, row.flux.shape)[0] / (1 + z)
    seen = np.where(row.mask[0], np.nan, row.flux[0])
    among = (rest > _SEEN[0]) & (rest < _SEEN[1]) & np.isfinite(seen)
    if not among.any() or not np.isfinite(sed).any():
        return
    level = np.median(np.interp(rest[among], wavelength, sed))
    seen = seen * level / (np.median(seen[among]) or 1)
    axis.plot(rest, seen, color=QUIET, lw=0.5, zorder=0)


def _top(values):
    """A little above nearly all values."""
    finite = values[np.isfinite(values)]
    return 1.15 * np.percentile(finite, 99.5) if finite.size else 1


def _annotate(axis, meta, number):
    flags = np.ravel(meta["flags"])[number]
    words = ", ".join(describe(flags))
    axis.set_title(words, loc="right", fontsize=7.5, color=WARNING, pad=2)
    if "file" in meta:
        name = os.path.basename(str(np.ravel(meta["file"])[number]))
        axis.set_title(name, loc="left", fontsize=7.5, color=QUIET, pad=2)


def _labels(figure, axis, seds):
    axis.set_xlim(seds.spectral_axis.value[[0, -1]])
    axis.set_xlabel("wavelength at rest in vacuum [Å]")
    unit = seds.flux.unit.to_string()
    figure.supylabel(
        f"flux [{unit}]" if unit else "flux per wavelength, 1 at 5500 Å", fontsize=9.5
    )
