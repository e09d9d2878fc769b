"""Splits by object: disjoint, stable and of the sizes asked for."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.training.splits import FRACTIONS, split_by_object


def test_shares_are_those_asked_for():
    parts = split_by_object(np.arange(20000))
    for name, share in FRACTIONS.items():
        assert np.mean(parts == name) == pytest.approx(share, abs=0.01)


def test_assignment_is_stable():
    # A change of these would mix test objects into training sets of old weights.
    parts = split_by_object(["a", "b", "c", "d", "e", "f"])
    assert parts.tolist() == ["calibration", "train", "train", "test", "train", "train"]


@given(st.lists(st.integers(0, 10**6), min_size=1, max_size=60), st.randoms())
def test_neither_order_nor_company_matters(ids, random):
    whole = dict(zip(ids, split_by_object(ids), strict=True))
    some = random.sample(ids, random.randint(1, len(ids)))
    for identifier, part in zip(some, split_by_object(some), strict=True):
        assert whole[identifier] == part


def test_another_seed_gives_another_split():
    ids = np.arange(1000)
    assert (split_by_object(ids) != split_by_object(ids, seed=1)).any()


def test_text_and_numbers_agree():
    ids = np.arange(100)
    np.testing.assert_array_equal(
        split_by_object(ids), split_by_object(ids.astype(str))
    )


@pytest.mark.parametrize(
    "fractions", [{"train": 0.5, "test": 0.4}, {"train": 1.5, "test": -0.5}]
)
def test_fractions_must_sum_to_one(fractions):
    with pytest.raises(ValueError, match="sum to 1"):
        split_by_object([1, 2], fractions)
