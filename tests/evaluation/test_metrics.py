import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.evaluation import coverage, residual_summary


@given(st.floats(-1, 1), st.floats(0.2, 1.5))
def test_a_line_is_found_again(offset, slope):
    true = np.linspace(8, 9, 50)
    summary = residual_summary(true, 8.5 + slope * (true - 8.5) + offset)
    assert summary["bias"] == pytest.approx(offset, abs=1e-9)
    assert summary["slope"] == pytest.approx(slope, abs=1e-9)
    assert summary["sigma"] == pytest.approx(abs(slope - 1) * true.std(), abs=1e-9)


def test_unknown_values_are_left_out():
    assert residual_summary([8, np.nan, 9], [8, 8, np.nan])["n"] == 1
    assert residual_summary([], [])["n"] == 0


def test_coverage_of_nothing_is_unknown():
    assert np.isnan(coverage([np.nan], [0], [1]))
