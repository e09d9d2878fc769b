"""What an estimator has learned, and how it is kept in a weight bundle."""

import dataclasses
import json

import numpy as np

from galspec.inference import run_ensemble
from galspec.networks import NetworkConfig
from galspec.training.calibration import ONE_SIGMA, Calibration
from galspec.training.domain import domain_distance
from galspec.training.losses import LOG_SIGMA_LIMITS
from galspec.weights import WeightsError

__all__ = ["Learned", "Posterior"]


@dataclasses.dataclass(frozen=True)
class Posterior:
    """Estimates for some spectra, in the units of the labels.

    Parameters
    ----------
    mean, sigma : `numpy.ndarray`, shape (n, n_targets)
        Of the ensemble's mixture; sigma is not calibrated yet.
    domain : `numpy.ndarray`, shape (n,)
        Distance from the training set; NaN where the network does not tell.
    """

    mean: np.ndarray
    sigma: np.ndarray
    domain: np.ndarray


@dataclasses.dataclass(frozen=True, eq=False)
class Learned:
    """Networks with all that turns their outputs into calibrated numbers.

    Parameters
    ----------
    models : list of `torch.nn.Module`
        The ensemble.
    n_pix : int
        Pixels that the networks take.
    label_mean, label_std : `numpy.ndarray`, shape (n_targets,)
        Of the training labels.
    domain : dict of str to `numpy.ndarray`
        See `galspec.training.domain`; empty where the network does not tell.
    calibration : `galspec.training.calibration.Calibration`, optional
        None only between the fit and the calibration.
    snr_range, redshift_range : tuple of float
        Of the training set; NaN where it had none.
    """

    models: list
    n_pix: int
    label_mean: np.ndarray
    label_std: np.ndarray
    domain: dict
    calibration: Calibration | None = None
    snr_range: tuple = (np.nan, np.nan)
    redshift_range: tuple = (np.nan, np.nan)

    def posterior(self, inputs):
        """Mixture of the ensemble for prepared inputs of shape (n, channels, n_pix).

        Lakshminarayanan et al. (2017, arXiv:1612.01474, section 2.4).
        """
        outputs, features = run_ensemble(self.models, inputs)
        n_targets = len(self.label_mean)
        mean = outputs[..., :n_targets]
        variance = np.ones_like(mean)
        if outputs.shape[-1] == 2 * n_targets:
            log_sigma = np.clip(outputs[..., n_targets:], *LOG_SIGMA_LIMITS)
            variance = np.exp(2 * log_sigma)
        spread = mean.var(axis=0) + variance.mean(axis=0)
        distance = np.full(inputs.shape[0], np.nan)
        if self.domain:
            distance = domain_distance(features, self.domain)
        return Posterior(
            mean.mean(axis=0) * self.label_std + self.label_mean,
            np.sqrt(spread) * self.label_std,
            distance,
        )

    def half_width(self, posterior, snr, level=ONE_SIGMA):
        """Calibrated half-width of the central interval of a level."""
        return self.calibration.half_width(posterior.sigma, snr, level)

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
            "label_mean": self.label_mean.tolist(),
            "label_std": self.label_std.tolist(),
            "calibration": self.calibration.to_config(),
            "snr_range": list(self.snr_range),
            "redshift_range": list(self.redshift_range),
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
            label_mean=np.array(config["label_mean"]),
            label_std=np.array(config["label_std"]),
            domain=groups.get("domain", {}),
            calibration=Calibration.from_config(config["calibration"]),
            snr_range=limits("snr_range"),
            redshift_range=limits("redshift_range"),
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
