"""Simulated spectra of galaxies with known gas-phase abundance and class."""

import dataclasses

import numpy as np

from galspec.spectra import SpectrumBatch
from galspec.training.splits import FRACTIONS, split_by_object

from .continuum import (
    LOG_STEP,
    REST_LOG_WAVELENGTH,
    calzetti,
    population_weights,
)
from .instrument import LAMOST
from .lines import LINES, column, group_attenuation
from .noise import observe

__all__ = ["GalaxyPrior", "GalaxySimulator"]

_CHUNK = 512
_KM_S = 299792.458
_REST = 10**REST_LOG_WAVELENGTH
_LINE_WAVELENGTH = np.array(list(LINES.values()))
_METAL_POOR_SOURCES = ("hcm-popstar", "nebulabayes-hii")


@dataclasses.dataclass(frozen=True)
class GalaxyPrior:
    """How often each sort of galaxy is drawn, and over which ranges.

    Parameters
    ----------
    kinds : dict of str to float
        Share of each kind: "star-forming", "composite", "agn", "retired", "passive".
    metal_poor : float
        Share of the star-forming galaxies whose lines come from models of
        metal-poor gas, 12 + log10(O/H) from 7.15 to about 8.4.
    flatten : float
        0 keeps the abundances of the real galaxies as they are distributed, 1
        makes them uniform between 8.1 and 8.9.
    redshift : tuple of float
        Range of redshift; half uniform, half a hump near 0.07.
    snr : tuple of float
        Range of the median S/N per pixel in r, uniform in its logarithm.
    """

    kinds: dict = dataclasses.field(
        default_factory=lambda: {
            "star-forming": 0.50,
            "composite": 0.14,
            "agn": 0.12,
            "retired": 0.12,
            "passive": 0.12,
        }
    )
    metal_poor: float = 0.22
    flatten: float = 0.6
    redshift: tuple = (0.002, 0.30)
    snr: tuple = (3.0, 60.0)


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
            ``oh`` (12 + log10(O/H), PP04 O3N2 scale; NaN unless star-forming),
            ``redshift``, ``snr_r``, ``kind``, ``object_id``, ``log_ew_ha`` (rest
            frame, angstrom), ``source`` of the lines, ``ebv`` of the lines, and
            ``log_o3``, ``log_n2`` (line ratios before noise).
        """
        drawn = [self._observed(*args, split) for args in _chunks(n, seed)]
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
            Starlight on the pixels of the instrument.
        emission : ndarray, shape (n, n_pixels), float32
            Emission lines on the same pixels.
        truth : astropy.table.Table
            As in `draw`.
        """
        drawn = [self._model(size, rng, split) for size, rng in _chunks(n, seed)]
        continuum, emission, truths = zip(*drawn, strict=True)
        return np.concatenate(continuum), np.concatenate(emission), _stack(truths)

    def _observed(self, n, rng, split):
        continuum, emission, truth = self._model(n, rng, split)
        flux, ivar = observe(self.instrument, continuum + emission, truth["snr_r"], rng)
        return flux, ivar, truth

    def _model(self, n, rng, split):
        truth, lines = self._galaxies(n, rng, split)
        gas, stars = self._motions(truth["kind"], rng)
        rest = self._starlight(truth, stars, rng)
        flux = _line_fluxes(lines, truth, rest)
        start = self.instrument.log_start
        shift = np.log10(1.0 + truth["redshift"])
        first = (start - shift - REST_LOG_WAVELENGTH[0]) / LOG_STEP
        continuum = _shifted(rest, first, self.instrument.n_pixels)
        widths = np.hypot(gas, self.instrument.dispersion)
        emission = _emission(flux, shift, widths, start, continuum.shape)
        # Arbitrary units, as spectra come: fluxes span two decades.
        scale = 10 ** rng.uniform(1.0, 3.0, (n, 1)).astype(np.float32)
        return continuum * scale, emission * scale, truth

    def _galaxies(self, n, rng, split):
        """Return the truth of n galaxies and their dust-free line fluxes."""
        prior = self.prior
        kind = rng.choice(list(prior.kinds), n, p=list(prior.kinds.values()))
        rows = self._line_rows(kind, rng, split)
        vectors = self.ingredients.lines[rows]
        low, high = prior.redshift
        hump = np.clip(rng.gamma(3.0, 0.025, n), low, high)
        truth = {
            "oh": vectors.oh,
            "redshift": np.where(rng.random(n) < 0.5, hump, rng.uniform(low, high, n)),
            "snr_r": np.exp(rng.uniform(*np.log(prior.snr), n)),
            "kind": kind.astype("<U12"),
            "object_id": vectors.ids,
            "log_ew_ha": _equivalent_widths(kind, vectors, rng),
            "source": vectors.source,
            "ebv": _line_dust(kind, vectors, rng),
        }
        for name, line, reference in (
            ("log_o3", "OIII_5007", "Hbeta"),
            ("log_n2", "NII_6584", "Halpha"),
        ):
            pair = vectors.fluxes[:, [column(line), column(reference)]]
            truth[name] = np.log10(pair[:, 0] / pair[:, 1])
        return truth, vectors.fluxes

    def _line_rows(self, kind, rng, split):
        """Return the row of the line vectors for each galaxy."""
        lines = self.ingredients.lines
        allowed = np.ones(len(lines), bool) if split is None else self._parts == split
        if not allowed.any():
            raise ValueError(
                f"no objects in split {split!r}: it is one of {', '.join(FRACTIONS)}"
            )
        rows = np.empty(len(kind), dtype=int)
        for name in np.unique(kind):
            # Passive galaxies differ from retired ones in the strength of lines only.
            of_kind = lines.kind == ("retired" if name == "passive" else name)
            weight = self._weights(name) * (of_kind & allowed)
            chosen = kind == name
            rows[chosen] = rng.choice(len(lines), chosen.sum(), p=weight / weight.sum())
        return rows

    def _weights(self, kind):
        """Return the relative frequency of each line vector within a kind."""
        lines = self.ingredients.lines
        weight = lines.weight.copy()
        if kind != "star-forming":
            return np.where(lines.source == "desi-bgs", 2.0 * weight, weight)
        real = (lines.source == "desi-bgs") & (lines.kind == kind)
        poor = np.isin(lines.source, _METAL_POOR_SOURCES)
        poor &= (lines.oh > 7.15) & (lines.oh < 8.45)
        edges = np.arange(7.1, 9.11, 0.1)
        for members, flatten, share in (
            (real, self.prior.flatten, 1.0 - self.prior.metal_poor),
            (poor, 1.0, self.prior.metal_poor),
        ):
            bins = np.digitize(lines.oh[members], edges)
            count = np.bincount(bins, weight[members], len(edges) + 1)
            weight[members] /= np.maximum(count[bins], 0.002 * count.sum()) ** flatten
            weight[members] *= share / weight[members].sum()
        return np.where(real | poor, weight, 0.0)

    def _motions(self, kind, rng):
        """Return dispersions in km/s of the gas, and of stars as observed."""
        n = len(kind)
        disc = np.isin(kind, ("star-forming", "composite"))
        gas = np.where(disc, rng.uniform(25, 140, n), rng.uniform(80, 280, n))
        stars = np.where(disc, rng.uniform(50, 180, n), rng.uniform(100, 300, n))
        return gas, np.hypot(stars, self.instrument.dispersion)

    def _starlight(self, truth, dispersion, rng):
        """Return the dusty rest-frame continua, (n, n_rest)."""
        weights = population_weights(
            self.ingredients.stars,
            *_light_shares(truth, rng),
            _stellar_metallicity(truth, rng),
            rng,
            old_only=np.isin(truth["kind"], ("retired", "passive")),
        )
        rest = self.ingredients.stars.continua(weights, dispersion)
        # Stars see 0.44 of the colour excess of the gas: Calzetti et al. 2000, eq. 3.
        ebv = truth["ebv"] * np.clip(rng.normal(0.44, 0.15, len(weights)), 0.05, 1.0)
        curve = (-0.4 * np.log(10.0) * (calzetti(_REST) - 4.05)).astype(np.float32)
        rest *= np.exp(ebv.astype(np.float32)[:, None] * curve)
        return rest


