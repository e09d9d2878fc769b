"""Weights from the network, by astropy's downloader and in astropy's cache.

What is downloaded is checked before it is put into the cache, so that the cache never
holds half a file or a wrong one, whatever a mirror does. The cache is that of
`astropy.utils.data` for the package name ``galspec``: its functions list it, export
it to a machine without network, and clear it, e.g.
``astropy.utils.data.clear_download_cache(pkgname="galspec")``.
"""

import http.client
import os
import pathlib
import warnings

from astropy.utils import data
from astropy.utils.exceptions import AstropyUserWarning

from galspec.weights.errors import WeightsError
from galspec.weights.files import file_sha256, has_sha256

__all__ = ["cached", "fetch", "is_offline", "sources_of"]

_PACKAGE = "galspec"


def is_offline(offline=False):
    """Whether the network must not be touched, and who says so.

    Parameters
    ----------
    offline : bool, optional
        What the caller says.

    Returns
    -------
    str
        The reason; empty if the network may be used.
    """
    if offline:
        return "offline=True"
    setting = os.environ.get("GALSPEC_OFFLINE", "")
    if setting.lower() not in ("", "0", "false", "no", "off"):
        return f"GALSPEC_OFFLINE={setting}"
    if not data.conf.allow_internet:
        return "astropy.utils.data.conf.allow_internet is False"
    return ""


def sources_of(entry):
    """Where to ask for weights, in this order.

    Parameters
    ----------
    entry : RegistryEntry
        The weights.

    Returns
    -------
    list of str
        URLs: the mirror that the environment variable ``GALSPEC_WEIGHTS_MIRROR``
        names, then the sources of the registry.
    """
    mirror = os.environ.get("GALSPEC_WEIGHTS_MIRROR", "").rstrip("/")
    first = [f"{mirror}/{entry.estimator}/{entry.tag}{entry.suffix}"] if mirror else []
    return [*first, *(url for url in entry.sources if url not in first)]


def cached(entry):
    """The cached file of some weights, unchecked.

    Parameters
    ----------
    entry : RegistryEntry
        The weights.

    Returns
    -------
    pathlib.Path or None
        None if they are not in the cache.
    """
    key = _key(entry)
    if key is None:
        return None
    try:
        # Without sources, astropy looks into its cache and nowhere else.
        file = data.download_file(key, cache=True, sources=[], pkgname=_PACKAGE)
    except (KeyError, OSError, ValueError):
        return None
    return pathlib.Path(file)


def fetch(entry, progress_bar=None):
    """Download weights, check them and put them into the cache.

    The sources are tried in turn. Those whose file has not the right SHA-256 are
    tried once more if no other has it: transfers do go wrong.

    Parameters
    ----------
    entry : RegistryEntry
        The weights.
    progress_bar : bool, optional
        Whether to show progress; by default where the output is a terminal.

    Returns
    -------
    pathlib.Path
        The file in the cache, or a temporary one, with a warning, where the cache
        cannot be written.

    Raises
    ------
    WeightsError
        If no source has the file, saying what went wrong with each.
    """
    urls, problems = sources_of(entry), []
    for _ in range(2):
        wrong = []
        for url in urls:
            try:
                file = _download(url, progress_bar)
            except (OSError, http.client.HTTPException, ValueError) as error:
                problems.append(f"{url}: {error or type(error).__name__}")
                continue
            found = file_sha256(file)
            if found == entry.sha256:
                return _keep(file, entry)
            file.unlink()
            problems.append(f"{url}: SHA-256 {found}")
            wrong.append(url)
        urls = wrong
    raise WeightsError(_no_source(entry, problems))


def _download(url, progress_bar):
    show = progress_bar is not False
    return pathlib.Path(data.download_file(url, cache=False, show_progress=show))


def _keep(file, entry):
    present = cached(entry)
    if present is not None and has_sha256(present, entry.sha256):
        return present  # another process was faster
    try:
        return pathlib.Path(
            data.import_file_to_cache(
                _key(entry),
                str(file),
                remove_original=True,
                pkgname=_PACKAGE,
                replace=present is not None,
            )
        )
    except OSError as error:
        warnings.warn(
            f"{entry.title} could not be put into the "
            f"cache ({error}) and will be downloaded again next time. Make the folder "
            "writable, or name another one by XDG_CACHE_HOME.",
            AstropyUserWarning,
            stacklevel=2,
        )
        return file  # astropy deletes it when the process ends


def _key(entry):
    # The cache is a dictionary by URL. The mirror comes last here: weights fetched
    # with its help must be found again without it.
    return next(iter([*entry.sources, *sources_of(entry)]), None)


def _no_source(entry, problems):
    if not problems:
        return (
            f"{entry.title}: not on this machine, and no registry says where to get "
            "them. Set GALSPEC_WEIGHTS_MIRROR or GALSPEC_WEIGHTS_DIR, or give path=."
        )
    tried = "\n".join(f"  {problem}" for problem in problems)
    return (
        f"{entry.title} (SHA-256 {entry.sha256}) could not be fetched. Tried:\n"
        f"{tried}\n"
        "Try again later; or set GALSPEC_WEIGHTS_MIRROR to a server that has them, or "
        "fetch the file in another way and give path=."
    )
