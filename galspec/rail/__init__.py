"""Stages for RAIL, in which pipelines of DESC train and run photometric redshifts.

`ELGPhotoZInformer` trains, `ELGPhotoZEstimator` estimates; what they hand to each other
is a weight file of galspec, never a pickle. Pipelines find the stages where this module
is imported, or named as ``module_name`` in their configuration.

Notes
-----
RAIL is the framework for photometric redshifts of the LSST Dark Energy Science
Collaboration (The RAIL Team et al. 2025, arXiv:2505.02928); this needs its package
``pz-rail-base`` (``pip install 'astro-galspec[rail]'``).
"""

try:
    import rail.core  # noqa: F401
except ImportError as error:
    raise ImportError(
        "stages for RAIL need the package pz-rail-base: pip install "
        "'astro-galspec[rail]'"
    ) from error

from galspec.rail.estimator import ELGPhotoZEstimator
from galspec.rail.informer import ELGPhotoZInformer
from galspec.rail.model import BundleHandle, CatalogueModel

__all__ = [
    "BundleHandle",
    "CatalogueModel",
    "ELGPhotoZEstimator",
    "ELGPhotoZInformer",
]
