"""Simulated spectra of stars with known energy distributions."""

import dataclasses

import numpy as np

from galspec.constants import SPEED_OF_LIGHT
from galspec.simulation.instrument import Instrument
from galspec.simulation.line_spread import blurred
from galspec.simulation.noise import observe
from galspec.simulation.sed_templates import KNOWN
from galspec.simulation.stars import chunks, reddening
from galspec.simulation.stellar_layout import ENERGY
from galspec.spectra import SpectrumBatch

__all__ = ["SLITLESS", "EnergyPrior", "EnergySimulator", "energies_of"]

#: A spectrograph in space; nothing is known of its noise but that it is smooth, and as
#: little of its response: what slopes a continuum leaves must tell nothing.
SLITLESS = Instrument(
    name="slitless",
    log_start=3.6020,
    n_pixels=2432,
    resolution=2000.0,
    noise_knots=((4000, 0.0), (7000, 0.0)),
    noise_scatter=0.15,
    join=(4000.0, 7000.0),
    join_noise=0.0,
    calibration=0.15,
    blue_noise=0.1,
    in_space=True,
)
#: Pixels that are drawn at each end and cut off again.
_MARGIN = 40
#: Of a Gaussian, of one over its full width at half maximum.
_SIGMA = 1 / np.sqrt(8 * np.log(2))


@dataclasses.dataclass(frozen=True)
class EnergyPrior:
    """How stars are seen.

    Parameters
    ----------
    snr : tuple of float
        Range of the median S/N per pixel between 5600 and 6900 angstrom, uniform in
        its logarithm.
    resolution : tuple of float
        Range of the resolving power.
    usual : float
        Share of the spectra with a resolving power of 2000.
    velocity : float
        Scatter of the radial velocity, km/s.
    velocity_error : float
        Scatter of what is known of it, km/s.
    ebv : float
        Mean E(B-V) in magnitudes, exponentially distributed.
    normalised : float
        Share of the spectra that were divided by a continuum already.
    errors_told : float
        Share of the spectra whose errors are known.
    """

    snr: tuple = (10.0, 150.0)
    resolution: tuple = (1000.0, 2500.0)
    usual: float = 0.6
    velocity: float = 120.0
    velocity_error: float = 10.0
    ebv: float = 0.1
    normalised: float = 0.5
    errors_told: float = 0.7


