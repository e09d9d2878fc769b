"""The shallow learners keep the contract, from the fit to saved weights."""

import numpy as np
import pytest

from galspec import (
    GasMetallicity,
    SpectrumBatch,
    example_spectra,
    get_estimator,
    list_estimators,
)
from galspec.baselines.shallow import (
    ForestClassifier,
    ForestMetallicity,
    PerceptronClassifier,
    PerceptronMetallicity,
)
from galspec.networks import ForestConfig, PerceptronConfig
from galspec.training.fit_options import FitOptions
from galspec.weights import WeightsError

pytest.importorskip("sklearn")

FOREST = {"trees": 20, "smallest_leaf": 3, "rebin": 20}
PERCEPTRON = {"widths": (128, 128), "rebin": 100}
EPOCHS = {"epochs": 40, "learning_rate": 3e-3, "batch_size": 32}
CLASSES = ("sf", "composite", "agn", "passive")


def spectra(n, seed):
    """A line that gets stronger as O/H falls, on continua of any slope, with noise."""
    rng = np.random.default_rng(seed)
    oh = rng.uniform(7.9, 8.9, n)
    wavelength = np.arange(3700.0, 8200.0, 6)
    flux = (wavelength / 6000) ** rng.uniform(-1, 1, (n, 1))
    height = 3 * (8.9 - oh[:, None])
    flux = flux + height * np.exp(-0.5 * ((wavelength - 5300) / 25) ** 2)
    flux += rng.normal(0, 0.1, flux.shape)
    return SpectrumBatch.from_arrays(wavelength, flux), oh


def classes_of(oh):
    return np.array(CLASSES)[np.digitize(oh, [8.2, 8.45, 8.7])]


@pytest.fixture(scope="module")
def training_set():
    return spectra(700, 0)


@pytest.fixture(scope="module")
def forest(training_set):
    estimator = ForestMetallicity(network=ForestConfig(**FOREST))
    return estimator.fit(*training_set, progress_bar=False)


@pytest.fixture(scope="module")
def perceptron(training_set):
    estimator = PerceptronMetallicity(network=PerceptronConfig(**PERCEPTRON))
    return estimator.fit(
        *training_set, options=FitOptions(loss="mse", **EPOCHS), progress_bar=False
    )


@pytest.fixture(scope="module")
def forest_classifier(training_set):
    batch, oh = training_set
    estimator = ForestClassifier(network=ForestConfig(**FOREST, outputs=4))
    return estimator.fit(batch, classes_of(oh), progress_bar=False)


@pytest.fixture(scope="module")
def perceptron_classifier(training_set):
    batch, oh = training_set
    network = PerceptronConfig(**PERCEPTRON, outputs=4)
    estimator = PerceptronClassifier(network=network)
    options = FitOptions(loss="cross-entropy", **EPOCHS)
    return estimator.fit(
        batch, classes_of(oh), options=options, members=2, progress_bar=False
    )


VALUES = pytest.mark.parametrize("name", ["forest", "perceptron"])
PROBABILITIES = pytest.mark.parametrize(
    "name", ["forest_classifier", "perceptron_classifier"]
)
ALL = pytest.mark.parametrize(
    "name", ["forest", "perceptron", "forest_classifier", "perceptron_classifier"]
)


@VALUES
def test_values_with_calibrated_errors(name, request):
    batch, oh = spectra(1000, 1)
    table = request.getfixturevalue(name).predict(batch, interval=0.95)
    error = table["oh"].value - oh
    assert np.std(error) < 0.4 * np.std(oh)
    assert np.mean(np.abs(error) < table["oh_err"].value) == pytest.approx(
        0.68, abs=0.1
    )
    inside = (table["oh_lo"].value < oh) & (oh < table["oh_hi"].value)
    assert np.mean(inside) == pytest.approx(0.95, abs=0.05)
    assert table.meta["scale"] == GasMetallicity.scale


def test_the_scatter_of_the_trees_tells_good_values_from_bad_ones(forest):
    batch, oh = spectra(1000, 2)
    table = forest.predict(batch)
    error, wrong = table["oh_err"].value, np.abs(table["oh"].value - oh)
    sure = error < np.median(error)
    assert wrong[sure].mean() < 0.9 * wrong[~sure].mean()


