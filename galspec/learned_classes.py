"""Probabilities of classes: what a classifier has learned."""

import dataclasses

import numpy as np

from galspec.learned import Learned
from galspec.training.calibration import ENOUGH
from galspec.training.probabilities import ProbabilityCalibration

__all__ = ["LearnedClasses"]


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedClasses(Learned):
    """See `galspec.learned.Learned`.

    Parameters
    ----------
    activation : {'softmax', 'sigmoid'}
        What turns outputs into probabilities: one of several classes, or each class
        for itself.
    calibration : `galspec.training.probabilities.ProbabilityCalibration`, optional
        None only between the fit and the calibration.
    """

    activation: str = "softmax"
    calibration: ProbabilityCalibration | None = None

    @classmethod
    def label_scale(cls, labels, loss):
        """Zero and one, since memberships are what they are; the activation."""
        if np.count_nonzero(labels.max(axis=0) > 0) < 2:
            raise ValueError("all spectra are of one class: nothing can be learned")
        n_classes = labels.shape[1]
        activation = "sigmoid" if loss == "binary" else "softmax"
        return np.zeros(n_classes), np.ones(n_classes), {"activation": activation}

    def probabilities(self, inputs):
        """Of each network, (n_models, n, n_classes), not calibrated; and the domain."""
        from scipy.special import expit, softmax

        outputs, distance = self.outputs(inputs)
        if self.activation == "sigmoid":
            return expit(outputs), distance
        return softmax(outputs, axis=-1), distance

    def explained(self, outputs, estimator, column):
        """Calibrated probability of a class, of raw outputs, for gradients."""
        sigmoid = self.activation == "sigmoid"
        each = outputs.sigmoid() if sigmoid else outputs.softmax(dim=-1)
        index = estimator.classes.index(column.name.removeprefix("p_"))
        return self.calibration.apply_to_tensor(each.mean(dim=0))[:, index]

    @property
    def scale_of_labels(self):
        """Memberships are what they are."""
        return 0.0, 1.0

    def check_loss(self, loss):
        """The other loss would mean the outputs otherwise."""
        if (loss == "binary") != (self.activation == "sigmoid"):
            raise ValueError(
                f"the loss is {loss!r}, but these networks were trained for the "
                f"{self.activation}: give FitOptions with the loss of the fit"
            )

    def estimates(self, inputs):
        """Probabilities, not calibrated, (1, n, n_classes)."""
        return self.probabilities(inputs)[0].mean(axis=0)[None]

    def calibrated_by(self, estimates, labels, snr):
        """Itself, with probabilities that hold for these estimates.

        An earlier calibration stays unless enough spectra of every class are there:
        a class of which there is none would never be told again.
        """
        few = np.nansum(labels, axis=0) < ENOUGH
        if self.calibration is not None and few.any():
            return self
        calibration = ProbabilityCalibration.fit(estimates[0], labels)
        return dataclasses.replace(self, calibration=calibration)

    def columns(self, inputs, snr, estimator, interval, *, prior=None):
        """Probability of each class, the scatter of the networks, and the likeliest."""
        each, distance = self.probabilities(inputs)
        shares = None if prior is None else estimator.prior_shares(prior)
        probability = self.calibration.apply(each.mean(axis=0), shares)
        spread = self.calibration.apply(each, shares).std(axis=0)
        columns = {}
        for target in estimator.targets:
            index = estimator.classes.index(target.name.removeprefix("p_"))
            columns[target.name] = probability[:, index]
            columns[target.name + "_err"] = spread[:, index]
        columns["label"] = np.array(estimator.classes)[probability.argmax(axis=1)]
        return columns, distance, np.zeros(len(inputs), np.int64)

    def more_config(self):
        """Activation and calibration."""
        return {
            "activation": self.activation,
            "calibration": self.calibration.to_config(),
        }

    @classmethod
    def config_fields(cls, config):
        """What `more_config` wrote, as fields."""
        calibration = ProbabilityCalibration.from_config(config["calibration"])
        return {"activation": config["activation"], "calibration": calibration}
