"""Register our loaders with specutils, whenever specutils is imported.

specutils discovers loaders in ``~/.specutils`` only; it has no entry point for
packages. Importing it in order to register takes two seconds, which ``import galspec``
must not cost. So the registration waits for specutils: done at once where it is loaded
already, otherwise right after its import, by a finder that watches for this one name.
"""

import importlib.util
import sys
import warnings

__all__ = ["install"]

_WATCHED = "specutils"


class _Watcher:
    """A finder on `sys.meta_path` that acts when the watched package is loaded."""

    def __init__(self):
        self._searching = False

    def find_spec(self, name, path=None, target=None):
        if name != _WATCHED or self._searching:
            return None
        self._searching = True  # let the ordinary finders answer
        try:
            spec = importlib.util.find_spec(name)
        finally:
            self._searching = False
        if spec is not None and spec.loader is not None:
            self._act_after(spec.loader)
        return spec

    def _act_after(self, loader):
        execute = loader.exec_module

        def exec_module(module):
            execute(module)
            del loader.exec_module
            if self in sys.meta_path:
                sys.meta_path.remove(self)
            _register()

        # on the loader object itself: its type, and what else it offers, stay as is
        loader.exec_module = exec_module


def _register():
    try:
        from galspec.io.specutils_loaders import register

        register()
    except Exception as error:  # specutils must stay importable, whatever we got wrong
        warnings.warn(
            f"galspec could not register its loaders with specutils: {error!r}",
            stacklevel=2,
        )


def install():
    """Make ``Spectrum.read`` know the formats of galspec, now or once it exists.

    Calling it again changes nothing.
    """
    if _WATCHED in sys.modules:
        _register()
    elif not any(isinstance(finder, _Watcher) for finder in sys.meta_path):
        sys.meta_path.insert(0, _Watcher())
