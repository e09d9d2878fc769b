"""Add weights to a registry: for those who publish them.

>>> from galspec.weights import register, write_bundle
>>> file = "galspec/weights/data/gas-metallicity/default.safetensors"
>>> write_bundle(file, tensors, config, card)  # doctest: +SKIP
>>> register(file, "gas-metallicity", "default")  # doctest: +SKIP
"""

import pathlib

from galspec.weights.errors import WeightsError
from galspec.weights.files import file_sha256, replace_file
from galspec.weights.format import read_bundle
from galspec.weights.packing import dump_json
from galspec.weights.registry_file import (
    BUILTIN,
    FORMAT,
    GRAPH,
    RegistryEntry,
    check_name,
    parse_registry,
)
from galspec.weights.store import graph_beside

__all__ = ["register"]


def register(
    path,
    estimator,
    tag,
    sources=(),
    *,
    graph_sources=(),
    released=False,
    registry=None,
):
    """Add weights to a registry. For those who publish weights.

    Where a graph for onnxruntime lies beside them (see `galspec.export_graph`), it goes
    with them.

    Parameters
    ----------
    path : str or path-like
        The ``.safetensors`` file. If it lies where embedded weights lie (beside the
        registry, in ``data/ESTIMATOR/TAG.safetensors`` for galspec itself and in
        ``ESTIMATOR/TAG.safetensors`` for other packages), it counts as embedded.
    estimator, tag : str
        The name.
    sources : iterable of str, optional
        URLs from which it can be fetched, the preferred one first.
    graph_sources : iterable of str, optional
        The same for the graph.
    released : bool, optional
        True makes the tag final: from then on its content cannot change.
    registry : str or path-like, optional
        The ``registry.json`` to change; galspec's own if not given.

    Returns
    -------
    RegistryEntry
        As it is written.

    Raises
    ------
    WeightsError
        If the tag was released with another content, or the file is no good.
    """
    path, registry = pathlib.Path(path), pathlib.Path(registry or str(BUILTIN))
    check_name(estimator, tag)
    entries = parse_registry(registry.read_bytes(), str(registry))
    old = entries.get((estimator, tag))
    entry = RegistryEntry(
        estimator,
        tag,
        sha256=read_bundle(path).sha256,
        size=path.stat().st_size,
        embedded=_is_embedded(path, estimator, tag, registry),
        sources=tuple(sources),
        released=released or (old is not None and old.released),
        origin=str(registry),
        graph=_graph(path, estimator, tag, graph_sources),
    )
    if old is not None and old.released and old.sha256 != entry.sha256:
        raise WeightsError(
            f"the tag {tag!r} of {estimator} is released with SHA-256 {old.sha256}, "
            f"{path} has {entry.sha256}. A released tag never changes: take a new one."
        )
    entries[estimator, tag] = entry
    replace_file(registry, _to_json(entries).encode())
    return entry


def _graph(path, estimator, tag, sources):
    file = graph_beside(path)
    if not file.is_file():
        return None
    return RegistryEntry(
        estimator,
        tag,
        sha256=file_sha256(file),
        size=file.stat().st_size,
        sources=tuple(sources),
        suffix=GRAPH,
    )


def _is_embedded(path, estimator, tag, registry):
    folder = registry.parent
    if registry.samefile(str(BUILTIN)):
        folder = folder / "data"
    return path.resolve() == (folder / estimator / f"{tag}.safetensors").resolve()


def _to_json(entries):
    weights = {}
    for (estimator, tag), entry in entries.items():
        fields = _fields(entry, "sha256", "size", "embedded", "sources", "released")
        if entry.graph is not None:
            fields["graph"] = _fields(entry.graph, "sha256", "size", "sources")
        weights.setdefault(estimator, {})[tag] = fields
    content = {"format": FORMAT, "weights": weights}
    return dump_json(content, "the registry", indent=1) + "\n"


def _fields(entry, *names):
    return {name: getattr(entry, name) for name in names}
