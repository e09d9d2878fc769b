"""Find weights: which file on this machine, or on which server, has them.

In this order: an explicit path; the folder named by the environment variable
``GALSPEC_WEIGHTS_DIR``; the weights embedded in galspec; data-only packages; the
cache; the network. Whatever a registry has a SHA-256 for is checked against it,
wherever it is found, except behind an explicit path.
"""

import difflib
import importlib.resources
import logging
import os
import pathlib

from galspec.weights.errors import WeightsError
from galspec.weights.files import file_sha256, has_sha256
from galspec.weights.format import read_bundle
from galspec.weights.packages import path_of, weight_packages
from galspec.weights.registry_file import (
    GRAPH,
    WEIGHTS,
    available,
    check_name,
    lookup,
)

__all__ = ["download", "find_graph", "graph_beside", "load", "resolve"]

log = logging.getLogger("galspec")

_ROOT = importlib.resources.files(__package__)


def resolve(estimator, tag="default", *, path=None, offline=False):
    """The file of some weights, downloaded if need be.

    Parameters
    ----------
    estimator : str
        Name of the estimator, e.g. ``"gas-metallicity"``.
    tag : str, optional
        Which of its weights.
    path : str or path-like, optional
        A file or directory to take instead; it is not compared with the registry.
    offline : bool, optional
        Never touch the network. ``GALSPEC_OFFLINE=1`` in the environment and
        ``astropy.utils.data.conf.allow_internet = False`` mean the same.

    Returns
    -------
    pathlib.Path
        A ``.safetensors`` file, or the directory given as ``path``.

    Raises
    ------
    WeightsError
        If there are no such weights, they cannot be had, or they are not those that
        the registry describes.
    """
    if path is not None:
        return _explicit(pathlib.Path(path).expanduser())
    check_name(estimator, tag)
    entry = lookup(estimator, tag)
    file = WEIGHTS, entry
    found = _in_folder(estimator, tag, *file) or _installed(estimator, tag, *file)
    if found is None and entry is None:
        raise WeightsError(_unknown(estimator, tag))
    return found or _cached_or_fetched(entry, offline=offline)


def load(estimator, tag="default", *, path=None, offline=False):
    """Find weights and read them.

    Parameters
    ----------
    estimator, tag, path, offline
        As for `resolve`.

    Returns
    -------
    WeightBundle
        The content.

    Raises
    ------
    WeightsError
        As `resolve` and `read_bundle`.
    """
    return read_bundle(resolve(estimator, tag, path=path, offline=offline))


def find_graph(estimator, tag="default", *, path=None, offline=False):
    """The graph for onnxruntime that lies beside some weights.

    Parameters
    ----------
    estimator, tag, path, offline
        As for `resolve`.

    Returns
    -------
    pathlib.Path or None
        ``TAG.onnx`` beside ``TAG.safetensors``, ``weights.onnx`` in a directory; a
        download where the weights are one. None where there is none.

    Raises
    ------
    WeightsError
        As `resolve`.
    """
    if path is not None:
        file = graph_beside(_explicit(pathlib.Path(path).expanduser()))
        return file if file.is_file() else None
    check_name(estimator, tag)
    entry = lookup(estimator, tag)
    file = GRAPH, entry and entry.graph
    found = _in_folder(estimator, tag, *file) or _installed(estimator, tag, *file)
    if found is None and entry is not None and entry.graph is not None:
        return _cached_or_fetched(entry.graph, offline=offline)
    return found


def graph_beside(file):
    """Where the graph of a weight file or directory lies.

    Parameters
    ----------
    file : pathlib.Path

    Returns
    -------
    pathlib.Path
        Whether it exists or not.
    """
    return file / f"weights{GRAPH}" if file.is_dir() else file.with_suffix(GRAPH)


