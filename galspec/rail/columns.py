"""From tables as RAIL knows them to photometry as galspec does."""

import inspect

import numpy as np
import tables_io
from ceci.config import StageParameter
from rail.core.common_params import SharedParams

from galspec.magnitudes import flux_of_magnitude
from galspec.photometry import PhotometryBatch
from galspec.surveys import SURVEYS, Survey

__all__ = ["OPTIONS", "CatalogueStage", "declared_survey", "photometry_of"]

#: Magnitudes that stand for something else are as large as this.
NO_MAGNITUDE = 90.0
#: What a survey is called that galspec does not know and nobody has given a name.
ANY_SURVEY = "catalogue"
#: Options that both stages have.
OPTIONS = {
    name: SharedParams.copy_param(name)
    for name in (
        "bands",
        "err_bands",
        "mag_limits",
        "nondetect_val",
        "nonobserved_val",
    )
}
OPTIONS["filters"] = StageParameter(
    list,
    [],
    msg="Names that galspec has for the filters of the bands, in their order; where "
    "not given, those of the model, and in training those of the columns",
)


class CatalogueStage:
    """What both stages do alike; stands before RAIL's base class."""

    def __init_subclass__(cls, **kwargs):
        # ceci adds the options as further paragraphs, which are not indented
        cls.__doc__ = inspect.cleandoc(cls.__doc__)
        super().__init_subclass__(**kwargs)

    @classmethod
    def generate_command(cls, *args, **kwargs):
        """The command that runs the stage: ceci's own, which imports the module.

        Parameters
        ----------
        *args, **kwargs
            As for all stages.

        Returns
        -------
        str
        """
        command = super().generate_command(*args, **kwargs)
        # ceci takes every package that is no namespace for one that runs stages
        return command.replace(
            f"-m galspec {cls.name}", f"-m ceci {cls.get_module()}.{cls.name}", 1
        )

    def validate(self):
        """Raise where the table lacks a column, before any work is done.

        Raises
        ------
        KeyError
            If it does, naming the column.
        ValueError
            If there is not an error a band.
        """
        self._get_stage_columns()
        handle = self.get_handle("input", allow_missing=True)
        self._check_column_names(handle, self.stage_columns)

    def _get_stage_columns(self):
        bands, errors = self.config.bands, self.config.err_bands
        if len(bands) != len(errors):
            raise ValueError(
                f"{len(bands)} bands and {len(errors)} err_bands: one for each"
            )
        self.stage_columns = [*bands, *errors]


def declared_survey(config):
    """The survey of a table, as a configuration describes it.

    Parameters
    ----------
    config : mapping
        Of a stage.

    Returns
    -------
    `~galspec.surveys.Survey`
        One that galspec knows, or with softening of asinh magnitudes as large as the
        limits, for which these are made (Lupton, Gunn & Szalay 1999, AJ 118, 1406).
    """
    if config.survey in SURVEYS:
        return SURVEYS[config.survey]
    filters = tuple(config.filters or config.bands)
    limits = [config.mag_limits.get(band) for band in config.bands]
    return Survey(
        config.survey or ANY_SURVEY,
        filters,
        extinction=dict.fromkeys(filters, 0.0),
        softening={
            name: float(_flux_of_limit(limit))
            for name, limit in zip(filters, limits, strict=True)
            if limit is not None
        },
    )


def photometry_of(data, config, survey, filters):
    """The photometry of a table of magnitudes, as RAIL's configuration describes it.

    Magnitudes count as free of the Milky Way's dust, which has a stage of its own in
    RAIL. Where one is ``nondetect_val``, an object was observed and not detected: its
    flux is 0 with the error that ``mag_limits`` gives, at 1 sigma; without a limit, as
    where it is ``nonobserved_val``, it was not observed.

    Parameters
    ----------
    data : table
        Any that RAIL has.
    config : mapping
        Of a stage.
    survey : `~galspec.surveys.Survey`
    filters : sequence of str
        Bands of the survey, one for each of ``config.bands``.

    Returns
    -------
    batch : `~galspec.PhotometryBatch`
    table : mapping of str to `numpy.ndarray`
        All columns of the table.

    Raises
    ------
    ValueError
        If there is not a filter a band, or the survey has none of that name.
    """
    if len(filters) != len(config.bands):
        raise ValueError(
            f"{len(config.bands)} bands, {', '.join(config.bands)}, are not the "
            f"filters {', '.join(filters)}: say filters=, one for each"
        )
    table = tables_io.convert(data, tables_io.types.NUMPY_DICT)
    pairs = zip(config.bands, config.err_bands, strict=True)
    measured = [_measured(table, *pair, config) for pair in pairs]
    flux, ivar = (np.stack(part, axis=1) for part in zip(*measured, strict=True))
    batch = PhotometryBatch.from_arrays(
        flux, ivar, survey=survey, bands=tuple(filters), ebv=0.0
    )
    return batch, table


def _measured(table, band, error_band, config):
    """Flux and inverse variance in a band, nanomaggies."""
    magnitude, error = (np.array(table[name], float) for name in (band, error_band))
    mark = config.nondetect_val
    undetected = np.isnan(magnitude) if np.isnan(mark) else np.isclose(magnitude, mark)
    usable = (np.abs(magnitude) < NO_MAGNITUDE) & (error > 0)
    usable &= ~undetected & ~np.isclose(magnitude, config.nonobserved_val)
    flux, ivar = flux_of_magnitude(
        np.where(usable, magnitude, np.nan), np.where(usable, error, np.nan)
    )
    limit = _flux_of_limit(config.mag_limits.get(band, np.nan))
    return np.where(undetected, 0, flux), np.where(undetected, limit**-2.0, ivar)


def _flux_of_limit(magnitude):
    """Nanomaggies: one standard deviation where the limit is of 1 sigma."""
    return flux_of_magnitude(np.asarray(magnitude, float), 1.0)[0]
