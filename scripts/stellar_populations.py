"""Which stars a synthetic grid holds: named populations, and a star for each number.

The star of a number depends on the grid and the number alone, so that a grid can be
extended, continued and computed in pieces anywhere.
"""

import dataclasses

import numpy as np
from spectral_synthesis import SpectralRange, Star

__all__ = ["GRIDS", "Population", "StellarGrid"]

#: Gravity of giants and subgiants by effective temperature, at [Fe/H] = -2 and below.
GIANT_TEFF = (4000.0, 4500.0, 5000.0, 5400.0, 5700.0)
GIANT_LOGG = (0.6, 1.3, 2.2, 3.0, 3.6)
#: Giants of a temperature have more gravity the more metals they have, dex per dex.
GIANT_METALS = 0.45
#: No known star has more than this beyond the Sun's carbon: [C/H], dex.
MOST_CARBON = 0.45


@dataclasses.dataclass(frozen=True)
class Population:
    """Stars of one sort.

    Attributes
    ----------
    share : float
        Of the grid.
    feh : (float, float)
        Range of [Fe/H], drawn evenly; with ``solar_peak``, half the stars are drawn
        from a Gaussian of the solar neighbourhood instead, within the range.
    cfe : (float, float)
        Range of [C/Fe], drawn evenly up to the most carbon that stars have; or, if
        ``peaked``, mean and scatter.
    giants : float
        Share of giants and subgiants; the others are dwarfs.
    giant_teff, dwarf_teff : (float, float)
        Ranges, K.
    peaked, solar_peak : bool
    nfe_slope, nfe_scatter : float
        [N/Fe] per [C/Fe], for nitrogen comes with carbon or is made of it; and dex
        about that.
    s_process : float
        Share of stars with s-process elements enhanced, by up to 2 dex.
    alpha_scatter : float
        About the trend of the Milky Way, dex.
    """

    share: float
    feh: tuple[float, float]
    cfe: tuple[float, float]
    giants: float = 0.6
    giant_teff: tuple[float, float] = (4000.0, 5700.0)
    dwarf_teff: tuple[float, float] = (4000.0, 7000.0)
    peaked: bool = False
    solar_peak: bool = False
    nfe_slope: float = -0.2
    nfe_scatter: float = 0.35
    s_process: float = 0.0
    alpha_scatter: float = 0.07

    def draw(self, rng):
        """Return a star.

        Parameters
        ----------
        rng : numpy.random.Generator

        Returns
        -------
        Star
        """
        feh = self._metals(rng)
        teff, logg = self._stage(rng, feh)
        cfe = self._carbon(rng, feh)
        enhanced = rng.random() < self.s_process
        return Star(
            teff=teff,
            logg=logg,
            feh=feh,
            cfe=cfe,
            alpha=_clipped(_alpha_trend(feh), self.alpha_scatter, (-0.15, 0.55), rng),
            nfe=_clipped(self.nfe_slope * cfe, self.nfe_scatter, (-0.5, 3.0), rng),
            srat=float(rng.uniform(0, 2)) if enhanced else 0.0,
            c1213=float(np.exp(rng.uniform(np.log(4), np.log(90)))),
            vt=_clipped(_turbulence(teff, logg), 0.2, (0.7, 3.0), rng),
        )

    def _metals(self, rng):
        if self.solar_peak and rng.random() < 0.5:
            return _clipped(-0.2, 0.35, self.feh, rng)
        return float(rng.uniform(*self.feh))

    def _stage(self, rng, feh):
        if rng.random() < self.giants:
            teff = float(rng.uniform(*self.giant_teff))
            ridge = np.interp(teff, GIANT_TEFF, GIANT_LOGG)
            ridge += GIANT_METALS * max(feh + 2, 0)
            return teff, _clipped(ridge, 0.45, (0.1, 4.2), rng)
        teff = float(rng.uniform(*self.dwarf_teff))
        # Only stars hotter than old turn-offs leave the main sequence.
        lowest = 4.3 if teff < 5500 else 3.6
        return teff, float(rng.uniform(lowest, 4.9))

    def _carbon(self, rng, feh):
        most = MOST_CARBON - feh
        if self.peaked:
            return _clipped(*self.cfe, (-0.9, most), rng)
        low, high = self.cfe
        return float(rng.uniform(low, min(high, most)))


