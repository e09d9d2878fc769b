import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import NetworkConfig, ProjectionConfig
from galspec.training.fit import fit
from galspec.training.fit_options import FitOptions

N_PIX = 90


def build(seed=0, **changes):
    torch.manual_seed(seed)
    small = {"width": 12, "depth": 2, "block": 16}
    return ProjectionConfig(**small | changes).build(N_PIX)


def spectra(n, seed=0):
    """Depths and inverse variances, some of which are 0."""
    rng = np.random.default_rng(seed)
    ivar = rng.uniform(1, 400, (n, N_PIX)) * (rng.random((n, N_PIX)) > 0.1)
    depth = rng.normal(0, 0.1, (n, N_PIX)) * (ivar > 0)
    return torch.from_numpy(np.stack([depth, ivar], axis=1).astype(np.float32))


@given(
    width=st.integers(1, 9),
    depth=st.integers(1, 3),
    block=st.integers(1, 100),
    outputs=st.integers(1, 4),
    n=st.integers(0, 3),
)
@settings(max_examples=20, deadline=None)
def test_shapes(width, depth, block, outputs, n):
    model = build(width=width, depth=depth, block=block, outputs=outputs)
    result, seen = model.with_features(spectra(n))
    assert result.shape == (n, outputs)
    assert seen.shape == (n, width)
    torch.testing.assert_close(model(spectra(n)), result)


def test_rows_do_not_depend_on_each_other():
    model, x = build().eval(), spectra(5)
    with torch.inference_mode():
        alone = torch.cat([model(row[None]) for row in x])
        np.testing.assert_allclose(model(x), alone, atol=1e-6)


@given(st.floats(-1e6, 1e6, width=32), st.integers(0, 20))
@settings(max_examples=20, deadline=None)
def test_masked_pixels_have_no_influence_whatever_their_depth(depth, seed):
    model, x = build().eval(), spectra(3, seed)
    other = x.clone()
    other[:, 0][x[:, 1] == 0] = depth
    with torch.inference_mode():
        assert torch.equal(model(other), model(x))


def test_which_pixels_are_masked_and_how_noisy_others_are_is_seen():
    model, x = build().eval(), spectra(3)
    x[:, 0] = 0  # no lines: what is told beside them alone
    lost, noisy = x.clone(), x.clone()
    lost[:, 1, 32:48] = 0
    noisy[:, 1] /= 4
    with torch.inference_mode():
        for other in (lost, noisy):
            assert not torch.allclose(model(other), model(x))


def test_a_noisy_pixel_counts_less():
    model = build().eval()

    def change(ivar):
        x = torch.zeros(1, 2, N_PIX)
        x[:, 1] = ivar
        line = x.clone()
        line[0, 0, 30] = 0.1
        seen = model.with_features
        return (seen(line)[1] - seen(x)[1]).norm()

    with torch.inference_mode():
        assert change(0.25) < 0.1 * change(400.0)


def test_the_weight_of_a_pixel_is_learned():
    model = build().train()
    model(spectra(40)).square().mean().backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


@pytest.mark.parametrize("value", [0.0, 1.0, -1e4, 1e6])
def test_spectra_without_content_give_numbers(value):
    for ivar in (0.0, 1.0, 1e8):
        x = torch.full((3, 2, N_PIX), value)
        x[:, 1] = ivar
        model = build()
        result = model(x)
        result.sum().backward()
        assert torch.isfinite(result).all()
        assert all(torch.isfinite(p.grad).all() for p in model.parameters())


def test_it_learns_line_depths():
    def labelled(seed, n=256):
        x = spectra(n, seed)
        label = torch.from_numpy(np.random.default_rng(seed).uniform(-1, 1, (n, 1)))
        x[:, 0, 40:46] += 0.2 * label
        x[:, 0] *= x[:, 1] > 0
        return x.numpy(), label.numpy().astype(np.float32)

    model = build(outputs=2)
    options = FitOptions(epochs=12, learning_rate=1e-2, batch_size=32)
    fit(model, labelled, labelled(99), options)
    x, truth = labelled(100)
    mean = model(torch.from_numpy(x))[:, 0].detach().numpy()
    assert np.corrcoef(mean, truth[:, 0])[0, 1] > 0.9


def test_dropout_is_for_training_alone():
    model, x = build(dropout=0.5), spectra(4)
    assert not torch.equal(model.train()(x), model(x))
    assert torch.equal(model.eval()(x), model(x))


@pytest.mark.parametrize(
    "config", [ProjectionConfig(), ProjectionConfig(8, 1, 4, 0.2, outputs=10)]
)
def test_json_round_trip(config):
    again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
    assert again == config


@pytest.mark.parametrize(
    "wrong",
    [
        {"width": 0},
        {"depth": 0},
        {"block": 0},
        {"dropout": 1.0},
        {"dropout": -0.1},
        {"inputs": ("flux", "ivar")},
        {"inputs": ("depth",)},
    ],
)
def test_values_that_make_no_network_are_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        ProjectionConfig(**wrong)


def test_configurations_do_not_import_torch():
    code = (
        "import sys; from galspec.networks import ProjectionConfig; "
        "ProjectionConfig(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
