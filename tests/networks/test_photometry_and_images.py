import json

import numpy as np
import pytest
import torch

from galspec.networks import NetworkConfig, PhotometryAndImagesConfig
from galspec.networks._photometry_and_images import STAMPS, averaged

N_COLUMNS, PIXELS = 5, 16
STAMP = 6 * PIXELS**2
SMALL = PhotometryAndImagesConfig(
    ("magnitudes",),
    9,
    members=2,
    width=16,
    pixels=PIXELS,
    channels=(8, 12, 8),
    seen=10,
)


def changed(**changes):
    return PhotometryAndImagesConfig(**{**vars(SMALL), **changes})


def inputs(n=40, seed=0):
    rng = np.random.default_rng(seed)
    x = np.concatenate(
        [rng.normal(20, 2, (n, N_COLUMNS)), rng.normal(0.01, 0.01, (n, STAMP))], axis=1
    )
    return torch.from_numpy(x[:, None].astype(np.float32))


def built(config=SMALL, n_pix=N_COLUMNS):
    torch.manual_seed(0)
    model = config.build(n_pix)
    model.prepare(inputs(200).numpy())
    return model.eval()


def bands_of(x):
    """The stamps in the inputs, to be changed there."""
    return x[:, 0, N_COLUMNS:].view(len(x), 6, PIXELS, PIXELS)


def test_both_widths_build_the_same_network():
    narrow, wide = built(), built(n_pix=N_COLUMNS + STAMP)
    x = inputs(3)
    torch.testing.assert_close(narrow(x), wide(x), rtol=0, atol=0)


def test_shapes():
    model, x = built(), inputs(3)
    for part in (x, x[:, :, :N_COLUMNS]):
        outputs, seen = model.with_features(part)
        assert outputs.shape == model(part).shape == (2, 3, 9)
        assert seen.shape == (3, 16)
        assert model(part[:0]).shape == (2, 0, 9)


def test_parameters_of_the_default():
    model = PhotometryAndImagesConfig(("magnitudes",), 147).build(45)
    images = sum(p.numel() for p in model.images.parameters())
    convolutions = [(4, 48, 25), (48, 48, 9), (2, 24, 9), (72, 72, 9), (72, 96, 9)]
    convolutions += [(96, 96, 9), (16 * 96, 128, 1)]
    expected = sum((size * i + 1) * o for i, o, size in convolutions) + 6 * 48
    assert images == expected
    layers = [(450, 128), (128, 128), (128, 128), (128 + 128 + 2, 128), (128, 147)]
    members = 5 * (45 * 4 + sum((i + 1) * o for i, o in layers))
    assert sum(p.numel() for p in model.parameters()) == expected + members


def test_images_matter_and_so_do_columns():
    model, x = built(), inputs(3)
    for part in (slice(0, N_COLUMNS), slice(N_COLUMNS, None)):
        y = x.clone()
        y[:, :, part] *= 1.1
        assert not torch.allclose(model(x), model(y), rtol=1e-4)


def test_missing_stamps_are_the_same_as_none():
    model, x = built(), inputs(5)
    x[:, :, N_COLUMNS:] = torch.nan
    for wide, narrow in zip(
        model.with_features(x), model.with_features(x[:, :, :N_COLUMNS]), strict=True
    ):
        torch.testing.assert_close(wide, narrow, rtol=0, atol=0)


def test_missing_branches_contribute_zeros_whatever_they_learned():
    model, x = built(), inputs(4)
    no_columns, no_images = x.clone(), x.clone()
    no_columns[:, :, :N_COLUMNS] = torch.nan
    no_images[:, :, N_COLUMNS:] = torch.nan
    before = model(no_columns), model(no_images)
    with torch.no_grad():
        for p in model.body.parameters():
            p += 1
    torch.testing.assert_close(model(no_columns), before[0], rtol=0, atol=0)
    assert not torch.allclose(model(no_images), before[1])
    before = model(no_images)
    with torch.no_grad():
        for p in model.images.parameters():
            p += 1
    torch.testing.assert_close(model(no_images), before, rtol=0, atol=0)


def test_rows_with_images_and_without_stand_beside_each_other():
    model, x = built(), inputs(2 * STAMPS + 3)
    x[::3, :, N_COLUMNS:] = torch.nan
    x[1::3, :, :N_COLUMNS] = torch.nan
    # a part of which no row has images, and one of which all have
    x[:STAMPS, :, N_COLUMNS:] = torch.nan
    x[2 * STAMPS :, :, N_COLUMNS:] = 0.01
    one_by_one = torch.cat([model(row[None]) for row in x], dim=1)
    torch.testing.assert_close(model(x), one_by_one, rtol=1e-4, atol=1e-5)


