import astropy.units as u
import numpy as np
import pytest

from galspec import Flags, GasMetallicity, example_spectra, read_spectra
from galspec.data import example_truth
from galspec.evaluation import sdss_oh
from galspec.metallicity_scales import convert_oh
from galspec.simulation import GalaxyIngredients, GalaxyPrior, GalaxySimulator
from galspec.weights import available

TAGS = ("default", "feng2025")


@pytest.fixture(scope="module", params=TAGS)
def estimator(request):
    return GasMetallicity.pretrained(request.param, offline=True, device="cpu")


def test_both_forms_are_embedded_below_3_mb():
    entries = {entry.tag: entry for entry in available("gas-metallicity")}
    assert set(TAGS) <= set(entries)
    assert all(entries[tag].size < 3e6 for tag in TAGS)


def test_the_papers_form_is_the_papers(estimator):
    recipe, network = GasMetallicity.alternatives["feng2025"]
    grid = recipe.transformers[0].grid.wavelength
    np.testing.assert_array_equal(grid, np.arange(3800, 8001))
    parameters = sum(p.numel() for p in network.build(len(grid)).parameters())
    assert parameters == 104_593


def test_a_result_names_its_scale_and_its_weights(estimator):
    table = estimator.predict(example_spectra()[0])
    assert table["oh"].unit == u.dex
    assert table.meta["scale"] == "PP04 O3N2"
    assert len(table.meta["sha256"]) == 64
    assert table.meta["recipe"] == table.meta["weights"]


def test_the_card_says_what_it_was_trained_on_and_where_not_to_trust_it(estimator):
    for words in ("Training data", "Where it must not be trusted", "68 %"):
        assert words in estimator.card


def test_the_examples_are_right():
    """Simulated star-forming galaxies of the test split, which no training saw."""
    truth = example_truth()
    table = GasMetallicity.pretrained(offline=True).predict(example_spectra())
    known = np.isfinite(truth["oh"])
    error = table["oh"].value[known] - truth["oh"][known]
    assert np.all(np.abs(error) < np.maximum(0.2, 3 * table["oh_err"].value[known]))


def test_spectrum_and_file_give_the_same(estimator):
    from specutils import Spectrum

    path = example_spectra()[1]
    single = estimator.predict(Spectrum.read(path))
    assert len(single) == 1
    many = estimator.predict([path, str(path)])
    np.testing.assert_allclose(many["oh"].value, single["oh"].value[0], atol=2e-4)


def test_an_absurd_redshift_is_flagged(estimator):
    batch = read_spectra(example_spectra()[:1])
    flags = estimator.predict(batch, redshift=2.0)["flags"][0]
    assert flags & int(Flags.REDSHIFT_OUT_OF_RANGE)


def test_values_on_the_scale_of_the_mpa_jhu_catalogue(estimator):
    paths = example_spectra()
    ours = estimator.predict(paths, interval=0.9)
    theirs = estimator.predict(paths, interval=0.9, scale="T04")
    assert theirs.meta["scale"] == "T04"
    for name in ("oh", "oh_lo", "oh_hi"):
        expected = convert_oh(ours[name], "PP04 O3N2", "T04")
        np.testing.assert_array_equal(theirs[name].value, expected.value)
    lost = np.isnan(theirs["oh"].value)
    assert np.all((theirs["flags"][lost] & int(Flags.OUT_OF_RANGE)) != 0)
    # Kewley & Ellison 2008: T04 lies above O3N2, by 0.2-0.3 dex for the rich
    rich = ~lost & (ours["oh"].value > 8.4)
    assert np.all((theirs["oh"] - ours["oh"]).value[rich] > 0.1)
    same = estimator.predict(paths, scale="PP04 O3N2")
    np.testing.assert_array_equal(same["oh"].value, ours["oh"].value)


def test_an_unknown_scale_is_refused_with_the_known_ones(estimator):
    with pytest.raises(ValueError, match="no scale 'KK'; known are PP04 O3N2"):
        estimator.predict(example_spectra()[0], scale="KK")


@pytest.mark.shared
def test_a_redshift_that_is_given_helps(shared_data):
    ingredients = GalaxyIngredients.load(shared_data / "galaxies" / "simulation")
    prior = GalaxyPrior(kinds={"star-forming": 1.0}, snr=(3.0, 5.0))
    batch, truth = GalaxySimulator(ingredients, prior=prior).draw(600, 8, split="test")
    blind = batch.replace(redshift=np.full(len(batch), np.nan))
    estimator = GasMetallicity.pretrained(offline=True)
    told, found = (
        np.abs(estimator.predict(b)["oh"].value - truth["oh"]) for b in (batch, blind)
    )
    assert np.nanmean(told) < np.nanmean(found)


def test_a_wrong_redshift_shows_in_the_error():
    batch = read_spectra(example_spectra()[:2])
    estimator = GasMetallicity.pretrained(offline=True)
    right = estimator.predict(batch)
    wrong = estimator.predict(batch, redshift=batch.redshift + 0.05)
    assert np.all(wrong["oh_err"] > 2 * right["oh_err"])


@pytest.mark.shared
def test_real_star_forming_galaxies_are_right_or_flagged(shared_data):
    paths = sorted((shared_data / "galaxies/real_spectra/sdss").glob("spec-*.fits"))
    truth = np.array([sdss_oh(path) for path in paths])
    paths = [path for path, true in zip(paths, truth, strict=True) if true > 0]
    truth = truth[np.isfinite(truth)]
    assert len(truth) >= 4
    table = GasMetallicity.pretrained(offline=True).predict(paths)
    right = np.abs(table["oh"].value - truth) <= 0.2
    assert np.all(right | (table["flags"] != 0))
    # flagging everything would pass above
    assert np.count_nonzero(right & (table["flags"] == 0)) >= 4
