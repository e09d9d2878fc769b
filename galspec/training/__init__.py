"""Training: the one fit loop, sources of labelled spectra, splits and calibration."""

from galspec.training.splits import split_by_object

__all__ = ["split_by_object"]
