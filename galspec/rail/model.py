"""What the stages hand to each other, and how it is kept in files."""

import pathlib

from rail.core.data import ModelHandle

from galspec.estimators.elg_photoz import ELGPhotoZ
from galspec.surveys import SURVEYS, Survey, get_survey

__all__ = ["BundleHandle", "CatalogueModel", "survey_of"]

SUFFIX = ".safetensors"


class CatalogueModel(ELGPhotoZ):
    """`~galspec.ELGPhotoZ` that remembers the survey that it was trained on.

    Softening of magnitudes comes from the limits in RAIL's configuration: a network
    must see other objects with that of its training.

    Parameters
    ----------
    recipe, network, slope
        As for `~galspec.ELGPhotoZ`.
    """

    #: The `~galspec.surveys.Survey`; None for weights that do not say.
    survey = None

    @classmethod
    def for_survey(cls, survey, bands=None, *, dereddened=False):
        """As that of `~galspec.ELGPhotoZ`.

        Parameters
        ----------
        survey, bands, dereddened
            As there.

        Returns
        -------
        CatalogueModel
        """
        self = super().for_survey(survey, bands, dereddened=dereddened)
        self.survey = get_survey(survey)
        return self

    @classmethod
    def from_config(cls, config):
        """As of all estimators, with the survey of the weights."""
        self = super().from_config(config)
        if "survey" in config:
            self.survey = _survey(**config["survey"])
        return self

    def form_config(self):
        """The slope, and what of the survey a network sees."""
        survey = survey_of(self)
        known = {"name": survey.name, "bands": list(survey.bands)}
        return super().form_config() | {
            "survey": known | {"softening": dict(survey.softening)}
        }


class BundleHandle(ModelHandle):
    """RAIL's handle of a model, with a weight file of galspec behind it.

    Parameters
    ----------
    tag, data, path, creator
        As for the handles of RAIL.
    """

    suffix = SUFFIX.removeprefix(".")
    interactive_type = "galspec.ELGPhotoZ"

    @classmethod
    def check_path(cls, path):
        """Refuse a name that is none of a weight file, before any work is done.

        Parameters
        ----------
        path : str

        Raises
        ------
        ValueError
            If it ends in something else.
        """
        if pathlib.Path(path).suffix != SUFFIX:
            raise ValueError(
                f"the model is {path!r}, but galspec writes and reads no pickles: give "
                f"it a name that ends in {SUFFIX}"
            )

    @classmethod
    def _open(cls, path, **kwargs):
        return open(path, mode="wb" if kwargs.get("mode") == "w" else "rb")

    @classmethod
    def _read(cls, path, **kwargs):
        cls.check_path(path)
        return CatalogueModel.pretrained(path=path)

    @classmethod
    def _write(cls, data, path, **kwargs):
        cls.check_path(path)
        data.save(path)


def survey_of(model):
    """The survey whose photometry a model takes.

    Parameters
    ----------
    model : `~galspec.ELGPhotoZ`

    Returns
    -------
    `~galspec.surveys.Survey`
    """
    return getattr(model, "survey", None) or get_survey(model.surveys[0])


def _survey(name, bands, softening):
    if name in SURVEYS:
        return SURVEYS[name]
    # tables in RAIL are free of the Milky Way: see galspec.rail.columns
    return Survey(
        name, tuple(bands), extinction=dict.fromkeys(bands, 0.0), softening=softening
    )
