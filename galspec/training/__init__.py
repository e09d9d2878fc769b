"""Training: the one fit loop, sources of labelled spectra, splits and calibration."""

from galspec.training.splits import folds_by_object, split_by_object

__all__ = ["folds_by_object", "split_by_object"]
