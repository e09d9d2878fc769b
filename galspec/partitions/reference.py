"""An estimator as a few words that another process can load it by."""

import dataclasses
import importlib
import inspect
import os
import socket
import threading

from galspec.partitions.memory_trimming import end_memory_trimming
from galspec.registry import EstimatorNotFoundError, get_estimator

__all__ = ["EstimatorReference", "WorkerMismatchError"]


class WorkerMismatchError(RuntimeError):
    """A worker has another galspec, or other weights, than the process that asks it."""


# by reference: what this process has loaded; one thread loads, the others wait for it
_loaded = {}
_loading = threading.Lock()


@dataclasses.dataclass(frozen=True)
class EstimatorReference:
    """Where an estimator comes from; pickles as less than a kilobyte.

    Parameters
    ----------
    estimator : str
        Name of its entry point, or ``"package.module:Class"``.
    pretrained : dict or None
        Keywords of its ``pretrained``; None where it needs no weights.
    arguments : dict
        Keywords of its constructor, where it needs no weights.
    sha256 : str
        Of the weights; empty without.
    version : str
        Of galspec.
    """

    estimator: str
    pretrained: dict | None
    arguments: dict
    sha256: str
    version: str

    @classmethod
    def of(cls, estimator):
        """The reference to an estimator that can predict.

        Parameters
        ----------
        estimator : `~galspec.estimator.Estimator`

        Returns
        -------
        EstimatorReference

        Raises
        ------
        ValueError
            If another process could not load it: its weights are not saved, or its
            class is in no module.
        """
        from galspec import __version__

        kind = type(estimator)
        pretrained = _weights_of(estimator)
        return cls(
            estimator=_name_of(kind),
            pretrained=pretrained,
            arguments=_arguments_of(estimator) if pretrained is None else {},
            sha256=estimator._provenance["sha256"],
            version=__version__,
        )

    def load(self):
        """The estimator, loaded once in a process.

        Returns
        -------
        `~galspec.estimator.Estimator`

        Raises
        ------
        WorkerMismatchError
            If this process has another galspec, or other weights.
        galspec.registry.EstimatorNotFoundError, galspec.weights.WeightsError
            If it has no such estimator, or no such weights.
        """
        key = repr(self)
        with _loading:
            if key not in _loaded:
                end_memory_trimming()
                _loaded[key] = self._fresh()
            return _loaded[key]

    def _fresh(self):
        from galspec import __version__

        if __version__ != self.version:
            raise WorkerMismatchError(
                f"{socket.gethostname()} has galspec {__version__}, but the call was "
                f"made with {self.version}: install the same version everywhere"
            )
        cls = _class_named(self.estimator)
        if self.pretrained is None:
            return cls(**self.arguments)
        estimator = cls.pretrained(**self.pretrained)
        found = estimator._provenance["sha256"]
        if found != self.sha256:
            weights = self.pretrained["path"] or self.pretrained["tag"]
            raise WorkerMismatchError(
                f"{socket.gethostname()} has other weights {weights!r} of "
                f"{self.estimator}: their SHA-256 is {found or 'not known'}, but the "
                f"call was made with {self.sha256}. Put the same file everywhere"
            )
        return estimator


def _weights_of(estimator):
    """How the weights were found; None where there are none."""
    if estimator._learned is None:
        return None
    if estimator._provenance["weights"] == "unsaved":
        name = type(estimator).__name__
        raise ValueError(
            f"this {name} was fitted here, and no other process has its weights: "
            f"save(path) them, and take {name}.pretrained(path=path)"
        )
    how = dict(estimator._loaded_with)
    if how["path"] is not None:
        how["path"] = os.path.abspath(how["path"])
    return how


def _arguments_of(estimator):
    """What a constructor was given, which keeps each argument under its name."""
    kind = type(estimator)
    given = {
        name: getattr(estimator, name) for name in inspect.signature(kind).parameters
    }
    return {k: v for k, v in given.items() if v is not getattr(kind, k, _Nothing)}


class _Nothing:
    """What no class has as the default of an argument."""


def _name_of(cls):
    """The name of an entry point, or the place of a class that has none."""
    try:
        if get_estimator(cls.name) is cls:
            return cls.name
    except EstimatorNotFoundError:
        pass
    place = f"{cls.__module__}:{cls.__qualname__}"
    if cls.__module__ == "__main__" or "<locals>" in cls.__qualname__:
        raise ValueError(
            f"other processes cannot import {place}: put {cls.__name__} into a module "
            "of its own that is installed wherever the work is done"
        )
    return place


def _class_named(estimator):
    """The class that `_name_of` gave a name for."""
    module, colon, name = estimator.partition(":")
    if not colon:
        return get_estimator(estimator)
    found = importlib.import_module(module)
    for part in name.split("."):
        found = getattr(found, part)
    return found
