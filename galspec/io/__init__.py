"""Reading spectra and photometry: specutils loaders, and fast bulk readers.

The names here are resolved on first use, so that importing the package costs neither
specutils nor the FITS machinery.
"""

import importlib

__all__ = [
    "cut_stamps",
    "iter_batches",
    "join_arms",
    "read_cutouts",
    "read_photometry",
    "read_sdss_lines",
    "read_spectra",
]

_HOME = {
    "cut_stamps": "galspec.io.stamps",
    "iter_batches": "galspec.io.bulk",
    "join_arms": "galspec.io.desi",
    "read_cutouts": "galspec.io.stamps",
    "read_photometry": "galspec.io.photometry",
    "read_sdss_lines": "galspec.io.sdss_lines",
    "read_spectra": "galspec.io.bulk",
}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
