"""Write the graph of an ensemble for onnxruntime, beside its weights."""

import contextlib
import io
import logging
import pathlib
import warnings

import numpy as np

from galspec.engines.graph_file import (
    CHUNK_KEY,
    LOCATION,
    MOST_BYTES,
    SHA256_KEY,
)
from galspec.engines.onnx_ensemble import OnnxEnsemble
from galspec.engines.torch_ensemble import TorchEnsemble, with_features
from galspec.inference import channel_names
from galspec.networks import NetworkConfig
from galspec.weights.errors import WeightsError
from galspec.weights.files import replace_file
from galspec.weights.format import read_bundle
from galspec.weights.store import graph_beside

__all__ = ["export_graph", "random_inputs"]

#: Version of the operators: the first that has all we need, and onnxruntime 1.20 knows.
OPSET = 20
#: Largest difference between both engines, in units of the largest number of a row.
ALLOWED = 1e-5
#: Numbers that follow from constants are written down up to so many.
SMALL = 64
#: Rows that onnxruntime takes at a time, unless a network states its ``chunk``.
CHUNK = 32
#: Rows that the engines are compared on.
ROWS = 33


def export_graph(path):
    """Write the graph of trained weights for onnxruntime, beside them.

    `galspec.SpectralEstimator.pretrained` then runs them without torch where
    onnxruntime is installed. The graph holds the structure alone, a few kilobytes; the
    numbers stay in the weight file. It is run by both engines and compared before it is
    written.

    Parameters
    ----------
    path : path-like
        What ``save`` has written: a file that ends in .safetensors, or a folder.

    Returns
    -------
    `pathlib.Path`
        The graph: of the same name with .onnx, or ``weights.onnx`` in the folder.

    Raises
    ------
    galspec.weights.WeightsError
        If these are no weights of networks, the graph of such networks cannot be
        written (a forest or a search for labels is no graph), or it gives other
        numbers.
    ImportError
        If onnxscript or onnxruntime are missing.
    """
    path = pathlib.Path(path).expanduser()
    bundle = read_bundle(path)
    bundle.require("network", "members", "n_pix")
    _check_installed()
    ensemble = TorchEnsemble.from_bundle(bundle, "cpu")
    inputs = random_inputs(bundle.config, ROWS)
    try:
        message = _exported(ensemble, inputs[:3])
    except Exception as error:  # of the exporter, which raises all kinds
        network = bundle.config["network"]["type"].removesuffix("Config")
        raise WeightsError(
            f"a graph of {network} cannot be exported, torch has to run it: "
            f"{_reason(error)}"
        ) from error
    graph = _structure(message, ensemble, bundle.sha256)
    data = graph.SerializeToString()
    if len(data) > MOST_BYTES:
        raise WeightsError(
            f"the graph of {path} has {len(data)} bytes; {MOST_BYTES} are allowed. "
            "Its network has constants that belong into its parameters or buffers."
        )
    file = graph_beside(path)
    draft = file.with_name(f".{file.name}.draft")
    try:
        replace_file(draft, data)
        _compare(ensemble, OnnxEnsemble(bundle, draft), inputs)
        replace_file(file, data)
    finally:
        draft.unlink(missing_ok=True)
    return file


def random_inputs(config, rows, seed=0):
    """Noise in the form that the networks of a weight bundle take.

    Parameters
    ----------
    config : dict
        Of the bundle.
    rows : int
    seed : int

    Returns
    -------
    `numpy.ndarray`, shape (rows, channels, n_pix), float32
        Masks are masks, weights are positive, and every third redshift is known; every
        fifth column of a catalogue is missing.
    """
    rng = np.random.default_rng(seed)
    network = NetworkConfig.from_config(config["network"])
    shape = rows, config["n_pix"]
    try:
        names = channel_names(network.inputs)
    except ValueError:  # groups of columns of a catalogue
        columns = rng.normal(size=shape)
        columns[rng.random(shape) < 0.2] = np.nan
        return columns[:, None].astype(np.float32)
    good = rng.random(shape) < 0.95
    redshift = np.log10(1 + rng.uniform(0, 0.3, (rows, 1)))
    redshift[np.arange(rows) % 3 > 0] = np.nan
    special = {
        "good": good,
        "redshift": np.broadcast_to(redshift, shape),
        "ivar": rng.uniform(10, 1e4, shape) * good,
        "depth": rng.normal(0, 0.1, shape) * good,
    }
    channels = [
        special[name] if name in special else rng.normal(size=shape) for name in names
    ]
    return np.stack(channels, axis=1).astype(np.float32)


def _check_installed():
    try:
        import onnxruntime  # noqa: F401
        import onnxscript  # noqa: F401
    except ImportError as error:
        raise ImportError(
            f"graphs are exported by onnxscript and compared by onnxruntime "
            f"({error}): pip install 'astro-galspec[export]'"
        ) from error


