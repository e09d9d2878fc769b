"""Learners without convolutions: what a network for spectra has to beat.

They are fitted, saved and used as any estimator; no weights of them are published.
"""

from galspec.estimators.gas_metallicity import GasMetallicity
from galspec.estimators.star_forming_classifier import StarFormingClassifier
from galspec.networks import ForestConfig, PerceptronConfig

__all__ = [
    "ForestClassifier",
    "ForestMetallicity",
    "PerceptronClassifier",
    "PerceptronMetallicity",
]

#: The paper that compares the two with its network gives all the same pixels.
PIXELS = GasMetallicity.alternatives["feng2025"][0]


class ForestMetallicity(GasMetallicity):
    """12 + log10(O/H) by a random forest on the pixels of the spectrum.

    100 trees as in Feng, Wang & Li (2025), on their pixels. The value is the mean of
    the trees; the error follows from their scatter, calibrated as that of a network.
    Fitting needs scikit-learn, predicting does not.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; 3800-8000 angstrom in steps of 1, scaled from 0 to 1, when not
        given.
    network : `~galspec.networks.ForestConfig`, optional
        Number and size of the trees.

    Examples
    --------
    A forest of few trees, on spectra that tell nothing:

    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.baselines.shallow import ForestMetallicity
    >>> from galspec.networks import ForestConfig
    >>> rng = np.random.default_rng(0)
    >>> spectra = SpectrumBatch.from_arrays(
    ...     np.arange(3800.0, 8000.0, 50), rng.normal(1, 0.1, (60, 84))
    ... )
    >>> forest = ForestMetallicity(network=ForestConfig(trees=5, rebin=50))
    >>> forest = forest.fit(spectra, rng.normal(8.5, 0.1, 60))
    >>> forest.predict(spectra).colnames
    ['oh', 'oh_err', 'snr', 'domain', 'flags']
    """

    name = "forest-metallicity"
    recipe = PIXELS
    network = ForestConfig()
    references = ("2001MachL..45....5B", *GasMetallicity.references)
    alternatives = {}
    training = {}


class PerceptronMetallicity(GasMetallicity):
    """12 + log10(O/H) by a multilayer perceptron on the pixels of the spectrum.

    Three layers of 1024 as in Feng, Wang & Li (2025), on their pixels, by squared
    errors: a network of this size that predicts its own error soon believes that it
    knows the training spectra without any. The error is that of all spectra of alike
    signal-to-noise ratio; with ``fit(..., members=3)`` also of the scatter between
    networks.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        As of `ForestMetallicity`.
    network : `~galspec.networks.PerceptronConfig`, optional
        Widths of the layers.
    """

    name = "perceptron-metallicity"
    recipe = PIXELS
    network = PerceptronConfig()
    losses = ("mse", "gaussian", "beta-gaussian")
    alternatives = {}
    training = {}


class ForestClassifier(StarFormingClassifier):
    """Classes of galaxies by a random forest on the pixels of the spectrum.

    Probabilities are the mean shares of the classes in the leaves, calibrated as those
    of networks; ``p_NAME_err`` is the scatter between the trees.

    Parameters
    ----------
    recipe, network
        As of `ForestMetallicity`; the network has an output for each class.
    classes : tuple of str, optional
        As of `~galspec.StarFormingClassifier`.
    """

    name = "forest-classifier"
    recipe = PIXELS
    network = ForestConfig(outputs=4)
    references = ("2001MachL..45....5B", *StarFormingClassifier.references)
    alternatives = {}
    training = {}
    form_classes = {}


class PerceptronClassifier(StarFormingClassifier):
    """Classes of galaxies by a multilayer perceptron on the pixels of the spectrum.

    Parameters
    ----------
    recipe, network
        As of `PerceptronMetallicity`; the network has an output for each class.
    classes : tuple of str, optional
        As of `~galspec.StarFormingClassifier`.
    """

    name = "perceptron-classifier"
    recipe = PIXELS
    network = PerceptronConfig(outputs=4)
    alternatives = {}
    training = {}
    form_classes = {}
