"""Where the templates of simulated stars come from.

Each has ``draw(n, rng, split)``, which gives labels (n, 9), identifiers (n,) and
noise-free spectra (n, n_pix) in the rest frame, on
`~galspec.simulation.stellar_layout.LOG_WAVELENGTH`; their resolution ``fwhm`` and
range ``limits`` in angstrom.
"""

import dataclasses

import numpy as np

from galspec.simulation.line_spread import at_resolution
from galspec.simulation.stellar_emulator import LOG_WAVELENGTH, StellarEmulator
from galspec.training.splits import split_by_object

__all__ = ["CorrectedStars", "EmpiricalStars", "EmulatedStars", "SyntheticStars"]

_WHOLE = (float(10 ** LOG_WAVELENGTH[0]), float(10 ** LOG_WAVELENGTH[-1]))


@dataclasses.dataclass(frozen=True, eq=False)
class EmulatedStars:
    """Stars between those of a grid, each different from all others.

    Parameters
    ----------
    emulator : StellarEmulator
    scatter : float
        Of the labels about those of the stars that the emulator was fitted to, in units
        of their scatter.
    """

    emulator: StellarEmulator
    scatter: float = 0.15
    limits = _WHOLE

    @property
    def fwhm(self):
        """That of the emulator."""
        return self.emulator.fwhm

    def draw_labels(self, n, rng):
        """Draw labels of n stars, in the order of the emulator."""
        known, names = self.emulator.labels, self.emulator.layout.labels
        labels = known[rng.integers(0, len(known), n)]
        kick = rng.normal(0, self.scatter, labels.shape) * known.std(axis=0)
        # enhancement by the s-process is there or is not
        for column in (i for i, name in enumerate(names) if name == "srat"):
            kick[:, column] *= labels[:, column] > 0
        return np.clip(labels + kick, known.min(axis=0), known.max(axis=0))

    def draw(self, n, rng, split=None):
        """Draw n stars; those of all parts of a split differ."""
        labels = self.draw_labels(n, rng)
        normalised, continuum = self.emulator(labels)
        return labels, rng.integers(0, 2**53, n), normalised * continuum


@dataclasses.dataclass(frozen=True, eq=False)
class SyntheticStars:
    """Stars whose spectra were computed, each its own template: an emulator's test.

    Parameters
    ----------
    labels : ndarray, shape (n, 9)
    depth, log_continuum : ndarray, shape (n, n_pix)
        As `galspec.simulation.stellar_emulator_fit.read_grid` gives them.
    """

    labels: np.ndarray
    depth: np.ndarray
    log_continuum: np.ndarray
    fwhm = 1.0
    limits = _WHOLE

    def draw(self, n, rng, split=None):
        """Draw n of the stars of a part of the split, again and again."""
        rows = drawn_rows(np.arange(len(self.labels)), n, rng, split)
        spectra = (1 - self.depth[rows]) * np.exp(self.log_continuum[rows])
        return self.labels[rows], rows, spectra


@dataclasses.dataclass(frozen=True, eq=False)
class CorrectedStars:
    """Synthetic stars, corrected by what observed ones tell.

    Parameters
    ----------
    templates : EmulatedStars or SyntheticStars
    correction : EmpiricalCorrection
    """

    templates: object
    correction: object
    limits = _WHOLE

    @property
    def fwhm(self):
        """That of the library behind the correction."""
        return float(self.correction.fwhm)

    def draw(self, n, rng, split=None):
        """Draw n of the synthetic stars, and correct them."""
        labels, ids, spectra = self.templates.draw(n, rng, split)
        smooth = at_resolution(spectra, LOG_WAVELENGTH, self.templates.fwhm, self.fwhm)
        return labels, ids, smooth * self.correction(labels)


@dataclasses.dataclass(frozen=True, eq=False)
class EmpiricalStars:
    """Observed stars of a library, some of whose labels are known.

    Parameters
    ----------
    names : ndarray of str, shape (n,)
        Of the stars: all spectra of a star are in one part of a split.
    labels : ndarray, shape (n, 9)
        NaN where not known.
    wavelength : ndarray, shape (m,)
        Vacuum angstrom, rest frame.
    flux : ndarray, shape (n, m)
        Hardly any noise.
    fwhm : float
        Resolution in angstrom.
    """

    names: np.ndarray
    labels: np.ndarray
    wavelength: np.ndarray
    flux: np.ndarray
    fwhm: float

    @property
    def limits(self):
        """Range that the library shares with the simulator."""
        return max(self.wavelength[0], _WHOLE[0]), min(self.wavelength[-1], _WHOLE[1])

    def draw(self, n, rng, split=None):
        """Draw n of the stars of a part of the split, again and again."""
        rows = drawn_rows(self.names, n, rng, split)
        pixels = 10**LOG_WAVELENGTH
        spectra = np.stack(
            [np.interp(pixels, self.wavelength, self.flux[row]) for row in rows]
        )
        return self.labels[rows], self.names[rows], spectra.astype(np.float32)


def drawn_rows(ids, n, rng, split):
    """Draw rows of the objects of a part of a split, again and again.

    Parameters
    ----------
    ids : ndarray, shape (m,)
        Rows of the same object have the same.
    n : int
    rng : numpy.random.Generator
    split : str or None
        All, if None.

    Returns
    -------
    ndarray of int, shape (n,)
    """
    rows = np.arange(len(ids))
    if split is not None:
        rows = rows[split_by_object(ids) == split]
    return rng.choice(rows, n)
