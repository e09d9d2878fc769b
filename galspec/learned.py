"""What an estimator has learned, and how it is kept in a weight bundle."""

import dataclasses
import json

import numpy as np

from galspec.inference import run_ensemble
from galspec.networks import NetworkConfig
from galspec.training.domain import domain_distance, fit_domain, place
from galspec.weights import WeightsError

__all__ = ["Learned", "check_size"]

#: A network may have so many times the numbers that its weights bring, and so many
#: more: where it gets them from is its own affair.
_TIMES, _MORE = 2, 10**6


@dataclasses.dataclass(frozen=True, eq=False)
class Learned:
    """Networks, and where they are at home; subclasses turn outputs into columns.

    Parameters
    ----------
    models : list of `torch.nn.Module`
        The ensemble.
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

    models: list
    n_pix: int
    domain: dict
    snr_range: tuple
    redshift_range: tuple

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
        outputs, features = run_ensemble(self.models, inputs)
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
        _, features = run_ensemble(self.models[:1], inputs)
        return place(features, self.domain)

    def at_home(self, training_inputs, others):
        """Itself, with the domain that the training set spans."""
        _, known = run_ensemble(self.models, training_inputs)
        if not known.shape[1]:
            return self
        _, seen = run_ensemble(self.models, others)
        return dataclasses.replace(self, domain=fit_domain(known, seen))

    def tensors(self):
        """All arrays, by the names that a weight bundle keeps them under."""
        arrays = {
            f"{index}.{name}": value.detach().cpu().contiguous().numpy()
            for index, model in enumerate(self.models)
            for name, value in model.state_dict().items()
        }
        arrays |= {f"domain.{k}": v for k, v in self.domain.items()}
        return {k: np.ascontiguousarray(v) for k, v in arrays.items()}

    def to_config(self):
        """Everything else, as a dict that JSON can hold."""
        config = {
            "members": len(self.models),
            "n_pix": self.n_pix,
            "snr_range": list(self.snr_range),
            "redshift_range": list(self.redshift_range),
            **self.more_config(),
        }
        # JSON has no NaN
        return json.loads(json.dumps(config).replace("NaN", "null"))

    @classmethod
    def from_bundle(cls, bundle, device):
        """Rebuild from a `galspec.weights.WeightBundle`.

        Raises
        ------
        WeightsError
            If arrays are missing or do not fit the network's configuration.
        """
        config = bundle.config
        network = NetworkConfig.from_config(config["network"])
        groups = {}
        for name, value in bundle.tensors.items():
            if value.dtype.kind == "c":  # torch would drop the imaginary part
                raise WeightsError(f"the array {name} holds complex numbers")
            group, _, rest = name.partition(".")
            groups.setdefault(group, {})[rest] = value
        models = [
            _built(network, config["n_pix"], groups.get(str(index), {}), device)
            for index in range(config["members"])
        ]

        def limits(key):
            return tuple(np.nan if v is None else v for v in config[key])

        return cls(
            models=models,
            n_pix=config["n_pix"],
            domain=groups.get("domain", {}),
            snr_range=limits("snr_range"),
            redshift_range=limits("redshift_range"),
            **cls.config_fields(config),
        )


def _built(network, n_pix, arrays, device):
    """A network with its trained parameters, ready to predict."""
    import torch

    model = network.build(n_pix)
    try:
        model.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(
            f"the weights do not fit the network {network}: {error}"
        ) from error
    return model.to(device).eval()


def check_size(network, bundle):
    """Refuse a network that would take far more memory than its weights.

    Parameters
    ----------
    network : `~galspec.networks.NetworkConfig`
    bundle : `galspec.weights.WeightBundle`
        Its weights and their configuration.

    Raises
    ------
    WeightsError
        If it has more than twice as many numbers.
    """
    import torch

    with torch.device("meta"):  # nothing is allocated
        model = network.build(bundle.config["n_pix"])
    wanted = sum(value.numel() for value in model.state_dict().values())
    there = sum(value.size for value in bundle.tensors.values())
    if wanted > _TIMES * there + _MORE:
        raise WeightsError(
            f"the weights do not fit the network {network}: it has {wanted} numbers, "
            f"they are {there}"
        )