def _exported(ensemble, inputs):
    """The ONNX message of torch's exporter, with all numbers."""
    import onnxscript
    import torch

    class Members(torch.nn.Module):
        def __init__(self, models):
            super().__init__()
            self.models = torch.nn.ModuleList(models)

        def forward(self, x):
            first, seen = with_features(self.models[0], x)
            members = [first, *(model(x) for model in self.models[1:])]
            members = [y if y.ndim == 3 else y[None] for y in members]
            return torch.cat(members), seen

    with _in_silence():
        program = torch.onnx.export(
            Members(ensemble.models).eval(),
            (torch.from_numpy(inputs),),
            dynamo=True,
            verbose=False,
            opset_version=OPSET,
            optimize=False,  # it would fold normalisations into weights
            input_names=["inputs"],
            output_names=["outputs", "features"],
            dynamic_shapes=({0: torch.export.Dim("n")},),
        )
    # onnxruntime would do the same at each load; what is larger is not to be kept twice
    limits = {"input_size_limit": SMALL, "output_size_limit": SMALL}
    onnxscript.optimizer.fold_constants(program.model, **limits)
    onnxscript.optimizer.remove_unused_nodes(program.model)
    rows = program.model_proto.graph.input[0].type.tensor_type.shape.dim[0]
    if not rows.dim_param:
        raise ValueError("what it does depends on the number of rows")
    return _with_plain_casts(program.model_proto)


def _with_plain_casts(message):
    """Say what numbers are cast to.

    onnxruntime computes nothing ahead that hangs on a cast to the type of something.
    """
    import onnx

    graph = onnx.shape_inference.infer_shapes(message).graph
    kinds = {v.name: v.type.tensor_type.elem_type for v in graph.value_info}
    kinds |= {v.name: v.type.tensor_type.elem_type for v in graph.input}
    kinds |= {tensor.name: tensor.data_type for tensor in graph.initializer}
    for node in message.graph.node:
        if node.op_type == "CastLike":
            node.op_type = "Cast"
            like = node.input.pop()
            node.attribute.append(onnx.helper.make_attribute("to", kinds[like]))
    return message


@contextlib.contextmanager
def _in_silence():
    """Without what the exporter says about itself, which is pages where it fails."""
    logging.disable(logging.CRITICAL)
    try:
        with (
            contextlib.redirect_stdout(io.StringIO()),
            contextlib.redirect_stderr(io.StringIO()),
            warnings.catch_warnings(),
        ):
            warnings.simplefilter("ignore")
            yield
    finally:
        logging.disable(logging.NOTSET)


def _reason(error):
    """What the exporter stumbled upon at first, in a line."""
    while error.__cause__ is not None:
        error = error.__cause__
    return str(error).strip().partition("\n")[0]


def _structure(message, ensemble, sha256):
    """The same message without what the weight file has, and without remarks."""
    prefix = "models."
    known = set(ensemble.tensors())
    graph = message.graph
    renamed = {
        tensor.name: tensor.name.removeprefix(prefix)
        for tensor in graph.initializer
        if tensor.name.removeprefix(prefix) in known
    }
    for tensor in graph.initializer:
        if tensor.name in renamed:
            tensor.name = renamed[tensor.name]
            tensor.ClearField("raw_data")
            tensor.data_location = tensor.EXTERNAL
            place = tensor.external_data.add()
            place.key, place.value = "location", LOCATION
    for node in graph.node:
        node.input[:] = [renamed.get(name, name) for name in node.input]
        node.ClearField("doc_string")
        node.ClearField("metadata_props")
    for what in (message, graph):
        what.ClearField("metadata_props")
        what.ClearField("doc_string")
    graph.ClearField("value_info")
    chunk = getattr(ensemble.models[0], "chunk", CHUNK)
    for key, value in ((SHA256_KEY, sha256), (CHUNK_KEY, str(chunk))):
        entry = message.metadata_props.add()
        entry.key, entry.value = key, value
    return message


def _compare(ensemble, graph, inputs):
    """Refuse a graph that gives other numbers."""
    for rows in (inputs, inputs[:1], inputs[:0]):
        try:
            found = graph.run(rows)
        except Exception as error:  # onnxruntime has no common type of its own
            raise WeightsError(
                f"onnxruntime cannot run the graph with {len(rows)} rows: {error}"
            ) from error
        worst = max(map(_difference, ensemble.run(rows), found))
        if not worst <= ALLOWED:
            raise WeightsError(
                f"the graph gives other numbers than torch, by {worst:.1e}; {ALLOWED} "
                "is allowed"
            )


def _difference(expected, found):
    """Largest difference, in units of the largest number of a row or of one."""
    if expected.shape != found.shape:
        return np.inf
    scale = np.abs(expected).max(axis=-1, keepdims=True, initial=1)
    return np.max(np.abs(found - expected) / scale, initial=0)
