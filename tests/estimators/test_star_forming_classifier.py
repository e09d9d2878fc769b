import numpy as np
import pytest

from galspec import StarFormingClassifier, example_spectra
from galspec.data import example_truth
from galspec.evaluation import detection_summary, reliability
from galspec.simulation import (
    LAMOST,
    SDSS,
    GalaxyIngredients,
    GalaxyPrior,
    GalaxySimulator,
)
from galspec.weights import available

TAGS = ("default", "feng2025")
CLASSES = ("sf", "composite", "agn", "passive")
#: Every second galaxy forms stars, as in the training of Feng, Wang & Li (2025).
MIX = {"star-forming": 0.5, "composite": 0.18, "agn": 0.1}
MIX |= {"retired": 0.11, "passive": 0.11}
SHARES = {"sf": 0.5, "composite": 0.18, "agn": 0.1, "passive": 0.22}


@pytest.fixture(scope="module", params=TAGS)
def estimator(request):
    return StarFormingClassifier.pretrained(request.param, offline=True, device="cpu")


@pytest.fixture(scope="module")
def default():
    return StarFormingClassifier.pretrained(offline=True, device="cpu")


def simulated(shared_data, instrument=LAMOST, n=1500, **prior):
    """Test galaxies without redshift, and which of them form stars."""
    ingredients = GalaxyIngredients.load(shared_data / "galaxies" / "simulation")
    simulator = GalaxySimulator(
        ingredients, instrument=instrument, prior=GalaxyPrior(kinds=MIX, **prior)
    )
    batch, truth = simulator.draw(n, 31, split="test")
    return batch.replace(redshift=np.full(n, np.nan)), truth


def test_both_forms_are_embedded_below_5_mb():
    entries = {entry.tag: entry for entry in available("star-forming-classifier")}
    assert set(TAGS) <= set(entries)
    assert all(entries[tag].size < 5e6 for tag in TAGS)


def test_the_papers_form_has_two_classes():
    paper = StarFormingClassifier.pretrained("feng2025", offline=True, device="cpu")
    assert paper.classes == ("sf", "other")
    assert paper.network.outputs == 2
    table = paper.predict(example_spectra())
    assert [name for name in table.colnames if name.startswith("p_")] == [
        "p_sf",
        "p_sf_err",
    ]
    assert set(table["label"]) == {"sf", "other"}


def test_the_card_says_what_it_was_trained_on_and_where_not_to_trust_it(estimator):
    for words in ("Training data", "Where it must not be trusted", "Reliability"):
        assert words in estimator.card


def test_the_examples_are_right(estimator):
    """Simulated galaxies of the test split, which no training saw."""
    forming = example_truth()["kind"] == "star-forming"
    p_sf = estimator.predict(example_spectra())["p_sf"].value
    assert np.all((p_sf > 0.5) == forming)


def test_four_classes_share_one_probability(default):
    table = default.predict(example_spectra())
    total = sum(table[f"p_{name}"].value for name in CLASSES)
    np.testing.assert_allclose(total, 1)
    assert set(table["label"]) <= set(CLASSES)


@pytest.mark.parametrize("given", [{"sf": 0.3}, dict.fromkeys([*CLASSES, "star"], 0.2)])
def test_a_prior_needs_the_classes(default, given):
    with pytest.raises(ValueError, match="needs a share for each of sf, composite"):
        default.predict(example_spectra(), prior=given)


@pytest.mark.shared
@pytest.mark.parametrize("instrument", [LAMOST, SDSS], ids=lambda i: i.name)
def test_star_forming_galaxies_are_told_from_others(default, shared_data, instrument):
    batch, truth = simulated(shared_data, instrument)
    p_sf = default.predict(batch, prior=SHARES)["p_sf"].value
    member = np.asarray(truth["kind"]) == "star-forming"
    assert detection_summary(member, p_sf)["accuracy"] >= 0.90
    clear = np.asarray(truth["snr_r"]) >= 5
    assert detection_summary(member[clear], p_sf[clear])["accuracy"] >= 0.93


@pytest.mark.shared
def test_probabilities_hold(default, shared_data):
    batch, truth = simulated(shared_data, n=3000)
    p_sf = default.predict(batch, prior=SHARES)["p_sf"].value
    member = np.asarray(truth["kind"]) == "star-forming"
    for row in reliability(member, p_sf):
        assert abs(row["share"] - row["probability"]) < 0.05 + 3 * row["error"]
