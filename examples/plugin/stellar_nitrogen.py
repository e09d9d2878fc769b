"""Nitrogen in stars from spectra of low resolution: a plugin of galspec."""

import astropy.units as u

from galspec import SpectralEstimator, Target
from galspec.networks import ProjectionConfig
from galspec.transforms import (
    Coverage,
    GaussianContinuum,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    log_grid,
)

__all__ = ["StellarNitrogen"]


class StellarNitrogen(SpectralEstimator):
    """[N/Fe] of stars between 4000 and 7000 K, mostly from bands of CN.

    Nitrogen shows in the bands of CN at 3883 and 4215 angstrom (Norris et al. 1981),
    which are as strong as both carbon and nitrogen make them. In hot and in metal-poor
    stars they vanish: then the error is as wide as the values that stars have, and the
    row is flagged UNINFORMATIVE. The spectrum is brought to the rest frame by
    ``redshift=``, the radial velocity over the speed of light.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; 3840 to 5600 angstrom, over the continuum, when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; a small projection of all lines when not given.
    """

    name = "stellar-nitrogen"
    targets = (Target("nfe", u.dex, "[N/Fe]", valid=(-0.5, 2.2)),)
    recipe = Recipe(
        "default",
        RestFrame(),
        Resample(log_grid(3840, 5600, 2e-4)),
        Coverage(0.6),
        Normalise(GaussianContinuum(100.0, weighted=False)),
    )
    network = ProjectionConfig(width=40, depth=2, outputs=2)
    training = {
        "default": {
            "epochs": 12,
            "passes": 3,
            "learning_rate": 3e-3,
            "batch_size": 128,
        }
    }
    references = ("1981ApJ...244..205N",)
    examples = "stars"
