"""The registry: which weights exist, what their SHA-256 is, and where to get them.

``registry.json`` in this package lists what galspec publishes. A local file named by
the environment variable ``GALSPEC_WEIGHTS_REGISTRY`` may add entries or sources to it,
and so do the registries of data-only packages. A tag never changes its content: two
registries that disagree about a SHA-256 are an error, not a question of order.
"""

import dataclasses
import importlib.resources
import os
import pathlib
import re
import warnings

from astropy.utils.exceptions import AstropyUserWarning

from galspec.weights.errors import WeightsError
from galspec.weights.packages import weight_packages
from galspec.weights.packing import parse_json

__all__ = [
    "BUILTIN",
    "FORMAT",
    "GRAPH",
    "WEIGHTS",
    "RegistryEntry",
    "available",
    "check_name",
    "lookup",
    "parse_registry",
]

#: Version of the format of the registry.
FORMAT = 1

#: How the names of weight files end, and those of their graphs.
WEIGHTS, GRAPH = ".safetensors", ".onnx"

#: The registry of galspec itself.
BUILTIN = importlib.resources.files(__package__) / "registry.json"

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


@dataclasses.dataclass(frozen=True)
class RegistryEntry:
    """What a registry says about the weights of one tag.

    Parameters
    ----------
    estimator, tag : str
        Their name.
    sha256 : str
        Of the single file.
    size : int
        Of the single file, in bytes.
    embedded : bool
        Whether the file lies in the package that holds the registry.
    sources : tuple of str
        URLs, the preferred one first.
    released : bool
        Whether the content is final.
    origin : str
        The registry that says so.
    graph : RegistryEntry, optional
        Of the graph for onnxruntime that belongs to them.
    suffix : {'.safetensors', '.onnx'}
        Which of both the file is.
    """

    estimator: str
    tag: str
    sha256: str
    size: int
    embedded: bool = False
    sources: tuple[str, ...] = ()
    released: bool = True
    origin: str = ""
    graph: "RegistryEntry | None" = None
    suffix: str = WEIGHTS

    @property
    def title(self):
        """What messages call it."""
        what = "weights" if self.suffix == WEIGHTS else "graph of the weights"
        return f"the {what} {self.tag!r} of {self.estimator}"


def available(estimator=None):
    """Which weights there are.

    Parameters
    ----------
    estimator : str, optional
        List those of one estimator only.

    Returns
    -------
    list of RegistryEntry
        In the order of estimator and tag. Where registries disagree about a tag,
        what galspec itself says, with a warning.

    Raises
    ------
    WeightsError
        If a registry of galspec or of the user cannot be read.
    """
    registries = [*_own_registries(), *_package_registries()]
    keys = sorted({key for registry in registries for key in registry})
    wanted = [key for key in keys if estimator in (None, key[0])]
    return [_merge_or_first([r[key] for r in registries if key in r]) for key in wanted]


def lookup(estimator, tag):
    """The entry of one tag.

    Data-only packages are asked, and thus imported, only about what neither galspec
    itself nor ``GALSPEC_WEIGHTS_REGISTRY`` lists.

    Parameters
    ----------
    estimator, tag : str
        The name.

    Returns
    -------
    RegistryEntry or None
        None if no registry lists it.

    Raises
    ------
    WeightsError
        If a registry cannot be read or two of them disagree.
    """
    key = (estimator, tag)
    for registries in (_own_registries, _package_registries):
        found = [registry[key] for registry in registries() if key in registry]
        if found:
            return _merge(found)
    return None


def parse_registry(data, origin):
    """Read the text of a registry.

    Parameters
    ----------
    data : bytes or str
        JSON: ``{"format": 1, "weights": {ESTIMATOR: {TAG: {"sha256": ..., "size":
        ..., "embedded": false, "sources": [...], "released": true, "graph":
        {"sha256": ..., "size": ..., "sources": [...]}}}}}``; there need be no graph.
    origin : str
        What to call it in messages.

    Returns
    -------
    dict of (str, str) to RegistryEntry
        By estimator and tag.

    Raises
    ------
    WeightsError
        If it is not as above.
    """
    content = parse_json(data, origin)
    if content.get("format") != FORMAT:
        raise WeightsError(
            f"{origin} is a registry of format {content.get('format')!r}; this galspec "
            f"reads format {FORMAT}. Upgrade galspec, or correct the file."
        )
    try:
        return {
            (estimator, tag): _entry(estimator, tag, fields, origin)
            for estimator, tags in content["weights"].items()
            for tag, fields in tags.items()
        }
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise WeightsError(f"the registry {origin} has a fault: {error!r}") from error


