import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.training.calibration import LEVELS, Calibration


def drawn(seed, n=4000):
    """Errors that are 1.7 times as wide as claimed at low S/N, right at high."""
    rng = np.random.default_rng(seed)
    snr = rng.uniform(3, 60, n)
    sigma = rng.uniform(0.05, 0.2, (n, 1))
    wrong = np.where(snr < 20, 1.7, 1.0)[:, None]
    return rng.normal(size=(n, 1)) * sigma * wrong, sigma, snr


@pytest.mark.parametrize("level", [0.5, 0.6827, 0.9, 0.95])
def test_intervals_hold_their_level_in_every_part(level):
    calibration = Calibration.fit(*drawn(1, 100_000))
    error, sigma, snr = drawn(2, 100_000)
    inside = np.abs(error) <= calibration.half_width(sigma, snr, level)
    for part in (snr < 12, snr > 25):
        assert inside[part].mean() == pytest.approx(level, abs=0.02)


def test_a_spectrum_of_unknown_signal_to_noise_spoils_no_bins():
    error, sigma, snr = drawn(1)
    snr[0] = np.nan
    calibration = Calibration.fit(error, sigma, snr)
    assert len(calibration.edges) == 5
    assert np.isfinite(calibration.edges).all()


def test_json_round_trip():
    calibration = Calibration.fit(*drawn(1))
    again = Calibration.from_config(json.loads(json.dumps(calibration.to_config())))
    _, sigma, snr = drawn(3)
    np.testing.assert_array_equal(
        again.half_width(sigma, snr), calibration.half_width(sigma, snr)
    )


@given(st.floats(0.01, 0.99), st.floats(0.01, 0.99))
@settings(max_examples=30)
def test_a_higher_level_is_never_narrower(a, b):
    calibration = Calibration.fit(*drawn(1))
    low, high = sorted([a, b])
    _, sigma, snr = drawn(4, 50)
    narrow, wide = (calibration.half_width(sigma, snr, x) for x in (low, high))
    assert np.all(narrow <= wide)


def test_an_unknown_signal_to_noise_gets_an_error_too():
    calibration = Calibration.fit(*drawn(1))
    assert calibration.half_width(np.ones((1, 1)), np.array([np.nan])) > 0


@pytest.mark.parametrize("level", [0, 1, -0.5, 95])
def test_impossible_levels_are_errors(level):
    with pytest.raises(ValueError, match="level"):
        Calibration.fit(*drawn(1)).half_width(np.ones((1, 1)), np.ones(1), level)


def test_few_spectra_make_one_bin():
    assert Calibration.fit(*drawn(1, 60)).edges == ()


def test_errors_that_are_not_known_are_left_out():
    """Each target is calibrated on what is known of it; neither spoils the other."""
    error, sigma, snr = drawn(1)
    known = np.random.default_rng(5).random(len(snr)) < 0.5
    both = np.column_stack([error, np.where(known, error[:, 0], np.nan)])
    widths = np.array(Calibration.fit(both, np.tile(sigma, 2), snr).widths)
    assert np.isfinite(widths).all()
    whole = Calibration.fit(error, sigma, snr)
    np.testing.assert_array_equal(widths[0], whole.widths[0])
    # half of the spectra, drawn at random, in the same bins
    index = np.searchsorted(whole.edges, snr, side="right")
    level = 0.6827
    column = list(LEVELS).index(level)
    for b in range(len(whole.edges) + 1):
        score = (np.abs(error) / sigma)[known & (index == b), 0]
        wanted = np.quantile(score, level * (len(score) + 1) / len(score))
        assert widths[1, b, column] == pytest.approx(wanted)


def test_a_bin_without_anything_known_is_calibrated_on_all():
    error, sigma, snr = drawn(1)
    edges = Calibration.fit(error, sigma, snr).edges
    error[snr < edges[0]] = np.nan
    widths = np.array(Calibration.fit(error, sigma, snr).widths)[0]
    score = (np.abs(error) / sigma)[np.isfinite(error)]
    wanted = np.quantile(score, 0.5 * (len(score) + 1) / len(score))
    assert widths[0, LEVELS.index(0.5)] == pytest.approx(wanted)
    assert widths[1, LEVELS.index(0.5)] != pytest.approx(wanted, rel=1e-3)


def test_a_target_of_which_nothing_is_known_is_an_error():
    error, sigma, snr = drawn(1)
    both = np.column_stack([error, np.full(len(snr), np.nan)])
    with pytest.raises(ValueError, match=r"target \[1\] .* more labelled spectra"):
        Calibration.fit(both, np.tile(sigma, 2), snr)


@given(st.floats(0.01, 0.99))
@settings(max_examples=30)
def test_widths_between_the_levels_of_the_table_are_interpolated(level):
    calibration = Calibration.fit(*drawn(1))
    widths = np.array(calibration.widths)[0]
    expected = [np.interp(level, LEVELS, row) for row in widths]
    snr = np.array([-np.inf, *calibration.edges])
    got = calibration.half_width(np.ones((len(snr), 1)), snr, level)
    np.testing.assert_array_equal(got[:, 0], expected)


def test_a_bin_with_too_few_known_labels_takes_all():
    error, sigma, snr = drawn(1)
    rare = snr > np.quantile(snr, 0.9)
    error[rare] = np.nan
    error[np.flatnonzero(rare)[:3]] = 5.0
    alone, together = (Calibration.fit(error, sigma, snr, least=n) for n in (1, 400))
    last = np.array([100.0])
    assert np.any(
        alone.half_width(np.ones((1, 1)), last, 0.99)
        != together.half_width(np.ones((1, 1)), last, 0.99)
    )
    score = np.abs(error[np.isfinite(error)]) / sigma[np.isfinite(error)]
    assert together.half_width(np.ones((1, 1)), last, 0.5) == pytest.approx(
        np.quantile(score, 0.5), rel=0.01
    )


def test_what_is_hardly_known_keeps_an_earlier_calibration():
    error, sigma, snr = drawn(1)
    both, sigmas = np.tile(error, 2), np.tile(sigma, 2)
    before = Calibration.fit(both, sigmas, snr)
    assert before.renewed(np.full_like(both, np.nan), sigmas, snr) is before
    wider = 3 * both
    wider[9:, 1] = np.nan  # one less than enough
    after = before.renewed(wider, sigmas, snr)
    old, new = (each.half_width(sigmas, snr) for each in (before, after))
    np.testing.assert_allclose(new[:, 0], 3 * old[:, 0])
    np.testing.assert_allclose(new[:, 1], old[:, 1])


def test_a_bin_is_renewed_by_ten_or_by_all():
    error, sigma, snr = drawn(1)
    before = Calibration.fit(error, sigma, snr)
    high = np.flatnonzero(snr > before.edges[-1])
    error[high] = np.nan
    error[high[:9]] = 1e6
    after = before.renewed(error, sigma, snr)
    assert np.all(after.half_width(sigma, snr) < 1e6)
