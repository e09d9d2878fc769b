import json

import numpy as np
import pytest
import torch

from galspec.networks import NetworkConfig, PCAPerceptronConfig
from galspec.training.fit import fit
from galspec.training.fit_options import FitOptions


def spectra(n=300, n_pix=40, seed=0):
    """Three directions of falling scatter, and noise."""
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(np.random.default_rng(9).normal(size=(n_pix, 3)))[0] / 10
    scores = rng.normal(size=(n, 3)) * [3, 1, 0.3]
    depth = 0.2 + scores @ directions.T + rng.normal(0, 0.001, (n, n_pix))
    inputs = np.stack([depth, np.full_like(depth, 1e6)], 1).astype(np.float32)
    return inputs, scores.astype(np.float32), directions


def prepared(config, inputs):
    torch.manual_seed(0)
    model = config.build(inputs.shape[-1])
    model.prepare(inputs)
    return model


def test_components_are_the_principal_ones_with_a_variance_of_one():
    inputs, _, directions = spectra()
    model = prepared(PCAPerceptronConfig(components=3), inputs)
    components = model.components.numpy()
    along = components / np.linalg.norm(components, axis=0)
    directions = directions / np.linalg.norm(directions, axis=0)
    np.testing.assert_allclose(np.abs(np.diag(along.T @ directions)), 1, atol=0.02)
    seen = (inputs[:, 0] - inputs[:, 0].mean(axis=0)) @ components
    np.testing.assert_allclose(seen.std(axis=0), 1, rtol=1e-3)


def test_masked_pixels_have_no_influence():
    inputs, *_ = spectra()
    inputs[:, 1, 5:15] = 0
    other = inputs.copy()
    other[:, 0, 5:15] = 7
    one, two = (prepared(PCAPerceptronConfig(components=3), x) for x in (inputs, other))
    np.testing.assert_allclose(
        one(torch.from_numpy(inputs)).detach(), two(torch.from_numpy(other)).detach()
    )


def test_it_learns_labels_by_the_common_loop():
    inputs, scores, _ = spectra(800)
    labels = scores[:, :1] / 3
    model = PCAPerceptronConfig(components=8, widths=(32,), outputs=1).build(40)
    options = FitOptions(loss="mse", epochs=15, learning_rate=3e-3)
    history = fit(model, lambda _: (inputs, labels), (inputs, labels), options)
    assert len(history) == 15
    new, truth, _ = spectra(200, seed=1)
    error = model(torch.from_numpy(new)).detach().numpy() - truth[:, :1] / 3
    assert np.std(error) < 0.2


def test_the_state_is_all_there_is_to_it():
    inputs, *_ = spectra()
    config = PCAPerceptronConfig(components=5, widths=(8, 6), outputs=4)
    model, again = prepared(config, inputs), config.build(40)
    again.load_state_dict(model.state_dict())
    x = torch.from_numpy(inputs)
    torch.testing.assert_close(again(x), model(x), rtol=0, atol=0)
    assert model.with_features(x)[1].shape == (300, 6)
    assert model(x[:0]).shape == (0, 4)


def test_more_components_than_spectra_are_refused():
    with pytest.raises(ValueError, match="components is 64, more than 20"):
        prepared(PCAPerceptronConfig(), spectra(20)[0])


@pytest.mark.parametrize(
    "changes", [{"components": 0}, {"widths": ()}, {"inputs": ("flux",)}]
)
def test_values_that_make_no_network_are_named(changes):
    with pytest.raises(ValueError, match=next(iter(changes))):
        PCAPerceptronConfig(**changes)


def test_json_round_trip():
    config = PCAPerceptronConfig(5, (7,), outputs=3)
    again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
    assert again == config
