"""Observed stars that SEDPredictor is tuned on, and what is known of their flux.

MILES tells the flux between 3540 and 7410 angstrom. CALSPEC, which tells all of it, is
not sharp enough for an input: at R = 550 every line is shallower, and stars look hotter
than they are. What CALSPEC knows enters by the correction of the emulator: beyond its
ends, a star of MILES goes on as the corrected emulator does at the log g and [Fe/H] of
its catalogue and at the Teff that fits what is seen of its flux.
"""

import dataclasses

import numpy as np
from energy_libraries import miles_energies
from fit_sed_correction import synthetic

from galspec import SpectrumBatch
from galspec.sed import WAVELENGTH
from galspec.simulation.sed_stars import EnergySimulator
from galspec.simulation.sed_templates import ObservedFlux
from galspec.training.splits import split_by_object

__all__ = [
    "LibraryWithLabels",
    "completed",
    "extended",
    "library",
    "mixed",
    "repeated",
    "trusted",
    "with_temperatures",
]

#: Least and most of Teff, log g and [Fe/H].
LIMITS = np.array([[4600.0, 2.4, -2.5], [11500.0, 4.9, 0.5]])
#: Range in which Teff is told by flux, angstrom.
TOLD = (3600.0, 7300.0)
#: Step of the derivative, and most by which Teff changes at a time, K.
STEP, STRIDE = 25.0, 400.0
#: Pixels next to the end of what is seen, that must fit what follows.
JOIN = 20
#: Relative misfit, of Teff and of flux, from which a star is left out.
MISFIT = 0.05
#: How often a rare star is taken for each common one, at most.
MOST = 3


@dataclasses.dataclass(frozen=True, eq=False)
class LibraryWithLabels(ObservedFlux):
    """Observed stars whose energy distributions are told besides their spectra.

    Parameters
    ----------
    told : ndarray, shape (n, 574)
        Natural logarithms; NaN where not known.
    """

    told: np.ndarray = None

    def __getitem__(self, rows):
        return dataclasses.replace(super().__getitem__(rows), told=self.told[rows])

    @property
    def log_sed(self):
        """What is told of the stars, (n, 574)."""
        return self.told


def library(path, *, test):
    """Stars of MILES with known labels, of the test part of the split or the others.

    Parameters
    ----------
    path : path-like
    test : bool

    Returns
    -------
    ObservedFlux
    """
    stars = miles_energies(path)
    rows = np.isfinite(stars.labels).all(axis=1)
    return stars[rows & ((split_by_object(stars.names) == "test") == test)]


def with_temperatures(model, labels, log_sed, rounds=8):
    """Labels with the Teff at which a model fits distributions best.

    Parameters
    ----------
    model : callable
        From labels (n, 3) to logarithms (n, 574).
    labels : ndarray, shape (n, 3)
        Teff to begin with, log g and [Fe/H].
    log_sed : ndarray, shape (n, 574)
        NaN where not known.

    Returns
    -------
    ndarray, shape (n, 3)
    """
    used = (TOLD[0] < WAVELENGTH) & (TOLD[1] > WAVELENGTH)
    labels, step = np.clip(labels, *LIMITS), np.array([STEP, 0, 0])
    for _ in range(rounds):
        found = model(labels)[:, used]
        slope = (model(labels + step)[:, used] - found) / STEP
        remain = log_sed[:, used] - found
        known = np.isfinite(remain)
        moment = (slope * np.where(known, remain, 0)).sum(axis=1)
        change = moment / (slope**2 * known).sum(axis=1)
        labels[:, 0] += np.clip(change, -STRIDE, STRIDE)
        labels = np.clip(labels, *LIMITS)
    return labels


def extended(log_sed, fitted):
    """Distributions that go on as fitted ones beyond what is known of them.

    Parameters
    ----------
    log_sed : ndarray, shape (n, 574)
        NaN at the ends, and within, where not known.
    fitted : ndarray, shape (n, 574)
        Known everywhere; shifted to where the others end.

    Returns
    -------
    ndarray, shape (n, 574)
    """
    result = log_sed.copy()
    for row, model in zip(result, fitted, strict=True):
        (known,) = np.nonzero(np.isfinite(row))
        first, last = known[:JOIN], known[-JOIN:]
        below, above = np.arange(known[0]), np.arange(known[-1] + 1, len(row))
        for beyond, near in ((below, first), (above, last)):
            row[beyond] = model[beyond] + np.mean(row[near] - model[near])
    return result


