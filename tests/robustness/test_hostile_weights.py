"""Weights whose configuration is wrong although their digest is right."""

import copy
import os
import random

import numpy as np
import pytest

from galspec import CEMPParams, ELGPhotoZ, GasMetallicity, StarFormingClassifier
from galspec.transforms import linear_grid
from galspec.weights import WeightsError, load, read_bundle, write_bundle

CLASSES = (GasMetallicity, StarFormingClassifier, CEMPParams, ELGPhotoZ)
VALUES = (None, -1, 0, 1e308, 10**9, 10**30, "x", "../../etc", [], {}, [1, 2, 3], True)


def places(value, path=()):
    """Where something can be put in a configuration."""
    if path:
        yield path
    items = enumerate(value[:4]) if isinstance(value, list) else ()
    for key, inner in value.items() if isinstance(value, dict) else items:
        yield from places(inner, (*path, key))


def changed(config, seed):
    """A configuration in which one thing is another, or gone."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    config = copy.deepcopy(config)
    *outer, last = rng.choice(list(places(config)))
    inside = config
    for key in outer:
        inside = inside[key]
    if rng.random() < 0.15:
        del inside[last]
    else:
        inside[last] = rng.choice(VALUES)
    return config


@pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::UserWarning")
@pytest.mark.parametrize("cls", CLASSES)
def test_a_wrong_configuration_is_an_error_of_the_weights_or_works(cls, tmp_path):
    bundle, path = load(cls.name), tmp_path / "own.safetensors"
    refused = 0
    for seed in range(30):
        try:
            write_bundle(path, bundle.tensors, changed(bundle.config, seed))
            cls.pretrained(path=path)
        except WeightsError:
            refused += 1
    assert refused > 10


@pytest.mark.parametrize(
    "change", [{"finder": [10**9, 9]}, {"hidden": 10**9}, {"channels": [10**6] * 4}]
)
def test_a_network_that_would_fill_the_memory_is_not_built(change, tmp_path):
    bundle, path = load("gas-metallicity"), tmp_path / "own.safetensors"
    config = copy.deepcopy(bundle.config)
    config["network"] |= change
    write_bundle(path, bundle.tensors, config)
    with pytest.raises(WeightsError, match=r"do not fit the network|cannot be used"):
        GasMetallicity.pretrained(path=path)


def test_arrays_of_other_shapes_or_none(tmp_path):
    bundle, path = load("gas-metallicity"), tmp_path / "own.safetensors"
    name = "0.finder.template"
    for tensors in (
        {},
        bundle.tensors | {name: bundle.tensors[name][:, :-1]},
        bundle.tensors | {name: bundle.tensors[name].astype("c8")},
        {k: v for k, v in bundle.tensors.items() if k != name},
    ):
        write_bundle(path, tensors, bundle.config)
        with pytest.raises(WeightsError, match=r"do not fit|cannot be used|complex"):
            GasMetallicity.pretrained(path=path)


def test_parameters_that_are_no_numbers(tmp_path):
    bundle, path = load("gas-metallicity"), tmp_path / "own.safetensors"
    name = "0.finder.template"
    spoiled = bundle.tensors[name].copy()
    spoiled[0, 0] = np.nan
    write_bundle(path, bundle.tensors | {name: spoiled}, bundle.config)
    with pytest.raises(WeightsError, match=f"{name} of the weights holds NaN"):
        GasMetallicity.pretrained(path=path)


def test_grids_have_a_limit():
    with pytest.raises(ValueError, match="more than 1048576 pixels"):
        linear_grid(1000, 2000, 1e-9)


def test_files_that_never_end_or_are_too_large(tmp_path, monkeypatch):
    with pytest.raises(WeightsError, match="it is no file"):
        read_bundle("/dev/zero")
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(WeightsError, match="it is no file"):
        read_bundle(tmp_path / "pipe")
    sparse = tmp_path / "own.safetensors"
    sparse.touch()
    os.truncate(sparse, 2**40)
    with pytest.raises(WeightsError, match="GALSPEC_MAX_WEIGHTS sets the limit"):
        read_bundle(sparse)
    monkeypatch.setenv("GALSPEC_MAX_WEIGHTS", "10")
    write_bundle(tmp_path / "small.safetensors", {"a": np.ones(3)}, {})
    with pytest.raises(WeightsError, match="weights may have 10"):
        read_bundle(tmp_path / "small.safetensors")


def test_deep_nesting_is_refused(tmp_path):
    deep = b"[" * 100_000 + b"]" * 100_000
    header = b'{"__metadata__":{"galspec":' + deep + b"}}"
    file = tmp_path / "deep.safetensors"
    file.write_bytes(len(header).to_bytes(8, "little") + header)
    with pytest.raises(WeightsError):
        read_bundle(file)
    config = {}
    for _ in range(5000):
        config = {"a": config}
    with pytest.raises(WeightsError):
        write_bundle(tmp_path / "x.safetensors", {}, config)
