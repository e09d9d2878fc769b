import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.stats import kstest

from galspec.redshift_bins import RedshiftBins
from galspec.redshift_points import cdf_at, cumulative
from galspec.training.pit_calibration import PITCalibration

BINS = RedshiftBins(120, 2.0)


def drawn(seed, n=4000):
    """Densities that are too narrow by 1.5 and offset, with the true ln(1 + z)."""
    rng = np.random.default_rng(seed)
    middle = rng.uniform(0.3, 0.8, (n, 1))
    p = np.exp(-0.5 * ((BINS.mid - middle) / 0.03) ** 2)
    x = middle[:, 0] + 0.01 + 0.045 * rng.normal(size=n)
    return p / p.sum(axis=1, keepdims=True), x


def pit(p, x):
    return cdf_at(cumulative(p), np.expm1(x), BINS)


def test_pit_of_calibrated_densities_is_even():
    calibration = PITCalibration.fit(*drawn(1, 40_000), BINS)
    p, x = drawn(2)
    assert kstest(pit(p, x), "uniform").statistic > 0.1
    assert kstest(pit(calibration.apply(p), x), "uniform").pvalue > 0.01


@given(
    arrays(float, (3, BINS.n), elements=st.sampled_from([0.0, 1e-7, 0.2, 1.0])),
    st.integers(0, 3),
    st.sampled_from([np.float32, np.float64]),
)
@settings(max_examples=40, deadline=None)
def test_calibrated_rows_sum_to_one_and_lose_no_possibility(p, seed, precision):
    p = (p + np.eye(3, BINS.n)).astype(precision)
    p /= p.sum(axis=1, keepdims=True)
    calibrated = PITCalibration.fit(*drawn(seed, 400), BINS).apply(p)
    assert calibrated.dtype == precision
    assert calibrated.sum(axis=1) == pytest.approx(1, abs=1e-5)
    assert (calibrated[p > 1e-6] > 0).all()
    assert (calibrated >= 0).all()


@pytest.mark.parametrize("x", [-0.05, 1.0, 2.0])
def test_labels_all_at_one_place_leave_a_monotone_map(x):
    p, _ = drawn(1, 500)
    calibrated = PITCalibration.fit(p, np.full(500, x), BINS).apply(p)
    assert (calibrated[p > 1e-6] > 0).all()


def test_few_labels_have_few_knots_or_none():
    p, x = drawn(1)
    knots = [len(PITCalibration.fit(p[:n], x[:n], BINS).claimed) for n in (99, 100)]
    assert knots == [2, 5]
    x[1000:] = np.nan
    assert len(PITCalibration.fit(p, x, BINS).claimed) == 21
    x[99:] = np.nan
    assert PITCalibration.fit(p, x, BINS) == PITCalibration()


def test_the_identity_changes_nothing():
    p, _ = drawn(1, 10)
    np.testing.assert_array_equal(PITCalibration().apply(p), p)


def test_rows_that_cannot_be_used_have_no_part():
    p, x = drawn(1)
    expected = PITCalibration.fit(p, x, BINS)
    more = np.concatenate([p, p[:3]])
    more[-1] = np.nan
    outside = [np.nan, BINS.x_max + 0.1, 0.5]
    assert PITCalibration.fit(more, np.append(x, outside), BINS) == expected


def test_json_round_trip():
    calibration = PITCalibration.fit(*drawn(1), BINS)
    config = json.loads(json.dumps(calibration.to_config()))
    assert PITCalibration.from_config(config) == calibration
