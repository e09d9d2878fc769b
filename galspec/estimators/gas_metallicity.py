"""Gas-phase metallicity of star-forming galaxies from the full spectrum."""

import astropy.units as u

from galspec.metallicity_scales import convert_oh
from galspec.networks import AlignedCNNConfig, SpectralCNNConfig
from galspec.spectral_estimator import SpectralEstimator
from galspec.targets import Target
from galspec.transforms import (
    Asinh,
    Coverage,
    Recipe,
    Resample,
    ScaleMinMax,
    ScaleRobust,
    linear_grid,
    log_grid,
)

__all__ = ["GasMetallicity"]


class GasMetallicity(SpectralEstimator):
    """12 + log10(O/H) of the gas, from the observed-frame spectrum of a galaxy.

    No redshift and no line fitting are needed. Two sets of weights are published:
    ``default`` and ``feng2025``. The latter is the recipe and the network of Feng,
    Wang & Li (2025): linear interpolation to 3800-8000 angstrom in steps of 1, min-max
    scaling, eight convolutions. ``default`` reaches 9000 angstrom on a logarithmic
    grid, scales robustly, compresses bright lines, sees which pixels are masked, finds
    the redshift or takes the one that is given, reads the rest frame, and predicts its
    own error.

    The values are on the O3N2 scale of Pettini & Pagel (2004, MNRAS 348, L59, eq. 3),
    which passes over to the R calibration of Pilyugin & Grebel (2016, MNRAS 457, 3678)
    between 8.15 and 7.9; other calibrations differ by up to 0.7 dex (Kewley & Ellison
    2008, ApJ 681, 1183).
    The estimator says nothing of whether a galaxy forms stars: for others the value
    has no meaning.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; that of ``default`` when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; that of ``default`` when not given.

    Examples
    --------
    >>> from galspec import GasMetallicity, example_spectra
    >>> table = GasMetallicity.pretrained().predict(example_spectra())
    >>> table["oh"].unit
    Unit("dex")
    """

    name = "gas-metallicity"
    targets = (Target("oh", u.dex, "12 + log10(O/H)", valid=(7.2, 8.95)),)
    scale = "PP04 O3N2"
    convert = staticmethod(convert_oh)
    recipe = Recipe(
        "default",
        Resample(log_grid(3700, 9000, 1e-4)),
        Coverage(0.5),
        ScaleRobust(),
        Asinh(),
    )
    network = AlignedCNNConfig(start=3700, step=1e-4)
    training = {
        "default": {"loss": "beta-gaussian", "learning_rate": 2e-3, "batch_size": 32},
        # the paper waits 10 epochs for a lower loss before it lowers the rate
        "feng2025": {
            "loss": "mse",
            "epochs": 100,
            "optimizer": "adam",
            "learning_rate": 1e-3,
            "schedule": "plateau",
            "patience": 10,
            "batch_size": 128,
        },
    }
    references = (
        "Feng, Wang & Li 2025 (recipe and network of feng2025)",
        "2024MNRAS.52710557W",
        "2004MNRAS.348L..59P",
        "2016MNRAS.457.3678P",
    )
    alternatives = {
        "feng2025": (
            Recipe(
                "feng2025",
                Resample(linear_grid(3800, 8000, 1)),
                Coverage(0.5),
                ScaleMinMax(),
            ),
            SpectralCNNConfig(channels=(16, 32, 64, 128), inputs=1, outputs=1),
        )
    }
