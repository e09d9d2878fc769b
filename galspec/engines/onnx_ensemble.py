"""An ensemble of networks that onnxruntime runs, without torch."""

import functools

import numpy as np

from galspec.engines.graph_file import read_graph
from galspec.engines.torch_ensemble import build_models, member_tensors
from galspec.weights.errors import WeightsError

__all__ = ["OnnxEnsemble"]


class OnnxEnsemble:
    """A graph of all networks, with the arrays of a weight bundle.

    It has what `~galspec.engines.torch_ensemble.TorchEnsemble` has. Pickles and copies
    keep graph and arrays, and make a session of their own.

    Parameters
    ----------
    bundle : `galspec.weights.WeightBundle`
    path : `pathlib.Path`
        The graph.

    Raises
    ------
    WeightsError
        If the graph is not of these weights, damaged, or nothing that may be run.
    """

    engine, device = "onnxruntime", "cpu"

    def __init__(self, bundle, path):
        self._graph = read_graph(path, bundle.sha256)
        self._config, self._tensors = bundle.config, member_tensors(bundle)
        self.members = bundle.config["members"]
        missing = set(self._graph.arrays) - set(self._tensors)
        if missing:
            raise WeightsError(
                f"the graph {path} wants arrays {sorted(missing)}, which the weights "
                "have not: export it again by galspec export."
            )
        try:
            self._start()
        except Exception as error:  # onnxruntime has no common type of its own
            raise WeightsError(
                f"onnxruntime cannot run the graph {path}: {error}"
            ) from error

    def _start(self):
        import onnxruntime

        options = onnxruntime.SessionOptions()
        # threads share work by groups of spectra; see `galspec.inference.ordered_map`
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        names = self._graph.arrays
        # the session refers to their memory
        self._values = [
            onnxruntime.OrtValue.ortvalue_from_numpy(self._tensors[name])
            for name in names
        ]
        options.add_external_initializers(list(names), self._values)
        self._session = onnxruntime.InferenceSession(
            self._graph.data, options, providers=["CPUExecutionProvider"]
        )
        (self._input,) = (node.name for node in self._session.get_inputs())

    def __getstate__(self):
        started = ("_session", "_values", "models")
        return {k: v for k, v in self.__dict__.items() if k not in started}

    def __setstate__(self, state):
        self.__dict__.update(state)
        self._start()

    @functools.cached_property
    def models(self):
        """The networks as torch modules, on the CPU; this imports torch."""
        return build_models(self._config, self._tensors, self.device)

    def run(self, inputs):
        """As of `~galspec.engines.torch_ensemble.TorchEnsemble`."""
        outputs, features = zip(*self._parts(inputs), strict=True)
        n = len(inputs)
        return np.concatenate(outputs, axis=1)[:, :n], np.concatenate(features)[:n]

    def features(self, inputs):
        """As of `~galspec.engines.torch_ensemble.TorchEnsemble`."""
        return self.run(inputs)[1]

    def tensors(self):
        """As of `~galspec.engines.torch_ensemble.TorchEnsemble`: what was loaded."""
        return dict(self._tensors)

    def _parts(self, inputs):
        """What the graph gives for a few rows at a time."""
        if not len(inputs):  # not every operator takes none
            inputs = np.zeros((1, *inputs.shape[1:]), inputs.dtype)
        chunk = self._graph.chunk
        for start in range(0, len(inputs), chunk):
            part = inputs[start : start + chunk]
            yield self._session.run(["outputs", "features"], {self._input: part})
