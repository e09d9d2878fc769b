import json
import subprocess
import sys

import numpy as np
import pytest
import torch

from galspec.networks import ForestConfig, NetworkConfig

sklearn = pytest.importorskip("sklearn.ensemble")


def labelled(n=300, n_pix=24, n_labels=1, seed=0):
    rng = np.random.default_rng(seed)
    x = rng.normal(size=(n, 1, n_pix)).astype(np.float32)
    y = np.column_stack([x[:, 0, k] + x[:, 0, k + 1] ** 2 for k in range(n_labels)])
    return x, y.astype(np.float32)


def memberships(n=300, seed=0):
    x, y = labelled(n, seed=seed)
    index = np.digitize(y[:, 0], [0.3, 1.2])
    return x, np.eye(3, dtype=np.float32)[index], index


def grown(config, x, y, loss, seed=0):
    forest = config.build(x.shape[-1])
    forest.learn(x, y, loss, seed)
    return forest.eval()


@pytest.mark.parametrize("n_labels", [1, 3])
def test_values_are_those_of_scikit_learn(n_labels):
    x, y = labelled(n_labels=n_labels)
    config = ForestConfig(trees=12, outputs=n_labels)
    outputs = grown(config, x, y, "mse", seed=3)(torch.from_numpy(x))
    assert outputs.shape == (12, len(x), n_labels)
    theirs = sklearn.RandomForestRegressor(12, max_features="sqrt", random_state=3)
    theirs.fit(x[:, 0], y.squeeze())
    new = labelled(500, n_labels=n_labels, seed=1)[0]
    ours = grown(config, x, y, "mse", seed=3)(torch.from_numpy(new)).numpy()
    for tree, values in zip(theirs.estimators_, ours, strict=True):
        np.testing.assert_allclose(
            values.squeeze(), tree.predict(new[:, 0]), rtol=1e-6, atol=1e-6
        )
    np.testing.assert_allclose(
        ours.mean(axis=0).squeeze(), theirs.predict(new[:, 0]), atol=1e-6
    )


def test_a_value_at_the_threshold_goes_where_scikit_learn_sends_it():
    x, y = labelled(200, n_pix=4)
    x = np.round(x, 1)
    forest = grown(ForestConfig(trees=5, outputs=1, max_features=1.0), x, y, "mse")
    theirs = sklearn.RandomForestRegressor(5, max_features=1.0, random_state=0)
    theirs.fit(x[:, 0], y[:, 0])
    near = np.concatenate([tree.tree_.threshold for tree in theirs.estimators_])
    near = np.nextafter(near.astype(np.float32)[:, None], [-np.inf, np.inf])
    edges = np.repeat(near.reshape(-1, 1, 1), 4, axis=2).astype(np.float32)
    ours = forest(torch.from_numpy(edges)).mean(dim=0).numpy()[:, 0]
    np.testing.assert_allclose(ours, theirs.predict(edges[:, 0]), atol=1e-6)


def test_shares_are_those_of_scikit_learn():
    x, y, index = memberships()
    config = ForestConfig(trees=200, outputs=3, smallest_leaf=5)
    new, _, truth = memberships(400, seed=1)
    log_shares = grown(config, x, y, "cross-entropy")(torch.from_numpy(new))
    ours = log_shares.softmax(dim=-1).mean(dim=0).numpy()
    theirs = sklearn.RandomForestClassifier(200, min_samples_leaf=5, random_state=0)
    theirs = theirs.fit(x[:, 0], index).predict_proba(new[:, 0])
    # trees of another chance; a tree alone differs by 0.2
    np.testing.assert_allclose(ours, theirs, atol=0.15)
    assert np.abs(ours - theirs).mean() < 0.03
    assert np.mean(ours.argmax(axis=1) == truth) > 0.7


def test_logits_and_logarithms_of_shares_agree():
    x, y, _ = memberships()
    config = ForestConfig(trees=5, outputs=3, smallest_leaf=5)
    shares = grown(config, x, y, "cross-entropy")(torch.from_numpy(x)).softmax(dim=-1)
    logits = grown(config, x, y, "binary")(torch.from_numpy(x))
    torch.testing.assert_close(logits.sigmoid(), shares, atol=1e-5, rtol=0)


def test_leaves_know_their_scatter():
    x, y = labelled()
    config = ForestConfig(trees=4, smallest_leaf=300)
    mean, log_sigma = grown(config, x, y, "gaussian")(torch.from_numpy(x)).unbind(-1)
    # a leaf that holds everything: the scatter of the labels, from bootstrap samples
    assert log_sigma.exp().numpy() == pytest.approx(float(y.std()), rel=0.15)
    assert mean.numpy() == pytest.approx(float(y.mean()), abs=0.3)


def test_the_state_is_all_there_is_to_it():
    x, y = labelled()
    config = ForestConfig(trees=7, rebin=3, inputs=2)
    x = np.concatenate([x, np.ones_like(x)], axis=1)
    forest = grown(config, x, y, "gaussian")
    again = config.build(24)
    again.load_state_dict(forest.state_dict())
    inputs = torch.from_numpy(x)
    torch.testing.assert_close(again(inputs), forest(inputs), rtol=0, atol=0)
    assert again(inputs[:0]).shape == (7, 0, 2)


def test_missing_arrays_are_named():
    with pytest.raises(RuntimeError, match="threshold"):
        ForestConfig().build(5).load_state_dict({})


def test_equal_seeds_give_equal_trees():
    x, y = labelled()
    config = ForestConfig(trees=3)
    one, same, other = (
        grown(config, x, y, "gaussian", seed).state_dict() for seed in (0, 0, 1)
    )
    assert all(torch.equal(one[name], same[name]) for name in one)
    assert not torch.equal(one["threshold"][:5], other["threshold"][:5])


def test_without_scikit_learn_it_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.ensemble", None)
    x, y = labelled(10)
    with pytest.raises(ImportError, match=r"astro-galspec\[baselines\]"):
        ForestConfig().build(24).learn(x, y, "mse", 0)


def test_json_round_trip():
    for config in (ForestConfig(), ForestConfig(10, 0.3, 5, 2, 4, 8)):
        again = NetworkConfig.from_config(json.loads(json.dumps(config.to_config())))
        assert again == config


def test_neither_the_configuration_nor_reading_trees_needs_scikit_learn():
    code = (
        "import sys; from galspec.networks import ForestConfig; "
        "c = ForestConfig(); a = 'torch' in sys.modules; c.build(5); "
        "sys.exit(a or 'sklearn' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
