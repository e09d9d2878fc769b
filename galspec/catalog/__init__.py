"""Catalogues of gas-phase metallicities: classify, select, estimate, check.

The names here are resolved on first use, so that importing the package costs little.
"""

import importlib

__all__ = ["CatalogError", "Criteria", "combine_duplicates", "metallicity_catalog"]

_HOME = {
    "CatalogError": "galspec.catalog.parts",
    "Criteria": "galspec.catalog.criteria",
    "combine_duplicates": "galspec.catalog.duplicates",
    "metallicity_catalog": "galspec.catalog.metallicity",
}


def __getattr__(name):
    if name in _HOME:
        return getattr(importlib.import_module(_HOME[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
