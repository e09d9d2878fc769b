"""Abundances of real DESI galaxies, from lines fitted to spectra of known redshift."""

import numpy as np

from galspec.baselines.line_fit import oh_line_fit
from galspec.spectra import SpectrumBatch

__all__ = ["line_truth", "read_compressed_desi"]

#: Wavelengths of the compressed spectra, vacuum angstrom: first, last, number.
GRID = (3600.0, 9800.0, 7081)
#: Level of the faintest parts of a galaxy's continuum against its median. Subtracting
#: the median has lost the level, which only absorption under Balmer lines needs.
FAINTEST = 0.4
#: Pixels over which the noise is measured.
STRETCH = 151


def read_compressed_desi(path):
    """Read DESI spectra that are stored as arcsinh((f - median) / scale).

    Parameters
    ----------
    path : path-like
        An .npz file with ``flux`` and ``valid`` of shape (n, 7081) on a grid from 3600
        to 9800 angstrom, even in log wavelength, and ``z_true`` of shape (n,).

    Returns
    -------
    `~galspec.SpectrumBatch`
        Its flux has arbitrary units and, because the median is lost, an assumed
        zero point; ratios of lines need neither. ``ivar`` is measured from the scatter
        between pixels; ``redshift`` is the true one.

    Raises
    ------
    KeyError
        If an array is missing.
    ValueError
        If the spectra have another number of pixels.
    """
    with np.load(path, allow_pickle=False) as arrays:
        stored, valid = arrays["flux"].astype(float), arrays["valid"] > 0.5
        redshift = arrays["z_true"].astype(float)
    if stored.shape[1] != GRID[2]:
        raise ValueError(f"{stored.shape[1]} pixels; compressed spectra have {GRID[2]}")
    flux = np.sinh(stored)
    noise = _noise(flux)
    return SpectrumBatch.from_arrays(
        np.geomspace(*GRID),
        flux + _level(flux)[:, None],
        ivar=1 / noise**2,
        mask=~valid,
        redshift=redshift,
        ids={"row": np.arange(len(flux))},
    )


def line_truth(batch, *, highest_redshift=0.3, snr=3.0):
    """What the strong lines say of each galaxy, for comparison with estimates.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Of known redshifts.
    highest_redshift : float
        Galaxies beyond it, or of unknown redshift, have no truth.
    snr : float
        Least signal-to-noise ratio of each of the four lines.

    Returns
    -------
    `~astropy.table.Table`
        One row a spectrum: ``redshift``, and ``oh``, ``oh_err``, ``log_o3hb``,
        ``log_n2ha``, ``star_forming`` of `galspec.baselines.line_fit.oh_line_fit`;
        ``oh`` of star-forming galaxies alone.
    """
    near = batch.redshift <= highest_redshift
    redshift = np.where(near, batch.redshift, np.nan)
    table = oh_line_fit(batch.replace(redshift=redshift), snr=snr)
    for name in ("oh", "oh_err"):
        table[name][~table["star_forming"]] = np.nan
    table.add_column(batch.redshift, name="redshift", index=0)
    return table


def _noise(flux):
    """Noise of every pixel from its surroundings (Stoehr et al. 2008, DER_SNR)."""
    from scipy.ndimage import median_filter

    padded = np.pad(flux, ((0, 0), (2, 2)), mode="reflect")
    second = np.abs(2 * flux - padded[:, :-4] - padded[:, 4:])
    noise = 1.482602 / np.sqrt(6) * median_filter(second, (1, STRETCH), mode="nearest")
    # The grid was reached by interpolation, which takes a third of the variance away
    # on average and leaves neighbours correlated.
    return np.sqrt(1.5) * np.maximum(noise, 1e-6)


def _level(flux):
    """The median that was subtracted, from how far below it the continuum goes."""
    from scipy.ndimage import median_filter

    smooth = median_filter(flux[:, ::5], (1, STRETCH), mode="nearest")
    return -np.quantile(smooth, 0.05, axis=1) / (1 - FAINTEST)