class EnergySimulator:
    """Draw spectra of stars whose energy distributions are known.

    Parameters
    ----------
    templates : object
        Of `galspec.simulation.sed_templates`.
    instrument : Instrument, optional
        Its pixels and noise; the resolution is that of the prior.
    prior : EnergyPrior, optional
    continua : sequence of `~galspec.transforms.Continuum`, optional
        By which users divide their spectra; the true continuum, if it is known, counts
        as one more.
    """

    def __init__(self, templates, *, instrument=SLITLESS, prior=None, continua=None):
        from galspec.transforms import GaussianContinuum, PolynomialContinuum

        self.templates = templates
        self.instrument = instrument
        self.prior = EnergyPrior() if prior is None else prior
        self.continua = continua or (
            GaussianContinuum(60.0),
            GaussianContinuum(200.0, weighted=False),
            PolynomialContinuum(5, rounds=2),
        )

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
            ``log_sed`` (n, 574): natural logarithm of the energy distribution that is
            not reddened, 0 at 5500 angstrom; ``teff``, ``logg``, ``feh``, ``snr``,
            ``resolution``, ``ebv``, ``velocity`` (km/s), ``normalised`` and
            ``object_id``.
        """
        from astropy.table import Table

        parts = [self._chunk(size, rng, split) for size, rng in chunks(n, seed)]
        batches, truths = zip(*parts, strict=True)
        truth = Table({k: np.concatenate([t[k] for t in truths]) for k in truths[0]})
        return SpectrumBatch.concatenate(batches), truth

    def _chunk(self, n, rng, split):
        prior = self.prior
        stars = self.templates.draw(n, rng, split)
        truth = dict(zip(KNOWN, stars.labels.T, strict=True)) | {
            "log_sed": stars.log_sed,
            "object_id": stars.ids,
            "snr": np.exp(rng.uniform(*np.log(prior.snr), n)),
            "resolution": self._resolution(n, rng),
            "ebv": rng.exponential(prior.ebv, n),
            "velocity": rng.normal(0, prior.velocity, n),
            "normalised": rng.random(n) < prior.normalised,
        }
        # who divides by the true continuum, and who by one of another method
        kinds = len(self.continua) + (stars.continuum is not None)
        kind = np.where(truth["normalised"], rng.integers(0, kinds, n), -1)
        flux, seen = self._observable(stars, kind == len(self.continua), truth)
        observed, ivar = observe(self.instrument, flux, truth["snr"], rng)
        untold = rng.random(n) > prior.errors_told
        ivar[untold] = ivar[untold] > 0
        known = truth["velocity"] + rng.normal(0, prior.velocity_error, n)
        batch = SpectrumBatch.from_arrays(
            self.instrument.wavelength,
            observed,
            ivar=np.where(seen, ivar, 0),
            redshift=known / SPEED_OF_LIGHT,
            ids={"object_id": stars.ids},
        )
        return self._divided(batch, kind), truth

    def _resolution(self, n, rng):
        usual = rng.random(n) < self.prior.usual
        return np.where(usual, 2000.0, rng.uniform(*self.prior.resolution, n))

    def _observable(self, stars, plain, truth):
        """Flux on the pixels of the instrument, and where there is any."""
        first = (self.instrument.log_start - ENERGY.log_start) / ENERGY.log_step
        start = int(first) - _MARGIN
        part = slice(start, start + self.instrument.n_pixels + 2 * _MARGIN)
        rest = stars.flux[:, part] * reddening(truth["ebv"], ENERGY, part)
        rest[plain] = stars.flux[plain, part] / (
            1 if stars.continuum is None else stars.continuum[plain, part]
        )
        lost = ~np.isfinite(rest)
        if lost.any():
            rest = _bridged(rest, lost)
        sigma = _missing(truth["resolution"], stars.resolution) / ENERGY.log_step
        shift = np.log10(1 + truth["velocity"] / SPEED_OF_LIGHT) / ENERGY.log_step
        flux = blurred(rest, sigma, shift - (first - int(first)))
        cut = slice(_MARGIN, -_MARGIN)
        floor = 1e-3 * np.median(flux, axis=1, keepdims=True)
        return np.maximum(flux[:, cut], floor), ~lost[:, cut]

    def _divided(self, batch, kind):
        """What users make of it: some divide by a continuum of their own."""
        flux, ivar = batch.flux.copy(), batch.ivar.copy()
        for number, continuum in enumerate(self.continua):
            rows = np.flatnonzero(kind == number)
            curve = continuum.fit(batch[rows])
            good = curve > 0
            flux[rows] = np.where(good, flux[rows] / np.where(good, curve, 1), 0)
            ivar[rows] = np.where(good, ivar[rows] * curve**2, 0)
        return SpectrumBatch.from_arrays(
            batch.wavelength,
            flux,
            ivar=ivar,
            redshift=batch.redshift,
            ids=batch.ids,
        )


def energies_of(truth):
    """Labels to be learned from the truth of `EnergySimulator.draw`, (n, 574)."""
    return np.asarray(truth["log_sed"], dtype=float)


def _missing(wanted, have):
    """Dispersion in log10 of the wavelength that makes one resolution the other."""
    width = np.sqrt(np.maximum(wanted**-2.0 - float(have) ** -2, 0))
    return _SIGMA * width / np.log(10)


def _bridged(rows, lost):
    """Rows without the pixels that are lost: as their neighbours are."""
    pixels = np.arange(rows.shape[1])
    rows = rows.copy()
    for row, gone in zip(rows, lost, strict=True):
        row[gone] = np.interp(pixels[gone], pixels[~gone], row[~gone])
    return rows
