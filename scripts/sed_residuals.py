"""Residuals of predicted energy distributions, as the card of SEDPredictor has them."""

import numpy as np
from fit_sed_emulator import BANDS

from galspec.evaluation import residual_summary
from galspec.sed import WAVELENGTH

__all__ = ["BANDS", "band_names", "cell", "coverage", "inside", "log_ratio", "markdown"]


def inside(band):
    """Pixels of a band, given as its limits in angstrom."""
    low, high = band
    return (low < WAVELENGTH) & (high > WAVELENGTH)


def band_names(bands=BANDS):
    """Headings of the columns of a table."""
    return [f"{low}-{high}" for low, high in bands]


def log_ratio(spectrum, log_sed):
    """Natural logarithm of predicted over true flux.

    Parameters
    ----------
    spectrum : `~specutils.Spectrum`
        Of SEDPredictor, of n stars.
    log_sed : array_like, shape (n, 574)
        Natural logarithm of the truth; NaN where not known.

    Returns
    -------
    ndarray, shape (n, 574)
        NaN where the truth is, and of stars without a value.
    """
    return np.log(np.atleast_2d(spectrum.flux.value)) - np.asarray(log_sed, float)


def coverage(spectrum, ratio, band):
    """Share of the truth within the 68 % interval, over all pixels of a band.

    The error is half of what the interval, symmetric in the logarithm, spans.

    Parameters
    ----------
    spectrum : `~specutils.Spectrum`
    ratio : ndarray, shape (n, 574)
        What `log_ratio` gives.
    band : tuple of float

    Returns
    -------
    float
    """
    relative = np.asarray(spectrum.uncertainty.array) / spectrum.flux.value
    width = np.atleast_2d(np.arcsinh(relative))
    known = np.isfinite(ratio) & inside(band)
    return float(np.mean(np.abs(ratio[known]) < width[known]))


def cell(ratio):
    """Bias, NMAD and root of the mean square of residuals, in words."""
    summary = residual_summary(np.zeros(ratio.size), ratio.ravel())
    rms = np.hypot(summary["bias"], summary["sigma"])
    return f"{summary['bias']:+.4f}, {summary['nmad']:.4f}, {rms:.4f}"


def markdown(heads, rows):
    """A table.

    Parameters
    ----------
    heads : sequence of str
    rows : iterable of sequence
        Cells.

    Returns
    -------
    str
    """
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)
