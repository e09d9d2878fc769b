"""The contract of every estimator and every baseline of galspec, check by check."""

import pytest

from galspec import weights
from galspec.registry import get_estimator, list_estimators
from galspec.testing import check_estimator, parametrize_with_checks

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


OTHERS = [
    (entry.estimator, entry.tag)
    for entry in weights.available()
    if entry.estimator in NAMES and entry.tag != "default"
]


@pytest.mark.parametrize(("name", "tag"), OTHERS)
def test_other_published_weights_keep_it(name, tag):
    check_estimator(get_estimator(name).pretrained(tag, offline=True))
