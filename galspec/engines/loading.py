"""Which engine runs some weights, and on what device."""

import ctypes
import importlib.util
import os
import warnings

from astropy.utils.exceptions import AstropyUserWarning

from galspec.engines import ENGINES
from galspec.engines.torch_ensemble import TorchEnsemble
from galspec.weights.errors import WeightsError

__all__ = ["MissingEngineError", "choose_device", "load_ensemble"]

#: Drivers that torch would compute with, by the systems that have them.
_DRIVERS = ("libcuda.so.1", "nvcuda.dll")


class MissingEngineError(ImportError):
    """Raised where an engine is asked for and not installed."""


def load_ensemble(bundle, find_graph, engine, device, *, vouched=False):
    """The networks of a weight bundle, ready to run.

    Parameters
    ----------
    bundle : `galspec.weights.WeightBundle`
    find_graph : callable
        The path of the exported graph, or None; asked only where it is of use.
    engine, device : str
        As for `galspec.SpectralEstimator.pretrained`.
    vouched : bool
        As for `galspec.engines.torch_ensemble.build_models`.

    Returns
    -------
    `~galspec.engines.torch_ensemble.TorchEnsemble` or
    `~galspec.engines.onnx_ensemble.OnnxEnsemble`

    Raises
    ------
    ValueError
        If there is no such engine or device, or one does not go with the other.
    MissingEngineError
        If onnxruntime is wanted and not installed.
    WeightsError
        If the weights do not fit; or onnxruntime is wanted, and there is no graph or
        none that it can run.
    """
    if engine not in ENGINES:
        raise ValueError(f"engine is {engine!r}; it can be one of {', '.join(ENGINES)}")
    if engine != "torch":
        ensemble = _onnx_ensemble(bundle, find_graph, engine == "onnxruntime", device)
        if ensemble is not None:
            return ensemble
    return TorchEnsemble.from_bundle(bundle, choose_device(device), vouched=vouched)


def choose_device(device):
    """The torch device that 'auto' or an explicit name stands for.

    Raises
    ------
    ValueError
        If the device does not exist here.
    """
    import torch

    if device == "auto":
        return "cuda" if torch.cuda.is_available() else "cpu"
    try:
        torch.empty(0, device=device)
    except (RuntimeError, AssertionError) as error:
        raise ValueError(f"device {device!r} cannot be used here: {error}") from error
    return device


def _onnx_ensemble(bundle, find_graph, wanted, device):
    """An ensemble that onnxruntime runs; None where that is left to torch."""
    if wanted and device not in ("auto", "cpu"):
        raise ValueError(
            f"engine 'onnxruntime' works on the CPU, and device is {device!r}: leave "
            "out one of them"
        )
    if importlib.util.find_spec("onnxruntime") is None:
        if wanted:
            raise MissingEngineError(
                "engine 'onnxruntime' needs onnxruntime: pip install "
                "'astro-galspec[fast]'"
            )
        return None
    if not wanted and _torch_device(device) != "cpu":
        return None
    from galspec.engines.onnx_ensemble import OnnxEnsemble

    try:
        graph = find_graph()
        if graph is not None:
            return OnnxEnsemble(bundle, graph)
    except WeightsError as error:
        if wanted:
            raise
        words = f"torch is used, because {error}"
        warnings.warn(words, AstropyUserWarning, stacklevel=4)
    if wanted:
        raise WeightsError(
            f"there is no exported graph of the weights of {bundle.config['estimator']}"
            " for onnxruntime: make one by galspec export, or leave out the engine. Not"
            " every network can be exported."
        )
    return None


def _torch_device(device):
    """What torch would work on; it is asked only where there may be more than a CPU."""
    if device == "auto" and not _has_driver():
        return "cpu"
    return choose_device(device) if device != "cpu" else "cpu"


def _has_driver():
    """Whether there is a driver of a device that torch may compute with."""
    if os.path.exists("/dev/kfd"):  # of AMD
        return True
    return any(map(_loads, _DRIVERS))


def _loads(library):
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True
