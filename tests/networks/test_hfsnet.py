import copy
import json
import subprocess
import sys

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.networks import (
    HFSNetConfig,
    MixtureOfExpertsConfig,
    NetworkConfig,
    PyramidConfig,
    SpectrogramConfig,
)
from galspec.training.fit import fit
from galspec.training.fit_options import FitOptions

N_PIX = 200
EXPERT = PyramidConfig((4, 8))
SMALL = HFSNetConfig(
    continuum=SpectrogramConfig(32, 8, MixtureOfExpertsConfig(expert=EXPERT)),
    normalised=EXPERT,
    length=25,
    width=8,
    head=PyramidConfig((8, 8), kernels=(3,)),
    widths=(32, 16),
    dropout=0.1,
)
ABLATIONS = {
    "lines alone": {"continuum": None},
    "continuum alone": {"normalised": None},
    "no experts": {"continuum": SpectrogramConfig(32, 8, EXPERT)},
    "no spectrogram": {"continuum": EXPERT},
    "experts see lines": {"normalised": MixtureOfExpertsConfig(expert=EXPERT)},
}


def changed(**changes):
    return HFSNetConfig(**{**vars(SMALL), **changes})


def spectra(n, seed=0):
    """Two absorption lines on noise, slopes of the continuum; depths in [0.1, 0.6]."""
    rng = np.random.default_rng(seed)
    pixel = np.arange(N_PIX)
    depth, slope = rng.uniform(0.1, 0.6, (n, 1)), rng.normal(size=(n, 1))
    x = np.ones((n, 3, N_PIX), np.float32)
    x[:, 0] += 0.02 * rng.normal(size=(n, N_PIX))
    for line in (60, 130):
        x[:, 0] -= depth * np.exp(-0.5 * ((pixel - line) / 2.5) ** 2)
    x[:, 1] = rng.random((n, N_PIX)) > 0.02
    x[:, 0] *= x[:, 1]
    x[:, 2] = 0.3 * slope * np.linspace(-1, 1, N_PIX)
    labels = np.concatenate([(depth - 0.35) / 0.144, slope], axis=1)
    return x, labels.astype(np.float32)


def tensor(n, seed=0):
    return torch.from_numpy(spectra(n, seed)[0])


def build(config=SMALL, seed=0):
    torch.manual_seed(seed)
    return config.build(N_PIX)


def test_the_sources_layout():
    model = HFSNetConfig(outputs=4).build(3834)
    # the docstring of the configuration says so
    assert sum(p.numel() for p in model.parameters()) == 2_294_716
    mixture = model.streams["continuum"].stream
    assert len(mixture.experts) == 4
    for pyramid in (*mixture.experts, model.streams["normalised"]):
        convolutions = [m for m in pyramid.modules() if isinstance(m, torch.nn.Conv2d)]
        assert [c.out_channels for c in convolutions] == 3 * [16] + 3 * [32] + 3 * [64]
        assert [c.kernel_size[1] for c in convolutions] == 3 * [3, 5, 7]
    assert len(model.head.levels) == 4
    dense = [m.out_features for m in model.dense if isinstance(m, torch.nn.Linear)]
    assert dense == [1024, 256, 128]
    assert [m.p for m in model.dense if isinstance(m, torch.nn.Dropout)] == 3 * [0.3]


@given(n=st.integers(0, 3), outputs=st.integers(1, 4))
@settings(max_examples=10, deadline=None)
def test_shapes(n, outputs):
    model = changed(outputs=outputs).build(N_PIX).eval()
    result, seen = model.with_features(tensor(n))
    assert result.shape == (n, outputs)
    assert seen.shape == (n, 16)
    torch.testing.assert_close(model(tensor(n)), result)


@pytest.mark.parametrize("changes", [{}, *ABLATIONS.values()], ids=str)
def test_json_round_trip(changes):
    config = changed(**changes)
    again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
    assert again == config


@pytest.mark.parametrize("name", ABLATIONS)
def test_parts_are_exchanged(name):
    model = build(changed(**ABLATIONS[name])).train()
    result = model(tensor(3))
    (result.sum() + model.penalty).backward()
    assert result.shape == (3, 1)