def _chunks(n, seed):
    """Yield sizes that sum to n, each with its own generator."""
    starts = range(0, n, _CHUNK)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    for start, child in zip(starts, seeds, strict=True):
        yield min(_CHUNK, n - start), np.random.default_rng(child)


def _stack(truths):
    """Return one table of the truth of all chunks."""
    from astropy.table import Table

    names = truths[0]
    return Table({name: np.concatenate([t[name] for t in truths]) for name in names})


def _equivalent_widths(kind, vectors, rng):
    """Return log10 of the rest-frame equivalent width of H-alpha in angstrom."""
    n = len(kind)
    known = vectors.log_ew_ha + np.clip(rng.normal(-0.15, 0.25, n), -0.7, 0.35)
    drawn = np.where(
        kind == "star-forming", rng.uniform(0.6, 2.8, n), rng.normal(1.1, 0.4, n)
    )
    log_ew = np.where(np.isnan(known), drawn, known)
    log_ew = np.where(kind == "retired", rng.uniform(-0.4, 0.48, n), log_ew)
    return np.where(kind == "passive", rng.uniform(-1.6, -0.4, n), log_ew)


def _line_dust(kind, vectors, rng):
    """Return E(B-V) of the lines in magnitudes."""
    n = len(kind)
    poor = np.abs(rng.normal(0.0, 0.12, n))
    quiet = np.abs(rng.normal(0.0, 0.12, n))
    other = np.where(kind == "star-forming", poor, np.abs(rng.normal(0.25, 0.2, n)))
    other = np.where(np.isin(kind, ("retired", "passive")), quiet, other)
    known = np.clip(vectors.ebv + rng.normal(0.05, 0.12, n), 0.0, 1.2)
    return np.where(np.isnan(known), other, known)


