"""Comparison methods for labels of stars keep the contract of CEMPParams."""

import numpy as np
import pytest

from galspec import CEMPParams, SpectrumBatch, get_estimator, list_estimators
from galspec.baselines.stellar_labels import (
    CannonParams,
    PayneParams,
    PCAPerceptronParams,
    SLAMParams,
)
from galspec.networks import (
    CannonConfig,
    PayneConfig,
    PCAPerceptronConfig,
    SLAMConfig,
)
from galspec.training.fit_options import FitOptions
from galspec.transforms import (
    Coverage,
    GaussianContinuum,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    linear_grid,
)
from galspec.weights import WeightsError

pytest.importorskip("sklearn")

LABELS = ("teff", "logg", "feh", "cfe", "ch")
WAVELENGTH = np.arange(4000.0, 6000.0, 20)
RECIPE = Recipe(
    "coarse",
    RestFrame(),
    Resample(linear_grid(4020, 5960, 20)),
    Coverage(0.25),
    Normalise(GaussianContinuum(50.0)),
)
CENTRE, SCATTER = np.array([5200, 3, -1.5, 0.4]), np.array([400, 0.8, 0.6, 0.4])
METHODS = {
    "cannon": (CannonParams, CannonConfig(), {}),
    "slam": (SLAMParams, SLAMConfig(spectra=200, tried=2), {}),
    "payne": (PayneParams, PayneConfig(widths=(24, 24), epochs=60), {}),
    "pca-perceptron": (
        PCAPerceptronParams,
        PCAPerceptronConfig(components=12, widths=(48,), outputs=10),
        {"epochs": 20, "learning_rate": 5e-3},
    ),
}
#: Depth of lines at the mean labels, and how it changes with each.
RESPONSE = np.random.default_rng(5).uniform(-0.05, 0.05, (20, 4))


def stars(n, seed, noise=0.007):
    """Twenty lines whose depth tells of the labels, on continua of any slope."""
    rng = np.random.default_rng(seed)
    free = CENTRE + SCATTER * rng.uniform(-1.7, 1.7, (n, 4))
    depth = 0.4 + (free - CENTRE) / SCATTER @ RESPONSE.T
    apart = WAVELENGTH - np.arange(4050.0, 6000.0, 100)[:20, None]
    flux = 1 - depth @ np.exp(-0.5 * (apart / 20) ** 2)
    flux *= (WAVELENGTH / 5000) ** rng.uniform(-1, 1, (n, 1))
    flux += rng.normal(0, noise, flux.shape)
    batch = SpectrumBatch.from_arrays(
        WAVELENGTH, flux, ivar=np.full(flux.shape, noise**-2), redshift=np.zeros(n)
    )
    return batch, np.column_stack([free, free[:, 2] + free[:, 3]])


def fitted(name, batch, labels):
    cls, network, options = METHODS[name]
    estimator = cls(recipe=RECIPE, network=network)
    loss = {"loss": estimator.losses[0]} | options
    options = FitOptions(**loss)
    return estimator.fit(batch, labels, options=options, progress_bar=False)


@pytest.fixture(scope="module")
def methods():
    training_set = stars(600, 0)
    return {name: fitted(name, *training_set) for name in METHODS}


ALL = pytest.mark.parametrize("name", METHODS)


@ALL
def test_values_with_calibrated_errors(name, methods):
    batch, truth = stars(500, 1)
    table = methods[name].predict(batch)
    for label, true in zip(LABELS, truth.T, strict=True):
        error = np.abs(table[label].value - true)
        assert np.median(error) < 0.15 * np.std(true)
        assert np.mean(error < table[label + "_err"].value) == pytest.approx(
            0.68, abs=0.12
        )
    np.testing.assert_allclose(
        table["ch"].value, table["feh"].value + table["cfe"].value, atol=1e-4
    )
    assert {"a_c", "p_cemp", "metal_class"} < set(table.colnames)


@ALL
def test_saved_and_loaded_is_equal(name, methods, tmp_path):
    estimator = methods[name]
    estimator.save(tmp_path / "weights.safetensors")
    again = type(estimator).pretrained(path=tmp_path / "weights.safetensors")
    batch, _ = stars(40, 2)
    ours, theirs = estimator.predict(batch), again.predict(batch)
    for label in LABELS:
        np.testing.assert_array_equal(ours[label], theirs[label])
        np.testing.assert_array_equal(ours[label + "_err"], theirs[label + "_err"])


@pytest.mark.parametrize("name", ["cannon", "slam", "payne"])
def test_half_of_the_range_tells_less(name, methods):
    batch, _ = stars(60, 3)
    half = batch.replace(mask=np.broadcast_to(WAVELENGTH > 5000, batch.mask.shape))
    whole, part = (methods[name].predict(each) for each in (batch, half))
    for label in LABELS:
        assert np.median(part[label + "_err"]) > np.median(whole[label + "_err"])


@ALL
def test_labels_that_are_not_known_are_no_obstacle(name):
    batch, labels = stars(500, 4)
    labels[:80, 3:] = np.nan
    labels[80:100, 0] = np.nan
    table = fitted(name, batch, labels).predict(stars(100, 5)[0])
    for label, true in zip(LABELS, stars(100, 5)[1].T, strict=True):
        assert np.median(np.abs(table[label].value - true)) < 0.25 * np.std(true)


def test_declared_for_the_comparison():
    for cls, *_ in METHODS.values():
        assert cls.targets == CEMPParams.targets
        assert cls.recipe == CannonParams.recipe
        assert cls.recipe.transformers[-1] == Normalise(GaussianContinuum(50.0))
        assert cls.network.outputs == 10


@ALL
def test_they_are_listed_and_have_no_weights_of_their_own(name):
    assert f"{name}-params" in {row.name for row in list_estimators()}
    with pytest.raises(WeightsError, match="For weights of your own, give path="):
        get_estimator(f"{name}-params").pretrained(offline=True)
