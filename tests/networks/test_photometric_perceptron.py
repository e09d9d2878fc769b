import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from galspec.networks import NetworkConfig, PhotometricPerceptronConfig

N_COLUMNS = 7
SMALL = PhotometricPerceptronConfig(("magnitudes",), 12, members=3, width=16)


def changed(**changes):
    return PhotometricPerceptronConfig(**{**vars(SMALL), **changes})


def columns(n=400, seed=0):
    """Columns of very different scatter; the last is never known, some are not."""
    rng = np.random.default_rng(seed)
    x = rng.normal(20, [3, 1, 0.1, 1e-5, 2, 1, 1], (n, N_COLUMNS))
    x[rng.random(x.shape) < 0.1] = np.nan
    x[:, -1] = np.nan
    return x[:, None].astype(np.float32)


def built(config=SMALL, seed=0):
    torch.manual_seed(seed)
    model = config.build(N_COLUMNS)
    model.prepare(columns())
    return model.eval()


def test_shapes():
    model, x = built(), torch.from_numpy(columns(5))
    outputs, seen = model.with_features(x)
    assert outputs.shape == model(x).shape == (3, 5, 12)
    assert seen.shape == (5, 16)
    assert model(x[:0]).shape == (3, 0, 12)


def test_parameters_are_those_of_the_layers():
    count = sum(p.numel() for p in built().parameters())
    embedded = N_COLUMNS * (1 + 1 + 2 * 4)
    layers = (embedded + 1) * 16 + 2 * (16 + 1) * 16 + (16 + 1) * 12
    assert count == 3 * (N_COLUMNS * 4 + layers)


def test_columns_are_standardised_by_what_is_known_of_them():
    x = columns(4000)
    model = SMALL.build(N_COLUMNS)
    model.prepare(x)
    values, missing = model.columns(torch.from_numpy(x))
    np.testing.assert_array_equal(missing.numpy(), np.isnan(x[:, 0]))
    values, known = values.numpy(), ~np.isnan(x[:, 0])
    assert np.all(values[~known] == 0)
    for number in (0, 1, 2, 4, 5):
        inside = values[known[:, number], number]
        assert abs(inside.mean()) < 0.01
        assert abs(inside.std() - 1) < 0.01
    # it hardly changes, and is not blown up
    assert model.columns.scale[3] == pytest.approx(1e-3)
    assert (model.columns.mean[6], model.columns.scale[6]) == (0, 1)


def test_outliers_are_cut():
    model, x = built(), torch.from_numpy(columns(1))
    x[0, 0, 0], y = 1e9, x.clone()
    y[0, 0, 0] = torch.inf
    torch.testing.assert_close(model(x), model(y), rtol=0, atol=0)


def test_infinite_training_values_do_not_spoil_a_column():
    x = columns()
    x[3, 0, 1] = np.inf
    model = SMALL.build(N_COLUMNS)
    model.prepare(x)
    assert model.columns.mean.isfinite().all()
    assert 0.5 < model.columns.scale[1] < 2


def test_a_missing_column_is_told_from_its_mean():
    model = built()
    x = model.columns.mean.repeat(2, 1)[:, None]
    x[1, 0, 0] = torch.nan
    first, second = model(x).unbind(dim=1)
    assert torch.all((first != second).any(dim=1))
    assert model(torch.full_like(x, torch.nan)).isfinite().all()


def test_members_differ_and_their_features_are_averaged():
    model, x = built(), torch.from_numpy(columns(5))
    assert torch.all(model(x)[0] != model(x)[1])
    hidden = model.body(*model.columns(x))
    torch.testing.assert_close(model.with_features(x)[1], hidden.mean(dim=0))


def test_what_follows_the_columns_is_ignored():
    model, x = built(), torch.from_numpy(columns(5))
    wider = torch.cat([x, torch.randn(5, 1, 30)], dim=2)
    torch.testing.assert_close(model(wider), model(x), rtol=0, atol=0)


def test_rows_do_not_see_each_other():
    model, x = built(), torch.from_numpy(columns(6))
    one_by_one = torch.cat([model(row[None]) for row in x], dim=1)
    torch.testing.assert_close(model(x), one_by_one)


def test_dropout_is_for_training_alone():
    model, x = built(), torch.from_numpy(columns(6))
    assert torch.equal(model(x), model(x))
    model.train()
    assert not torch.equal(model(x), model(x))


def test_every_parameter_learns():
    model = built().train()
    model(torch.from_numpy(columns(50))).square().mean().backward()
    assert all(p.grad.abs().sum() > 0 for p in model.parameters())


def test_members_tell_a_wavy_function():
    torch.manual_seed(1)
    rng = np.random.default_rng(1)
    x = rng.normal(size=(600, 1, 2)).astype(np.float32)
    y = torch.from_numpy(np.sin(3 * x[:, 0, :1]) * x[:, 0, 1:])
    model = changed(outputs=1, width=32, dropout=0.0).build(2)
    model.prepare(x)
    x = torch.from_numpy(x)
    optimizer = torch.optim.Adam(model.parameters(), 5e-3)
    for _ in range(150):
        optimizer.zero_grad()
        loss = (model(x[:500]) - y[:500]).square().mean()
        loss.backward()
        optimizer.step()
    error = (model(x[500:]).mean(dim=0) - y[500:]).square().mean().sqrt()
    assert error < 0.2 * y.std()


def test_the_state_is_all_there_is_to_it():
    model, again = built(), SMALL.build(N_COLUMNS).eval()
    again.load_state_dict(model.state_dict())
    x = torch.from_numpy(columns(5))
    torch.testing.assert_close(again(x), model(x), rtol=0, atol=0)


def test_columns_alone_without_frequencies():
    model = built(changed(frequencies=0))
    assert model(torch.from_numpy(columns(2))).shape == (3, 2, 12)


@pytest.mark.parametrize(
    ("changes", "match"),
    [
        ({"inputs": "magnitudes"}, "inputs"),
        ({"inputs": ()}, "inputs"),
        ({"outputs": 0}, "outputs"),
        ({"members": 0}, "members"),
        ({"depth": 0}, "depth"),
        ({"dropout": 1.0}, "dropout"),
        ({"spread": 0.0}, "spread"),
        ({"frequencies": -1}, "frequencies"),
    ],
)
def test_values_that_make_no_network_are_named(changes, match):
    with pytest.raises(ValueError, match=match):
        changed(**changes)


def test_json_round_trip():
    config = json.loads(json.dumps(SMALL.to_config()))
    assert NetworkConfig.from_config(config) == SMALL


def test_the_configuration_costs_no_torch():
    code = (
        "import sys; import galspec.networks as n; "
        "n.PhotometricPerceptronConfig(('m',), 3); "
        "n.PhotometryAndImagesConfig(('m',), 3); n.InceptionFusionConfig(('m',)); "
        "assert 'torch' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
