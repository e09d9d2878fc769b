"""The contract of every estimator and every baseline of galspec, check by check."""

import pytest

from galspec.registry import get_estimator, list_estimators
from galspec.testing import parametrize_with_checks

pytest.importorskip("sklearn")

#: All that have an entry point: none can be forgotten.
NAMES = [row.name for row in list_estimators() if row.is_builtin]


def test_the_five_and_the_baselines_are_there():
    five = {"gas-metallicity", "star-forming-classifier", "cemp-params"}
    five |= {"sed-predictor", "elg-photoz"}
    assert five < set(NAMES)
    assert len(NAMES) > 30


@parametrize_with_checks([get_estimator(name) for name in NAMES])
def test_contract(estimator, check, default_weights):
    if estimator.name == "direct-temperature":
        pytest.importorskip("pyneb")
    check(estimator)
