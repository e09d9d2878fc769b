"""galspec: physical parameters with units and errors from spectra, in one line."""

import importlib

_EXPORTS = {
    "Flags": "galspec.flags",
    "SpectrumBatch": "galspec.spectra",
}

__all__ = ["Flags", "SpectrumBatch"]


def __getattr__(name):
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'galspec' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
