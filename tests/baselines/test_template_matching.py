"""Template matching keeps the contract, from the fit to saved weights."""

import numpy as np
import pytest

from galspec import CEMPParams, SpectrumBatch, get_estimator, list_estimators
from galspec.baselines.template_matching import TemplateMatching
from galspec.networks import TemplateMatchingConfig
from galspec.testing import check_estimator
from galspec.transforms import (
    Coverage,
    Normalise,
    PolynomialContinuum,
    Recipe,
    Resample,
    RestFrame,
    log_grid,
)
from galspec.weights import WeightsError

NAMES = ("teff", "logg", "feh", "cfe", "ch")
RECIPE = Recipe(
    "short",
    RestFrame(),
    Resample(log_grid(4000, 5000, 2e-4)),
    Coverage(0.25),
    Normalise(PolynomialContinuum()),
)
LINES = np.arange(4030.0, 4980.0, 25)


def stars(n, seed, snr=None):
    """Lines that tell the labels, on a slope, noise-free unless there is an S/N."""
    rng = np.random.default_rng(seed)
    unit = rng.uniform(-1, 1, (n, 4))
    k = np.arange(len(LINES))
    patterns = np.stack([np.sin(k), np.cos(2 * k), np.sin(3 * k), np.cos(5 * k)])
    depth = 0.3 + 0.06 * unit @ patterns
    wavelength = 10 ** np.arange(np.log10(3950), np.log10(5050), 1e-4)
    profile = np.exp(-0.5 * ((wavelength[:, None] - LINES) / 2.0) ** 2)
    flux = (1 - depth @ profile.T) * (wavelength / 4500) ** rng.uniform(-1, 1, (n, 1))
    ivar = np.full(flux.shape, (snr or 100) ** 2)
    if snr:
        flux = flux + rng.normal(0, 1 / snr, flux.shape)
    labels = unit * [800, 1.5, 1.2, 0.8] + [5500, 2.5, -1.5, 0.6]
    labels = np.column_stack([labels, labels[:, 2:].sum(axis=1)])
    return SpectrumBatch.from_arrays(
        wavelength, flux, ivar=ivar, redshift=np.zeros(n)
    ), labels


class Library:
    """Noise-free templates, and noisy stars that calibrate the errors."""

    def epoch(self, number):
        return [stars(300, 0)]

    def validation(self):
        return [stars(150, 1, snr=30)]

    def calibration(self):
        return [stars(150, 2, snr=30)]


@pytest.fixture(scope="module")
def estimator():
    network = TemplateMatchingConfig(outputs=10)
    matching = TemplateMatching(recipe=RECIPE, network=network)
    return matching.fit(Library(), progress_bar=False)


def test_the_contract_is_kept(estimator):
    check_estimator(estimator)


def test_labels_with_calibrated_errors(estimator):
    batch, truth = stars(200, 3, snr=30)
    table = estimator.predict(batch)
    for name, label in zip(NAMES, truth.T, strict=True):
        error = table[name].value - label
        assert error.std() < 0.3 * label.std(), name
        inside = np.abs(error) < table[name + "_err"].value
        assert inside.mean() == pytest.approx(0.68, abs=0.12), name
    np.testing.assert_allclose(
        table["ch"].value, (table["feh"] + table["cfe"]).value, atol=1e-5
    )


def test_noisy_spectra_with_their_labels_are_enough():
    batch, labels = stars(600, 4, snr=50)
    network = TemplateMatchingConfig(outputs=10, templates=200)
    matching = TemplateMatching(recipe=RECIPE, network=network)
    matching.fit(batch, labels, progress_bar=False)
    new, truth = stars(100, 5, snr=50)
    table = matching.predict(new)
    assert np.std(table["feh"].value - truth[:, 2]) < 0.3 * truth[:, 2].std()


def test_saved_and_loaded_is_equal(estimator, tmp_path):
    estimator.save(tmp_path / "weights.safetensors")
    again = TemplateMatching.pretrained(path=tmp_path / "weights.safetensors")
    batch, _ = stars(20, 6, snr=30)
    ours, theirs = estimator.predict(batch), again.predict(batch)
    for column in ours.colnames:
        np.testing.assert_array_equal(ours[column], theirs[column])


def test_errors_by_markov_chains(estimator):
    pytest.importorskip("emcee")
    batch, _ = stars(2, 7, snr=30)
    fitted = estimator.predict(batch)
    sampled = estimator.predict(batch, errors="mcmc", criterion="aoki2007")
    for name in NAMES:
        np.testing.assert_array_equal(sampled[name], fitted[name])
        ratio = (sampled[name + "_err"] / fitted[name + "_err"]).value
        assert ratio == pytest.approx(1, abs=0.3), name
    assert (sampled["feh_err"] != fitted["feh_err"]).all()


def test_errors_of_another_kind_are_refused(estimator):
    batch, _ = stars(1, 8)
    with pytest.raises(ValueError, match="errors is 'bootstrap'; it can be"):
        estimator.predict(batch, errors="bootstrap")
    with pytest.raises(TypeError, match="error"):
        estimator.predict(batch, error="mcmc")


def test_it_is_listed_and_has_no_weights_of_its_own():
    assert "template-matching" in {row.name for row in list_estimators()}
    assert get_estimator("template-matching") is TemplateMatching
    assert TemplateMatching.targets == CEMPParams.targets
    with pytest.raises(WeightsError, match="For weights of your own, give path="):
        TemplateMatching.pretrained(offline=True)