def download(estimator, tag="default", *, progress_bar=None):
    """Get weights onto this machine, with their graph, for use without network.

    Nothing is downloaded if they are installed or in the cache already.

    Parameters
    ----------
    estimator, tag : str
        As for `resolve`.
    progress_bar : bool, optional
        Whether to show progress; by default where the output is a terminal.

    Returns
    -------
    pathlib.Path
        The file.

    Raises
    ------
    WeightsError
        As `resolve`.
    """
    check_name(estimator, tag)
    entry = lookup(estimator, tag)
    file = _installed(estimator, tag, WEIGHTS, entry)
    if file is not None:
        log.info("%s/%s is installed: nothing to download", estimator, tag)
        return file
    if entry is None:
        raise WeightsError(_unknown(estimator, tag))
    if entry.graph is not None:
        _cached_or_fetched(entry.graph, progress_bar=progress_bar)
    return _cached_or_fetched(entry, progress_bar=progress_bar)


def _explicit(path):
    if not path.exists():
        raise WeightsError(f"no weights at {path}: there is no such file or directory.")
    return path


def _in_folder(estimator, tag, suffix, entry):
    folder = os.environ.get("GALSPEC_WEIGHTS_DIR")
    if not folder:
        return None
    file = pathlib.Path(folder).expanduser() / estimator / f"{tag}{suffix}"
    if not file.is_file():
        return None
    advice = (
        "A tag has one content. Put weights of your own under a tag of their own, or "
        "give path=."
    )
    return _checked(file, entry, advice)


def _installed(estimator, tag, suffix, entry):
    name = f"{estimator}/{tag}{suffix}"
    return _embedded(name, entry) or _packaged(name, entry)


def _embedded(name, entry):
    file = path_of(_ROOT / "data" / name)
    advice = (
        "This installation is damaged: pip install --force-reinstall --no-deps "
        "astro-galspec."
    )
    return file and _checked(file, entry, advice)


def _packaged(name, entry):
    for package in weight_packages():
        file = path_of(package.root / name)
        if file is not None:
            advice = (
                f"It belongs to the distribution {package.distribution}: reinstall it, "
                "or remove it if it claims a tag of somebody else."
            )
            return _checked(file, entry, advice)
    return None


def _cached_or_fetched(entry, *, offline=False, progress_bar=None):
    from galspec.weights.fetching import cached, fetch, is_offline

    file = cached(entry)
    if file is not None and has_sha256(file, entry.sha256):
        return file
    reason = is_offline(offline)
    if reason:
        raise WeightsError(_unreachable(entry, reason, damaged=file))
    return fetch(entry, progress_bar)


def _checked(file, entry, advice):
    if entry is None:
        return file
    found = file_sha256(file)
    if found != entry.sha256:
        raise WeightsError(
            f"{file} has SHA-256 {found}, but it should be {entry.title} with "
            f"{entry.sha256}. "
            f"{advice}"
        )
    return file


def _unknown(estimator, tag):
    entries = available()
    listed = {entry.tag for entry in entries if entry.estimator == estimator}
    tags = sorted(listed | _own_tags(estimator))
    if tags:
        return (
            f"{estimator} has no weights {tag!r}.{_similar(tag, tags)} "
            f"There are: {', '.join(tags)}."
        )
    known = sorted({entry.estimator for entry in entries})
    return (
        f"no weights are known for an estimator {estimator!r}."
        f"{_similar(estimator, known)} There are weights for: "
        f"{', '.join(known) or 'none'}. For weights of your own, give path= or set "
        "GALSPEC_WEIGHTS_DIR."
    )


def _similar(name, names):
    close = difflib.get_close_matches(name, names)
    return f" Did you mean {' or '.join(map(repr, close))}?" if close else ""


def _own_tags(estimator):
    folder = os.environ.get("GALSPEC_WEIGHTS_DIR")
    files = pathlib.Path(folder or os.devnull, estimator).glob("*.safetensors")
    return {file.stem for file in files}


def _unreachable(entry, reason, damaged):
    from galspec.weights.fetching import sources_of

    option = "" if entry.tag == "default" else f" --tag {entry.tag}"
    folder = os.environ.get("GALSPEC_WEIGHTS_DIR") or "not set"
    cache = f"{damaged} is damaged" if damaged else "not there"
    urls = ", ".join(sources_of(entry)) or "none known"
    return (
        f"{entry.title}: not on this machine, and the network may not be used "
        f"({reason}). Looked in: GALSPEC_WEIGHTS_DIR "
        f"({folder}); galspec itself; installed packages with weights; the cache "
        f"({cache}). Not asked: {urls}. With a network, run once:\n"
        f"  galspec download {entry.estimator}{option}"
    )
