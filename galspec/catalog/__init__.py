"""Tables of many spectra: metallicities of galaxies, and candidates among stars.

The names here are resolved on first use, so that importing the package costs little.
"""

import importlib

__all__ = [
    "CEMP_CUTS",
    "CatalogError",
    "Criteria",
    "SearchResult",
    "cemp_search",
    "combine_duplicates",
    "metallicity_catalog",
]

_HOME = {
    "CEMP_CUTS": "galspec.catalog.cemp.cuts",
    "CatalogError": "galspec.catalog.parts",
    "Criteria": "galspec.catalog.criteria",
    "SearchResult": "galspec.catalog.cemp.search",
    "cemp_search": "galspec.catalog.cemp.search",
    "combine_duplicates": "galspec.catalog.duplicates",
    "metallicity_catalog": "galspec.catalog.metallicity",
}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
