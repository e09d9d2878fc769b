import json

import pytest
import torch

from galspec.networks import InceptionFusionConfig, NetworkConfig

N_COLUMNS, PIXELS = 86, 64
STAMP = 6 * PIXELS**2
CONFIG = InceptionFusionConfig(("wei2025",))
#: Channels of the paths of Wei et al. (2025): 1x1; 1x1, 3x3; 1x1, 5x5; pooling.
PATHS = [
    (64, 48, 64, 48, 64, 64),
    (92, 64, 92, 64, 92, 64),
    (128, 92, 128, 92, 128, 92),
    (128, 92, 128, 92, 128, 92),
    (128, 92, 128, 0, 0, 92),
]


@pytest.fixture(scope="module")
def model():
    torch.manual_seed(0)
    return CONFIG.build(N_COLUMNS).eval()


@pytest.fixture
def x():
    generator = torch.Generator().manual_seed(1)
    x = torch.randn(3, 1, N_COLUMNS + STAMP, generator=generator)
    x[:, :, N_COLUMNS:] *= 0.01
    return x


def stamps_of(x):
    return x[:, 0, N_COLUMNS:].view(len(x), 6, PIXELS, PIXELS)


def parameters_of_a_branch(inputs):
    """By hand: weights and biases of what the paper's table lists."""
    count, channels = (25 * inputs + 1) * 64, 64
    for plain, few3, three, few5, five, pooled in PATHS:
        count += (channels + 1) * (plain + few3 + few5 + pooled)
        count += (9 * few3 + 1) * three + (25 * few5 + 1) * five
        channels = plain + three + five + pooled
    count += (9 * channels + 1) * 96 + 2 * (9 * 96 + 1) * 96
    return count + (96 + 1 + 1) * 1024


def test_parameters_are_those_of_the_paper(model):
    dense = (86 + 1) * 512 + (512 + 1) * 512
    dense += (2048 + 1) * 4096 + (4096 + 1) * 1024
    dense += (1024 + 512 + 1) * 1024 + (1024 + 1) * 770
    expected = parameters_of_a_branch(7) + parameters_of_a_branch(3) + dense
    assert sum(p.numel() for p in model.parameters()) == expected == 19_967_274


def test_shapes_of_the_layers(model, x):
    shapes = {}

    def note(name):
        def hook(_, inputs, output):
            shapes[name] = tuple(inputs[0].shape[1:]), tuple(output.shape[1:])

        return hook

    hooks = [
        part.register_forward_hook(note(name))
        for name, part in model.infrared.named_modules()
        if name in ("first", "last", *(f"blocks.{n}" for n in range(5)))
    ]
    hooks.append(model.images.register_forward_hook(note("images")))
    hooks.append(model.fusion.register_forward_hook(note("fusion")))
    outputs, seen = model.with_features(x)
    for hook in hooks:
        hook.remove()
    assert shapes == {
        "first": ((3, 64, 64), (64, 64, 64)),
        "blocks.0": ((64, 32, 32), (256, 32, 32)),
        "blocks.1": ((256, 32, 32), (340, 32, 32)),
        "blocks.2": ((340, 16, 16), (476, 16, 16)),
        "blocks.3": ((476, 16, 16), (476, 16, 16)),
        "blocks.4": ((476, 8, 8), (348, 8, 8)),
        "last": ((348, 8, 8), (96, 1, 1)),
        "images": ((2048,), (1024,)),
        "fusion": ((1536,), (1024,)),
    }
    assert outputs.shape == (3, 770)
    assert seen.shape == (3, 1024)


def test_each_image_branch_has_layers_of_its_own(model):
    optical = {p.data_ptr() for p in model.optical.parameters()}
    infrared = {p.data_ptr() for p in model.infrared.parameters()}
    assert len(optical) == len(infrared)
    assert not optical & infrared


def test_nothing_is_dropped_in_evaluation(model, x):
    assert torch.equal(model(x), model(x))


def test_missing_stamps_are_the_same_as_none(model, x):
    x[:, :, N_COLUMNS:] = torch.nan
    torch.testing.assert_close(model(x), model(x[:, :, :N_COLUMNS]), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("branch", "missing"),
    [
        ("catalogue", lambda x: x[:, 0, :N_COLUMNS]),
        ("optical", lambda x: stamps_of(x)[:, :4]),
        ("infrared", lambda x: stamps_of(x)[:, 4:]),
    ],
)
def test_a_missing_branch_says_nothing_whatever_it_learned(branch, missing, x):
    torch.manual_seed(0)
    model, y = CONFIG.build(N_COLUMNS).eval(), x.clone()
    missing(y)[:] = torch.nan
    with torch.inference_mode():
        with_it, without = model(x), model(y)
        for p in getattr(model, branch).parameters():
            p *= 1.1
        torch.testing.assert_close(model(y), without, rtol=0, atol=0)
        assert not torch.allclose(model(x), with_it)


def test_a_missing_band_is_dark_and_so_are_its_differences(model, x):
    stamps_of(x)[:, 2] = torch.nan
    seen = []
    hook = model.optical.first.register_forward_hook(
        lambda _, inputs, output: seen.append(inputs[0])
    )
    assert model(x).isfinite().all()
    hook.remove()
    dark = [not channel.any() for channel in seen[0].unbind(dim=1)]
    # g, r, i, z, g-r, r-i, i-z
    assert dark == [False, False, True, False, False, True, True]


def test_rows_do_not_see_each_other(model, x):
    x[1, :, N_COLUMNS:] = torch.nan
    x[2, :, :N_COLUMNS] = torch.nan
    one_by_one = torch.cat([model(row[None]) for row in x])
    torch.testing.assert_close(model(x), one_by_one, rtol=1e-3, atol=1e-4)


def test_reddening_reaches_the_image_branches(x):
    torch.manual_seed(0)
    model = CONFIG.build(N_COLUMNS).eval()
    with torch.no_grad():
        model.catalogue[0].weight.zero_()
    y = x.clone()
    y[:, :, N_COLUMNS - 1] += 1
    assert not torch.allclose(model(x), model(y))
    y[:, :, N_COLUMNS - 1] -= 1
    y[:, :, N_COLUMNS - 2] += 1
    torch.testing.assert_close(model(x), model(y))


def test_every_parameter_learns(x):
    torch.manual_seed(0)
    model = CONFIG.build(N_COLUMNS).train()
    model(x).square().mean().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_the_state_is_all_there_is_to_it(x):
    small = InceptionFusionConfig(("wei2025",), outputs=5)
    model, again = small.build(N_COLUMNS).eval(), small.build(N_COLUMNS + STAMP).eval()
    model.prepare((x * 3 + 1).numpy())
    again.load_state_dict(model.state_dict())
    torch.testing.assert_close(again(x), model(x), rtol=0, atol=0)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"inputs": "wei2025"}, "inputs"),
        ({"outputs": 0}, "outputs"),
        ({"pixels": 48}, "pixels"),
        ({"dropout": (0.1,)}, "dropout"),
    ],
)
def test_values_that_make_no_network_are_named(changes, match):
    with pytest.raises(ValueError, match=match):
        InceptionFusionConfig(**{**vars(CONFIG), **changes})


def test_json_round_trip():
    config = json.loads(json.dumps(CONFIG.to_config()))
    assert NetworkConfig.from_config(config) == CONFIG
