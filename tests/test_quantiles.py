"""Quantiles along rows, against those of numpy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.quantiles import good_median, sorted_quantiles

values = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=9)


@given(values, st.lists(st.floats(0, 1), min_size=1, max_size=4))
def test_quantiles_are_those_of_the_values_that_count(values, levels):
    rows = np.array([[*sorted(values), np.inf, np.nan]])
    found = sorted_quantiles(rows, np.array([len(values)]), levels)
    np.testing.assert_allclose(found[0], np.quantile(values, levels), atol=1e-6)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("n_values", [0, 3])
def test_rows_without_a_value_have_no_quantile(dtype, n_values):
    rows = np.full((2, n_values), np.nan, dtype)
    found = sorted_quantiles(rows, np.zeros(2, int), [0.2, 0.5, 0.8])
    assert (found.shape, found.dtype) == ((2, 3), dtype)
    assert np.isnan(found).all()


@given(values, st.lists(st.floats(-1e6, 1e6), max_size=9))
def test_the_median_leaves_out_what_is_not_good(values, others):
    row = np.array([[*values, *others]])
    good = np.arange(row.shape[1])[None] < len(values)
    expected = np.quantile(values, 0.5, method="lower")
    assert good_median(row, good)[0] == expected


def test_the_median_of_nothing_is_infinite():
    assert good_median(np.ones((1, 3)), np.zeros((1, 3), bool))[0] == np.inf
