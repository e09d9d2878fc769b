"""The stage of RAIL that trains."""

import dataclasses
import pathlib

import numpy as np
from ceci.config import StageParameter
from rail.core.common_params import SharedParams
from rail.estimation.informer import CatInformer

from galspec.rail.columns import (
    OPTIONS,
    CatalogueStage,
    declared_survey,
    photometry_of,
)
from galspec.rail.model import BundleHandle, CatalogueModel, survey_of
from galspec.surveys import get_survey
from galspec.targets import with_ranges

__all__ = ["ELGPhotoZInformer"]


class ELGPhotoZInformer(CatalogueStage, CatInformer):
    """Train `~galspec.ELGPhotoZ` on a table with redshifts, or tune weights with it.

    Without ``weights``, networks are trained from scratch on the magnitudes, colours
    and errors of ``bands``: densities have ``nzbins`` bins, even in ln(1 + z), from 0
    to ``zmax``. With ``weights``, those networks go on with the table, as
    ``ELGPhotoZ.fine_tune`` does, and their bins stay.

    Rows whose redshift is NaN are left out. Rows with the same ``id_col``, if there is
    one, are of one object: none of them validates what others have trained.

    Make it by ``ELGPhotoZInformer.make_stage(name=..., **options)``. The output
    ``model`` is a weight file, whose name ends in ``.safetensors``.
    """

    name = "ELGPhotoZInformer"
    interactive_function = "elg_photoz_informer"
    config_options = CatInformer.config_options | OPTIONS
    config_options |= {
        "redshift_col": SharedParams.copy_param("redshift_col"),
        "id_col": SharedParams.copy_param("id_col"),
        "zmax": StageParameter(float, 3.0, msg="Redshift at which the bins end"),
        "nzbins": StageParameter(
            int, 301, msg="Number of bins of the densities, even in ln(1 + z)"
        ),
        "survey": StageParameter(
            str, "", msg="Survey of galspec whose filters these are, or a name of yours"
        ),
        "weights": StageParameter(
            str, "", msg="Tag or file of weights to go on from; from scratch if empty"
        ),
        "epochs": StageParameter(
            int, 0, msg="Passes over the table; 0 for as many as ELGPhotoZ takes"
        ),
        "seed": StageParameter(int, 0, msg="Equal seeds give equal results"),
    }
    outputs = [("model", BundleHandle)]

    def validate(self):
        """Raise where the table lacks a column, or the model is no weight file.

        Raises
        ------
        KeyError
            If there is no such column.
        ValueError
            If there is not an error a band, or the name of the model ends in anything
            but ``.safetensors``.
        """
        super().validate()
        if self.config.output_mode == "default":
            BundleHandle.check_path(self.get_output("model", final_name=True))

    def run(self):
        """Train, and set the output ``model``."""
        model = self._tuned_from() if self.config.weights else self._from_scratch()
        data = self.get_data("input")
        if self.config.hdf5_groupname:
            data = data[self.config.hdf5_groupname]
        filters = self.config.filters or model.recipe.transformers[0].bands
        batch, table = photometry_of(data, self.config, survey_of(model), filters)
        redshift = np.array(table[self.config.redshift_col], float)
        train = model.fine_tune if self.config.weights else model.fit
        declared = model.tuning_options if self.config.weights else model.fit_options
        self.model = train(
            batch,
            redshift,
            groups=table.get(self.config.id_col),
            options=declared(epochs=self.config.epochs or None),
            seed=self.config.seed,
            progress_bar=False,
        )
        self.add_data("model", self.model)

    def _from_scratch(self):
        """An untrained model of the bands."""
        survey = declared_survey(self.config)
        filters = tuple(self.config.filters or self.config.bands)
        model = CatalogueModel.for_survey(survey, filters, dereddened=True)
        model.network = dataclasses.replace(model.network, outputs=self.config.nzbins)
        model.targets = with_ranges(model.targets, [(0.0, self.config.zmax)])
        return model

    def _tuned_from(self):
        """The model that the given weights make, for the survey that was asked for."""
        weights = self.config.weights
        own = pathlib.Path(weights).exists()
        model = CatalogueModel.pretrained(**{"path" if own else "tag": weights})
        if self.config.survey not in ("", survey_of(model).name):
            model.survey = get_survey(self.config.survey)
        return model

    def _get_stage_columns(self):
        super()._get_stage_columns()
        self.stage_columns.append(self.config.redshift_col)
