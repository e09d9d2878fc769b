import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import NetworkConfig, SoftMaskAttentionConfig
from galspec.networks._soft_mask_attention import SoftThreshold, soft_threshold
from galspec.training.fit import fit
from galspec.training.fit_options import FitOptions

N_PIX = 200
SMALL = SoftMaskAttentionConfig((8, 16), length=8, width=32, outputs=4)


def changed(**changes):
    return SoftMaskAttentionConfig(**{**vars(SMALL), **changes})


def spectra(n, seed=0):
    """Depths of two lines, and two labels that follow from each."""
    rng = np.random.default_rng(seed)
    depth = rng.uniform(0.1, 0.6, (2, n, 1))
    lines = [np.exp(-0.5 * ((np.arange(N_PIX) - c) / 3) ** 2) for c in (60, 130)]
    x = sum(d * line for d, line in zip(depth, lines, strict=True))
    x = x + 0.02 * rng.normal(size=(n, N_PIX))
    labels = (np.concatenate(depth, axis=1) - 0.35) / 0.144
    return x[:, None].astype(np.float32), labels.astype(np.float32)


@given(st.lists(st.floats(-10, 10, width=32), min_size=1), st.floats(0, 5))
@settings(max_examples=50)
def test_what_is_above_the_threshold_shrinks_by_it_and_the_rest_is_zero(values, tau):
    x = torch.tensor(values, dtype=torch.float64)
    result = soft_threshold(x, torch.tensor(tau, dtype=torch.float64)).numpy()
    x = x.numpy()
    above = np.abs(x) > tau
    np.testing.assert_allclose(result[above], (np.sign(x) * (np.abs(x) - tau))[above])
    assert np.all(result[~above] == 0)


def test_a_threshold_lies_below_the_mean_of_its_channel():
    torch.manual_seed(0)
    layer, x = SoftThreshold(3), torch.randn(5, 3, 1, 40)
    x[:, 1] *= 10
    with torch.inference_mode():
        taken = (x.abs() - layer(x).abs()).amax(dim=(2, 3))
        mean = x.abs().mean(dim=(2, 3))
    assert torch.all((taken > 0) & (taken < mean))


def test_faulty_pixels_count_no_more_than_deep_lines():
    model = SMALL.build(N_PIX).eval()
    x = torch.from_numpy(spectra(2)[0])
    x[0, 0, 50], x[1, 0, 50] = -60.0, 1.5
    y = x.clone()
    y[0, 0, 50], y[1, 0, 50] = -1.5, 15.0
    with torch.inference_mode():
        torch.testing.assert_close(model(x), model(y))


def test_shapes():
    model = SMALL.build(N_PIX).eval()
    x = torch.from_numpy(spectra(3)[0])
    outputs, seen = model.with_features(x)
    assert outputs.shape == model(x).shape == (3, 4)
    assert seen.shape == (3, 32)


def test_rows_do_not_see_each_other():
    model = SMALL.build(N_PIX).eval()
    x = torch.from_numpy(spectra(4)[0])
    with torch.inference_mode():
        torch.testing.assert_close(model(x)[2:3], model(x[2:3]))


def test_it_learns_values_and_errors():
    torch.manual_seed(1)
    model = SMALL.build(N_PIX)
    x, y = spectra(600)
    options = FitOptions(epochs=25, loss="gaussian", batch_size=50, learning_rate=3e-3)
    fit(model, lambda epoch: (x, y), spectra(200, 1), options)
    x, y = spectra(300, 2)
    with torch.inference_mode():
        mean, log_sigma = np.split(model(torch.from_numpy(x)).numpy(), 2, axis=1)
    assert np.std(mean - y) < 0.3
    assert 0.3 < np.std((mean - y) / np.exp(log_sigma)) < 3


def test_the_offset_is_learned_only_where_it_is_asked_for():
    x, y = spectra(60)
    options = FitOptions(epochs=1, loss="gaussian", batch_size=20)
    for offset in (False, True):
        model = changed(offset=offset).build(N_PIX)
        fit(model, lambda epoch: (x, y + 3), (x, y + 3), options)
        assert bool((model.offset != 0).all()) is offset


def test_weights_without_an_offset_fit_a_network_with_one():
    without, with_it = (changed(offset=o).build(N_PIX).eval() for o in (False, True))
    with_it.load_state_dict(without.state_dict())
    with torch.no_grad():
        with_it.offset += torch.tensor([1.0, -2.0])
        x = torch.from_numpy(spectra(2)[0])
        moved = with_it(x) - without(x)
    torch.testing.assert_close(moved, torch.tensor([[1.0, -2.0, 0, 0]] * 2))


def test_json_round_trip():
    config = json.loads(json.dumps(SMALL.to_config()))
    assert NetworkConfig.from_config(config) == SMALL


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"channels": ()}, "channels"),
        ({"kernel": 4}, "odd"),
        ({"stride": 0}, "stride"),
        ({"dropout": 1.0}, "dropout"),
        ({"outputs": 3}, "even"),
        ({"inputs": 1}, "names of channels"),
    ],
)
def test_values_that_make_no_network_are_errors(changes, match):
    with pytest.raises(ValueError, match=match):
        changed(**changes)


def test_the_configuration_costs_no_torch():
    code = (
        "import sys; from galspec.networks import SoftMaskAttentionConfig as C; C(); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
