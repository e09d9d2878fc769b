"""The estimators that are installed: found by entry point, imported when used.

A distribution offers an estimator by an entry point of the group
``galspec.estimators``, named as the estimator is: in its ``pyproject.toml`` the line
``stellar-age = "my_package:StellarAge"`` in the table
``[project.entry-points."galspec.estimators"]``.

>>> from galspec.registry import get_estimator, list_estimators
>>> [row.name for row in list_estimators()]  # doctest: +SKIP
['gas-metallicity']
>>> get_estimator("gas-metallicity")  # doctest: +SKIP
<class 'galspec.estimators.gas_metallicity.GasMetallicity'>
"""

import dataclasses
import difflib
import functools
import importlib.metadata
import importlib.util
import re

__all__ = [
    "GROUP",
    "EstimatorImportError",
    "EstimatorNotFoundError",
    "EstimatorRow",
    "clear_cache",
    "get_estimator",
    "list_estimators",
]

#: The entry-point group.
GROUP = "galspec.estimators"

#: The distribution whose names are reserved.
_OURS = "astro-galspec"

#: As for weights, which are stored under the estimator's name.
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")


class EstimatorNotFoundError(LookupError):
    """No installed distribution, or more than one, has an estimator of this name."""


class EstimatorImportError(ImportError):
    """An estimator is declared by a distribution, but cannot be imported."""


@dataclasses.dataclass(frozen=True)
class EstimatorRow:
    """What is known of an installed estimator without importing it.

    Parameters
    ----------
    name : str
        The name for `get_estimator`.
    distribution, version : str
        The distribution that brought it.
    value : str
        Where its class is: ``"package.module:Class"``.
    problem : str
        Why it cannot be used, or not by its bare name; empty if nothing is known
        against it.
    """

    name: str
    distribution: str
    version: str
    value: str
    problem: str = ""

    @property
    def is_builtin(self):
        """Whether galspec itself brought it."""
        return _normalised(self.distribution) == _OURS

    @property
    def full_name(self):
        """The name that no other distribution can claim: ``"dist:name"``."""
        return f"{self.distribution}:{self.name}"


def list_estimators(*, check=False):
    """The installed estimators.

    Parameters
    ----------
    check : bool, optional
        Import each, to find those that cannot be. Otherwise none is imported, and
        only what can be told from outside is: whether the module is there.

    Returns
    -------
    list of EstimatorRow
        The built-in ones first, then by name and distribution.

    Examples
    --------
    >>> from galspec.registry import list_estimators
    >>> all(row.value for row in list_estimators())
    True
    """
    rows = _installed()
    if check:
        for row in rows:
            _failure(row)
    return [dataclasses.replace(row, problem=_problem(row, rows)) for row in rows]


def get_estimator(name):
    """The class of an installed estimator.

    Parameters
    ----------
    name : str
        The estimator's name, or ``"distribution:name"`` where several distributions
        claim it.

    Returns
    -------
    type
        The estimator class.

    Raises
    ------
    EstimatorNotFoundError
        If no distribution has it, or several have and none is named.
    EstimatorImportError
        If it cannot be imported. It is not tried again in this process.

    Examples
    --------
    >>> from galspec.registry import get_estimator
    >>> get_estimator("stellar-mood")
    Traceback (most recent call last):
    ...
    galspec.registry.EstimatorNotFoundError: no estimator 'stellar-mood' ...
    """
    row = _find(name)
    failure = _failure(row)
    if failure:
        raise EstimatorImportError(
            f"the estimator {row.full_name} (version {row.version}, {row.value}) "
            f"{failure}. Reinstall, correct or remove that distribution."
        )
    return _loaded[row]


def clear_cache():
    """Forget what was found and what failed, e.g. after an installation."""
    _installed.cache_clear()
    _failed.clear()
    _loaded.clear()


# By row: why it could not be imported, and the class of those that could.
_failed = {}
_loaded = {}