@dataclasses.dataclass(frozen=True)
class StellarGrid:
    """Spectra of one range, of stars of several populations.

    Attributes
    ----------
    spectral_range : SpectralRange
    labels : tuple of str
        Labels of `Star` that vary and are kept.
    populations : dict of str to Population
        Shares add up to one.
    seed : int
        Tells grids apart.
    """

    spectral_range: SpectralRange
    labels: tuple[str, ...]
    populations: dict[str, Population]
    seed: int

    def population_of(self, index):
        """Name of the population of star number ``index``."""
        return self._drawn(index)[0]

    def star(self, index):
        """Star number ``index``.

        Parameters
        ----------
        index : int

        Returns
        -------
        Star
            Labels that the grid does not keep are the Sun's.
        """
        _, star = self._drawn(index)
        return Star(**{name: getattr(star, name) for name in self.labels})

    def _drawn(self, index):
        rng = np.random.default_rng([self.seed, index])
        shares = [population.share for population in self.populations.values()]
        name = rng.choice(list(self.populations), p=shares)
        return str(name), self.populations[name].draw(rng)


def _clipped(mean, scatter, limits, rng):
    return float(np.clip(rng.normal(mean, scatter), *limits))


def _alpha_trend(feh):
    """[alpha/Fe] of the Milky Way: 0.4 in the halo, falling to the Sun's."""
    return 0.4 * float(np.clip(-feh, 0, 1))


def _turbulence(teff, logg):
    """Microturbulence (km/s) of most stars: more in giants and in hot stars."""
    return 2.2 - 0.28 * logg + 0.4 * float(np.clip((teff - 6000) / 1000, 0, 1))


_CEMP = {
    # [C/Fe] evenly, up to the carbon that nature reaches.
    "carbon-enhanced": Population(
        0.24, (-4.0, -1.0), (0.5, 3.2), nfe_slope=0.5, s_process=0.6
    ),
    # About the borders of the criteria, +0.7 and +1.0.
    "borderline": Population(
        0.08, (-4.0, -1.5), (0.2, 1.4), nfe_slope=0.5, s_process=0.3
    ),
    "metal-poor": Population(
        0.22, (-4.0, -1.0), (0.1, 0.35), peaked=True, alpha_scatter=0.1
    ),
    # Giants that have mixed: carbon has become nitrogen.
    "mixed": Population(
        0.05,
        (-4.0, 0.0),
        (-0.9, 0.0),
        giants=1.0,
        giant_teff=(4000.0, 5200.0),
        nfe_slope=-1.0,
    ),
    # The disc: most of what a survey sees.
    "metal-rich": Population(
        0.24, (-1.0, 0.4), (0.03, 0.15), giants=0.5, peaked=True, solar_peak=True
    ),
    # CH and barium stars, so that metals and carbon are seen apart.
    "metal-rich carbon": Population(
        0.04, (-1.0, 0.2), (0.2, 1.4), nfe_slope=0.5, s_process=0.6
    ),
    # Edges of the range, where a draw in its middle leaves an emulator to guess.
    "most metal-poor": Population(
        0.05, (-4.0, -3.4), (-0.5, 3.2), nfe_slope=0.5, s_process=0.3
    ),
    "hot dwarfs": Population(
        0.04, (-4.0, 0.4), (0.1, 0.5), giants=0.0, dwarf_teff=(6400, 7000), peaked=True
    ),
    "cool giants": Population(
        0.04, (-4.0, 0.4), (-0.5, 2.5), giants=1.0, giant_teff=(4000.0, 4300.0)
    ),
}
_STANDARD_STARS = Population(
    0.5,
    (-2.5, 0.5),
    (0.0, 0.12),
    giants=0.25,
    giant_teff=(4900.0, 5700.0),
    dwarf_teff=(4900.0, 7500.0),
    peaked=True,
    solar_peak=True,
    nfe_slope=0.0,
    nfe_scatter=0.0,
)
_SED = {
    "all temperatures": dataclasses.replace(
        _STANDARD_STARS,
        giants=0.15,
        # Beyond the 5000-9750 K of the estimator: at the end of a grid stars look
        # like those within.
        giant_teff=(4400.0, 5700.0),
        dwarf_teff=(4400.0, 12500.0),
    ),
    # Standard stars are of types F and G.
    "like standard stars": _STANDARD_STARS,
}

#: Grids by name: ``cemp`` for stellar labels, ``sed`` for energy distributions. A star
#: that is computed keeps its labels when a declaration here changes; those to come
#: follow the new one.
GRIDS = {
    "cemp": StellarGrid(
        SpectralRange(3780.0, 8820.0, step=0.06),
        ("teff", "logg", "feh", "cfe", "alpha", "nfe", "srat", "c1213", "vt"),
        _CEMP,
        seed=1,
    ),
    "sed": StellarGrid(
        SpectralRange(2480.0, 10570.0, step=0.08),
        ("teff", "logg", "feh", "cfe", "alpha", "nfe", "vt"),
        _SED,
        seed=2,
    ),
}
