"""What an estimator has learned, and how it is kept in a weight bundle."""

import dataclasses
import json

import numpy as np

from galspec.training.domain import domain_distance, fit_domain, place

__all__ = ["Learned"]


@dataclasses.dataclass(frozen=True, eq=False)
class Learned:
    """Networks, and where they are at home; subclasses turn outputs into columns.

    Parameters
    ----------
    ensemble : `~galspec.engines.torch_ensemble.TorchEnsemble` or alike
        The networks, and what runs them; see `galspec.engines`.
    n_pix : int
        Pixels that the networks take.
    domain : dict of str to `numpy.ndarray`
        See `galspec.training.domain`; empty where the network does not tell.
    snr_range, redshift_range : tuple of float
        Of the training set; NaN where it had none.

    Notes
    -----
    A subclass adds what it learns besides, and defines

    - ``label_scale(labels, loss)``, a class method: mean and standard deviation that
      labels are brought to zero and one with, and fields that follow from them;
    - ``scale_of_labels``: the mean and standard deviation that it keeps;
    - ``check_loss(loss)``: raises ValueError where it cannot go on with it;
    - ``estimates(inputs)``: an array (:, n, n_labels), the first of it the estimated
      labels, with all else that a calibration takes;
    - ``calibrated_by(estimates, labels, snr)``: itself, calibrated on estimates for
      spectra that served for nothing else;
    - ``columns(inputs, snr, estimator, interval, **options)``: result columns of good
      rows, their distance from the training set, and their flags;
    - ``explained(outputs, estimator, column)``: a `galspec.explanation.Column` of a
      result, shape (n,), of outputs as a `torch.Tensor`, so that it has gradients;
    - ``more_config()`` and ``config_fields(config)``: its own part of the bundle.
    """

    ensemble: object
    n_pix: int
    domain: dict
    snr_range: tuple
    redshift_range: tuple

    @property
    def models(self):
        """The networks, a list of `torch.nn.Module`; this may import torch."""
        return self.ensemble.models

    def outputs(self, inputs):
        """Raw outputs of every network, and the distance from the training set.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, channels, n_pix)

        Returns
        -------
        outputs : `numpy.ndarray`, shape (n_models, n, n_outputs)
        domain : `numpy.ndarray`, shape (n,)
            NaN where the network does not tell.
        """
        outputs, features = self.ensemble.run(inputs)
        distance = np.full(inputs.shape[0], np.nan)
        if self.domain:
            distance = domain_distance(features, self.domain)
        return outputs, distance

    def calibrated(self, inputs, labels, snr):
        """Itself, calibrated on spectra that served for nothing else."""
        return self.calibrated_by(self.estimates(inputs), labels, snr)

    def places(self, inputs):
        """Where spectra stand in the eyes of the first network.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, channels, n_pix)

        Returns
        -------
        `numpy.ndarray`, shape (n, n_features)
            See `galspec.training.domain.place`.
        """
        return place(self.ensemble.features(inputs), self.domain)

    def at_home(self, training_inputs, others):
        """Itself, with the domain that the training set spans."""
        known = self.ensemble.features(training_inputs)
        if not known.shape[1]:
            return self
        seen = self.ensemble.features(others)
        return dataclasses.replace(self, domain=fit_domain(known, seen))

    def tensors(self):
        """All arrays, by the names that a weight bundle keeps them under."""
        arrays = self.ensemble.tensors()
        arrays |= {f"domain.{k}": v for k, v in self.domain.items()}
        return {k: np.ascontiguousarray(v) for k, v in arrays.items()}

    def to_config(self):
        """Everything else, as a dict that JSON can hold."""
        config = {
            "members": self.ensemble.members,
            "n_pix": self.n_pix,
            "snr_range": list(self.snr_range),
            "redshift_range": list(self.redshift_range),
            **self.more_config(),
        }
        # JSON has no NaN
        return json.loads(json.dumps(config).replace("NaN", "null"))

    @classmethod
    def from_bundle(cls, bundle, ensemble):
        """Rebuild from a `galspec.weights.WeightBundle` and its networks."""
        config = bundle.config
        domain = {
            name.removeprefix("domain."): value
            for name, value in bundle.tensors.items()
            if name.startswith("domain.")
        }

        def limits(key):
            return tuple(np.nan if v is None else v for v in config[key])

        return cls(
            ensemble=ensemble,
            n_pix=config["n_pix"],
            domain=domain,
            snr_range=limits("snr_range"),
            redshift_range=limits("redshift_range"),
            **cls.config_fields(config),
        )