@functools.cache
def _installed():
    """Rows without problems, in order; asking every distribution costs 50 ms."""
    points = importlib.metadata.entry_points(group=GROUP)
    # A distribution may be met twice: Python 3.11 does not always notice.
    rows = {row.full_name: row for row in map(_row, reversed(list(points)))}.values()
    return sorted(rows, key=lambda r: (not r.is_builtin, r.name, r.distribution))


def _row(point):
    try:
        about = point.dist.metadata
    except FileNotFoundError:  # a damaged installation; newer Pythons raise
        about = {}
    name, version = (about.get(key) or "unknown" for key in ("Name", "Version"))
    return EstimatorRow(point.name, name, version, point.value)


def _problem(row, rows):
    """Why a row cannot be used, or not by its bare name."""
    problem = _failed.get(row) or _fault(row)
    if problem:
        return problem
    others = [r for r in rows if r.name == row.name and r is not row]
    if row.is_builtin or not others:
        return ""
    if any(other.is_builtin for other in others):
        return f"the name is reserved for galspec: use {row.full_name!r}"
    claims = ", ".join(other.distribution for other in others)
    return f"the name is claimed by {claims} too: use {row.full_name!r}"


def _fault(row):
    """What is wrong with a row, as far as it can be told without importing it."""
    if not _NAME.fullmatch(row.name):
        return "has a name with more than letters, digits, '.', '-' and '_'"
    match = importlib.metadata.EntryPoint.pattern.match(row.value)
    if match is None or not match["attr"]:
        return "is not declared as 'package.module:Class'"
    top = match["module"].partition(".")[0]
    try:
        spec = importlib.util.find_spec(top)
    except (ImportError, ValueError):  # whatever stands in sys.modules
        spec = None
    return "" if spec else f"cannot be imported: there is no module {top!r}"


def _failure(row):
    """Why a row's class cannot be had, remembered; empty if it is in ``_loaded``."""
    if row not in _failed and row not in _loaded:
        problem = _fault(row) or _load(row)
        if problem:
            _failed[row] = problem
    return _failed.get(row, "")


def _load(row):
    point = importlib.metadata.EntryPoint(row.name, row.value, GROUP)
    try:
        found = point.load()
    except Exception as error:  # whatever somebody else's package does on import
        return f"cannot be imported: {type(error).__name__}: {error}"
    if not isinstance(found, type):
        return f"is an object of type {type(found).__name__}, not a class"
    from galspec.estimator import Estimator  # not needed to list what there is

    if not issubclass(found, Estimator):
        return (
            "is a class, but no estimator: derive it from galspec.SpectralEstimator or "
            "galspec.PhotometricEstimator"
        )
    if getattr(found, "name", None) != row.name:
        return (
            f"calls itself {getattr(found, 'name', None)!r}: the entry point and the "
            "class attribute 'name' must agree"
        )
    _loaded[row] = found
    return ""


def _find(name):
    rows = _installed()
    distribution, _, bare = name.rpartition(":")
    found = [row for row in rows if row.name == bare]
    if distribution:
        wanted = _normalised(distribution)
        found = [row for row in found if _normalised(row.distribution) == wanted]
    if not found:
        raise EstimatorNotFoundError(_unknown(name, bare, rows))
    if len(found) > 1 and not found[0].is_builtin:
        claims = " and ".join(row.distribution for row in found)
        choices = " or ".join(repr(row.full_name) for row in found)
        raise EstimatorNotFoundError(
            f"the name {name!r} is claimed by {claims}: ask for {choices}"
        )
    return found[0]


def _unknown(name, bare, rows):
    names = list(dict.fromkeys(row.name for row in rows))
    close = difflib.get_close_matches(bare, names)
    hint = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    listed = ", ".join(names) or "none"
    return f"no estimator {name!r} is installed.{hint} There are: {listed}."


def _normalised(distribution):
    """A distribution's name as package indexes compare it (PEP 503)."""
    return re.sub("[-_.]+", "-", distribution).lower()
