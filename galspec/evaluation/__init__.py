"""How good estimates are: metrics, and later the reports that show them."""

from galspec.evaluation.metrics import coverage, residual_summary
from galspec.evaluation.sdss_truth import sdss_oh

__all__ = ["coverage", "residual_summary", "sdss_oh"]
