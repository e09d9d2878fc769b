import numpy as np
import pytest

from galspec.training.label_range import (
    extend_label_range,
    fit_label_range,
    label_range_distance,
)

RNG = np.random.default_rng(3)
SHAPE = np.linspace(-1, 1, 50)


def predictions(sequence):
    """Spectra of a sequence, with what else makes them differ."""
    others = RNG.normal(0, 0.05, (len(sequence), len(SHAPE)))
    return np.outer(sequence, SHAPE) + others


def test_what_is_predicted_beyond_the_sequence_is_far():
    domain = fit_label_range(predictions(RNG.uniform(-1, 1, 4000)))
    inside = label_range_distance(predictions(RNG.uniform(-1, 1, 4000)), domain)
    assert np.mean(inside <= 1) == pytest.approx(0.99, abs=0.006)
    beyond = label_range_distance(predictions(np.array([-1.2, 1.2])), domain)
    np.testing.assert_allclose(beyond, 1.2, atol=0.05)


def test_a_range_is_extended_and_shrinks_nowhere():
    domain = fit_label_range(predictions(RNG.uniform(-1, 1, 1000)))
    more = predictions(np.linspace(0.5, 2, 200))
    wider = extend_label_range(domain, more)
    assert np.mean(label_range_distance(more, wider) <= 1) > 0.98
    low, high = np.sort(domain["label_ends"] - wider["label_ends"])
    assert low == 0 or high == 0
    assert np.ptp(wider["label_ends"]) > np.ptp(domain["label_ends"])


def test_wavelengths_that_were_not_learned_do_not_count():
    values = predictions(RNG.uniform(-1, 1, 500))
    values[:, 7] = np.nan
    assert np.isfinite(label_range_distance(values, fit_label_range(values))).all()


def test_without_a_range_nothing_is_far():
    assert (label_range_distance(predictions(np.ones(3)), {}) == 0).all()