def check_name(estimator, tag):
    """Refuse names that could lead out of a folder.

    Parameters
    ----------
    estimator, tag : str
        The name.

    Raises
    ------
    WeightsError
        If one is more than letters, digits, dots, hyphens and underscores.
    """
    for what, name in (("estimator", estimator), ("tag", tag)):
        if not isinstance(name, str) or not _NAME.fullmatch(name):
            raise WeightsError(
                f"{name!r} is no name of {what}: it may have letters, digits, '.', "
                "'-' and '_', and begins with a letter or digit."
            )


def _entry(estimator, tag, fields, origin, suffix=WEIGHTS):
    check_name(estimator, tag)
    if not re.fullmatch("[0-9a-f]{64}", fields["sha256"]):
        raise ValueError(f"sha256 of {estimator}/{tag} is {fields['sha256']!r}")
    sources = fields.get("sources", [])
    if not isinstance(sources, list) or not all(map(_is_url, sources)):
        raise ValueError(f"sources of {estimator}/{tag} are {sources!r}, not URLs")
    return RegistryEntry(
        estimator,
        tag,
        sha256=fields["sha256"],
        size=int(fields["size"]),
        embedded=bool(fields.get("embedded", False)),
        sources=tuple(sources),
        released=bool(fields.get("released", True)),
        origin=origin,
        graph=_graph(estimator, tag, fields.get("graph"), origin),
        suffix=suffix,
    )


def _is_url(source):
    from astropy.utils.data import is_url  # which imports much

    return is_url(source)


def _graph(estimator, tag, fields, origin):
    return fields and _entry(estimator, tag, {**fields, "graph": None}, origin, GRAPH)


def _merge(entries):
    first = entries[0]
    for other in entries[1:]:
        if other.sha256 != first.sha256:
            raise WeightsError(
                f"two registries disagree about the tag {first.tag!r} of "
                f"{first.estimator}: SHA-256 {first.sha256} in {first.origin}, "
                f"{other.sha256} in {other.origin}. A tag has one content: rename or "
                "remove one."
            )
    graphs = [entry.graph for entry in entries if entry.graph is not None]
    # a graph follows from the weights, and may be exported anew: the first one counts
    graph = graphs and _with_sources_of(
        [graph for graph in graphs if graph.sha256 == graphs[0].sha256]
    )
    return dataclasses.replace(_with_sources_of(entries), graph=graph or None)


def _with_sources_of(entries):
    sources = dict.fromkeys(url for entry in entries for url in entry.sources)
    return dataclasses.replace(entries[0], sources=tuple(sources))


def _merge_or_first(entries):
    try:
        return _merge(entries)
    except WeightsError as error:
        warnings.warn(str(error), AstropyUserWarning, stacklevel=4)
        return entries[0]


def _own_registries():
    registries = [parse_registry(BUILTIN.read_bytes(), "the registry of galspec")]
    name = os.environ.get("GALSPEC_WEIGHTS_REGISTRY")
    if name:
        try:
            data = pathlib.Path(name).expanduser().read_bytes()
        except OSError as error:
            raise WeightsError(
                f"the environment variable GALSPEC_WEIGHTS_REGISTRY names {name!r}, "
                f"which cannot be read ({error.strerror}): it must be a local JSON "
                "file. Correct or unset it."
            ) from error
        registries.append(parse_registry(data, name))
    return registries


def _package_registries():
    registries = (_package_registry(package) for package in weight_packages())
    return [registry for registry in registries if registry is not None]


def _package_registry(package):
    file = package.root / "registry.json"
    if not file.is_file():
        return None
    try:
        return parse_registry(
            file.read_bytes(), f"{package.distribution} ({package.module})"
        )
    except WeightsError as error:  # must not keep others from being used
        warnings.warn(f"left out: {error}", AstropyUserWarning, stacklevel=5)
        return None
