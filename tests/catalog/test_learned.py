"""A catalogue with networks: fitted, saved, embedded."""

import numpy as np
import pytest

from galspec import GasMetallicity, SpectrumBatch, example_spectra
from galspec.catalog import Criteria, metallicity_catalog
from galspec.catalog.rows import RowMaker
from galspec.classifier import SpectralClassifier, class_targets
from galspec.networks import SpectralCNNConfig
from galspec.training.fit_options import FitOptions
from galspec.transforms import Coverage, Recipe, Resample, ScaleRobust, linear_grid


class Blue(SpectralClassifier):
    """Star-forming is what is blue."""

    name = "blue"
    targets = class_targets({"sf": "a blue galaxy", "passive": "a red galaxy"})
    recipe = Recipe(
        "default", Resample(linear_grid(4000, 8000, 20)), Coverage(0.5), ScaleRobust()
    )
    network = SpectralCNNConfig(channels=(4, 8), outputs=2)
    references = ("none",)


@pytest.fixture(scope="module")
def classifier():
    rng = np.random.default_rng(1)
    names = rng.choice(["sf", "passive"], 800)
    wavelength = np.linspace(3900, 8100, 300)
    slope = np.where(names == "sf", -1, 1)[:, None]
    flux = 5 + slope * (wavelength - 6000) / 2000 + 0.2 * rng.normal(size=(800, 300))
    options = FitOptions(epochs=3, loss="cross-entropy", learning_rate=3e-3)
    batch = SpectrumBatch.from_arrays(wavelength, flux)
    return Blue().fit(batch, names, options=options, progress_bar=False)


@pytest.fixture(scope="module")
def estimator():
    return GasMetallicity.pretrained(device="cpu")


def test_values_are_those_of_predict(classifier, estimator):
    files = example_spectra()
    criteria = Criteria(p_sf_min=0, bad_bits=0)
    table = metallicity_catalog(
        files, classifier=classifier, estimator=estimator, criteria=criteria
    )
    classes, values = classifier.predict(files), estimator.predict(files)
    for name in ("p_sf", "p_passive"):
        np.testing.assert_allclose(table[name], classes[name].value, atol=1e-6)
    assert list(table["label"]) == list(classes["label"])
    chosen = np.asarray(table["selected"])
    assert chosen.any()
    np.testing.assert_allclose(
        table["oh"][chosen].value, values["oh"][chosen].value, atol=1e-5
    )
    np.testing.assert_array_equal(table["flags"], classes["flags"] | values["flags"])


def test_weights_that_were_never_saved_have_a_hash(classifier, estimator, tmp_path):
    maker = RowMaker(classifier, estimator, Criteria())
    first, again = maker.entries(), maker.entries()
    assert first == again
    assert first["c_weights"] == "unsaved"
    assert len(first["c_sha256"]) == len(first["sha256"]) == 64
    assert first["c_sha256"] == classifier.save(tmp_path / "blue.safetensors")
    assert first["weights"] == "default"


def test_a_batch_without_rows_gives_columns_without_rows(classifier, estimator):
    maker = RowMaker(classifier, estimator, Criteria(), {"sf": 1.0, "passive": 3.0})
    rows = maker(SpectrumBatch.concatenate([]))
    assert {len(column) for column in rows.values()} == {0}
    assert "p_sf" in rows
