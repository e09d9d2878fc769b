"""Residuals of predicted energy distributions, as the card of SEDPredictor has them."""

import numpy as np
from fit_sed_emulator import BANDS

from galspec.evaluation import residual_summary
from galspec.flags import Flags
from galspec.sed import WAVELENGTH

__all__ = [
    "BANDS",
    "Measured",
    "band_names",
    "cell",
    "coverage",
    "flagged",
    "inside",
    "log_ratio",
    "markdown",
]


class Measured:
    """Predicted energy distributions of stars of which the truth is known.

    Parameters
    ----------
    estimator : SEDPredictor
    batch : SpectrumBatch
    truth : astropy.table.Table
        With ``log_sed``, (n, 574), and whatever tables need besides.
    """

    def __init__(self, estimator, batch, truth):
        self.spectrum = estimator.predict(batch, progress_bar=False)
        self.truth = truth
        self.ratio = log_ratio(self.spectrum, truth["log_sed"])
        relative = np.asarray(self.spectrum.uncertainty.array) / self.spectrum.flux
        #: Half of what the 68 % interval, symmetric in the logarithm, spans.
        self.width = np.arcsinh(np.atleast_2d(relative.value))


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


def coverage(ratio, width, band):
    """Share of the truth within the 68 % interval, over all pixels of a band.

    Parameters
    ----------
    ratio, width : ndarray, shape (n, 574)
        Of `Measured`.
    band : tuple of float

    Returns
    -------
    float
    """
    known = np.isfinite(ratio) & inside(band)
    return float(np.mean(np.abs(ratio[known]) < width[known]))


def flagged(spectrum):
    """Which stars are flagged OUT_OF_DOMAIN, or have no value.

    Parameters
    ----------
    spectrum : `~specutils.Spectrum`
        Of SEDPredictor, of n stars.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    flags = np.atleast_1d(spectrum.meta["flags"])
    outside = (flags & int(Flags.OUT_OF_DOMAIN)) > 0
    return outside | np.isnan(np.atleast_2d(spectrum.flux.value)).all(axis=1)


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
