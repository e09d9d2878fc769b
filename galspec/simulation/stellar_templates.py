"""Where the templates of simulated stars come from: an emulator, or spectra."""

import dataclasses

import numpy as np

from galspec.simulation.stellar_emulator import LABELS, StellarEmulator
from galspec.training.splits import split_by_object

__all__ = ["EmulatedStars", "SyntheticStars"]


@dataclasses.dataclass(frozen=True, eq=False)
class SyntheticStars:
    """Stars whose spectra were computed, each its own template.

    Parameters
    ----------
    labels : ndarray, shape (n, 9)
    depth, log_continuum : ndarray, shape (n, n_pix)
        As `galspec.simulation.stellar_emulator_fit.read_grid` gives them.
    """

    labels: np.ndarray
    depth: np.ndarray
    log_continuum: np.ndarray

    def draw(self, n, rng, split):
        """Labels, identifiers, normalised spectra and continua of n of them."""
        ids = np.arange(len(self.labels))
        if split is not None:
            ids = ids[split_by_object(ids) == split]
        rows = rng.choice(ids, n)
        return (
            self.labels[rows],
            rows,
            1 - self.depth[rows],
            np.exp(self.log_continuum[rows]),
        )


@dataclasses.dataclass(frozen=True, eq=False)
class EmulatedStars:
    """Stars between those of a grid, each different from all others.

    Parameters
    ----------
    emulator : StellarEmulator
    labels : ndarray, shape (n, 9)
        Labels of the grid: stars are drawn about them.
    scatter : float
        Of the labels about those of the grid, in units of their scatter in it.
    """

    emulator: StellarEmulator
    labels: np.ndarray
    scatter: float = 0.15

    def draw(self, n, rng, split):
        """Labels, identifiers, normalised spectra and continua of n stars."""
        labels = self.labels[rng.integers(0, len(self.labels), n)]
        kick = rng.normal(0, self.scatter, labels.shape) * self.labels.std(axis=0)
        # enhancement by the s-process is there or is not
        kick[:, LABELS.index("srat")] *= labels[:, LABELS.index("srat")] > 0
        labels = np.clip(labels + kick, self.emulator.low, self.emulator.high)
        normalised, continuum = self.emulator(labels)
        ids = rng.integers(0, 2**53, n)
        return labels, ids, normalised, continuum
