"""Calibration of class probabilities, and their correction for another mix."""

import dataclasses

import numpy as np

__all__ = ["ProbabilityCalibration"]

#: Probabilities are kept this far from 0 and 1 before their logarithm is taken.
_TINY = 1e-6


@dataclasses.dataclass(frozen=True)
class ProbabilityCalibration:
    """A slope for all classes and an offset for each, on log probabilities; a floor.

    Guo et al. (2017, arXiv:1706.04599, section 4.2, temperature with the bias of vector
    scaling). The floor is the share of spectra of which the networks know nothing: a
    few confident errors would flatten the slope of all others without it.

    Parameters
    ----------
    slope : float
        One over the temperature.
    offsets : tuple of float
        One for each class.
    floor : float
        Weight of ``shares`` in every probability.
    shares : tuple of float
        Of each class among the spectra that served for the calibration.
    """

    slope: float
    offsets: tuple
    floor: float
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
        from scipy.special import expit, logit

        # one more of each class, so that none has a share of zero
        shares = (truth.sum(axis=0) + 1) / (len(truth) + truth.shape[1])
        shares = tuple(shares.tolist())

        def calibration(parameters):
            slope, floor, *offsets = parameters
            # a common offset changes nothing
            offsets = np.array(offsets) - np.mean(offsets)
            floor = float(expit(floor))
            return cls(float(slope), tuple(offsets.tolist()), floor, shares)

        def misfit(parameters):
            p = calibration(parameters).apply(probability)
            return -(truth * np.log(np.maximum(p, _TINY))).sum(axis=1).mean()

        start = np.concatenate([[1.0, logit(0.001)], np.zeros(truth.shape[1])])
        return calibration(minimize(misfit, start, method="BFGS").x)

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

        # a fit by differences needs double precision
        log_p = np.log(np.clip(np.asarray(probability, float), _TINY, 1))
        shares = np.array(self.shares)
        p = softmax(self.slope * log_p + np.array(self.offsets), axis=-1)
        p = (1 - self.floor) * p + self.floor * shares
        if prior is not None:
            p = p * np.asarray(prior) / shares
            p = p / p.sum(axis=-1, keepdims=True)
        return p

    def apply_to_tensor(self, probability):
        """As `apply`, for a `torch.Tensor` of shape (n, n_classes), with gradients."""
        offsets, shares = map(probability.new_tensor, (self.offsets, self.shares))
        log_p = probability.clamp(_TINY, 1).log()
        p = (self.slope * log_p + offsets).softmax(dim=-1)
        return (1 - self.floor) * p + self.floor * shares

    def to_config(self):
        """The calibration as a dict that JSON can hold."""
        return dataclasses.asdict(self)

    @classmethod
    def from_config(cls, config):
        """Build what `to_config` described."""
        return cls(
            config["slope"],
            tuple(config["offsets"]),
            config["floor"],
            tuple(config["shares"]),
        )