def completed(stars, emulator, correction, scale):
    """Stars with labels at all wavelengths, as the corrected emulator goes on.

    Parameters
    ----------
    stars : ObservedFlux
    emulator : StellarEmulator
    correction : EmpiricalCorrection
    scale : EmpiricalCorrection
        Brings the stars to the scale of the correction, which is that of CALSPEC.

    Returns
    -------
    LibraryWithLabels
        Those that the corrected emulator can be trusted for: see `trusted`.
    """

    def model(labels):
        return synthetic(emulator, labels) + np.log(correction(labels))

    log_sed = stars.log_sed + np.log(scale(stars.labels))
    labels = with_temperatures(model, stars.labels, log_sed)
    fitted = model(labels)
    rows = trusted(stars.labels, labels, log_sed - fitted)
    told = extended(log_sed, fitted).astype(np.float32)[rows]
    kept = stars[rows]
    fields = {f.name: getattr(kept, f.name) for f in dataclasses.fields(ObservedFlux)}
    return LibraryWithLabels(**fields, told=told)


def trusted(labels, found, remain):
    """Stars that are what their catalogue says, and are within the emulator.

    Others are peculiar, or their reddening is not what was corrected for; a few of them
    would rule a Gaussian likelihood.

    Parameters
    ----------
    labels, found : ndarray, shape (n, 3)
        Of the catalogue, and with the Teff that fits the flux.
    remain : ndarray, shape (n, 574)
        Logarithm of observed over fitted flux; NaN where not known.

    Returns
    -------
    ndarray of bool, shape (n,)
    """
    inside = labels[:, 1] > LIMITS[0, 1]
    as_told = np.abs(found[:, 0] / labels[:, 0] - 1) < MISFIT
    return inside & as_told & (np.sqrt(np.nanmean(remain**2, axis=1)) < MISFIT)


def repeated(teff):
    """Rows of stars, those of rare temperatures up to `MOST` times.

    Parameters
    ----------
    teff : ndarray, shape (n,)

    Returns
    -------
    ndarray of int
    """
    place = np.digitize(teff, np.histogram_bin_edges(teff, 10)[1:-1])
    counts = np.bincount(place, minlength=10)
    often = counts[counts > 0].mean() / counts[place]
    return np.repeat(np.arange(len(teff)), np.clip(often.round(), 1, MOST).astype(int))


def mixed(stars, templates, copies, rehearsal, seed):
    """Noisy copies of observed stars, and simulated ones.

    Stars of rare temperatures are drawn more often.

    Parameters
    ----------
    stars : ObservedFlux
    templates : object
        Of `galspec.simulation.sed_templates`, for the simulated ones.
    copies : int
        Of each star, on average.
    rehearsal : float
        Simulated spectra for each observed one: so that what was learned from them is
        not forgotten.
    seed : int

    Returns
    -------
    batch : SpectrumBatch
    labels : ndarray, shape (n, 574)
    groups : ndarray of str, shape (n,)
        Stars.
    observed : ndarray of bool, shape (n,)
    """
    n = copies * len(stars)
    rows = repeated(stars.labels[:, 0])
    draws = [EnergySimulator(stars[rows]).draw(n, seed)]
    if rehearsal:
        draws.append(EnergySimulator(templates).draw(round(rehearsal * n), seed + 1))
    batches, truths = zip(*draws, strict=True)
    names = [
        np.char.add(word, np.asarray(truth["object_id"]).astype(str))
        for word, truth in zip(("star ", "simulated "), truths, strict=False)
    ]
    observed = np.repeat([True, False], [n, sum(map(len, batches)) - n])
    return (
        SpectrumBatch.concatenate([each.replace(ids={}) for each in batches]),
        np.concatenate([np.asarray(t["log_sed"], float) for t in truths]),
        np.concatenate(names),
        observed,
    )
