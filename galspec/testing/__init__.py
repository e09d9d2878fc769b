"""The plugin contract as an executable suite."""

from galspec.testing.parametrizing import parametrize_with_checks
from galspec.testing.running import (
    Check,
    CheckResult,
    check_estimator,
    checks_of,
    run_checks,
)

__all__ = [
    "Check",
    "CheckResult",
    "check_estimator",
    "checks_of",
    "parametrize_with_checks",
    "run_checks",
]
