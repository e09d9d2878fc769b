"""Simulated galaxies: reproducible, split by object, labelled by their own lines."""

import numpy as np
import pytest

from galspec.line_ratios import is_agn, is_star_forming
from galspec.simulation import (
    DESI,
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
@pytest.mark.parametrize("instrument", [LAMOST, SDSS, DESI], ids=lambda i: i.name)
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
    assert np.isfinite(batch.flux).all()
    assert (batch.ivar >= 0).all()
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
def test_unknown_split_and_no_galaxies_are_refused(simulator):
    with pytest.raises(ValueError, match="no split 'valid'"):
        simulator.draw(10, 0, split="valid")
    with pytest.raises(ValueError, match="n is 0"):
        simulator.draw(0, 0)


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
    np.testing.assert_allclose(o3n2, truth["log_o3"] - truth["log_n2"], atol=0.006)
    # Below 8.15 the label leaves O3N2.
    rich = np.asarray(truth["oh"]) > 8.3
    assert rich.sum() > 100
    np.testing.assert_allclose(8.73 - 0.32 * o3n2[rich], truth["oh"][rich], atol=0.002)


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
def test_equivalent_width_can_be_measured_on_the_whole_spectrum(ingredients):
    prior = GalaxyPrior(kinds={"star-forming": 1.0}, redshift=(0.05, 0.1))
    continuum, emission, truth = GalaxySimulator(ingredients, prior=prior).model(150, 6)
    wavelength, errors = LAMOST.wavelength, []
    for spectrum, row in zip(continuum + emission, truth, strict=True):
        rest = wavelength / (1 + row["redshift"])
        window = (rest > 6500) & (rest < 6640)
        beside = window & (np.abs(rest - 6570) > 50)
        level = np.median(spectrum[beside])
        width = np.trapezoid(spectrum[window] / level - 1, rest[window])
        blend = 1 + 10 ** row["log_n2"] * (1 + 1 / 3.05)
        if row["log_ew_ha"] > 1.5:
            errors.append(np.log10(width / blend) - row["log_ew_ha"])
    assert len(errors) > 30
    assert np.median(errors) == pytest.approx(0.0, abs=0.03)
    assert np.std(errors) < 0.05


@pytest.mark.shared
def test_balmer_jump_in_emission_grows_with_equivalent_width(ingredients):
    prior = GalaxyPrior(kinds={"star-forming": 1.0}, redshift=(0.06, 0.1))
    continuum, _, truth = GalaxySimulator(ingredients, prior=prior).model(400, 2)
    rest = LAMOST.wavelength / (1 + np.asarray(truth["redshift"]))[:, None]

    def level(low, high):
        return np.nanmean(np.where((rest > low) & (rest < high), continuum, np.nan), 1)

    jump = level(3590, 3640) / level(4010, 4080)
    strong, weak = truth["log_ew_ha"] > 2.5, truth["log_ew_ha"] < 1.5
    assert np.median(jump[strong]) > 1.2 * np.median(jump[weak])


@pytest.mark.shared
def test_lines_of_desi_are_narrower_in_the_red(ingredients):
    prior = GalaxyPrior(kinds={"star-forming": 1.0}, redshift=(0.05, 0.2))
    peaks = []
    for instrument in (LAMOST, DESI):
        simulator = GalaxySimulator(ingredients, instrument=instrument, prior=prior)
        _, emission, truth = simulator.model(60, 3)
        rest = instrument.wavelength / (1 + np.asarray(truth["redshift"]))[:, None]
        near = np.abs(rest - LINES["Halpha"]) < 8
        peaks.append(np.where(near, emission, 0).max(axis=1))
    # The same galaxies: the same flux, higher where the resolution is.
    assert np.median(peaks[1] / peaks[0]) > 1.1


@pytest.mark.shared
def test_passive_galaxies_have_no_lines(ingredients):
    prior = GalaxyPrior(kinds={"passive": 1.0})
    continuum, emission, truth = GalaxySimulator(ingredients, prior=prior).model(60, 1)
    ratio = emission.max(axis=1) / np.median(continuum, axis=1)
    assert np.quantile(ratio, 0.9) < 0.2
    assert ratio.max() < 0.6
    assert set(truth["kind"]) == {"passive"}


@pytest.mark.shared
def test_classes_lie_where_their_ratios_put_them(simulator):
    _, truth = simulator.draw(800, 5)
    real = truth[truth["source"] == "desi-bgs"]
    kauffmann = 0.61 / (real["log_n2"] - 0.05) + 1.3
    below = (real["log_n2"] < 0.05) & (real["log_o3"] < kauffmann)
    np.testing.assert_array_equal(below, real["kind"] == "star-forming")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"kinds": {"spiral": 1.0}}, "no kind .'spiral'.: there are star-forming"),
        ({"kinds": {"agn": 0.5, "passive": 0.4}}, "sum to 1, not to 0.9"),
        ({"metal_poor": 0.8, "metal_rich": 0.3}, "no shares of one whole"),
        ({"kinds": {}}, "sum to 1, not to 0"),
        ({"metal_poor": np.nan}, "no shares of one whole"),
        ({"metal_rich": np.nan}, "no shares of one whole"),
        ({"flatten": 5}, "flatten is 5"),
        ({"weak": 1.5}, "a share is within 0 to 1"),
        ({"scatter": -0.1}, "scatter is -0.1 dex"),
        ({"redshift": (0.1, 0.5)}, "within 0 to 0.30"),
        ({"snr": (10.0, 3.0)}, "positive and ascending"),
    ],
)
def test_a_prior_that_makes_no_sense_is_refused(wrong, message):
    with pytest.raises(ValueError, match=message):
        GalaxyPrior(**wrong)


