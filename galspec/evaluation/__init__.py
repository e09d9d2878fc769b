"""How good estimates are: metrics, and the report that shows them."""

from galspec.evaluation.classification import (
    class_weights,
    confusion,
    detection_summary,
    reliability,
)
from galspec.evaluation.metrics import (
    binned_summary,
    bootstrap_error,
    coverage,
    residual_summary,
    running_quantiles,
)
from galspec.evaluation.report import evaluate
from galspec.evaluation.report.mass import tremonti2004
from galspec.evaluation.sdss_truth import sdss_oh
from galspec.evaluation.tables import EvaluationError

__all__ = [
    "EvaluationError",
    "binned_summary",
    "bootstrap_error",
    "class_weights",
    "confusion",
    "coverage",
    "detection_summary",
    "evaluate",
    "reliability",
    "residual_summary",
    "running_quantiles",
    "sdss_oh",
    "tremonti2004",
]
