"""Training data: labels and spectra of surveys, fetched, matched, cut and split.

The names here are resolved on first use, so that importing the package costs little.
What fetches from SDSS needs astroquery: ``pip install 'astro-galspec[datasets]'``.
"""

import importlib

__all__ = [
    "Cutouts",
    "Cuts",
    "DatasetError",
    "LabelledSource",
    "fetch_cutouts",
    "fetch_mpa_jhu",
    "fetch_spectra",
    "labelled_photometry",
    "labelled_source",
    "match_positions",
    "read_lamost",
    "read_mpa_jhu",
    "training_set",
]

_HOME = {
    "Cutouts": "cutouts",
    "Cuts": "cuts",
    "DatasetError": "service",
    "LabelledSource": "labelled",
    "fetch_cutouts": "cutouts",
    "fetch_mpa_jhu": "mpa_jhu",
    "fetch_spectra": "sdss",
    "labelled_photometry": "photometric",
    "labelled_source": "labelled",
    "match_positions": "matching",
    "read_lamost": "lamost",
    "read_mpa_jhu": "mpa_jhu_files",
    "training_set": "assembling",
}


def __getattr__(name):
    if name in _HOME:
        module = importlib.import_module(f"galspec.datasets.{_HOME[name]}")
        return getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
