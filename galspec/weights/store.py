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

from galspec.weights.download import cached, fetch, is_offline, sources_of
from galspec.weights.errors import WeightsError
from galspec.weights.files import file_sha256, has_sha256
from galspec.weights.format import read_bundle
from galspec.weights.packages import path_of, weight_packages
from galspec.weights.registry_file import available, check_name, lookup

__all__ = ["download", "load", "resolve"]

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
    file = _in_folder(estimator, tag) or _installed(estimator, tag)
    return file or _cached_or_fetched(estimator, tag, offline=offline)


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


def download(estimator, tag="default", *, progress_bar=None):
    """Get weights onto this machine, for later use without network.

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
    file = _installed(estimator, tag)
    if file is not None:
        log.info("%s/%s is installed: nothing to download", estimator, tag)
        return file
    return _cached_or_fetched(estimator, tag, progress_bar=progress_bar)


def _explicit(path):
    if not path.exists():
        raise WeightsError(f"no weights at {path}: there is no such file or directory.")
    return path


def _in_folder(estimator, tag):
    folder = os.environ.get("GALSPEC_WEIGHTS_DIR")
    if not folder:
        return None
    file = pathlib.Path(folder).expanduser() / estimator / f"{tag}.safetensors"
    if not file.is_file():
        return None
    advice = (
        "A tag has one content. Put weights of your own under a tag of their own, or "
        "give path=."
    )
    return _checked(file, lookup(estimator, tag), advice)


def _installed(estimator, tag):
    return _embedded(estimator, tag) or _packaged(estimator, tag)


def _embedded(estimator, tag):
    file = path_of(_ROOT / "data" / estimator / f"{tag}.safetensors")
    advice = (
        "This installation is damaged: pip install --force-reinstall --no-deps "
        "astro-galspec."
    )
    return file and _checked(file, lookup(estimator, tag), advice)


def _packaged(estimator, tag):
    for package in weight_packages():
        file = path_of(package.root / estimator / f"{tag}.safetensors")
        if file is not None:
            advice = (
                f"It belongs to the distribution {package.distribution}: reinstall it, "
                "or remove it if it claims a tag of somebody else."
            )
            return _checked(file, lookup(estimator, tag), advice)
    return None


def _cached_or_fetched(estimator, tag, *, offline=False, progress_bar=None):
    entry = lookup(estimator, tag)
    if entry is None:
        raise WeightsError(_unknown(estimator, tag))
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
            f"{file} has SHA-256 {found}, but the weights {entry.tag!r} of "
            f"{entry.estimator} have {entry.sha256}. {advice}"
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
    option = "" if entry.tag == "default" else f" --tag {entry.tag}"
    folder = os.environ.get("GALSPEC_WEIGHTS_DIR") or "not set"
    cache = f"{damaged} is damaged" if damaged else "not there"
    urls = ", ".join(sources_of(entry)) or "none known"
    return (
        f"the weights {entry.tag!r} of {entry.estimator} are not on this machine, and "
        f"the network may not be used ({reason}). Looked in: GALSPEC_WEIGHTS_DIR "
        f"({folder}); galspec itself; installed packages with weights; the cache "
        f"({cache}). Not asked: {urls}. With a network, run once:\n"
        f"  galspec download {entry.estimator}{option}"
    )
