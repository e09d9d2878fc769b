"""Published methods for the labels of stars: what a network has to beat.

All see the same pixels and keep the contract of `~galspec.CEMPParams`: they are fitted,
saved and used in the same way, and their errors are calibrated in the same way. No
weights of them are published.
"""

from galspec.estimators.cemp_params import CEMPParams
from galspec.networks import (
    CannonConfig,
    PayneConfig,
    PCAPerceptronConfig,
    SLAMConfig,
)
from galspec.transforms import (
    Coverage,
    GaussianContinuum,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    Window,
    log_grid,
)

__all__ = ["CannonParams", "PCAPerceptronParams", "PayneParams", "SLAMParams"]

#: That of Ho et al. (2017) for survey spectra of low resolution and The Cannon; the
#: arms of the spectrographs meet between the two windows.
RECIPE = Recipe(
    "ho2017",
    RestFrame(),
    Resample(log_grid(3800, 8800, 1e-4)),
    Window(((3800, 5700), (5900, 8800))),
    Coverage(0.25),
    Normalise(GaussianContinuum(50.0)),
)


class CannonParams(CEMPParams):
    """Labels of stars by The Cannon.

    Each pixel is a quadratic polynomial in Teff, log g, [Fe/H] and [C/Fe] with an
    intrinsic scatter (Ness et al. 2015), the continuum a Gaussian mean of 50 angstrom
    (Ho et al. 2017); the labels are those of least squares. A quadratic polynomial
    holds over part of the parameters of stars: fit it to the part of interest.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; one that ends with a `~galspec.transforms.Normalise`.
    network : `~galspec.networks.CannonConfig`, optional
        How many labels are free, and how many searches there are.

    Examples
    --------
    One line that tells of each label:

    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.baselines.stellar_labels import CannonParams
    >>> rng = np.random.default_rng(0)
    >>> labels = rng.normal([5000, 3, -1, 0.3], [300, 0.5, 0.3, 0.2], (200, 4))
    >>> labels = np.column_stack([labels, labels[:, 2] + labels[:, 3]])
    >>> wavelength = np.arange(3800.0, 8800.0, 5)
    >>> apart = wavelength - np.array([[4300.0], [5000.0], [6000.0], [7000.0]])
    >>> strength = 0.5 + 0.1 * (labels - labels.mean(axis=0)) / labels.std(axis=0)
    >>> flux = 1 - strength[:, :4] @ np.exp(-0.5 * (apart / 10) ** 2)
    >>> flux += rng.normal(0, 0.01, flux.shape)
    >>> stars = SpectrumBatch.from_arrays(
    ...     wavelength, flux, ivar=np.full(flux.shape, 1e4), redshift=np.zeros(200)
    ... )
    >>> cannon = CannonParams().fit(stars, labels)
    >>> error = cannon.predict(stars)["feh"].value - labels[:, 2]
    >>> bool(np.std(error) < 0.1)
    True
    """

    name = "cannon-params"
    recipe = RECIPE
    network = CannonConfig()
    losses = ("gaussian",)
    references = ("2015ApJ...808...16N", "2017ApJ...836....5H")
    alternatives = {}
    training = {}


class SLAMParams(CEMPParams):
    """Labels of stars by the Stellar LAbel Machine.

    Each pixel is a support-vector regression on Teff, log g, [Fe/H] and [C/Fe] with a
    Gaussian kernel (Zhang, Liu & Deng 2020); the labels are those of least squares. The
    paper divides by a smoothing spline instead. Fitting needs scikit-learn, predicting
    does not.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        As of `CannonParams`.
    network : `~galspec.networks.SLAMConfig`, optional
        How many spectra it learns from.
    """

    name = "slam-params"
    recipe = RECIPE
    network = SLAMConfig()
    losses = ("gaussian",)
    references = ("2020ApJS..246....9Z",)
    alternatives = {}
    training = {}


class PayneParams(CEMPParams):
    """Labels of stars by a network that emulates the spectrum, as The Payne does.

    A small network gives all pixels for Teff, log g, [Fe/H] and [C/Fe] (Ting et al.
    2019); the labels are those of least squares. It learns from whatever spectra it is
    fitted to, not from synthetic ones alone.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        As of `CannonParams`.
    network : `~galspec.networks.PayneConfig`, optional
        Size and training of the network.
    """

    name = "payne-params"
    recipe = RECIPE
    network = PayneConfig()
    losses = ("gaussian",)
    references = ("2019ApJ...879...69T",)
    alternatives = {}
    training = {}


class PCAPerceptronParams(CEMPParams):
    """Labels of stars by a perceptron on the principal components of the spectrum.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        As of `CannonParams`.
    network : `~galspec.networks.PCAPerceptronConfig`, optional
        Number of components, widths of the layers.
    """

    name = "pca-perceptron-params"
    recipe = RECIPE
    network = PCAPerceptronConfig(outputs=10)
    references = ("principal components and a perceptron, of no paper",)
    alternatives = {}
    training = {"default": {"loss": "beta-gaussian", "batch_size": 32}}