@pytest.mark.parametrize(
    ("name", "unseen"), [("continuum alone", [0, 1]), ("lines alone", [2])]
)
def test_one_stream_alone_sees_nothing_of_the_other(name, unseen):
    model, x = build(changed(**ABLATIONS[name])).eval(), tensor(3)
    other = x.clone()
    other[:, unseen] = float("nan")
    torch.testing.assert_close(model(x), model(other))
    assert model(x).std() > 0


def test_rows_do_not_depend_on_each_other():
    model, x = build().eval(), tensor(16)
    order = torch.randperm(16)
    with torch.inference_mode():
        whole = model(x)
        alone = torch.cat([model(row[None]) for row in x])
        torch.testing.assert_close(whole, alone, atol=1e-6, rtol=1e-4)
        torch.testing.assert_close(model(x[order]), whole[order], atol=1e-6, rtol=1e-4)
        assert torch.equal(model(x), whole)


def test_equal_seeds_give_equal_networks():
    def fitted():
        model = build(changed(outputs=2))
        fit(model, lambda epoch: labelled(60), labelled(9), FitOptions(epochs=1))
        return model

    for ours, theirs in zip(
        *(m.parameters() for m in (fitted(), fitted())), strict=True
    ):
        assert torch.equal(ours, theirs)


def labelled(seed, n=200):
    flux, labels = spectra(n, seed)
    return flux, labels[:, :1]


def test_every_parameter_learns():
    # all experts are chosen; that two of four are is a matter of the term for balance
    mixture = MixtureOfExpertsConfig(top_k=4, expert=EXPERT)
    config = changed(continuum=SpectrogramConfig(32, 8, mixture))
    model = build(config).train()
    (model(tensor(64)).square().mean() + model.penalty).backward()
    for name, parameter in model.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_experts_that_see_nothing_are_left_as_they_are():
    model, x = build().train(), tensor(1)
    model(x).sum().backward()
    experts = model.streams["continuum"].stream.experts
    learned = [next(expert.parameters()).grad is not None for expert in experts]
    assert sum(learned) == 2


@pytest.mark.parametrize("value", [0.0, 1.0, -30.0, 1e4])
def test_spectra_without_content_give_numbers(value):
    for model in (build().eval(), build().train()):
        x = torch.full((3, 3, N_PIX), value, requires_grad=True)
        result = model(x)
        result.sum().backward()
        assert torch.isfinite(result).all()
        assert torch.isfinite(x.grad).all()


def test_depths_are_counted_from_the_continuum():
    model = build(changed(continuum=None)).eval()
    flat = torch.ones(1, 3, N_PIX)
    shifted = flat.clone()
    shifted[:, 0] = 1.1
    with torch.inference_mode():
        assert model(flat).abs().max() == 0  # biases start from 0
        assert model(shifted).abs().max() > 0


def test_it_learns_line_depths():
    model = build(changed(outputs=2))
    options = FitOptions(epochs=12, learning_rate=3e-3, batch_size=20)
    fit(model, lambda epoch: labelled(1), labelled(2), options)
    x, truth = labelled(3)
    mean = model(torch.from_numpy(x))[:, :1].detach().numpy()
    assert np.corrcoef(mean[:, 0], truth[:, 0])[0, 1] > 0.9


def use_of_experts(model, x):
    """Share of choices that each expert gets, by the rows that reach it."""
    rows = [0] * 4
    experts = model.streams["continuum"].stream.experts
    handles = [
        expert.register_forward_hook(
            lambda _, inputs, __, i=i: rows.__setitem__(i, len(inputs[0]))
        )
        for i, expert in enumerate(experts)
    ]
    with torch.inference_mode():
        model.eval()(x)
    for handle in handles:
        handle.remove()
    return np.array(rows) / sum(rows)


