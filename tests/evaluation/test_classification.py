import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.evaluation import (
    class_weights,
    confusion,
    detection_summary,
    reliability,
)


def test_the_paper_loses_purity_at_the_true_prior():
    """Feng, Wang & Li (2025): 92.9 % at 1:1 are about 82 % where 25 % form stars."""
    member = np.repeat([True, False], 10_000)
    probability = np.zeros(20_000)
    probability[:9209] = probability[10_000:10_700] = 1
    even = detection_summary(member, probability)
    assert even["precision"] == pytest.approx(0.929, abs=1e-3)
    classes = np.where(member, "sf", "rest")
    weights = class_weights(classes, {"sf": 0.25})
    real = detection_summary(member, probability, weights=weights)
    assert real["precision"] == pytest.approx(0.814, abs=1e-3)
    assert real["recall"] == pytest.approx(even["recall"])


@given(st.floats(0.01, 0.99), st.integers(1, 50), st.integers(1, 50))
def test_weights_give_the_wanted_mix(share, n_members, n_rest):
    classes = np.array(["a"] * n_members + ["b"] * n_rest)
    weights = class_weights(classes, {"a": share})
    assert weights[classes == "a"].sum() / weights.sum() == pytest.approx(share)
    assert weights.mean() == pytest.approx(1)


@pytest.mark.parametrize(
    ("shares", "message"),
    [
        ({"a": 1.5}, "lie in 0 to 1"),
        ({"a": 0.7, "b": 0.7}, "add up to 1"),
        ({"c": 0.5}, "no object is of class 'c'; there is a, b"),
        ({"a": 0.5, "b": 0.3}, "all classes add up to 0.8"),
    ],
)
def test_impossible_shares_are_refused(shares, message):
    with pytest.raises(ValueError, match=message):
        class_weights(["a", "b"], shares)


def test_confusion_counts_every_pair():
    rows, columns, counts = confusion(["a", "b", "b", "c"], ["a", "a", "b", "b"])
    assert (rows, columns) == (["a", "b", "c"], ["a", "b"])
    assert counts.tolist() == [[1, 0], [1, 1], [0, 1]]


def test_detection_leaves_out_what_is_unknown():
    found = detection_summary([True, True, False], [1.0, np.nan, 0.0])
    assert found["n"] == 2
    assert found["accuracy"] == 1
    assert np.isnan(detection_summary([], [])["precision"])


def test_reliability_of_calibrated_probabilities():
    rng = np.random.default_rng(3)
    probability = rng.uniform(size=40_000)
    rows = reliability(rng.uniform(size=40_000) < probability, probability)
    assert sum(row["n"] for row in rows) == 40_000
    for row in rows:
        assert row["share"] == pytest.approx(row["probability"], abs=5 * row["error"])


def test_reliability_of_empty_bins_is_unknown():
    rows = reliability([True], [1.0])
    assert [row["n"] for row in rows] == [0] * 9 + [1]
    assert np.isnan(rows[0]["share"])
