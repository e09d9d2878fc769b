"""Losses of densities: the truth costs least, and a near miss less than a far one."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import log_softmax, softmax

from galspec.training.ordered_losses import (
    RANKED,
    bins,
    continuous_ranked_probability,
    ordered,
)

N = 40


def peak(place, width=1.0):
    """Logits of a Gaussian about a place from 0 to 1, its width in bins."""
    middle = (torch.arange(N) + 0.5) / N
    return (-0.5 * ((middle - place) * N / width) ** 2)[None]


def label(place):
    return torch.tensor([[place]])


@pytest.mark.parametrize("loss", [ordered, continuous_ranked_probability])
@settings(deadline=None)
@given(place=st.floats(0.2, 0.8), miss=st.floats(0.02, 0.1))
def test_the_farther_the_miss_the_more_it_costs(loss, place, miss):
    costs = [float(loss(peak(place + k * miss), label(place))) for k in range(3)]
    assert costs[0] < costs[1] < costs[2]


@settings(deadline=None)
@given(place=st.floats(0.0, 1.0))
def test_the_cross_entropy_is_that_of_the_bin(place):
    logits = peak(0.5, 8.0)
    expected = -log_softmax(logits.numpy()[0])[min(int(np.float32(place) * N), N - 1)]
    assert float(bins(logits, label(place))) == pytest.approx(expected, rel=1e-5)


def test_the_ranked_score_is_the_integral_of_the_squared_difference():
    logits, place = peak(0.4, 3.0), 0.53
    cumulative = np.cumsum(softmax(logits.numpy()[0]))
    fine = np.linspace(0, 1, 200_001)
    below = np.interp(fine, np.arange(N + 1) / N, np.r_[0, cumulative])
    expected = np.mean((below - (fine > place)) ** 2)
    found = float(continuous_ranked_probability(logits, label(place)))
    # 0.2 of the bin lies below the label: scatter of the step in the bin, of N bins
    assert found + 0.2 * 0.8 / N == pytest.approx(expected, rel=0.01)


def test_both_parts_of_the_ordered_loss():
    logits, place = peak(0.4, 3.0), 0.53
    sharp = float(ordered(logits, label(place)))
    ranked = RANKED * float(continuous_ranked_probability(logits, label(place)))
    entropy = float(bins(logits, label(place)))
    assert sharp - ranked == pytest.approx(entropy, rel=0.1)


@pytest.mark.parametrize("loss", [ordered, bins, continuous_ranked_probability])
def test_an_ensemble_costs_the_mean_of_its_members(loss):
    members = torch.stack([peak(0.3), peak(0.5)])
    each = [float(loss(one, label(0.35))) for one in members]
    assert float(loss(members, label(0.35))) == pytest.approx(np.mean(each), rel=1e-5)


@pytest.mark.parametrize("loss", [ordered, bins, continuous_ranked_probability])
@pytest.mark.parametrize("place", [0.0, 1.0])
def test_labels_at_the_ends_have_finite_costs_and_gradients(loss, place):
    logits = peak(0.5).requires_grad_()
    cost = loss(logits, label(place))
    cost.backward()
    assert torch.isfinite(cost)
    assert torch.isfinite(logits.grad).all()
