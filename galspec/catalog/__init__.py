"""Tables of many spectra: metallicities, candidates, and work on clusters.

The names here are resolved on first use, so that importing the package costs little.
"""

import importlib

__all__ = [
    "CEMP_CUTS",
    "CatalogError",
    "ClusterError",
    "Criteria",
    "SearchResult",
    "cemp_search",
    "combine_duplicates",
    "is_hats",
    "metallicity_catalog",
    "predict_files",
    "predict_hats",
]

_HOME = {
    "CEMP_CUTS": "galspec.catalog.cemp.cuts",
    "CatalogError": "galspec.catalog.parts",
    "ClusterError": "galspec.catalog.clusters",
    "Criteria": "galspec.catalog.criteria",
    "SearchResult": "galspec.catalog.cemp.search",
    "cemp_search": "galspec.catalog.cemp.search",
    "combine_duplicates": "galspec.catalog.duplicates",
    "is_hats": "galspec.catalog.hats",
    "metallicity_catalog": "galspec.catalog.metallicity",
    "predict_files": "galspec.catalog.files_on_cluster",
    "predict_hats": "galspec.catalog.hats",
}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
