"""Labels of stars, and carbon-enhanced metal-poor ones among them."""

import astropy.units as u
import numpy as np

from galspec.carbon_enhancement import CRITERIA
from galspec.learned_stars import LearnedStars
from galspec.networks import HFSNetConfig, ProjectionConfig
from galspec.spectral_estimator import SpectralEstimator
from galspec.targets import Target
from galspec.transforms import (
    Clip,
    Coverage,
    Denoise,
    GaussianContinuum,
    MedianContinuum,
    NoiseFromScatter,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    Window,
    linear_grid,
    log_grid,
)
from galspec.velocity import with_velocities

__all__ = ["CEMPParams"]


#: Without the join of the arms and what water and oxygen of the air take away.
_AIRLESS = (
    (3800, 5700),
    (5900, 6850),
    (7000, 7150),
    (7350, 7580),
    (7720, 8120),
    (8420, 8800),
)
#: Without lines that the line lists of the synthesis make far too strong in cool stars
#: of much carbon: 6215, 6504, 6527 and 6805 angstrom.
_CLEAN = ((3800, 6209), (6221, 6498), (6510, 6521), (6533, 6799), (6811, 8800))


class CEMPParams(SpectralEstimator):
    """Teff, log g, [Fe/H] and [C/Fe] of stars from spectra of low resolution.

    Beside the labels and their errors a result has ``ch`` = [C/H] = [Fe/H] + [C/Fe] and
    the covariance ``cov_feh_ch`` of [Fe/H] and [C/H]; ``a_c``, the abundance A(C) =
    [C/H] + 8.43; ``cfe_natal``, the [C/Fe] of a metal-poor giant before it turned
    carbon into nitrogen (`galspec.carbon_evolution`; papers often give this one), NaN
    above [Fe/H] = -1.5; ``p_cemp``, the probability of a carbon-enhanced metal-poor
    star by the joint Gaussian of [Fe/H] and the present [C/Fe]; and ``metal_class``:
    MP, VMP, EMP, UMP (Beers & Christlieb 2005, ARA&A 43, 531, table 1). Where [C/Fe] is
    hardly constrained, the row is flagged UPPER_LIMIT.

    The spectrum is brought to the rest frame by ``redshift=``, the radial velocity over
    the speed of light. Where that is not known, the velocity is measured by
    cross-correlation, and the row flagged VELOCITY_MEASURED; ``velocity`` is what was
    used, ``velocity_err`` the error of what was measured.

    Two sets of weights are published: ``default``, and ``hfsnet``, the network with two
    streams and a mixture of experts.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; that of ``default`` when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; that of ``default`` when not given.

    Notes
    -----
    ``predict(..., criterion="beers2005")`` takes another definition than the default,
    [C/Fe] > 0.7 below [Fe/H] = -2: see `galspec.carbon_enhancement.CRITERIA`.
    """

    name = "cemp-params"
    targets = (
        Target("teff", u.K, "effective temperature", valid=(4000, 7000)),
        Target("logg", u.dex, "log10 of the gravity in cm/s2", valid=(0.0, 5.0)),
        Target("feh", u.dex, "[Fe/H]", valid=(-4.0, 0.5)),
        Target("cfe", u.dex, "[C/Fe]", valid=(-1.0, 3.5)),
        Target("ch", u.dex, "[C/H]", valid=(-5.0, 1.0)),
    )
    derived = (
        Target("velocity", u.km / u.s, "radial velocity", (-np.inf, np.inf)),
        Target("cov_feh_ch", u.dex**2, "covariance of [Fe/H] and [C/H]", (0, np.inf)),
        Target("a_c", u.dex, "A(C) = log10(C/H) + 12", (0, np.inf)),
        Target("cfe_natal", u.dex, "[C/Fe] before the star mixed", valid=(-1.0, 4.0)),
        Target("p_cemp", u.dimensionless_unscaled, "probability of being CEMP", (0, 1)),
    )
    learned_type = LearnedStars
    batch_size = 64
    options = {"criterion": f"definition of CEMP stars: {', '.join(CRITERIA)}"}
    examples = "stars"
    recipe = Recipe(
        "default",
        NoiseFromScatter(),
        RestFrame(),
        Resample(log_grid(3800, 8800, 1e-4)),
        Window(_AIRLESS),
        Coverage(0.25),
        Normalise(GaussianContinuum(100.0, weighted=False)),
        Window(_CLEAN),
    )
    network = ProjectionConfig(width=256, outputs=10)
    training = {
        "default": {
            "loss": "gaussian",
            "learning_rate": 2e-3,
            "batch_size": 128,
        },
        "hfsnet": {"loss": "mse", "learning_rate": 1e-3, "batch_size": 32},
    }
    references = (
        "Heterogeneous Feature Stream Network for CEMP stars in LAMOST DR11 (hfsnet)",
        "2005ARA&A..43..531B",
        "2007ApJ...655..492A",
        "2014ApJ...797...21P",
        "2017ApJ...836....5H",
    )
    alternatives = {
        "hfsnet": (
            Recipe(
                "hfsnet",
                RestFrame(),
                Window(((3800, 5700), (5900, 8000))),
                Denoise(),
                Normalise(MedianContinuum()),
                Resample(linear_grid(3800, 8000, 1)),
                Clip(-0.1, 2.0),
                Coverage(0.25),
            ),
            HFSNetConfig(outputs=5),
        )
    }

    def complete(self, batch):
        """Measure the radial velocities that are not known."""
        return with_velocities(batch)

    def check_options(self, *, criterion="default", **options):
        """As of `~galspec.SpectralEstimator`, the criterion included."""
        super().check_options(**options)
        if criterion not in CRITERIA:
            raise ValueError(
                f"criterion is {criterion!r}; it can be one of {', '.join(CRITERIA)}"
            )
