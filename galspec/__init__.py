"""galspec: physical parameters with units and errors from spectra, in one line."""

import importlib

from galspec.io.specutils_hook import install as _install_loaders

_EXPORTS = {
    "CEMPParams": "galspec.estimators.cemp_params",
    "ELGPhotoZ": "galspec.estimators.elg_photoz",
    "Flags": "galspec.flags",
    "GasMetallicity": "galspec.estimators.gas_metallicity",
    "NotFittedError": "galspec.estimator",
    "PhotometricEstimator": "galspec.photometric_estimator",
    "PhotometryBatch": "galspec.photometry",
    "SEDPredictor": "galspec.estimators.sed_predictor",
    "SpectralEstimator": "galspec.spectral_estimator",
    "SpectrumBatch": "galspec.spectra",
    "StarFormingClassifier": "galspec.estimators.star_forming_classifier",
    "Target": "galspec.targets",
    "example_cutouts": "galspec.data",
    "example_photometry": "galspec.data",
    "example_spectra": "galspec.data",
    "example_truth": "galspec.data",
    "export_graph": "galspec.engines.export",
    "get_estimator": "galspec.registry",
    "list_estimators": "galspec.registry",
    "read_photometry": "galspec.io.photometry",
    "read_spectra": "galspec.io.bulk",
}

__all__ = [*_EXPORTS, "__version__"]

_install_loaders()


def __getattr__(name):
    if name == "__version__":
        from galspec._version import __version__

        return __version__
    if name in _EXPORTS:
        return getattr(importlib.import_module(_EXPORTS[name]), name)
    raise AttributeError(f"module 'galspec' has no attribute {name!r}")


def __dir__():
    return sorted({*globals(), *__all__})