def _light_shares(truth, rng):
    """Return the shares of light of ongoing and recent star formation."""
    kind, n = truth["kind"], len(truth["kind"])
    # H-alpha of 130 angstrom for light of young stars alone, with scatter; beyond
    # it nothing but young stars is left.
    young = 10 ** (truth["log_ew_ha"] - np.log10(130.0) + rng.normal(0.0, 0.2, n))
    young = np.where(kind == "agn", rng.uniform(0.0, 0.25, n), young)
    old = np.isin(kind, ("retired", "passive"))
    young = np.clip(np.where(old, 0.0, young), 0.0, 0.97)
    middle = np.where(old, 0.25 * rng.beta(1.0, 4.0, n), rng.beta(1.5, 1.8, n))
    return young, middle * (1.0 - young)


def _stellar_metallicity(truth, rng):
    """Return log10 of stellar metallicity over solar; follows the gas with scatter."""
    n = len(truth["kind"])
    # Solar 12 + log10(O/H) = 8.69: Asplund et al. 2009, ARA&A 47, 481.
    gas = np.where(np.isnan(truth["oh"]), rng.normal(8.7, 0.2, n), truth["oh"]) - 8.69
    return np.clip(gas - 0.05 + rng.normal(0.0, 0.25, n), -0.7, 0.4)


def _line_fluxes(lines, truth, rest):
    """Return line fluxes in the units of the continuum times angstrom."""
    k = group_attenuation()
    alpha = column("Halpha")
    dust = 10 ** (-0.4 * truth["ebv"][:, None] * (k - k[alpha]))
    relative = lines / lines[:, alpha : alpha + 1] * dust
    near = np.abs(_REST - _LINE_WAVELENGTH[alpha]) < 60.0
    level = np.median(rest[:, near], axis=1)
    return relative * (10 ** truth["log_ew_ha"] * level)[:, None]


def _shifted(rest, first, n_pixels):
    """Return rows of rest from fractional pixel first on, (n, n_pixels)."""
    whole = np.floor(first).astype(int)
    part = (first - whole).astype(np.float32)[:, None]
    columns = whole[:, None] + np.arange(n_pixels + 1)
    columns = np.clip(columns, 0, rest.shape[1] - 1)
    taken = np.take_along_axis(rest, columns, axis=1)
    return (1.0 - part) * taken[:, :-1] + part * taken[:, 1:]


def _emission(flux, shift, widths, log_start, shape, reach=28):
    """Return Gaussian lines on the observed pixels, (n, n_pixels) float32.

    flux is (n, n_lines) in rest-frame units; redshift keeps the equivalent width
    in the rest frame, so that the flux per angstrom does not change with it.
    """
    emission = np.zeros(shape, dtype=np.float32)
    rows = np.arange(shape[0])[:, None]
    offsets = np.arange(-reach, reach + 1)
    sigma = widths / (_KM_S * np.log(10.0) * LOG_STEP)
    for k, wavelength in enumerate(_LINE_WAVELENGTH):
        centre = (np.log10(wavelength) + shift - log_start) / LOG_STEP
        columns = np.rint(centre).astype(int)[:, None] + offsets
        distance = (columns - centre[:, None]) / sigma[:, None]
        peak = flux[:, k] / (np.sqrt(2 * np.pi) * wavelength * widths / _KM_S)
        profile = peak[:, None] * np.exp(-0.5 * distance**2)
        inside = (columns >= 0) & (columns < shape[1])
        profile = np.where(inside, profile, 0.0).astype(np.float32)
        emission[rows, np.clip(columns, 0, shape[1] - 1)] += profile
    return emission
