import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import NetworkConfig, TemplateMatchingConfig

N_PIX = 300
SIGMA = 0.005
PIXELS = np.arange(N_PIX)
CENTRES, WIDTHS = np.arange(15, 290, 15), 2.0


def spectra(labels, shift=0.0, curved=0.15):
    """Lines whose depths depend on two independent labels, quadratically."""
    a, b = labels[:, :1], labels[:, 1:2]
    k = np.arange(len(CENTRES))
    depth = 0.3 + 0.1 * np.sin(k) * a + 0.1 * np.cos(2 * k) * b
    depth = depth + 0.1 * curved * (np.cos(k) * a**2 + np.sin(3 * k) * a * b)
    distance = PIXELS[:, None] - CENTRES - np.reshape(shift, (-1, 1, 1))
    profile = np.exp(-0.5 * (distance / WIDTHS) ** 2)
    return 1 - np.einsum(
        "npk,nk->np", np.broadcast_to(profile, (len(labels), *profile.shape[1:])), depth
    )


def labels_of(n, seed, width=1.7):
    """Two independent labels, and their sum."""
    pair = np.random.default_rng(seed).uniform(-width, width, (n, 2))
    return np.column_stack([pair, pair.sum(axis=1)]).astype(np.float32)


def observed(labels, seed=None, sigma=SIGMA, **options):
    """As the network takes it; without noise unless there is a seed."""
    flux = spectra(labels, **options)
    if seed is not None:
        flux = flux + np.random.default_rng(seed).normal(0, sigma, flux.shape)
    x = np.stack([flux, np.full_like(flux, sigma**-2)], axis=1)
    return torch.from_numpy(x.astype(np.float32))


def learned(labels, x=None, seed=0, **options):
    config = TemplateMatchingConfig(outputs=2 * labels.shape[1], **options)
    module = config.build(N_PIX)
    x = observed(labels) if x is None else x
    module.learn(x.numpy(), labels, "gaussian", seed)
    return module.eval()


def found(module, x):
    values, log_sigma = module(x).chunk(2, dim=1)
    return values.numpy(), log_sigma.exp().numpy()


@pytest.fixture(scope="module")
def module():
    return learned(labels_of(300, 0), neighbours=30)


def test_the_truth_between_templates_is_found_within_errors(module):
    truth = labels_of(300, 1, 1.5)
    values, sigma = found(module, observed(truth, seed=2))
    pull = (values - truth) / sigma
    assert sigma.max() < 0.2
    assert np.mean(np.abs(pull) < 1) == pytest.approx(0.68, abs=0.06)
    assert np.abs(pull).max() < 4.5
    assert np.abs(pull.mean(axis=0)).max() < 0.25


def test_without_noise_labels_are_exact_where_regressions_are(module):
    truth = labels_of(50, 3, 1.5)
    values, _ = found(module, observed(truth))
    np.testing.assert_allclose(values, truth, atol=2e-3)


def test_labels_that_depend_on_others_agree_with_them(module):
    values, sigma = found(module, observed(labels_of(50, 4), seed=5))
    np.testing.assert_allclose(values[:, 2], values[:, :2].sum(axis=1), atol=1e-5)
    # an error of a sum lies between those of full correlation, of either sign
    assert (sigma[:, 2] <= sigma[:, :2].sum(axis=1) + 1e-6).all()


@pytest.mark.parametrize("shift", [-1.5, -0.4, 0.0, 1.0, 1.5, 2.4])
def test_velocities_are_found_and_do_not_bias_labels(module, shift):
    truth = labels_of(60, 6, 1.5)
    x = observed(truth, seed=7, shift=shift)
    assert module.fitted(x).shift.numpy() == pytest.approx(shift, abs=0.05)
    values, sigma = found(module, x)
    pull = (values - truth) / sigma
    assert np.abs(pull.mean(axis=0)).max() < 5 / np.sqrt(60)
    assert pull.std() < 1.3


def test_velocities_beyond_the_range_need_more_shifts():
    labels = labels_of(200, 0)
    x = observed(labels_of(20, 8, 1.5), shift=4.3)
    shifts = [
        learned(labels, shifts=most).fitted(x).shift.numpy() for most in (0, 2, 5)
    ]
    assert shifts[2] == pytest.approx(4.3, abs=0.05)
    assert (shifts[1] < 4.3).all()
    assert (np.abs(shifts[0]) <= 2).all()


@settings(max_examples=10, deadline=None)
@given(factor=st.floats(1e-3, 1e3))
def test_the_amplitude_does_not_matter(module, factor):
    x = observed(labels_of(5, 9), seed=10)
    times = torch.tensor([[factor], [factor**-2]])
    values, sigma = found(module, x)
    scaled, scaled_sigma = found(module, x * times)
    np.testing.assert_allclose(scaled, values, atol=0.02 * sigma.min())
    np.testing.assert_allclose(scaled_sigma, sigma, rtol=0.01)


