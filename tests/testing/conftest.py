"""Weights for every method of which none are published: small fits to toy spectra."""

import numpy as np
import pytest

from galspec import CEMPParams
from galspec.classifier import SpectralClassifier
from galspec.networks import (
    CannonConfig,
    ForestConfig,
    PayneConfig,
    PCAPerceptronConfig,
    PerceptronConfig,
    SLAMConfig,
    TemplateMatchingConfig,
)
from galspec.spectra import SpectrumBatch
from galspec.transforms import (
    Coverage,
    GaussianContinuum,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    linear_grid,
)

#: As that of the stellar methods, on fewer pixels.
COARSE = Recipe(
    "coarse",
    RestFrame(),
    Resample(linear_grid(4000, 7000, 10)),
    Coverage(0.25),
    Normalise(GaussianContinuum(50.0)),
)
PERCEPTRON = {"widths": (32,), "rebin": 100}
FOREST = {"trees": 10, "rebin": 20}
#: Networks that are fitted in a second, by the name of the estimator.
SMALL = {
    "forest-metallicity": ForestConfig(**FOREST),
    "forest-classifier": ForestConfig(**FOREST, outputs=4),
    "perceptron-metallicity": PerceptronConfig(**PERCEPTRON),
    "perceptron-classifier": PerceptronConfig(**PERCEPTRON, outputs=4),
    "cannon-params": CannonConfig(),
    "slam-params": SLAMConfig(spectra=100, tried=2),
    "payne-params": PayneConfig(widths=(16, 16), epochs=20),
    "pca-perceptron-params": PCAPerceptronConfig(
        components=8, widths=(24,), outputs=10
    ),
    "template-matching": TemplateMatchingConfig(outputs=10),
}
WAVELENGTH = np.arange(3700.0, 9000.0, 5)
#: Lines that tell of one label each.
CENTRES = np.array([[4340.0], [5175.0], [5890.0], [6563.0]])


def toy_spectra(n=300):
    """Spectra with four lines, and four numbers from -1 to 1 that they follow from."""
    rng = np.random.default_rng(3)
    told = rng.uniform(-1, 1, (n, 4))
    lines = np.exp(-0.5 * ((WAVELENGTH - CENTRES) / 15) ** 2)
    flux = (WAVELENGTH / 6000) ** rng.uniform(-1, 1, (n, 1))
    flux *= 1 - (0.4 + 0.2 * told) @ lines
    flux += rng.normal(0, 0.01, flux.shape)
    ivar = np.full(flux.shape, 1e4)
    return SpectrumBatch.from_arrays(
        WAVELENGTH, flux, ivar=ivar, redshift=np.zeros(n)
    ), told


def small_fit(cls):
    """An estimator of a class, fitted to toy spectra."""
    spectra, told = toy_spectra()
    recipe = COARSE if issubclass(cls, CEMPParams) else cls.recipe
    estimator = cls(recipe=recipe, network=SMALL[cls.name])
    if issubclass(cls, SpectralClassifier):
        parts = np.digitize(told[:, 0], [-0.5, 0, 0.5])
        labels = np.array(estimator.classes)[parts]
    elif issubclass(cls, CEMPParams):
        free = np.array([5200, 3, -1.5, 0.4]) + told * [600, 1.2, 0.8, 0.6]
        labels = np.column_stack([free, free[:, 2] + free[:, 3]])
    else:
        labels = 8.4 + 0.4 * told[:, 0]
    options = estimator.fit_options(epochs=3)
    return estimator.fit(
        spectra, labels, options=options, progress_bar=False, device="cpu"
    )


@pytest.fixture(scope="session")
def weights_folder(tmp_path_factory):
    """Where small fits lie, as weights of one's own do."""
    return tmp_path_factory.mktemp("weights")


@pytest.fixture
def default_weights(request, weights_folder, monkeypatch):
    """Small weights of the estimator of a test, where none are published."""
    cls = request.getfixturevalue("estimator")
    path = weights_folder / cls.name / "default.safetensors"
    if cls.name in SMALL and not path.exists():
        small_fit(cls).save(path)
    monkeypatch.setenv("GALSPEC_WEIGHTS_DIR", str(weights_folder))