@pytest.mark.parametrize(("balance", "balanced"), [(1.0, True), (0.0, False)])
def test_the_fit_loop_balances_the_experts(balance, balanced):
    mixture = MixtureOfExpertsConfig(balance=balance, expert=EXPERT)
    config = changed(continuum=SpectrogramConfig(32, 8, mixture), outputs=2)
    model = build(config)
    with torch.no_grad():
        model.streams["continuum"].stream.gate.bias[:2] += 1
    before = use_of_experts(model, tensor(100))
    np.testing.assert_allclose(before, [0.5, 0.5, 0, 0])
    options = FitOptions(epochs=15, learning_rate=1e-2, schedule="plateau")
    # labels that say nothing: what moves the gate is the term for balance alone
    nothing = np.zeros((200, 1), np.float32)
    train = (spectra(200)[0], nothing)
    fit(model, lambda epoch: train, train, options)
    after = use_of_experts(model, tensor(100))
    assert (after.min() > 0.1) == balanced


def test_the_term_for_balance_is_1_where_all_are_used_alike():
    mixture = MixtureOfExpertsConfig(experts=4, top_k=4, balance=0.5, expert=EXPERT)
    model = mixture.build(3, 20).train()
    model(torch.randn(8, 3, 1, 20))
    assert float(model.penalty.detach()) == pytest.approx(0.5)


def test_a_spectrum_is_seen_by_two_experts():
    model = build()
    for row in tensor(4):
        assert sorted(use_of_experts(model, row[None])) == [0, 0, 0.5, 0.5]


def test_the_spectrogram_of_a_flat_continuum_is_0():
    model = SpectrogramConfig(64, 16, EXPERT).build(1, 300)
    flat = torch.zeros(1, 1, 1, 300)
    wave = (2 * torch.pi * 8 * torch.arange(300) / 64).cos()[None, None, None]
    assert model.transform(flat).abs().max() < 1e-2
    assert model.transform(flat).shape == (1, 33, 1 + 300 // 16)
    assert model.transform(0.1 * wave).mean(dim=2).argmax() == 8
    # a brighter continuum: the same shape, all in the lowest frequencies
    brighter = model.transform(flat + 0.3)
    torch.testing.assert_close(
        brighter[0, 0], torch.full((19,), 0.3), atol=1e-3, rtol=0
    )


def test_a_trained_network_can_be_copied():
    model = build().train()
    model(tensor(3))
    assert model.penalty > 0
    model.eval()(tensor(3))
    assert model.penalty == 0
    copy.deepcopy(model)


@pytest.mark.parametrize(
    "wrong",
    [
        {"inputs": 2},
        {"length": 0},
        {"width": 0},
        {"widths": ()},
        {"dropout": 1.0},
    ],
)
def test_values_that_make_no_network_are_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        changed(**wrong)


@pytest.mark.parametrize(
    ("config", "wrong"),
    [
        (PyramidConfig, {"channels": ()}),
        (PyramidConfig, {"kernels": (3, 4)}),
        (PyramidConfig, {"pool": 0}),
        (MixtureOfExpertsConfig, {"experts": 1}),
        (MixtureOfExpertsConfig, {"top_k": 1}),
        (MixtureOfExpertsConfig, {"top_k": 5}),
        (MixtureOfExpertsConfig, {"balance": -1.0}),
        (SpectrogramConfig, {"n_fft": 0}),
        (SpectrogramConfig, {"hop": 0}),
    ],
)
def test_values_that_make_no_part_are_named(config, wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        config(**wrong)


def test_no_stream_at_all_is_refused():
    with pytest.raises(ValueError, match="needs one of them"):
        HFSNetConfig(continuum=None, normalised=None)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"continuum": SpectrogramConfig(512, 8, EXPERT)}, "Fourier transforms of 512"),
        ({"continuum": SpectrogramConfig(32, 100, EXPERT)}, "3 pixels are too few"),
        ({"length": 3}, "3 pixels are too few for 2 levels"),
    ],
)
def test_too_few_pixels_are_an_error(changes, words):
    with pytest.raises(ValueError, match=words):
        changed(**changes).build(N_PIX)


def test_configurations_do_not_import_torch():
    code = (
        "import sys; from galspec.networks import HFSNetConfig; "
        "HFSNetConfig(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
