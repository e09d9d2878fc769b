"""Calibration of class probabilities."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import softmax

from galspec.training.probabilities import ProbabilityCalibration

N = 20_000


def drawn(seed, floor):
    """Probabilities, and classes drawn from them but for a share of pure chance."""
    random = np.random.default_rng(seed)
    p = softmax(random.normal(0, 3, (N, 3)), axis=1)
    chance = np.full((N, 3), 1 / 3)
    q = np.where(random.random((N, 1)) < floor, chance, p)
    number = (q.cumsum(axis=1) < random.random((N, 1))).sum(axis=1)
    return p, np.eye(3)[np.minimum(number, 2)]


def sharpened(p, slope):
    return softmax(slope * np.log(p), axis=1)


@pytest.mark.parametrize("slope", [0.5, 1, 2])
@pytest.mark.parametrize("floor", [0, 0.05])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_known_distortion_is_undone(slope, floor, dtype):
    p, truth = drawn(1, floor)
    given_p = sharpened(p, slope).astype(dtype)
    calibration = ProbabilityCalibration.fit(given_p, truth)
    assert calibration.slope == pytest.approx(1 / slope, rel=0.1)
    assert calibration.floor == pytest.approx(floor, abs=0.01)
    found = calibration.apply(given_p)
    assert np.abs(found - ((1 - floor) * p + floor / 3)).mean() < 0.01


@given(
    st.lists(st.floats(0.01, 0.98), min_size=3, max_size=3),
    st.lists(st.floats(0.01, 1), min_size=3, max_size=3),
)
def test_a_prior_multiplies_the_odds(p, prior):
    calibration = ProbabilityCalibration(1.3, (0.1, -0.3, 0.2), 0.01, (0.5, 0.3, 0.2))
    p = np.array([p]) / np.sum(p)
    plain, moved = calibration.apply(p), calibration.apply(p, prior)
    np.testing.assert_allclose(plain.sum(), 1)
    np.testing.assert_allclose(moved.sum(), 1)
    gain = np.array(prior) / np.array(calibration.shares)
    np.testing.assert_allclose(
        moved[0, 0] / moved[0, 1], plain[0, 0] / plain[0, 1] * gain[0] / gain[1]
    )


def test_the_own_shares_change_nothing():
    calibration = ProbabilityCalibration(1.3, (0.1, -0.1), 0.01, (0.7, 0.3))
    p = np.array([[0.2, 0.8], [0.999, 0.001]])
    np.testing.assert_allclose(
        calibration.apply(p, calibration.shares), calibration.apply(p)
    )


def test_a_class_that_never_occurs_gets_finite_probabilities():
    p, truth = drawn(2, 0)
    seen = truth[:, 2] == 0
    calibration = ProbabilityCalibration.fit(p[seen], truth[seen])
    assert np.isfinite(calibration.apply(p, [0.2, 0.2, 0.6])).all()


def test_round_trip_through_json():
    calibration = ProbabilityCalibration(1.3, (0.1, -0.1), 0.01, (0.7, 0.3))
    config = json.loads(json.dumps(calibration.to_config()))
    assert ProbabilityCalibration.from_config(config) == calibration
