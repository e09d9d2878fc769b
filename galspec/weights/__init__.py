"""Weights: their file format, their registry, and how they are found.

`read_bundle` and `write_bundle` are the format, `resolve`, `load` and `download` the
store, `available` and `register` the registry. Pickles are refused everywhere.

These environment variables are looked at:

``GALSPEC_WEIGHTS_DIR``
    a folder with ``ESTIMATOR/TAG.safetensors``, looked into first
``GALSPEC_WEIGHTS_REGISTRY``
    a local JSON file in the format of ``registry.json`` that adds entries or sources
``GALSPEC_WEIGHTS_MIRROR``
    a base URL that is asked first, for ``ESTIMATOR/TAG.safetensors``
``GALSPEC_OFFLINE``
    ``1`` to never touch the network
"""

from galspec.weights.errors import WeightsError
from galspec.weights.format import WeightBundle, parse_bundle, read_bundle, write_bundle
from galspec.weights.publish import register
from galspec.weights.registry_file import RegistryEntry, available
from galspec.weights.store import download, find_graph, load, resolve

__all__ = [
    "RegistryEntry",
    "WeightBundle",
    "WeightsError",
    "available",
    "download",
    "find_graph",
    "load",
    "parse_bundle",
    "read_bundle",
    "register",
    "resolve",
    "write_bundle",
]
