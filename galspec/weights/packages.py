"""Data-only distributions: weights that come as a package, found by entry point.

Such a distribution declares in the entry-point group ``galspec.weights`` a package
that holds ``registry.json`` and ``ESTIMATOR/TAG.safetensors``. Of its code, only the
``__init__.py`` of that package runs.
"""

import atexit
import contextlib
import dataclasses
import importlib.metadata
import importlib.resources
import importlib.resources.abc
import warnings

from astropy.utils.exceptions import AstropyUserWarning

__all__ = ["GROUP", "WeightPackage", "path_of", "weight_packages"]

#: The entry-point group.
GROUP = "galspec.weights"

# What path_of extracts from a zipped package must live as long as the process.
_extracted = contextlib.ExitStack()
atexit.register(_extracted.close)


@dataclasses.dataclass(frozen=True)
class WeightPackage:
    """An installed package with weights in it.

    Parameters
    ----------
    distribution : str
        The distribution that brought it.
    module : str
        Its import name.
    root : importlib.resources.abc.Traversable
        Its folder.
    """

    distribution: str
    module: str
    root: importlib.resources.abc.Traversable


def weight_packages():
    """The installed packages with weights, in the order of their names.

    One that cannot be imported is left out with a warning: it must not keep others
    from being used.

    Returns
    -------
    list of WeightPackage
        One for each entry point of the group `GROUP`.
    """
    found = importlib.metadata.entry_points(group=GROUP)
    packages = [_open(point) for point in sorted(found, key=_order)]
    return [package for package in packages if package is not None]


def path_of(resource):
    """A path to a file of a package, also where the package is a zip archive.

    Parameters
    ----------
    resource : importlib.resources.abc.Traversable
        The file.

    Returns
    -------
    pathlib.Path or None
        Valid until the process ends; None if there is no such file.
    """
    if not resource.is_file():
        return None
    return _extracted.enter_context(importlib.resources.as_file(resource))


def _order(point):
    return point.dist.name, point.name


def _open(point):
    try:
        root = importlib.resources.files(point.module)
    except Exception as error:  # whatever somebody else's package does on import
        warnings.warn(
            f"the weights of the distribution {point.dist.name} are left out, because "
            f"{point.module} cannot be imported: {error!r}. Reinstall or remove it.",
            AstropyUserWarning,
            stacklevel=4,
        )
        return None
    return WeightPackage(point.dist.name, point.module, root)
