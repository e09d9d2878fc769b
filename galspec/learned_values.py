"""Values with errors: what an estimator of quantities has learned."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.learned import Learned
from galspec.targets import parts
from galspec.training.calibration import ONE_SIGMA, Calibration
from galspec.training.losses import LOG_SIGMA_LIMITS

__all__ = ["LearnedValues"]

#: An error above this share of the scatter of the labels says next to nothing.
UNINFORMATIVE = 0.5


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedValues(Learned):
    """See `galspec.learned.Learned`.

    Parameters
    ----------
    label_mean, label_std : `numpy.ndarray`, shape (n_labels,)
        Of the training labels, one for each number that a target consists of.
    calibration : `galspec.training.calibration.Calibration`, optional
        None only between the fit and the calibration.
    """

    label_mean: np.ndarray
    label_std: np.ndarray
    calibration: Calibration | None = None
    #: Those of the loss that the networks are trained with.
    log_sigma_limits = LOG_SIGMA_LIMITS

    @classmethod
    def label_scale(cls, labels, loss):
        """Mean and standard deviation of each target, and that they are kept."""
        mean, std = np.nanmean(labels, axis=0), np.nanstd(labels, axis=0)
        if not np.all(std > 0):
            raise ValueError(
                "a label has the same value everywhere: nothing can be learned"
            )
        return mean, std, {"label_mean": mean, "label_std": std}

    def posterior(self, inputs):
        """Mean, sigma (not calibrated) and domain of the ensemble's mixture.

        Lakshminarayanan et al. (2017, arXiv:1612.01474, section 2.4).
        """
        outputs, distance = self.outputs(inputs)
        n_labels = len(self.label_mean)
        mean = outputs[..., :n_labels]
        variance = np.ones_like(mean)
        if outputs.shape[-1] == 2 * n_labels:
            log_sigma = np.clip(outputs[..., n_labels:], *self.log_sigma_limits)
            variance = np.exp(2 * log_sigma)
        spread = mean.var(axis=0) + variance.mean(axis=0)
        return (
            mean.mean(axis=0) * self.label_std + self.label_mean,
            np.sqrt(spread) * self.label_std,
            distance,
        )

    def explained(self, outputs, estimator, column):
        """One value of each row, of raw outputs that can be differentiated."""
        mean = outputs[..., : len(self.label_mean)].mean(dim=0)
        places = [
            part
            for target, part in parts(estimator.targets)
            if target.name == column.name
        ]
        return self._value(mean, places[0], column.pixels)

    def _value(self, mean, part, pixels):
        """In the units of the target, from standardised means (n, n_labels)."""
        scale = self.label_std[part], self.label_mean[part]
        std, zero = (mean.new_tensor(np.atleast_1d(each)) for each in scale)
        value = mean[:, part].reshape(len(mean), -1) * std + zero
        return (value if pixels is None else value[:, list(pixels)]).mean(dim=1)

    @property
    def scale_of_labels(self):
        """Mean and standard deviation that make labels what networks give."""
        return self.label_mean, self.label_std

    def check_loss(self, loss):
        """Every loss of values leaves means, and their errors or none."""

    def estimates(self, inputs):
        """Mean and sigma (not calibrated), (2, n, n_targets)."""
        return np.stack(self.posterior(inputs)[:2])

    def calibrated_by(self, estimates, labels, snr):
        """Itself, with errors that hold for these estimates.

        A target whose label is hardly known keeps an earlier calibration.
        """
        mean, sigma = estimates
        if self.calibration is None:
            calibration = Calibration.fit(mean - labels, sigma, snr)
        else:
            calibration = self.calibration.renewed(mean - labels, sigma, snr)
        return dataclasses.replace(self, calibration=calibration)

    def columns(self, inputs, snr, estimator, interval):
        """``X`` and ``X_err`` of each target, with an interval its limits; flags."""
        mean, sigma, distance = self.posterior(inputs)
        error = self.calibration.half_width(sigma, snr, ONE_SIGMA)
        columns, flags = {}, np.zeros(len(inputs), np.int64)
        half = error
        if interval is not None:
            half = self.calibration.half_width(sigma, snr, interval)
        for target, part in parts(estimator.targets):
            value, width = mean[:, part], error[:, part]
            columns |= {target.name: value, target.name + "_err": width}
            if interval is not None:
                columns[target.name + "_lo"] = value - half[:, part]
                columns[target.name + "_hi"] = value + half[:, part]
            low, high = target.valid
            outside = _any((value < low) | (value > high))
            vague = _most(width > UNINFORMATIVE * self.label_std[part])
            flags |= np.where(outside, int(Flags.OUT_OF_RANGE), 0)
            flags |= np.where(vague, int(Flags.UNINFORMATIVE), 0)
        return columns, distance, flags

    def more_config(self):
        """Scale of the labels and calibration."""
        return {
            "label_mean": self.label_mean.tolist(),
            "label_std": self.label_std.tolist(),
            "calibration": self.calibration.to_config(),
        }

    @classmethod
    def config_fields(cls, config):
        """What `more_config` wrote, as fields."""
        return {
            "label_mean": np.array(config["label_mean"]),
            "label_std": np.array(config["label_std"]),
            "calibration": Calibration.from_config(config["calibration"]),
        }


def _any(found):
    """Rows in which it is so of any number of the target."""
    return found if found.ndim == 1 else found.any(axis=1)


def _most(found):
    """Rows in which it is so of most numbers of the target."""
    return found if found.ndim == 1 else found.mean(axis=1) > 0.5
