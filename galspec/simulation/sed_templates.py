"""Stars of which the spectrum and the energy distribution are known.

Each source has ``draw(n, rng, split)``, which gives `StarsWithFlux`.
"""

import dataclasses

import numpy as np

from galspec.sed import WAVELENGTH, at_r200, normalised
from galspec.simulation.stellar_layout import ENERGY
from galspec.simulation.stellar_templates import EmulatedStars, drawn_rows

__all__ = ["EmulatedFlux", "ObservedFlux", "StarsWithFlux", "SyntheticFlux"]

#: Labels that all sources know, in this order.
KNOWN = ("teff", "logg", "feh")


@dataclasses.dataclass(frozen=True, eq=False)
class StarsWithFlux:
    """Noise-free stars at rest.

    Parameters
    ----------
    labels : ndarray, shape (n, 3)
        Teff, log g and [Fe/H]; NaN where not known.
    ids : ndarray, shape (n,)
    flux : ndarray, shape (n, n_pix), float32
        On the pixels of `~galspec.simulation.stellar_layout.ENERGY`; NaN where not
        known.
    continuum : ndarray, shape (n, n_pix), float32, or None
        The true one, if it is known.
    log_sed : ndarray, shape (n, 574), float32
        Natural logarithm of the energy distribution, 0 at 5500 angstrom, not reddened;
        NaN where not known.
    resolution : float
        Resolving power of the flux.
    """

    labels: np.ndarray
    ids: np.ndarray
    flux: np.ndarray
    continuum: np.ndarray | None
    log_sed: np.ndarray
    resolution: float


@dataclasses.dataclass(frozen=True, eq=False)
class EmulatedFlux:
    """Stars between those of a grid, each different from all others.

    Parameters
    ----------
    emulator : StellarEmulator
        With the layout `~galspec.simulation.stellar_layout.ENERGY`.
    correction : EmpiricalCorrection, optional
        Ratio of observed to synthetic flux on `galspec.sed.WAVELENGTH`.
    lines : EmpiricalCorrection, optional
        Ratio of what remains, on the pixels: that of lines.
    scatter : float
        As for `EmulatedStars`.
    teff : tuple of float, optional
        Range that is wanted, K; all of the emulator unless given.
    """

    emulator: object
    correction: object = None
    lines: object = None
    scatter: float = 0.3
    teff: tuple = (0.0, np.inf)

    def draw(self, n, rng, split=None):
        """Draw n stars; those of all parts of a split differ."""
        stars, (low, high) = EmulatedStars(self.emulator, self.scatter), self.teff
        labels = stars.draw_labels(n, rng)
        while (out := (labels[:, 0] < low) | (labels[:, 0] > high)).any():
            labels[out] = stars.draw_labels(np.count_nonzero(out), rng)
        return dataclasses.replace(self.at(labels), ids=rng.integers(0, 2**53, n))

    def at(self, labels):
        """Stars of labels, (n, n_labels), in the order of the emulator."""
        ids = np.arange(len(labels))
        return _stars(labels[:, :3], ids, *self.emulator(labels), self)


@dataclasses.dataclass(frozen=True, eq=False)
class SyntheticFlux:
    """Stars whose spectra were computed, each its own template.

    Parameters
    ----------
    labels : ndarray, shape (n, n_labels)
    depth, log_continuum : ndarray, shape (n, n_pix)
        As `galspec.simulation.stellar_emulator_fit.read_grid` gives them for
        `~galspec.simulation.stellar_layout.ENERGY`.
    correction, lines : EmpiricalCorrection, optional
        As for `EmulatedFlux`.
    """

    labels: np.ndarray
    depth: np.ndarray
    log_continuum: np.ndarray
    correction: object = None
    lines: object = None

    def draw(self, n, rng, split=None):
        """Draw n of the stars of a part of the split, again and again."""
        rows = drawn_rows(np.arange(len(self.labels)), n, rng, split)
        parts = 1 - self.depth[rows], np.exp(self.log_continuum[rows])
        return _stars(self.labels[rows, :3], rows, *parts, self)


def _stars(labels, ids, lines, continuum, templates):
    """Stars, whose energy distributions are those of their very spectra."""
    if templates.correction is not None:
        continuum = continuum * _on_pixels(templates.correction(labels))
    if templates.lines is not None:
        lines = lines * templates.lines(labels)
    flux = lines * continuum
    log_sed = np.log(normalised(at_r200(ENERGY.wavelength, flux))).astype(np.float32)
    return StarsWithFlux(labels, ids, flux, continuum, log_sed, ENERGY.resolution)


def _on_pixels(factors):
    """Factors on the pixels of spectra, from those of energy distributions."""
    place = np.interp(ENERGY.wavelength, WAVELENGTH, np.arange(len(WAVELENGTH)))
    below = np.minimum(place.astype(int), len(WAVELENGTH) - 2)
    share = (place - below).astype(np.float32)
    factors = factors.astype(np.float32)
    return factors[:, below] * (1 - share) + factors[:, below + 1] * share


@dataclasses.dataclass(frozen=True, eq=False)
class ObservedFlux:
    """Observed stars of a library.

    Parameters
    ----------
    names : ndarray of str, shape (n,)
        Of the stars: all spectra of a star are in one part of a split.
    labels : ndarray, shape (n, 3)
        Teff, log g and [Fe/H]; NaN where not known.
    wavelength : ndarray, shape (m,)
        Vacuum angstrom, rest frame.
    flux : ndarray, shape (n, m)
        Not reddened, hardly any noise; NaN where not known.
    resolution : float
        Resolving power.
    """

    names: np.ndarray
    labels: np.ndarray
    wavelength: np.ndarray
    flux: np.ndarray
    resolution: float

    def __len__(self):
        return len(self.names)

    def __getitem__(self, rows):
        return dataclasses.replace(
            self,
            names=self.names[rows],
            labels=self.labels[rows],
            flux=self.flux[rows],
        )

    @property
    def log_sed(self):
        """Natural logarithm of the energy distributions, (n, 574), 0 at 5500 A."""
        seds = normalised(at_r200(self.wavelength, self.flux))
        return np.log(np.where(seds > 0, seds, np.nan)).astype(np.float32)

    def draw(self, n, rng, split=None):
        """Draw n of the stars of a part of the split, again and again."""
        rows, drawn = np.unique(
            drawn_rows(self.names, n, rng, split), return_inverse=True
        )
        stars = self[rows]
        flux = np.stack(
            [
                np.interp(ENERGY.wavelength, self.wavelength, row, np.nan, np.nan)
                for row in stars.flux
            ]
        ).astype(np.float32)
        return StarsWithFlux(
            stars.labels[drawn],
            stars.names[drawn],
            flux[drawn],
            None,
            stars.log_sed[drawn],
            self.resolution,
        )