@PROBABILITIES
def test_probabilities_and_labels(name, request):
    batch, oh = spectra(1000, 3)
    table = request.getfixturevalue(name).predict(batch)
    p = np.array([table[f"p_{one}"].value for one in CLASSES])
    np.testing.assert_allclose(p.sum(axis=0), 1)
    right = np.asarray(table["label"]) == classes_of(oh)
    assert right.mean() > 0.6
    assert p.max(axis=0).mean() == pytest.approx(right.mean(), abs=0.1)


@PROBABILITIES
def test_a_prior_is_taken(name, request):
    estimator = request.getfixturevalue(name)
    prior = {"sf": 0, "composite": 1, "agn": 1, "passive": 1}
    assert (estimator.predict(spectra(5, 4)[0], prior=prior)["p_sf"] == 0).all()


@ALL
def test_saved_and_loaded_is_equal(name, request, tmp_path):
    estimator = request.getfixturevalue(name)
    estimator.save(tmp_path / "weights.safetensors")
    again = type(estimator).pretrained(path=tmp_path / "weights.safetensors")
    batch, _ = spectra(40, 5)
    ours, theirs = estimator.predict(batch), again.predict(batch)
    for column in ("oh", "oh_err", "p_sf", "p_sf_err", "label"):
        if column in ours.colnames:
            np.testing.assert_array_equal(ours[column], theirs[column])


@ALL
def test_example_spectra_get_a_row_each(name, request):
    estimator = request.getfixturevalue(name)
    table = estimator.predict(example_spectra())
    assert len(table) == len(example_spectra())
    for target in estimator.targets:
        assert np.isfinite(table[target.name]).all()


def test_a_forest_under_another_estimator(training_set, tmp_path):
    """What is declared is the estimator's; how it learns is the network's."""
    gas = GasMetallicity(
        recipe=ForestMetallicity.recipe, network=ForestConfig(trees=5, rebin=50)
    )
    gas.fit(*training_set, progress_bar=False).save(tmp_path / "w")
    batch, _ = spectra(5, 6)
    again = GasMetallicity.pretrained(path=tmp_path / "w").predict(batch)
    np.testing.assert_array_equal(again["oh"], gas.predict(batch)["oh"])


def test_several_forests_are_one_of_more_trees(training_set):
    gas = ForestMetallicity(network=ForestConfig(trees=3, rebin=50))
    gas.fit(*training_set, members=2, progress_bar=False)
    assert gas.history == [[], []]
    assert np.isfinite(gas.predict(training_set[0][:5])["oh_err"]).all()


def test_two_classes(training_set):
    batch, oh = training_set
    names = np.where(oh < 8.4, "sf", "whatever")
    network = ForestConfig(trees=10, rebin=50, outputs=2)
    pair = ForestClassifier(network=network, classes=("sf", "other"))
    options = FitOptions(loss="binary")
    table = pair.fit(batch, names, options=options, progress_bar=False).predict(batch)
    assert set(table["label"]) == {"sf", "other"}
    assert np.mean((table["p_sf"].value > 0.5) == (names == "sf")) > 0.9


def test_declared_for_the_papers_comparison():
    assert ForestMetallicity.network.trees == 100
    assert PerceptronMetallicity.network.widths == (1024, 1024, 1024)
    assert ForestMetallicity.recipe.name == "feng2025"
    for cls in (ForestMetallicity, PerceptronMetallicity):
        assert cls.targets == GasMetallicity.targets


@pytest.mark.parametrize("name", ["forest", "perceptron"])
@pytest.mark.parametrize("kind", ["metallicity", "classifier"])
def test_they_are_listed_and_have_no_weights_of_their_own(name, kind):
    assert f"{name}-{kind}" in {row.name for row in list_estimators()}
    with pytest.raises(WeightsError, match="For weights of your own, give path="):
        get_estimator(f"{name}-{kind}").pretrained(offline=True)


def test_the_perceptron_is_fitted_by_squared_errors_unless_told(training_set):
    gas = PerceptronMetallicity(network=PerceptronConfig((4,), rebin=100))
    gas.fit(*training_set, progress_bar=False)
    assert len(gas.history[0]) == FitOptions().epochs
