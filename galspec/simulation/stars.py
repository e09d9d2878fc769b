"""Simulated spectra of stars with known labels."""

import dataclasses
import functools

import numpy as np

from galspec.constants import SPEED_OF_LIGHT
from galspec.simulation.instrument import LAMOST
from galspec.simulation.line_spread import broadened
from galspec.simulation.noise import observe
from galspec.simulation.rendering import shifted
from galspec.simulation.stellar_layout import LABELS, LOG_WAVELENGTH, SURVEY
from galspec.spectra import SpectrumBatch

__all__ = ["LAMOST_STARS", "LOW_RESOLUTION", "StarPrior", "StarSimulator"]

#: FWHM of the arms: medians of 15 spectra of stars of DR10 against corrected synthetic
#: ones of their pipeline labels, 2.6-3.1 and 4.3-5.3 angstrom from place to place.
LAMOST_STARS = dataclasses.replace(
    LAMOST, arms=((2.7, 5800.0), (4.4, 9100.0)), calibration=0.1
)
#: Any spectrograph of the class, with a wide scatter of the resolution about this; its
#: response may be in the spectra.
LOW_RESOLUTION = dataclasses.replace(LAMOST, arms=((4.6, 9100.0),), calibration=0.4)
#: Where spectra may end that have no red part, angstrom.
_EARLY_ENDS = (4600.0, 7000.0)
#: Stars made at a time: the arrays of a chunk stay within tens of megabytes.
_CHUNK = 256
_LOG_STEP = LOG_WAVELENGTH[1] - LOG_WAVELENGTH[0]


@dataclasses.dataclass(frozen=True)
class StarPrior:
    """How stars are seen.

    Parameters
    ----------
    snr : tuple of float
        Range of the median S/N per pixel between 5600 and 6900 angstrom, uniform in
        its logarithm.
    velocity : float
        Scatter of the radial velocity, km/s.
    velocity_error : float
        Scatter of what is known of it, km/s.
    ebv : float
        Mean E(B-V) in magnitudes, exponentially distributed.
    rotation : float
        Mean of the projected rotation velocity, km/s, exponentially distributed.
    resolution : float
        Scatter of the resolution about that of the instrument, as a fraction: focus,
        fibres, and other instruments of the same class.
    ends_early : float
        Share of the spectra that end anywhere between 4600 and 7000 angstrom.
    errors_told : float
        Share of the spectra whose errors are known; of the others all good pixels have
        the same inverse variance.
    """

    snr: tuple = (5.0, 150.0)
    velocity: float = 120.0
    velocity_error: float = 8.0
    ebv: float = 0.12
    rotation: float = 8.0
    resolution: float = 0.12
    ends_early: float = 0.15
    errors_told: float = 0.92