@pytest.mark.shared
def test_shares_may_leave_nothing_for_real_galaxies(ingredients):
    # in floating point, 1 - 0.9 - 0.1 is negative
    kinds = {"star-forming": 1.0}
    prior = GalaxyPrior(kinds=kinds, metal_poor=0.9, metal_rich=0.1)
    _, truth = GalaxySimulator(ingredients, prior=prior).draw(50, 3)
    assert "desi-bgs" not in truth["source"]


@pytest.mark.shared
def test_lines_of_star_forming_galaxies_could_be_measured_for_a_label(ingredients):
    prior = GalaxyPrior(kinds={"star-forming": 1.0}, metal_poor=1.0, metal_rich=0.0)
    _, truth = GalaxySimulator(ingredients, prior=prior).draw(1500, 2)
    nitrogen = 10 ** (truth["log_ew_ha"] + truth["log_n2"])
    # 0.5 angstrom: S/N of 3 in the deepest of the spectra that labels come from
    assert np.mean(nitrogen > 0.5) > 0.85


@pytest.mark.shared
def test_weak_lines_are_drawn_where_they_are_asked_for(ingredients):
    kinds = {"star-forming": 0.5, "passive": 0.5}
    prior = GalaxyPrior(kinds=kinds, weak=0.4)
    _, truth = GalaxySimulator(ingredients, prior=prior).draw(2000, 3)
    forming = np.asarray(truth["kind"]) == "star-forming"
    weak = (truth["log_ew_ha"] > 0.3) & (truth["log_ew_ha"] < 0.91)
    assert np.mean(weak[forming]) == pytest.approx(0.4, abs=0.05)


@pytest.mark.shared
def test_scattered_ratios_decide_the_class(ingredients):
    prior = GalaxyPrior(scatter=0.06)
    _, truth = GalaxySimulator(ingredients, prior=prior).draw(1500, 6)
    ratios = np.asarray(truth["log_o3"]), np.asarray(truth["log_n2"])
    gas = np.isin(truth["kind"], ("star-forming", "composite", "agn"))
    forming = truth["kind"] == "star-forming"
    expected = is_star_forming(*ratios) & ~is_agn(*ratios)
    np.testing.assert_array_equal(forming[gas], expected[gas])
    np.testing.assert_array_equal(np.isfinite(truth["oh"]), forming)
