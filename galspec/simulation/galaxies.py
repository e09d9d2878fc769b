"""Simulated spectra of galaxies with known gas-phase abundance and class."""

import numpy as np

from galspec.simulation.continuum import (
    LOG_STEP,
    REST_LOG_WAVELENGTH,
    calzetti,
)
from galspec.simulation.histories import population_weights
from galspec.simulation.instrument import LAMOST
from galspec.simulation.lines import LINES, column
from galspec.simulation.nebular import nebular_continuum
from galspec.simulation.noise import observe
from galspec.simulation.prior import (
    GalaxyPrior,
    draw_truth,
    stellar_metallicity,
    young_light,
)
from galspec.simulation.rendering import (
    broad_lines,
    emission_lines,
    line_fluxes,
    shifted,
)
from galspec.spectra import SpectrumBatch
from galspec.training.splits import FRACTIONS, split_by_object

__all__ = ["GalaxyPrior", "GalaxySimulator"]

#: Galaxies made at a time: the arrays of a chunk stay within tens of megabytes.
_CHUNK = 256


class GalaxySimulator:
    """Draw galaxy spectra whose truth is known.

    Parameters
    ----------
    ingredients : GalaxyIngredients
        Stellar populations and line fluxes.
    instrument : Instrument, optional
        The spectrograph; LAMOST unless given.
    prior : GalaxyPrior, optional
        What is drawn how often.
    """

    def __init__(self, ingredients, *, instrument=LAMOST, prior=None):
        self.ingredients = ingredients
        self.instrument = instrument
        self.prior = GalaxyPrior() if prior is None else prior
        self._parts = split_by_object(ingredients.lines.ids)

    def draw(self, n, seed, *, split=None):
        """Draw observed spectra.

        Parameters
        ----------
        n : int
            Number of spectra.
        seed : int
            The same seed gives the same spectra.
        split : str, optional
            "train", "validation", "calibration" or "test": only objects of that
            part of `galspec.training.splits.split_by_object`; all unless given.

        Returns
        -------
        batch : SpectrumBatch
            The spectra; ``redshift`` is the true one.
        truth : astropy.table.Table
            ``oh`` (12 + log10(O/H): PP04 O3N2 above 8.15, PG16 R below 7.9, a blend
            between; NaN unless star-forming), ``redshift``, ``snr_r``, ``kind``,
            ``object_id``, ``log_ew_ha`` (rest frame, angstrom), ``source`` of the
            lines, ``ebv`` of the lines, and ``log_o3``, ``log_n2`` (line ratios before
            noise).

        Raises
        ------
        ValueError
            If ``split`` is not the name of a part, or ``n`` is below 1.
        """
        drawn = [self._observed(*chunk, split) for chunk in _chunks(n, seed)]
        flux, ivar, truths = zip(*drawn, strict=True)
        truth = _stack(truths)
        batch = SpectrumBatch.from_arrays(
            self.instrument.wavelength,
            np.concatenate(flux),
            ivar=np.concatenate(ivar),
            redshift=np.asarray(truth["redshift"]),
            ids={"object_id": np.asarray(truth["object_id"])},
        )
        return batch, truth

    def model(self, n, seed, *, split=None):
        """Draw the same galaxies as `draw`, without noise.

        Parameters
        ----------
        n, seed, split
            As in `draw`.

        Returns
        -------
        continuum : ndarray, shape (n, n_pixels), float32
            Starlight and the continuum of the gas on the pixels of the instrument.
        emission : ndarray, shape (n, n_pixels), float32
            Emission lines on the same pixels.
        truth : astropy.table.Table
            As in `draw`.
        """
        drawn = [self._model(*chunk, split) for chunk in _chunks(n, seed)]
        continuum, emission, truths = zip(*drawn, strict=True)
        return np.concatenate(continuum), np.concatenate(emission), _stack(truths)

    def _observed(self, n, rng, split):
        continuum, emission, truth = self._model(n, rng, split)
        spectra = continuum + emission
        return *observe(self.instrument, spectra, truth["snr_r"], rng), truth

    def _model(self, n, rng, split):
        truth, lines = draw_truth(
            self.prior, self.ingredients.lines, self._allowed(split), n, rng
        )
        rest = self._starlight(truth, rng)
        fluxes = line_fluxes(lines, truth["log_ew_ha"], truth["ebv"], rest)
        rest += nebular_continuum(fluxes[:, column("Hbeta")], truth["ebv"])
        shift = np.log10(1.0 + truth["redshift"])
        start, n_pixels = self.instrument.log_start, self.instrument.n_pixels
        first = (start - shift - REST_LOG_WAVELENGTH[0]) / LOG_STEP
        continuum = shifted(rest, first, n_pixels)
        emission = self._emission(fluxes, truth, rng)
        self._add_nuclei(continuum, emission, rest, truth, rng)
        # Arbitrary units, as spectra come: fluxes span two decades.
        scale = 10 ** rng.uniform(1.0, 3.0, (n, 1)).astype(np.float32)
        return continuum * scale, emission * scale, truth

    def _allowed(self, split):
        """Return which line vectors belong to a part of the split."""
        if split is None:
            return np.ones(len(self._parts), dtype=bool)
        if split not in FRACTIONS:
            raise ValueError(f"no split {split!r}: it is one of {', '.join(FRACTIONS)}")
        return self._parts == split

    def _starlight(self, truth, rng):
        """Return the dusty rest-frame continua, (n, n_rest)."""
        kind, n = truth["kind"], len(truth["kind"])
        stars = self.ingredients.stars
        young = young_light(truth, rng)
        # Active nuclei sit in massive galaxies, many of them with an old bulge; so do
        # some of the others.
        bulges = {"star-forming": 0.15, "composite": 0.4, "agn": 0.4}
        old = rng.random(n) < np.array([bulges.get(name, 1.0) for name in kind])
        weights = population_weights(
            stars, young, stellar_metallicity(truth, rng), rng, old_only=old
        )
        disc = np.isin(kind, ("star-forming", "composite"))
        motion = np.where(disc, rng.uniform(50, 180, n), rng.uniform(100, 300, n))
        seen = self.instrument.dispersion(5000.0 * (1.0 + truth["redshift"]))
        rest = stars.continua(weights, np.hypot(motion, seen))
        # Stars see 0.44 of the colour excess of the gas: Calzetti et al. 2000, eq. 3.
        ebv = truth["ebv"] * np.clip(rng.normal(0.44, 0.15, n), 0.05, 1.0)
        # Dust of the Milky Way and colours of fibres: they redden, lines untold.
        ebv += np.abs(rng.normal(0.0, 0.07, n))
        k = calzetti(10**REST_LOG_WAVELENGTH) - calzetti(5500.0)
        curve = (-0.4 * np.log(10.0) * k).astype(np.float32)
        rest *= np.exp(ebv.astype(np.float32)[:, None] * curve)
        return rest

    def _emission(self, fluxes, truth, rng):
        """Return narrow lines, (n, n_pixels), with a random resolution and width."""
        kind, n = truth["kind"], len(truth["kind"])
        disc = np.isin(kind, ("star-forming", "composite"))
        gas = np.where(disc, rng.uniform(25, 140, n), rng.uniform(80, 280, n))
        wavelength = np.array(list(LINES.values()))
        seen = wavelength * (1.0 + truth["redshift"])[:, None]
        # Focus and fibres change the resolution, and not alike from end to end.
        tilt = (seen / 6200.0) ** rng.normal(0.0, 0.12, (n, 1))
        spread = self.instrument.dispersion(seen) * tilt * rng.normal(1, 0.06, (n, 1))
        return emission_lines(
            fluxes,
            truth["redshift"],
            np.hypot(gas[:, None], spread),
            self.instrument.log_start,
            self.instrument.n_pixels,
        )

    def _add_nuclei(self, continuum, emission, rest, truth, rng):
        """Give every fifth AGN, in place, broad lines and a power-law continuum."""
        rows = np.flatnonzero((truth["kind"] == "agn") & (rng.random(len(rest)) < 0.2))
        if len(rows) == 0:
            return
        n, wavelength = len(rows), self.instrument.wavelength
        share = rng.uniform(0.1, 3.0, (n, 1))
        slope = rng.uniform(-2.0, -0.5, (n, 1))
        nucleus = share * np.median(rest[rows], axis=1, keepdims=True)
        continuum[rows] += nucleus * (wavelength / 5500.0) ** slope
        # Broad H-alpha of 150-400 angstrom against the light of the nucleus.
        flux = nucleus[:, 0] * rng.uniform(150, 400, n)
        emission[rows] += broad_lines(
            flux,
            truth["redshift"][rows],
            rng.uniform(700, 2500, n),
            self.instrument.log_start,
            self.instrument.n_pixels,
        )


def _chunks(n, seed):
    """Yield sizes that sum to n, each with its own generator."""
    if n < 1:
        raise ValueError(f"n is {n}: 1 or more galaxies can be drawn")
    starts = range(0, n, _CHUNK)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    for start, child in zip(starts, seeds, strict=True):
        yield min(_CHUNK, n - start), np.random.default_rng(child)


def _stack(truths):
    """Return one table of the truth of all chunks."""
    from astropy.table import Table

    names = truths[0]
    return Table({name: np.concatenate([t[name] for t in truths]) for name in names})
