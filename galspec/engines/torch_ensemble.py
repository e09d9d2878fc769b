"""An ensemble of networks that torch runs."""

import itertools

import numpy as np

from galspec.networks import NetworkConfig
from galspec.weights.errors import WeightsError, blaming_weights

__all__ = ["TorchEnsemble", "build_models", "member_tensors", "with_features"]

#: Rows at a time, unless a network states its ``chunk``: eager torch is 2-4 times
#: slower above where there are convolutions, for lack of cache.
CHUNK = 16
#: A network may have so many times the numbers that its weights bring, and so many
#: more: where it gets them from is its own affair.
_TIMES, _MORE = 2, 10**6


class TorchEnsemble:
    """Torch modules that are run together.

    Parameters
    ----------
    models : list of `torch.nn.Module`
        All on one device and in evaluation mode. One that gives (members, n, n_outputs)
        counts as so many.
    """

    engine = "torch"

    def __init__(self, models):
        self.models = models

    @classmethod
    def from_bundle(cls, bundle, device, *, vouched=False):
        """Rebuild from a `galspec.weights.WeightBundle`, on a torch device.

        Parameters
        ----------
        bundle : `galspec.weights.WeightBundle`
        device : str
        vouched : bool
            As for `build_models`.

        Raises
        ------
        WeightsError
            If arrays are missing or do not fit the network's configuration.
        """
        tensors = member_tensors(bundle)
        return cls(build_models(bundle.config, tensors, device, vouched=vouched))

    @property
    def members(self):
        """How many modules there are."""
        return len(self.models)

    @property
    def device(self):
        """The torch device that they are on."""
        first = self.models[0]
        return next(itertools.chain(first.parameters(), first.buffers())).device

    def run(self, inputs):
        """Run every network over prepared inputs, a few rows at a time.

        Parameters
        ----------
        inputs : `numpy.ndarray`, shape (n, channels, n_pix)

        Returns
        -------
        outputs : `numpy.ndarray`, shape (n_models, n, n_outputs)
        features : `numpy.ndarray`, shape (n, n_features)
            What the first network saw; no columns where it does not tell.
        """
        import torch

        outputs, features = [], []
        for x in self._parts(inputs):
            with torch.inference_mode():
                first, seen = with_features(self.models[0], x)
                members = [first, *(model(x) for model in self.models[1:])]
                members = [y if y.ndim == 3 else y[None] for y in members]
                outputs.append(torch.cat(members).cpu().numpy())
                features.append(seen.cpu().numpy())
        return np.concatenate(outputs, axis=1), np.concatenate(features)

    def features(self, inputs):
        """The second of what `run` gives, without running the other networks."""
        import torch

        with torch.inference_mode():
            parts = (with_features(self.models[0], x)[1] for x in self._parts(inputs))
            return np.concatenate([part.cpu().numpy() for part in parts])

    def tensors(self):
        """All parameters, by the names that a weight bundle keeps them under."""
        return {
            f"{index}.{name}": value.detach().cpu().contiguous().numpy()
            for index, model in enumerate(self.models)
            for name, value in model.state_dict().items()
        }

    def _parts(self, inputs):
        import torch

        device, chunk = self.device, getattr(self.models[0], "chunk", CHUNK)
        for start in range(0, max(len(inputs), 1), chunk):
            yield torch.from_numpy(inputs[start : start + chunk]).to(device)


def member_tensors(bundle):
    """Those arrays of a `galspec.weights.WeightBundle` that are a network's.

    Raises
    ------
    WeightsError
        If one holds complex numbers, of which torch would drop a part, or NaN, which
        would make every value of every spectrum NaN.
    """
    arrays = {
        name: value
        for name, value in bundle.tensors.items()
        if name.partition(".")[0].isdecimal()
    }
    for name, value in arrays.items():
        if value.dtype.kind == "c" or np.isnan(value).any():
            wrong = "complex numbers" if value.dtype.kind == "c" else "NaN"
            raise WeightsError(f"the array {name} of the weights holds {wrong}")
    return arrays


def build_models(config, tensors, device, *, vouched=False):
    """Networks with their trained parameters, ready to predict.

    Parameters
    ----------
    config : dict
        Of a weight bundle.
    tensors : dict of str to `numpy.ndarray`
        What `member_tensors` gave.
    device : str
    vouched : bool
        Whether a registry has the SHA-256 of the weights. Of others the size is checked
        first, which takes most of a second in a new process.

    Returns
    -------
    list of `torch.nn.Module`

    Raises
    ------
    WeightsError
        If arrays are missing or do not fit the network's configuration.
    """
    with blaming_weights(config["estimator"]):
        network = NetworkConfig.from_config(config["network"])
        if not vouched:
            _check_size(network, config["n_pix"], tensors)
        groups = {}
        for name, value in tensors.items():
            group, _, rest = name.partition(".")
            groups.setdefault(group, {})[rest] = value
        return [
            _built(network, config["n_pix"], groups.get(str(index), {}), device)
            for index in range(config["members"])
        ]


def _check_size(network, n_pix, tensors):
    """Refuse a network that would take far more memory than its weights."""
    import torch

    with torch.device("meta"):  # nothing is allocated
        model = network.build(n_pix)
    wanted = sum(value.numel() for value in model.state_dict().values())
    there = sum(value.size for value in tensors.values())
    if wanted > _TIMES * there + _MORE:
        raise WeightsError(
            f"the weights do not fit the network {network}: it has {wanted} numbers, "
            f"they are {there}"
        )


def _built(network, n_pix, arrays, device):
    import torch

    model = network.build(n_pix)
    try:
        model.load_state_dict({k: torch.from_numpy(v) for k, v in arrays.items()})
    except RuntimeError as error:
        raise WeightsError(
            f"the weights do not fit the network {network}: {error}"
        ) from error
    return model.to(device).eval()


def with_features(model, x):
    """Outputs of a module and what it saw; no columns where it does not tell."""
    if hasattr(model, "with_features"):
        return model.with_features(x)
    return model(x), x.new_zeros((len(x), 0))
