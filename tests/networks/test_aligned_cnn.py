import copy

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import AlignedCNNConfig, NetworkConfig
from galspec.transforms import Recipe, Resample, linear_grid, log_grid

SMALL = AlignedCNNConfig(
    start=4000,
    step=1e-3,
    window=(3900, 6000),
    highest_redshift=0.2,
    finder=(4, 3),
    channels=(4, 5, 6, 7),
    hidden=8,
)
N_PIX = 300
REST_LINES = (4300.0, 4860.0, 5007.0)


def spectra(redshift, told, seed=0):
    """Lines on noise, at a redshift that is told or not."""
    rng = np.random.default_rng(seed)
    wavelength = 4000 * 10 ** (1e-3 * np.arange(N_PIX))
    x = np.ones((len(redshift), 3, N_PIX), np.float32)
    x[:, 0] = 0.1 * rng.normal(size=(len(redshift), N_PIX))
    for line in REST_LINES:
        pixel = 1e3 * np.log10(line * (1 + redshift[:, None]) / wavelength)
        x[:, 0] += 3 * np.exp(-0.5 * pixel**2)
    x[:, 2] = np.where(told, np.log10(1 + redshift), np.nan)[:, None]
    return torch.from_numpy(x)


def test_configuration_goes_through_json_form():
    assert NetworkConfig.from_config(SMALL.to_config()) == SMALL


@given(outputs=st.integers(1, 4), n=st.integers(0, 3), told=st.booleans())
@settings(max_examples=10, deadline=None)
def test_shapes(outputs, n, told):
    config = AlignedCNNConfig(**{**vars(SMALL), "outputs": outputs})
    x = spectra(np.full(n, 0.1), told)
    result, seen = config.build(N_PIX).eval().with_features(x)
    assert result.shape == (n, outputs)
    assert seen.shape == (n, 7 + 1)
    assert torch.isfinite(result).all()
    assert torch.isfinite(seen).all()


@given(pixels=st.integers(1, 60))
@settings(max_examples=20, deadline=None)
def test_a_told_redshift_brings_the_same_rest_frame(pixels):
    model = SMALL.build(N_PIX).eval()
    rest = torch.zeros(1, 3, N_PIX)
    rest[:, 0, 40:200] = torch.randn(160)
    rest[:, 1] = 1
    rest[:, 2] = 0
    moved = rest.clone()
    moved[:, :2] = rest[:, :2].roll(pixels, dims=2)
    moved[:, 2] = pixels * SMALL.step
    # beyond its ends the window is masked: fill the mask alike
    rest[:, 1, :40] = rest[:, 1, 200:] = 0
    moved[:, 1, : 40 + pixels] = moved[:, 1, 200 + pixels :] = 0
    with torch.inference_mode():
        torch.testing.assert_close(model(moved), model(rest), atol=1e-5, rtol=1e-4)


def test_the_finder_learns_redshifts():
    torch.manual_seed(0)
    model = SMALL.build(N_PIX).train()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    rng = np.random.default_rng(0)
    for step in range(150):
        model(spectra(rng.uniform(0, 0.2, 32), True, step))
        optimizer.zero_grad()
        model.penalty.backward()
        optimizer.step()
    redshift = rng.uniform(0.01, 0.19, 50)
    with torch.inference_mode():
        found = model.eval().finder(spectra(redshift, False, 999)[:, :2]).argmax(1)
    error = 2 * SMALL.step * found.numpy() - np.log10(1 + redshift)
    assert np.mean(np.abs(error) <= 3 * SMALL.step) > 0.9


def test_without_any_redshift_nothing_is_asked_of_the_finder():
    model = SMALL.build(N_PIX).train()
    model(spectra(np.full(3, 0.1), False))
    assert model.penalty == 0


@pytest.mark.parametrize("redshift", [-0.5, 5.0, 1e6])
def test_absurd_redshifts_give_numbers(redshift):
    model = SMALL.build(N_PIX).eval()
    with torch.inference_mode():
        assert torch.isfinite(model(spectra(np.array([redshift]), True))).all()


def test_a_trained_network_can_be_copied():
    model = SMALL.build(N_PIX).train()
    model(spectra(np.full(3, 0.1), True))
    model.eval()(spectra(np.full(3, 0.1), True))
    assert model.penalty == 0
    copy.deepcopy(model)


@pytest.mark.parametrize(
    "wrong",
    [
        {"start": 0},
        {"step": -1e-3},
        {"window": (6000, 3900)},
        {"highest_redshift": 0},
        {"finder": (4, 3, 2)},
        {"channels": (4, 5, 6)},
        {"inputs": 2},
    ],
)
def test_values_that_make_no_such_network_are_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        AlignedCNNConfig(**{**vars(SMALL), **wrong})


@pytest.mark.parametrize("window", [(9500, 12000), (1000, 2000), (4000, 4050)])
def test_windows_that_show_nothing_are_refused(window):
    config = AlignedCNNConfig(**{**vars(SMALL), "window": window})
    with pytest.raises(ValueError, match="window is"):
        config.build(N_PIX)


def test_a_recipe_on_another_grid_is_refused():
    right = Recipe("right", Resample(log_grid(4000, 8000, 1e-3)))
    SMALL.check_recipe(right)
    for wrong in (
        Recipe("none"),
        Recipe("linear", Resample(linear_grid(4000, 8000, 1))),
        Recipe("shifted", Resample(log_grid(4010, 8000, 1e-3))),
    ):
        with pytest.raises(ValueError, match=f"the recipe '{wrong.name}' gives"):
            SMALL.check_recipe(wrong)
