"""Labels of stars from their lines, where spectra are not sharp.

Lines do not know of reddening, nor of the scale of the flux: stars of CALSPEC that get
their labels from lines tell what flux goes with what lines, which is what SEDPredictor
is to learn.
"""

import numpy as np
from stellar_libraries import synthetic_labels

from galspec import SpectrumBatch
from galspec.sed import convolved
from galspec.simulation.sed_templates import EmulatedFlux
from galspec.simulation.stellar_layout import ENERGY, LABELS
from galspec.transforms import GaussianContinuum, Normalise

__all__ = ["full_labels", "labels_from_lines", "with_corrections"]

#: Where lines are looked at, angstrom, and the width of the continuum.
PIXELS, CONTINUUM = np.geomspace(4050, 5750, 700), 200.0
#: Least and most of Teff, log g, [Fe/H] and the resolving power, steps of their
#: derivatives, and how many steps they go at a time.
LIMITS = np.array([[4850.0, 3.2, -2.5, 200.0], [9900.0, 4.8, 0.5, 1400.0]])
STEPS, STRIDE = np.array([50.0, 0.1, 0.1, 30.0]), 4
#: Where the search starts: dwarfs.
STARTS = np.array(
    [
        (teff, 4.2, feh, 550)
        for teff in (5200, 5800, 6500, 7500, 8500, 9300)
        for feh in (-2, 0)
    ]
)
#: Typical dwarf, and how much it weighs, in units of the squared flux over its
#: continuum.
MIDDLE, PRIOR = np.array([0, 4.2, -0.3, 0]), np.array([0, 0.02, 0.001, 0])
ROUNDS = 8


def full_labels(labels):
    """Labels of the emulator, of stars of which the first three are known."""
    every = np.full((len(labels), len(LABELS)), np.nan)
    every[:, :3] = labels
    every = synthetic_labels(every)
    return every[:, [LABELS.index(name) for name in ENERGY.labels]]


def with_corrections(emulator, correction, lines, labels):
    """Flux on the pixels of ENERGY, (n, n_pix).

    Parameters
    ----------
    emulator : StellarEmulator
    correction, lines : EmpiricalCorrection or None
        Of the energy distribution, and of the lines.
    labels : ndarray, shape (n, 3)
    """
    templates = EmulatedFlux(emulator, correction, lines)
    return templates.at(full_labels(labels)).flux


def labels_from_lines(flux_of, stars):
    """Labels of stars by least squares of their normalised spectra.

    Parameters
    ----------
    flux_of : callable
        From labels (n, 3) to flux on the pixels of ENERGY.
    stars : ObservedFlux

    Returns
    -------
    labels : ndarray, shape (n, 3)
        Teff, log g and [Fe/H].
    resolution : ndarray, shape (n,)
        Resolving power at which they fit best.
    """
    seen = _normalised(
        np.stack([np.interp(PIXELS, stars.wavelength, row) for row in stars.flux])
    )

    def model(values):
        flux = flux_of(values[:, :3])
        return _normalised(
            np.concatenate(
                [
                    convolved(ENERGY.wavelength, row[None], PIXELS, power)
                    for row, power in zip(flux, values[:, 3], strict=True)
                ]
            )
        )

    nearest = ((seen[:, None] - model(STARTS)) ** 2).sum(axis=2).argmin(axis=1)
    values = STARTS[nearest].astype(float)
    for _ in range(ROUNDS):
        found = model(values)
        slopes = [model(values + step) - found for step in np.diag(STEPS)]
        jacobian = np.stack(slopes, axis=2)
        normal = np.einsum("npi,npj->nij", jacobian, jacobian)
        normal += np.diag(PRIOR * STEPS**2 + 1e-6)
        moment = np.einsum("npi,np->ni", jacobian, seen - found)
        moment += PRIOR * STEPS * (MIDDLE - values)
        change = np.linalg.solve(normal, moment[..., None])[..., 0]
        values = np.clip(values + np.clip(change, -STRIDE, STRIDE) * STEPS, *LIMITS)
    return values[:, :3], values[:, 3]


def _normalised(flux):
    batch = SpectrumBatch.from_arrays(PIXELS, flux)
    return Normalise(GaussianContinuum(CONTINUUM, weighted=False))(batch).flux
