"""The stage of RAIL that estimates."""

import numpy as np
import qp
from rail.core.data import TableHandle
from rail.core.enums import DistributionType
from rail.estimation.estimator import CatEstimator

from galspec.rail.columns import OPTIONS, CatalogueStage, photometry_of
from galspec.rail.model import BundleHandle, survey_of
from galspec.redshift_points import cumulative

__all__ = ["ELGPhotoZEstimator"]

#: Point estimates of galspec by the names that RAIL has for them.
NAMES = {"z_phot_mode": "zmode", "z_phot_mean": "zmean", "z_phot_median": "zmedian"}


class ELGPhotoZEstimator(CatalogueStage, CatEstimator):
    """Estimate redshift densities with a model of `ELGPhotoZInformer`.

    The result is a ``qp.Ensemble`` of histograms on the grid of ``nzbins`` redshifts
    from ``zmin`` to ``zmax``: in each of the bins between them the probability that
    `~galspec.ELGPhotoZ` gives. ``ancil`` has ``zmode``, ``zmean``, ``zmedian``, and the
    columns of `~galspec.redshift_table.RedshiftTable` with one value a row, ``z_phot``,
    ``z_phot_err``, ``domain`` and ``flags`` among them. An object of which nothing can
    be said has NaN, and its flag says why.

    Make it by ``ELGPhotoZEstimator.make_stage(name=..., model=..., **options)``. The
    model is the handle that the informer gives, a weight file, or an
    `~galspec.ELGPhotoZ`; those of its filters of which the table has no band count as
    not observed.
    """

    name = "ELGPhotoZEstimator"
    interactive_function = "elg_photoz_estimator"
    config_options = CatEstimator.config_options | OPTIONS
    inputs = [("model", BundleHandle), ("input", TableHandle)]

    @classmethod
    def default_distribution_type(cls):
        """What the densities are: posteriors, with the training set for a prior."""
        return DistributionType.posterior

    def open_model(self, **kwargs):
        """Attach the model, as all stages do.

        Parameters
        ----------
        **kwargs
            ``model``: an estimator, a handle, or the name of a weight file.

        Returns
        -------
        `~galspec.ELGPhotoZ`

        Raises
        ------
        ValueError
            If there is none.
        galspec.weights.WeightsError
            If it is none of galspec's.
        """
        if super().open_model(**kwargs) is None:
            raise ValueError(
                f"{self.instance_name} has no model: say model=, the weight file or "
                "handle that ELGPhotoZInformer gives"
            )
        return self.model

    def _process_chunk(self, start, end, data, first):
        filters = self.config.filters or self.model.recipe.transformers[0].bands
        survey = survey_of(self.model)
        batch, table = photometry_of(data, self.config, survey, filters)
        result = self.model.predict(batch, progress_bar=False)
        self._do_chunk_output(self._ensemble(result), start, end, first, data=table)

    def _ensemble(self, result):
        """The densities of a result on the grid of the configuration."""
        grid = np.linspace(self.config.zmin, self.config.zmax, self.config.nzbins)
        below = _cumulative_at(grid, result)
        plain = {name: np.asarray(getattr(c, "value", c)) for name, c in result.items()}
        ancil = {NAMES.get(k, k): v for k, v in plain.items() if v.ndim == 1}
        pdfs = np.diff(below, axis=1) / np.diff(grid)
        return qp.hist.create_ensemble(bins=grid, pdfs=pdfs, ancil=ancil, warn=False)

    def _calculate_summary_stats(self, qp_dstn):
        # what qp takes for the mode of a density that is unknown is the first redshift
        mode = self._calculate_mode_point_estimate(qp_dstn)
        qp_dstn.add_to_ancil({"z_mode": mode})
        return super()._calculate_summary_stats(qp_dstn)

    def _calculate_mode_point_estimate(self, qp_dist, grid=None):
        return _known(super()._calculate_mode_point_estimate(qp_dist, grid), qp_dist)

    def _calculate_best_point_estimate(self, qp_dist, grid=None):
        return _known(super()._calculate_best_point_estimate(qp_dist, grid), qp_dist)


def _cumulative_at(z, result):
    """Probability below redshifts that are the same for all rows, shape (n, n_z)."""
    bins = result.bins
    cdf = cumulative(np.asarray(result["z_phot_pdf"]) * bins.z_width)
    z = np.clip(z, 0, bins.z_max)
    k = np.clip(np.searchsorted(bins.z_edges, z, side="right") - 1, 0, bins.n - 1)
    part = (z - bins.z_edges[k]) / bins.z_width[k]
    return cdf[:, k] * (1 - part) + cdf[:, k + 1] * part


def _known(values, qp_dist):
    """Values where there is a density, NaN elsewhere."""
    known = np.isfinite(qp_dist.objdata["pdfs"]).all(axis=1)
    return np.where(known.reshape(-1, *[1] * (values.ndim - 1)), values, np.nan)
