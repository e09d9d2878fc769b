import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.evaluation import (
    binned_summary,
    bootstrap_error,
    coverage,
    residual_summary,
    running_quantiles,
)


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


def test_bootstrap_draws_whole_objects():
    """Ten spectra of each object say no more than one."""
    values = np.random.default_rng(4).normal(size=50)
    one = bootstrap_error(np.mean, values, resamples=1000)
    several = np.repeat(values, 10)
    kept = bootstrap_error(
        np.mean, several, groups=np.repeat(np.arange(50), 10), resamples=1000
    )
    assert kept == pytest.approx(one, rel=0.1)
    assert bootstrap_error(np.mean, several) < 0.5 * one


def test_bootstrap_of_one_object_is_unknown():
    assert np.isnan(bootstrap_error(np.mean, [1.0, 2.0], groups=["a", "a"]))
    assert np.isnan(bootstrap_error(np.mean, []))


def test_bins_hold_their_lower_edge_only():
    rows = binned_summary(
        [1.0, 1, 1, 1], [1, 1, 1, np.nan], [3, 5, 7, 4], (3, 5, 7), resamples=10
    )
    assert [row["n"] for row in rows] == [1, 1]
    assert [(row["low"], row["high"]) for row in rows] == [(3, 5), (5, 7)]


def test_running_quantiles_follow_a_curve():
    x = np.random.default_rng(2).uniform(-3, 3, 5000)
    middle, (low, median, high) = running_quantiles(x, x**2)
    np.testing.assert_allclose(median, middle**2, atol=0.2)
    assert np.all(low <= median)
    assert np.all(median <= high)


def test_running_quantiles_of_few_points_are_none():
    middle, values = running_quantiles([1.0] * 9, [1.0] * 9)
    assert middle.shape == (0,)
    assert values.shape == (3, 0)