class StarSimulator:
    """Draw spectra of stars whose labels are known.

    Parameters
    ----------
    templates : object
        Its ``draw(n, rng, split)`` gives labels (n, 9), identifiers (n,) and spectra
        (n, n_pix) on `~galspec.simulation.stellar_layout.LOG_WAVELENGTH`; ``fwhm`` is
        their resolution and ``limits`` their range, in angstrom.
    instrument : Instrument, optional
        The spectrograph; LAMOST, as stars see it, unless given.
    prior : StarPrior, optional
        How they are seen.
    """

    def __init__(self, templates, *, instrument=LAMOST_STARS, prior=None):
        self.templates = templates
        self.instrument = instrument
        self.prior = StarPrior() if prior is None else prior

    def draw(self, n, seed, *, split=None):
        """Draw observed spectra.

        Parameters
        ----------
        n : int
            Number of spectra.
        seed : int
            The same seed gives the same spectra.
        split : str, optional
            "train", "validation", "calibration" or "test": only stars of that part;
            all unless given.

        Returns
        -------
        batch : SpectrumBatch
            ``redshift`` is the radial velocity over the speed of light, with its error.
        truth : astropy.table.Table
            The labels (`~galspec.simulation.stellar_emulator.LABELS`), ``ch``,
            ``velocity`` and what is known of it, ``velocity_given`` (km/s), ``ebv``,
            ``snr_r`` and ``object_id``.
        """
        from astropy.table import Table

        parts = [self._chunk(size, rng, split) for size, rng in chunks(n, seed)]
        flux, ivar, truths = zip(*parts, strict=True)
        truth = Table({k: np.concatenate([t[k] for t in truths]) for k in truths[0]})
        batch = SpectrumBatch.from_arrays(
            self.instrument.wavelength,
            np.concatenate(flux),
            ivar=np.concatenate(ivar),
            redshift=np.asarray(truth["velocity_given"]) / SPEED_OF_LIGHT,
            ids={"object_id": np.asarray(truth["object_id"])},
        )
        return batch, truth

    def _chunk(self, n, rng, split):
        prior = self.prior
        labels, ids, spectra = self.templates.draw(n, rng, split)
        low, high = np.log(prior.snr)
        velocity = np.clip(rng.normal(0, prior.velocity, n), -600, 600)
        truth = dict(zip(LABELS, labels.T, strict=True)) | {
            "object_id": ids,
            "ch": labels[:, LABELS.index("feh")] + labels[:, LABELS.index("cfe")],
            "velocity": velocity,
            "velocity_given": velocity + rng.normal(0, prior.velocity_error, n),
            "ebv": rng.exponential(prior.ebv, n),
            "snr_r": np.exp(rng.uniform(low, high, n)),
        }
        rest = self._broadened(spectra, rng)
        rest *= reddening(truth["ebv"], SURVEY)
        shift = np.log10(1 + velocity / SPEED_OF_LIGHT)
        first = (self.instrument.log_start - shift - LOG_WAVELENGTH[0]) / _LOG_STEP
        flux = shifted(rest, first, 2 * self.instrument.n_pixels)[:, ::2]
        # Arbitrary units, as spectra come.
        flux *= 10 ** rng.uniform(1.0, 4.0, (n, 1)).astype(np.float32)
        observed, ivar = observe(self.instrument, flux, truth["snr_r"], rng)
        untold = rng.random(n) > prior.errors_told
        ivar[untold] = ivar[untold] > 0
        covered = self._covered(shift, rng)
        return np.where(covered, observed, 0), np.where(covered, ivar, 0), truth

    def _broadened(self, flux, rng):
        """At the resolution of the instrument, which changes a little.

        All stars of a chunk share the change, so that it is one convolution.
        """
        change = np.exp(rng.normal(0, self.prior.resolution))
        rotation = rng.exponential(self.prior.rotation)

        def missing(wavelength):
            seen = self.instrument.dispersion(wavelength) * change
            have = self.templates.fwhm / wavelength * SPEED_OF_LIGHT / 2.3548
            return np.sqrt(max(seen**2 - have**2, 0) + rotation**2)

        return broadened(flux.astype(np.float32), LOG_WAVELENGTH, missing)

    def _covered(self, shift, rng):
        """Pixels of the instrument that are there, (n, n_pixels)."""
        low, high = np.log10(self.templates.limits)
        end = np.full(len(shift), high)
        early = rng.random(len(shift)) < self.prior.ends_early
        end[early] = np.log10(rng.uniform(*_EARLY_ENDS, np.count_nonzero(early)))
        rest = np.log10(self.instrument.wavelength) - shift[:, None]
        return (rest > low) & (rest < np.minimum(end, high)[:, None])


def chunks(n, seed):
    """Sizes of the chunks in which n stars are drawn, each with its own randomness.

    Parameters
    ----------
    n, seed : int

    Returns
    -------
    list of (int, numpy.random.Generator)
    """
    starts = range(0, n, _CHUNK)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    return [
        (min(_CHUNK, n - start), np.random.default_rng(child))
        for start, child in zip(starts, seeds, strict=True)
    ]


def reddening(ebv, layout, part=slice(None)):
    """Transmission of dust, 1 at 5500 angstrom.

    Parameters
    ----------
    ebv : ndarray, shape (n,)
        Magnitudes.
    layout : `~galspec.simulation.stellar_layout.Layout`
        Which has the pixels.
    part : slice
        Of the pixels.

    Returns
    -------
    ndarray, shape (n, n_pix), float32
    """
    depth = -0.4 * np.log(10) * ebv.astype(np.float32)[:, None]
    return np.exp(depth * _extinction(layout)[part])


@functools.cache
def _extinction(layout):
    """Magnitudes for each of E(B-V), beyond that at 5500 angstrom: Gordon et al. 2023,
    ApJ 950, 86, for R(V) = 3.1.
    """
    import astropy.units as u
    from dust_extinction.parameter_averages import G23

    curve = G23(Rv=3.1)
    k = 3.1 * (curve(layout.wavelength * u.AA) - curve(5500 * u.AA))
    return k.astype(np.float32)
