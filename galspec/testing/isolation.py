"""Two things that a process must not do: ask the network, and load torch unasked."""

import contextlib
import functools
import inspect
import os
import socket
import subprocess
import sys
from unittest import mock

__all__ = ["no_network", "who_loads_torch"]

#: Ways to the network, in `socket` and `socket.socket`.
_LOOKUPS = ("getaddrinfo", "gethostbyname", "create_connection")
_CONNECTIONS = ("connect", "connect_ex", "sendto")

# The one who imports torch is the first in the stack that is no part of importlib.
_PROBE = """
import importlib, importlib.util, inspect, os, sys, traceback

class Watch:
    def find_spec(self, name, path=None, target=None):
        if name == "torch":
            stack = traceback.extract_stack()[:-1]
            frames = [f for f in stack if "importlib" not in f.filename]
            print(f"{frames[-1].filename}, line {frames[-1].lineno}", flush=True)
            os._exit(0)

sys.meta_path.insert(0, Watch())
name, file = sys.argv[1:]
if importlib.util.find_spec(name.partition(".")[0]) and name != "__main__":
    module = importlib.import_module(name)
else:
    spec = importlib.util.spec_from_file_location("declares_an_estimator", file)
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)

from galspec.estimator import Estimator
from galspec.registry import list_estimators

for cls in vars(module).values():
    if inspect.isclass(cls) and issubclass(cls, Estimator):
        for part in (cls.recipe, cls.network):
            part and part.to_config()
list_estimators()
"""


@contextlib.contextmanager
def no_network():
    """Refuse every connection of this process while the block runs.

    Yields
    ------
    list of str
        What was asked for all the same, also where the refusal was caught.
    """
    asked = []

    def refuse(name, original):
        def refused(*args, **kwargs):
            near = [a for a in args[:1] if isinstance(a, socket.socket)]
            if near and near[0].family not in _FAR:
                return original(*args, **kwargs)
            asked.append(f"{name}{args[len(near) :]!r}")
            raise OSError(f"the network is switched off: {asked[-1]}")

        return refused

    with contextlib.ExitStack() as patches:
        for owner, names in ((socket, _LOOKUPS), (socket.socket, _CONNECTIONS)):
            for name in names:
                new = refuse(name, getattr(owner, name))
                patches.enter_context(mock.patch.object(owner, name, new))
        yield asked


#: Families that leave this machine; others, such as AF_UNIX, serve threads and pools.
_FAR = (socket.AF_INET, socket.AF_INET6)


def who_loads_torch(cls):
    """Import the module of a class in another process, and look at what it declares.

    Parameters
    ----------
    cls : type

    Returns
    -------
    str
        File and line that import torch; empty if none does.

    Raises
    ------
    AssertionError
        If the module cannot be imported there.
    """
    try:
        file = inspect.getfile(cls)
    except (OSError, TypeError):
        raise AssertionError(
            f"{cls.__name__} is in no file: another process cannot import it"
        ) from None
    return _probed(cls.__module__, file)


@functools.cache  # a process takes a second, and modules declare many estimators
def _probed(module, file):
    done = subprocess.run(
        [sys.executable, "-c", _PROBE, module, file],
        capture_output=True,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))},
    )
    assert done.returncode == 0, (
        f"a new process cannot import {module}: {done.stderr.strip()[-500:]}"
    )
    return done.stdout.strip()
