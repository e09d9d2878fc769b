"""Simulated galaxies: reproducible, split by object, labelled by their own lines."""

import numpy as np
import pytest

from galspec.simulation import (
    LAMOST,
    SDSS,
    GalaxyIngredients,
    GalaxyPrior,
    GalaxySimulator,
)
from galspec.simulation.lines import LINES


@pytest.fixture(scope="module")
def ingredients(shared_data):
    return GalaxyIngredients.load(shared_data / "galaxies" / "simulation")


@pytest.fixture(scope="module")
def simulator(ingredients):
    return GalaxySimulator(ingredients)


def test_missing_ingredients_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="desi_bgs_ew10"):
        GalaxyIngredients.load(tmp_path)


@pytest.mark.shared
@pytest.mark.parametrize("instrument", [LAMOST, SDSS], ids=lambda i: i.name)
def test_shapes_and_ranges(ingredients, instrument):
    batch, truth = GalaxySimulator(ingredients, instrument=instrument).draw(700, 1)
    assert batch.flux.shape == (700, instrument.n_pixels)
    np.testing.assert_allclose(batch.wavelength, instrument.wavelength)
    np.testing.assert_array_equal(batch.redshift, truth["redshift"])
    assert 0.002 <= truth["redshift"].min() < truth["redshift"].max() <= 0.30
    assert 3.0 <= truth["snr_r"].min() < truth["snr_r"].max() <= 60.0
    star_forming = truth["kind"] == "star-forming"
    assert np.isfinite(truth["oh"][star_forming]).all()
    assert np.isnan(truth["oh"][~star_forming]).all()
    assert 7.1 < truth["oh"][star_forming].min() < 7.6
    assert 8.75 < truth["oh"][star_forming].max() < 9.05


@pytest.mark.shared
def test_seed_makes_it_reproducible(simulator):
    (one, truth), (two, again) = (simulator.draw(300, 7) for _ in range(2))
    np.testing.assert_array_equal(one.flux, two.flux)
    np.testing.assert_array_equal(one.ivar, two.ivar)
    np.testing.assert_array_equal(truth["object_id"], again["object_id"])
    other, _ = simulator.draw(300, 8)
    assert not np.array_equal(one.flux, other.flux)


@pytest.mark.shared
def test_splits_share_no_object(simulator):
    seen = {}
    for split in ("train", "validation", "calibration", "test"):
        _, truth = simulator.draw(600, 2, split=split)
        seen[split] = set(truth["object_id"])
    names = list(seen)
    for k, first in enumerate(names):
        for second in names[k + 1 :]:
            assert not seen[first] & seen[second]


@pytest.mark.shared
def test_unknown_split_is_refused(simulator):
    with pytest.raises(ValueError, match="no split 'valid'"):
        simulator.draw(10, 0, split="valid")


@pytest.mark.shared
def test_signal_to_noise_is_the_one_in_the_truth(simulator):
    batch, truth = simulator.draw(400, 3)
    band = (batch.wavelength > 5600) & (batch.wavelength < 6900)
    got = np.median(batch.flux[:, band] * np.sqrt(batch.ivar[:, band]), axis=1)
    assert np.median(got / truth["snr_r"]) == pytest.approx(1.0, abs=0.05)
    assert np.percentile(np.abs(np.log(got / truth["snr_r"])), 90) < 0.3


def measured(emission, wavelength, redshift, line):
    """Flux of a Gaussian line, up to its width: a parabola through log of its peak."""
    centre = LINES[line] * (1 + redshift)
    near = np.argsort(np.abs(wavelength - centre))[:3]
    x = np.log(wavelength[near] / centre) * 1e4
    bend, slope, height = np.polyfit(x, np.log(emission[near].astype(float)), 2)
    return np.exp(height - slope**2 / (4 * bend)) * centre


@pytest.mark.shared
def test_label_is_o3n2_of_the_lines_in_the_spectrum(ingredients):
    prior = GalaxyPrior(
        kinds={"star-forming": 1.0}, metal_poor=0.0, redshift=(0.01, 0.2)
    )
    simulator = GalaxySimulator(ingredients, prior=prior)
    _, emission, truth = simulator.model(200, 4)
    names = ("OIII_5007", "Hbeta", "NII_6584", "Halpha")
    flux = np.array(
        [
            [measured(row, LAMOST.wavelength, z, name) for name in names]
            for row, z in zip(emission, truth["redshift"], strict=True)
        ]
    )
    o3n2 = np.log10(flux[:, 0] / flux[:, 1] / flux[:, 2] * flux[:, 3])
    np.testing.assert_allclose(8.73 - 0.32 * o3n2, truth["oh"], atol=0.002)


@pytest.mark.shared
def test_equivalent_width_is_the_one_in_the_truth(ingredients):
    prior = GalaxyPrior(kinds={"star-forming": 1.0}, redshift=(0.05, 0.1))
    continuum, emission, truth = GalaxySimulator(ingredients, prior=prior).model(50, 1)
    wavelength = LAMOST.wavelength
    for level, lines, row in zip(continuum, emission, truth, strict=True):
        rest = wavelength / (1 + row["redshift"])
        window = (rest > 6480) & (rest < 6650)
        total = np.trapezoid(lines[window], rest[window]) / np.median(level[window])
        blend = 1 + 10 ** row["log_n2"] * (1 + 1 / 3.05)
        assert np.log10(total / blend) == pytest.approx(row["log_ew_ha"], abs=0.04)


@pytest.mark.shared
def test_passive_galaxies_have_no_lines(ingredients):
    prior = GalaxyPrior(kinds={"passive": 1.0})
    continuum, emission, truth = GalaxySimulator(ingredients, prior=prior).model(60, 1)
    assert (emission.max(axis=1) < 0.2 * np.median(continuum, axis=1)).all()
    assert set(truth["kind"]) == {"passive"}


@pytest.mark.shared
def test_classes_lie_where_their_ratios_put_them(simulator):
    _, truth = simulator.draw(800, 5)
    real = truth[truth["source"] == "desi-bgs"]
    kauffmann = 0.61 / (real["log_n2"] - 0.05) + 1.3
    below = (real["log_n2"] < 0.05) & (real["log_o3"] < kauffmann)
    np.testing.assert_array_equal(below, real["kind"] == "star-forming")
