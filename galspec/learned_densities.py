"""Densities over ordered bins of redshift: what a photometric estimator has learned."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.learned import Learned
from galspec.learned_values import UNINFORMATIVE
from galspec.redshift_bins import RedshiftBins
from galspec.redshift_columns import density_columns
from galspec.redshift_points import cumulative, least_loss, quantiles
from galspec.training.pit_calibration import PITCalibration

__all__ = ["LearnedDensities"]

#: Share of training rows of which a column may lack and still count as always known.
ALWAYS = 0.98


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedDensities(Learned):
    """See `galspec.learned.Learned`.

    Labels are x = ln(1 + z). Bins are even in x, from 0 to ln(1 + ``z_max``).

    A row that lacks a column which the training set always had counts as far from the
    training set, whatever the network makes of it.

    Parameters
    ----------
    n_bins : int
    z_max : float
        Upper end of the last bin.
    scatter : float
        Standard deviation of the training labels.
    calibration : `galspec.training.pit_calibration.PITCalibration`, optional
        None only between the fit and the calibration.
    """

    n_bins: int = 0
    z_max: float = np.nan
    scatter: float = np.nan
    calibration: PITCalibration | None = None

    @property
    def bins(self):
        """The bins, `~galspec.redshift_bins.RedshiftBins`."""
        return RedshiftBins(self.n_bins, self.z_max)

    @property
    def scale_of_labels(self):
        """The losses see labels from 0 to 1."""
        return 0.0, np.log1p(self.z_max)

    def check_loss(self, loss):
        """Every loss of densities means outputs alike."""

    def probabilities(self, inputs):
        """Mean over all networks, (n, n_bins), not calibrated; and the domain."""
        from scipy.special import softmax

        outputs, distance = self.outputs(inputs)
        if "always" in self.domain:
            always = self.domain["always"].astype(bool)
            lacking = np.isnan(inputs[:, 0, : len(always)]) & always
            distance = np.where(lacking.any(axis=1), np.inf, distance)
        return softmax(outputs, axis=-1).mean(axis=0), distance

    def at_home(self, training_inputs, others):
        """Itself, with the domain that the training set spans."""
        learned = super().at_home(training_inputs, others)
        columns = training_inputs[:, 0, : self.models[0].n_columns]
        always = np.isfinite(columns).mean(axis=0) > ALWAYS
        domain = learned.domain | {"always": always.astype(np.uint8)}
        return dataclasses.replace(learned, domain=domain)

    def estimates(self, inputs):
        """x of the point estimate, then probabilities of the bins: (1 + bins, n, 1)."""
        probability, _ = self.probabilities(inputs)
        point = least_loss(probability, self.bins)
        return np.concatenate([np.log1p(point)[None], probability.T])[..., None]

    def calibrated_by(self, estimates, labels, snr):
        """Itself, with densities that hold for these estimates."""
        probability = estimates[1:, :, 0].T
        calibration = PITCalibration.fit(probability, labels[:, 0], self.bins)
        return dataclasses.replace(self, calibration=calibration)

    def columns(self, inputs, snr, estimator, interval):
        """Point estimates, their errors, and the density."""
        probability, distance = self.probabilities(inputs)
        columns = density_columns(
            probability, self.calibration, self.bins, estimator.slope
        )
        if interval is not None:
            ends = (0.5 - interval / 2, 0.5 + interval / 2)
            calibrated = cumulative(self.calibration.apply(probability))
            low, high = quantiles(calibrated, ends, self.bins).T
            columns |= {"z_phot_lo": low, "z_phot_hi": high}
        return columns, distance, self._doubts(columns, estimator)

    def _doubts(self, columns, estimator):
        (target,) = estimator.targets
        low, high = target.valid
        outside = (columns["z_phot"] < low) | (columns["z_phot"] > high)
        error = columns["z_phot_err"] / (1 + columns["z_phot"])
        vague = error > UNINFORMATIVE * self.scatter
        return np.where(outside, int(Flags.OUT_OF_RANGE), 0) | np.where(
            vague, int(Flags.UNINFORMATIVE), 0
        )

    def more_config(self):
        """The end of the bins, the scatter of labels, and the calibration."""
        return {
            "n_bins": self.n_bins,
            "z_max": self.z_max,
            "scatter": self.scatter,
            "calibration": self.calibration.to_config(),
        }

    @classmethod
    def config_fields(cls, config):
        """What `more_config` wrote, as fields."""
        calibration = PITCalibration.from_config(config["calibration"])
        fields = {name: config[name] for name in ("n_bins", "z_max", "scatter")}
        return fields | {"calibration": calibration}