def test_an_untrained_image_branch_says_little():
    config = PhotometryAndImagesConfig(("magnitudes",), 50)
    torch.manual_seed(2)
    model = config.build(N_COLUMNS).eval()
    columns = torch.randn(30, 1, N_COLUMNS)
    stamps = torch.randn(30, 1, 6 * 64**2) * 0.005 + 0.01
    with torch.inference_mode():
        alone = model(columns)
        moved = model(torch.cat([columns, stamps], dim=2)) - alone
    assert 0 < moved.std() < 0.15 * alone.std()


def test_a_missing_band_is_told_from_a_dark_one():
    model, x = built(), inputs(3)
    y = x.clone()
    bands_of(x)[:, 2] = torch.nan
    bands_of(y)[:, 2] = 0
    assert model(x).isfinite().all()
    assert not torch.allclose(model(x), model(y), rtol=1e-4)


@pytest.mark.parametrize(("band", "block"), [(0, 2), (5, 8)])
def test_pixels_count_by_their_blocks(band, block):
    model, x = built(), inputs(2)
    y, z = x.clone(), x.clone()
    corner = bands_of(y)[:, band, :block, :block]
    corner[:] = corner.mean(dim=(1, 2), keepdim=True)
    torch.testing.assert_close(model(y), model(x))
    bands_of(z)[:, band, 0, 0] = torch.nan
    bands_of(y)[:, band, :block, :block] = torch.nan
    torch.testing.assert_close(model(y), model(z))


def test_averages_are_those_of_blocks():
    x = torch.randn(3, 2, 8, 12)
    expected = torch.nn.functional.avg_pool2d(x, 4)
    torch.testing.assert_close(averaged(x, 4), expected)


def test_infinite_pixels_darken_their_block():
    model, x = built(), inputs(2)
    y = x.clone()
    bands_of(x)[:, 1, 3, 3] = torch.inf
    bands_of(y)[:, 1, 2:4, 2:4] = 0
    torch.testing.assert_close(model(x), model(y))


def test_every_parameter_learns():
    model, x = built().train(), inputs(30)
    x[::3, :, N_COLUMNS:] = torch.nan
    bands_of(x)[1::3, 2] = torch.nan
    x[2::6, :, :N_COLUMNS] = torch.nan
    model(x).square().mean().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_photometry_alone_leaves_the_images_as_they_are():
    model = built().train()
    x = inputs(30)
    x[:, :, N_COLUMNS:] = torch.nan
    model(x).square().mean().backward()
    assert all(p.grad is None or not p.grad.any() for p in model.images.parameters())


def test_it_learns_from_images_alone():
    """How wide a source is, whatever its flux."""
    rng = np.random.default_rng(3)
    n = 400
    width = rng.uniform(1, 4, n)
    radius = np.hypot(*(np.mgrid[:PIXELS, :PIXELS] - (PIXELS - 1) / 2))
    light = np.exp(-0.5 * (radius / width[:, None, None]) ** 2)
    light *= rng.uniform(0.05, 0.5, (n, 1, 1))
    stamps = light[:, None] + 0.003 * rng.normal(size=(n, 6, PIXELS, PIXELS))
    x = np.concatenate([np.full((n, N_COLUMNS), np.nan), stamps.reshape(n, -1)], axis=1)
    x = torch.from_numpy(x[:, None].astype(np.float32))
    y = torch.from_numpy(((width - 2.5) / 0.87).astype(np.float32))[:, None]
    torch.manual_seed(0)
    model = changed(outputs=1, dropout=0.0).build(N_COLUMNS)
    optimizer = torch.optim.Adam(model.parameters(), 3e-3)
    for _ in range(60):
        optimizer.zero_grad()
        (model(x[:300]) - y[:300]).square().mean().backward()
        optimizer.step()
    error = (model(x[300:]).mean(dim=0) - y[300:]).square().mean().sqrt()
    assert error < 0.3


def test_the_state_is_all_there_is_to_it():
    model, again = built(), SMALL.build(N_COLUMNS + STAMP).eval()
    again.load_state_dict(model.state_dict())
    x = inputs(5)
    torch.testing.assert_close(again(x), model(x), rtol=0, atol=0)


def test_other_widths_are_refused():
    model = built()
    with pytest.raises(ValueError, match=f"inputs have 7 numbers.*{N_COLUMNS + STAMP}"):
        model(inputs(2)[:, :, :7])
    with pytest.raises(ValueError, match="no columns"):
        SMALL.build(STAMP)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"optical": ()}, "optical"),
        ({"infrared": (0.0,)}, "infrared"),
        ({"pixels": 24}, "pixels"),
        ({"channels": (8, 10, 8)}, "channels"),
        ({"channels": (8, 12)}, "channels"),
        ({"seen": 0}, "seen"),
        ({"members": 0}, "members"),
    ],
)
def test_values_that_make_no_network_are_named(changes, match):
    with pytest.raises(ValueError, match=match):
        changed(**changes)


def test_json_round_trip():
    config = json.loads(json.dumps(SMALL.to_config()))
    assert NetworkConfig.from_config(config) == SMALL
    assert SMALL.bands == 6
