"""Losses of quantities: labels that are not known count for nothing."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.training.losses import LOSSES

QUANTITIES = ("mse", "gaussian", "beta-gaussian")


def drawn(name, n, seed, unknown=0.4):
    """Predictions, and labels some of which are NaN."""
    rng = np.random.default_rng(seed)
    targets = 3
    outputs = targets if name == "mse" else 2 * targets
    label = rng.normal(size=(n, targets))
    label[rng.random(label.shape) < unknown] = np.nan
    label[0, 0] = 0.3  # one is known
    prediction = torch.from_numpy(rng.normal(size=(n, outputs)))
    return prediction.requires_grad_(), torch.from_numpy(label)


def alone(name, prediction, label):
    """The loss of known labels, each for itself, averaged."""
    targets, terms = label.shape[1], []
    for row, target in label.isfinite().nonzero():
        columns = [target] if name == "mse" else [target, target + targets]
        one = LOSSES[name](
            prediction[row, columns][None], label[row, target][None, None]
        )
        terms.append(one)
    return torch.stack(terms).mean()


@pytest.mark.parametrize("name", QUANTITIES)
@given(n=st.integers(1, 8), seed=st.integers(0, 1000))
@settings(max_examples=15, deadline=None)
def test_loss_and_gradient_are_those_of_the_known_labels_alone(name, n, seed):
    prediction, label = drawn(name, n, seed)
    loss, expected = LOSSES[name](prediction, label), alone(name, prediction, label)
    torch.testing.assert_close(loss, expected)
    found, wanted = (
        torch.autograd.grad(value, prediction)[0] for value in (loss, expected)
    )
    torch.testing.assert_close(found, wanted)
    unknown = ~label.isfinite()
    assert (found[:, : label.shape[1]][unknown] == 0).all()


@pytest.mark.parametrize("name", QUANTITIES)
def test_rows_without_any_known_label_give_no_gradient(name):
    prediction, label = drawn(name, 4, 1)
    loss = LOSSES[name](prediction, torch.full_like(label, math.nan))
    loss.backward()
    assert float(loss.detach()) == 0
    assert (prediction.grad == 0).all()


@pytest.mark.parametrize("name", QUANTITIES)
def test_with_all_labels_known_it_is_the_plain_mean(name):
    prediction, label = drawn(name, 50, 2, unknown=0)
    prediction = prediction / 2  # widths within their limits
    mean, log_sigma = prediction[:, :3], prediction[:, 3:]
    square = (mean - label) ** 2
    expected = square
    if name != "mse":
        expected = 0.5 * square / (2 * log_sigma).exp() + log_sigma
    if name == "beta-gaussian":
        expected = expected * log_sigma.exp()
    torch.testing.assert_close(LOSSES[name](prediction, label), expected.mean())


@given(st.floats(-50, 50))
@settings(deadline=None)
def test_no_spectrum_rules_a_batch_by_its_width(log_sigma):
    prediction = torch.tensor([[0.0, log_sigma]], requires_grad=True)
    for name in ("gaussian", "beta-gaussian"):
        loss = LOSSES[name](prediction, torch.ones(1, 1))
        assert torch.isfinite(loss)
        assert torch.isfinite(torch.autograd.grad(loss, prediction)[0]).all()
