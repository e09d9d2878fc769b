"""Calibration of class probabilities, and their correction for another mix."""

import dataclasses

import numpy as np

__all__ = ["ProbabilityCalibration"]

#: Probabilities are kept this far from 0 and 1 before their logarithm is taken.
_TINY = 1e-6


@dataclasses.dataclass(frozen=True)
class ProbabilityCalibration:
    """A slope for all classes and an offset for each, on log probabilities.

    Guo et al. (2017, arXiv:1706.04599, section 4.2, temperature with the bias of vector
    scaling).

    Parameters
    ----------
    slope : float
        One over the temperature.
    offsets : tuple of float
        One for each class.
    shares : tuple of float
        Of each class among the spectra that served for the calibration.
    """

    slope: float
    offsets: tuple
    shares: tuple

    @classmethod
    def fit(cls, probability, truth):
        """Minimise the cross-entropy on spectra that served for nothing else.

        Parameters
        ----------
        probability : `numpy.ndarray`, shape (n, n_classes)
            As the networks give it.
        truth : `numpy.ndarray`, shape (n, n_classes)
            1 in the column of the true class.

        Returns
        -------
        ProbabilityCalibration
        """
        from scipy.optimize import minimize
        from scipy.special import log_softmax

        log_p = np.log(np.clip(probability, _TINY, 1))

        def misfit(parameters):
            logits = parameters[0] * log_p + parameters[1:]
            return -(truth * log_softmax(logits, axis=1)).sum(axis=1).mean()

        start = np.concatenate([[1.0], np.zeros(truth.shape[1])])
        slope, *offsets = minimize(misfit, start, method="BFGS").x
        # a common offset changes nothing
        offsets = np.array(offsets) - np.mean(offsets)
        return cls(float(slope), tuple(offsets.tolist()), tuple(truth.mean(axis=0)))

    def apply(self, probability, prior=None):
        """Calibrated probabilities, for a sample of another mix where one is given.

        Saerens, Latinne & Decaestecker (2002, Neural Computation 14, 21, eq. 2.4).

        Parameters
        ----------
        probability : `numpy.ndarray`, shape (..., n_classes)
            As the networks give it.
        prior : array_like, shape (n_classes,), optional
            Shares of the classes in the sample at hand; those of the calibration unless
            given.

        Returns
        -------
        `numpy.ndarray`, shape (..., n_classes)
        """
        from scipy.special import softmax

        logits = self.slope * np.log(np.clip(probability, _TINY, 1))
        logits = logits + np.array(self.offsets)
        if prior is not None:
            with np.errstate(divide="ignore"):  # a class that does not occur
                logits = logits + np.log(np.asarray(prior) / np.array(self.shares))
        return softmax(logits, axis=-1)

    def to_config(self):
        """The calibration as a dict that JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config):
        """Build what `to_config` described."""
        return cls(config["slope"], tuple(config["offsets"]), tuple(config["shares"]))
