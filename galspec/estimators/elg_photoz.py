"""Redshifts of emission-line galaxies from photometry and images."""

import astropy.units as u

from galspec.networks import (
    InceptionFusionConfig,
    PhotometricPerceptronConfig,
    PhotometryAndImagesConfig,
)
from galspec.photometric_estimator import PhotometricEstimator
from galspec.surveys import get_survey
from galspec.targets import Target
from galspec.transforms import Bands, FreeOfDust, Recipe

__all__ = ["ELGPhotoZ"]

_LEGACY = Bands(("g", "r", "i", "z", "W1", "W2"), ("ls-dr10", "ls-dr9"))
_COSMOS = ("u", "B", "g", "V", "r", "i", "z", "J", "K")
#: How perceptrons on columns of photometry are fitted.
_COLUMNS = {
    "loss": "ordered",
    "epochs": 50,
    "learning_rate": 2e-3,
    "weight_decay": 1e-2,
    "batch_size": 256,
}


class ELGPhotoZ(PhotometricEstimator):
    """Redshift of a galaxy, as a density, from its photometry and images.

    Networks give the probability of ordered bins of redshift, as in Wei et al. (2025,
    PASA, arXiv:2505.24175), and are trained by cross-entropy and, so that they know the
    order, the continuous ranked probability score. The densities are calibrated: the
    quantile at which true redshifts lie is uniform.

    Weights ``default`` are for the Legacy Surveys (g r i z W1 W2), trained on simulated
    galaxies: photometry alone, stamps alone, or both, as far as they are there; bands
    may be missing. ``cosmos-griz``, ``cosmos`` and ``sdss`` are trained on real
    galaxies. ``wei2025`` is the network of Wei et al., without weights. For other bands
    or surveys see `for_survey`.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Which bands, of which surveys; that of ``default`` when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; that of ``default`` when not given.

    Examples
    --------
    >>> from galspec import ELGPhotoZ
    >>> table = ELGPhotoZ.pretrained("cosmos-griz").predict({
    ...     "mag_g": [22.6], "mag_r": [21.9], "mag_i": [21.2], "mag_z": [20.9],
    ...     "magerr_g": [0.02], "magerr_r": [0.02], "magerr_i": [0.02],
    ...     "magerr_z": [0.02]})
    >>> bool(0.5 < table["z_phot"][0] < 0.9)
    True
    """

    name = "elg-photoz"
    targets = (
        Target("z_phot", u.dimensionless_unscaled, "photometric redshift", (0, 2)),
    )
    recipe = Recipe("default", _LEGACY)
    network = PhotometryAndImagesConfig(
        ("magnitudes", "colours", "errors", "stamps"),
        outputs=220,
        members=4,
    )
    training = {
        "default": {"loss": "ordered", "learning_rate": 1.5e-3, "batch_size": 256},
        # the paper lowers the rate by ten every ten epochs
        "wei2025": {
            "loss": "bins",
            "epochs": 30,
            "optimizer": "adam",
            "learning_rate": 1e-4,
            "schedule": "plateau",
            "batch_size": 32,
        },
    }
    form_slopes = {"default": 0.4}
    references = ("Wei et al. 2025 (arXiv:2505.24175)", "arXiv:2602.01548")
    alternatives = {
        "wei2025": (
            Recipe("wei2025", _LEGACY),
            InceptionFusionConfig(("wei2025", "stamps"), outputs=770),
        ),
        "cosmos-griz": (
            Recipe("cosmos-griz", Bands(tuple("griz"), ("cosmos",)), FreeOfDust()),
            PhotometricPerceptronConfig(("colours", "magnitudes"), outputs=146),
        ),
        "cosmos": (
            Recipe("cosmos", Bands(_COSMOS, ("cosmos",)), FreeOfDust()),
            PhotometricPerceptronConfig(("colours", "magnitudes"), outputs=220),
        ),
        "sdss": (
            Recipe("sdss", Bands(tuple("ugriz"), ("sdss",)), FreeOfDust()),
            PhotometricPerceptronConfig(
                ("colours", "magnitudes", "errors"), outputs=220
            ),
        ),
    }

    @classmethod
    def for_survey(cls, survey, bands=None, *, dereddened=False):
        """An untrained estimator for photometry of your own, without images.

        Parameters
        ----------
        survey : str or `~galspec.surveys.Survey`
        bands : tuple of str, optional
            All of the survey's when not given.
        dereddened : bool
            Photometry of which E(B-V) is not known is free of the Milky Way's dust, or
            dimmed by it all alike.

        Returns
        -------
        ELGPhotoZ

        Raises
        ------
        ValueError
            If the survey has no such band, or not two.

        Examples
        --------
        >>> from galspec import ELGPhotoZ
        >>> ELGPhotoZ.for_survey("ls-dr9", ("g", "r", "z"))
        <ELGPhotoZ: recipe ls-dr9, untrained>
        """
        survey = get_survey(survey)
        bands = survey.bands if bands is None else tuple(bands)
        if len(set(bands) & set(survey.bands)) < max(2, len(bands)):
            raise ValueError(
                f"bands are {bands}; two or more are needed, of those of "
                f"{survey.name}: {', '.join(survey.bands)}"
            )
        dust = (FreeOfDust(),) if dereddened else ()
        return cls(
            recipe=Recipe(survey.name, Bands(bands, (survey.name,)), *dust),
            network=PhotometricPerceptronConfig(
                ("colours", "magnitudes", "errors"), outputs=220
            ),
        )

    def _declared_training(self):
        return super()._declared_training() or _COLUMNS
