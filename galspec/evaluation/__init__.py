"""How good estimates are: metrics, and later the reports that show them."""

from galspec.evaluation.metrics import coverage, residual_summary

__all__ = ["coverage", "residual_summary"]
