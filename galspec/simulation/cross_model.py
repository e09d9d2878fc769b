"""The cross-model test: spectra from ingredients that no network was trained on.

A network that is right here has learned the lines of galaxies, not the habits of the
simulator that taught it. Nothing may be tuned on these spectra, let alone trained.
"""

import dataclasses
import pathlib

import numpy as np

from galspec.simulation.cross_sources import read_fsps_lines, read_miuscat
from galspec.simulation.galaxies import GalaxySimulator
from galspec.simulation.ingredients import GalaxyIngredients
from galspec.simulation.instrument import LAMOST
from galspec.simulation.noise import S_N_BAND
from galspec.simulation.prior import GalaxyPrior

__all__ = ["CrossModelSimulator", "RecordedNoise", "cross_model_ingredients"]

_FILES = {"stars": "MIUSCAT_thin.fits.gz", "lines": "fsps_ZAU_ND_mist.lines.gz"}


def cross_model_ingredients(folder):
    """Read the stars and lines of the cross-model test.

    Parameters
    ----------
    folder : str or pathlib.Path
        Folder that holds the files of MIUSCAT and of FSPS.

    Returns
    -------
    GalaxyIngredients
        The same for the same files.

    Raises
    ------
    FileNotFoundError
        If files are missing; the message names them.
    """
    paths = {key: pathlib.Path(folder) / name for key, name in _FILES.items()}
    missing = [path.name for path in paths.values() if not path.exists()]
    if missing:
        raise FileNotFoundError(f"no {', '.join(missing)} in {folder}")
    rng = np.random.default_rng(20170501)
    return GalaxyIngredients(
        stars=read_miuscat(paths["stars"]), lines=read_fsps_lines(paths["lines"], rng)
    )


@dataclasses.dataclass(frozen=True, eq=False)
class RecordedNoise:
    """Noise as a spectrograph recorded it, whatever the model of the noise says.

    Parameters
    ----------
    wavelength : ndarray, shape (n_pixels,)
        Vacuum wavelength in angstrom, uniform in its logarithm with 1e-4 a pixel.
    shapes : ndarray, shape (m, n_pixels), float32
        Standard deviation of each pixel over the median between 5600 and 6900
        angstrom; infinite where a pixel is bad.
    """

    wavelength: np.ndarray
    shapes: np.ndarray

    @classmethod
    def from_batch(cls, batch):
        """Take the noise of real spectra.

        Parameters
        ----------
        batch : SpectrumBatch
            Spectra of one survey, on one axis.

        Returns
        -------
        RecordedNoise
            Without the spectra of whose band of reference half or more is bad.

        Raises
        ------
        ValueError
            If the spectra have axes of their own, or none is left.
        """
        if batch.wavelength.ndim != 1:
            raise ValueError("the spectra need one common wavelength axis")
        band = _band(batch.wavelength)
        usable = batch.mask[:, band].mean(axis=1) < 0.5
        if not usable.any():
            raise ValueError(
                f"no spectrum has enough good pixels in {S_N_BAND} angstrom"
            )
        batch = batch[usable]
        noise = np.full(batch.flux.shape, np.inf, dtype=np.float32)
        np.divide(1.0, np.sqrt(batch.ivar), out=noise, where=~batch.mask)
        reference = [
            np.median(row[band][~bad[band]])
            for row, bad in zip(noise, batch.mask, strict=True)
        ]
        return cls(batch.wavelength, noise / np.array(reference, np.float32)[:, None])

    @property
    def instrument(self):
        """LAMOST with the pixels of the recorded spectra."""
        return dataclasses.replace(
            LAMOST,
            log_start=float(np.log10(self.wavelength[0])),
            n_pixels=len(self.wavelength),
        )

    def observe(self, flux, snr, rng):
        """Add noise of recorded shapes.

        Parameters
        ----------
        flux : ndarray, shape (n, n_pixels), float32
            Noise-free spectra.
        snr : ndarray, shape (n,)
            Median S/N per pixel wanted between 5600 and 6900 angstrom.
        rng : numpy.random.Generator
            Chooses the shapes and draws the noise.

        Returns
        -------
        flux, ivar : ndarray, shape (n, n_pixels), float32
            Zero where a pixel is bad.
        """
        noise = self.shapes[rng.integers(0, len(self.shapes), len(flux))]
        band = _band(self.wavelength)
        got = np.median(flux[:, band] / noise[:, band], axis=1)
        noise = noise * (got / snr).astype(np.float32)[:, None]
        good = np.isfinite(noise)
        drawn = np.where(good, noise, 0) * rng.standard_normal(flux.shape, np.float32)
        observed = np.where(good, flux + drawn, 0)
        return observed, 1 / noise**2


def _band(wavelength):
    return (wavelength > S_N_BAND[0]) & (wavelength < S_N_BAND[1])


class CrossModelSimulator(GalaxySimulator):
    """Draw star-forming galaxies of other models under recorded noise.

    Parameters
    ----------
    ingredients : GalaxyIngredients
        See `cross_model_ingredients`.
    noise : RecordedNoise
        Of real spectra.
    like : ndarray, optional
        12 + log10(O/H) of galaxies whose distribution is followed; abundances are
        drawn evenly unless given.
    """

    def __init__(self, ingredients, noise, *, like=None):
        lines = ingredients.lines
        if like is not None:
            weight = _weights_like(lines.oh, np.asarray(like, dtype=float))
            lines = dataclasses.replace(lines, weight=weight)
        self.noise = noise
        super().__init__(
            dataclasses.replace(ingredients, lines=lines),
            instrument=noise.instrument,
            prior=GalaxyPrior(
                kinds={"star-forming": 1.0},
                metal_poor=0.0,
                metal_rich=0.0,
                flatten=1.0 if like is None else 0.0,
            ),
        )

    def _observed(self, n, rng, split):
        continuum, emission, truth = self._model(n, rng, split)
        flux, ivar = self.noise.observe(continuum + emission, truth["snr_r"], rng)
        return flux, ivar, truth


def _weights_like(oh, like):
    """Weights that give abundances the distribution of others, in bins of 0.1."""
    edges = np.arange(7.1, 9.11, 0.1)
    have, wanted = (np.histogram(values, edges)[0] for values in (oh, like))
    bins = np.clip(np.digitize(oh, edges) - 1, 0, len(edges) - 2)
    return wanted[bins] / np.maximum(have[bins], 1)