def test_missing_pixels_have_no_influence(module):
    truth = labels_of(40, 11, 1.5)
    x = observed(truth, seed=12)
    x[:, 1, : N_PIX // 2] = 0
    values, sigma = found(module, x)
    x[:, 0, : N_PIX // 2] = -50
    np.testing.assert_array_equal(found(module, x)[0], values)
    assert np.abs((values - truth) / sigma).max() < 5
    whole = found(module, observed(truth, seed=12))[1]
    assert sigma.mean() > 1.2 * whole.mean()


def test_without_any_pixel_the_error_is_the_scatter_of_labels(module):
    x = torch.zeros(3, 2, N_PIX)
    values, sigma = found(module, x)
    assert np.isfinite(values).all()
    np.testing.assert_allclose(sigma, np.tile(module.labels.std(dim=0), (3, 1)), 0.05)


def test_templates_may_have_gaps_and_pixels_that_none_has():
    labels = labels_of(300, 13)
    x = observed(labels)
    gaps = torch.from_numpy(np.random.default_rng(14).random((300, N_PIX)) < 0.1)
    gaps[:, 140:160] = True
    x[:, 0][gaps], x[:, 1][gaps] = 99.0, 0.0
    module = learned(labels, x)
    truth = labels_of(50, 15, 1.4)
    new = observed(truth, seed=16)
    new[:, 0, 142:158] = 5.0
    values, sigma = found(module, new)
    assert np.abs(values - truth).max() < 0.2
    assert np.isfinite(sigma).all()


def test_noisy_templates_are_smoothed():
    labels = labels_of(2000, 17)
    x = observed(labels, seed=18, sigma=0.03)
    few = learned(labels, x, templates=300, neighbours=40)
    assert few.templates.shape == (300, N_PIX)
    rest = few.templates.numpy() - spectra(few.labels.numpy())
    assert rest.std() < 0.3 * 0.03
    truth = labels_of(100, 19, 1.4)
    values, _ = found(few, observed(truth, seed=20))
    assert np.abs(values - truth).std() < 0.1


def test_rows_without_a_label_are_left_out():
    labels = labels_of(200, 21)
    holes = labels.copy()
    holes[::4, 1] = np.nan
    x = observed(labels)
    assert len(learned(holes, x).labels) == 150
    assert torch.isfinite(learned(holes, x).labels).all()
    holes[:, 1] = np.nan
    with pytest.raises(ValueError, match="no training spectrum has all labels"):
        learned(holes, x)


def test_few_templates_are_enough_to_say_something():
    labels = labels_of(7, 22)
    values, sigma = found(learned(labels), observed(labels[:3]))
    assert np.abs(values - labels[:3]).max() < 0.5
    assert np.isfinite(sigma).all()


def test_on_a_regular_grid():
    grid = np.linspace(-1.5, 1.5, 9)
    a, b = (axis.ravel() for axis in np.meshgrid(grid, grid))
    labels = np.column_stack([a, b]).astype(np.float32)
    truth = labels_of(60, 23, 1.2)[:, :2]
    values, sigma = found(learned(labels, neighbours=25), observed(truth, seed=24))
    assert np.abs((values - truth) / sigma).mean() < 1.1


def test_the_search_is_that_of_a_loop(module):
    x = observed(labels_of(4, 25), seed=26)
    flux, ivar = x.double().unbind(dim=1)
    template, _ = module.search(x[:, 0], x[:, 1])
    every = module.templates.double()[:, None]
    amplitude = (flux * ivar * every).sum(dim=2) / (ivar * every**2).sum(dim=2)
    chi2 = (ivar * (flux - amplitude[..., None] * every) ** 2).sum(dim=2)
    torch.testing.assert_close(
        chi2.gather(0, template[None])[0], chi2.amin(dim=0), atol=0.5, rtol=0
    )


def test_values_alone():
    labels = labels_of(100, 27)
    config = TemplateMatchingConfig(outputs=3)
    module = config.build(N_PIX)
    module.learn(observed(labels).numpy(), labels, "mse", 0)
    assert module(observed(labels[:4])).shape == (4, 3)


def test_the_state_is_all_there_is_to_it(module):
    again = module.config.build(N_PIX)
    again.load_state_dict(module.state_dict())
    assert set(module.state_dict()) == {"templates", "labels", "known"}
    x = observed(labels_of(5, 28), seed=29)
    torch.testing.assert_close(again(x), module(x), rtol=0, atol=0)
    assert again(x[:0]).shape == (0, 6)


def test_missing_arrays_are_named():
    with pytest.raises(RuntimeError, match="templates"):
        TemplateMatchingConfig().build(5).load_state_dict({})


def test_equal_seeds_choose_equal_templates():
    labels = labels_of(100, 30)
    one, same, other = (
        learned(labels, seed=seed, templates=50).labels for seed in (0, 0, 1)
    )
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_errors_of_markov_chains_agree_with_the_curvature():
    pytest.importorskip("emcee")
    from galspec.networks._template_sampling import Sampled

    labels = labels_of(300, 31)
    x = observed(labels, curved=0)
    module = learned(labels, x)
    new = observed(labels_of(2, 32, 1.0), seed=33, curved=0)
    values, curvature = found(module, new)
    sampled, chains = found(Sampled(module), new)
    np.testing.assert_array_equal(sampled, values)
    np.testing.assert_allclose(chains, curvature, rtol=0.3)
    np.testing.assert_array_equal(found(Sampled(module), new[1:])[1], chains[1:])


def test_without_emcee_it_says_what_to_install(module, monkeypatch):
    from galspec.networks._template_sampling import Sampled

    monkeypatch.setitem(sys.modules, "emcee", None)
    with pytest.raises(ImportError, match=r"astro-galspec\[mcmc\]"):
        Sampled(module)


def test_json_round_trip():
    for config in (TemplateMatchingConfig(), TemplateMatchingConfig(9, 20, 3, 5)):
        again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
        assert again == config


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("templates", 0),
        ("neighbours", 1),
        ("shifts", -1),
        ("guides", 0),
        ("inputs", ("flux", "good")),
    ],
)
def test_values_that_make_no_sense(name, value):
    with pytest.raises(ValueError, match=name):
        TemplateMatchingConfig(**{name: value})


def test_the_configuration_does_not_need_torch():
    code = (
        "import sys; from galspec.networks import TemplateMatchingConfig as T; T(); "
        "sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
