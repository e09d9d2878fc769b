"""The plugin in ``examples/plugin``; CI installs it from its wheels as well."""

import hashlib
import importlib
import pathlib
import sys
import tomllib

import numpy as np
import pytest

from galspec import example_spectra
from galspec.data import example_truth
from galspec.testing import check_estimator
from galspec.weights import read_bundle
from galspec.weights.registry_file import parse_registry

PLUGIN = pathlib.Path(__file__).resolve().parents[1] / "examples" / "plugin"
WEIGHTS = PLUGIN / "weights" / "stellar_nitrogen_weights"
FILE = WEIGHTS / "stellar-nitrogen" / "default.safetensors"


@pytest.fixture
def module(monkeypatch):
    """Import a module of the plugin, and forget it afterwards."""
    names = ("stellar_nitrogen", "train")
    monkeypatch.syspath_prepend(PLUGIN)
    for name in names:
        monkeypatch.delitem(sys.modules, name, raising=False)
    yield importlib.import_module
    for name in names:
        sys.modules.pop(name, None)


@pytest.fixture
def estimator(module):
    """With the weights of the second distribution."""
    return module("stellar_nitrogen").StellarNitrogen.pretrained(path=FILE)


def test_it_keeps_the_contract(estimator):
    check_estimator(estimator)


def test_it_is_right_about_the_examples(estimator):
    table = estimator.predict(example_spectra("stars"))
    away = table["nfe"].value - np.asarray(example_truth("stars")["nfe"])
    assert np.all(np.abs(away) < 3 * table["nfe_err"].value)


def test_the_weights_are_small_and_those_of_the_registry():
    registry = WEIGHTS / "registry.json"
    entry = parse_registry(registry.read_bytes(), "it")["stellar-nitrogen", "default"]
    data = FILE.read_bytes()
    assert entry.embedded
    assert entry.sha256 == hashlib.sha256(data).hexdigest()
    assert entry.size == len(data) < 300_000
    assert "Where it must not be trusted" in read_bundle(FILE).card


def test_names_agree(module):
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text())["project"]
    data = tomllib.loads((PLUGIN / "weights" / "pyproject.toml").read_text())["project"]
    ((name, value),) = project["entry-points"]["galspec.estimators"].items()
    assert value == "stellar_nitrogen:StellarNitrogen"
    assert module("stellar_nitrogen").StellarNitrogen.name == name
    assert data["name"] in project["dependencies"]
    assert list(data["entry-points"]["galspec.weights"].values()) == [WEIGHTS.name]


def test_its_script_trains_it(module, monkeypatch, tmp_path, capsys):
    train = module("train")
    for name, value in {"EPOCH": 256, "HELD_OUT": 128, "TEST_STARS": 256}.items():
        monkeypatch.setattr(train, name, value)
    monkeypatch.setattr(train, "PACKAGE", tmp_path)
    options = {"default": {"epochs": 1, "batch_size": 32}}
    monkeypatch.setattr(train.StellarNitrogen, "training", options)
    (tmp_path / "registry.json").write_text('{"format": 1, "weights": {}}')
    train.main()
    file = tmp_path / "stellar-nitrogen" / "default.safetensors"
    assert hashlib.sha256(file.read_bytes()).hexdigest() in capsys.readouterr().out
    assert "256 simulated spectra" in read_bundle(file).card
    train.StellarNitrogen.pretrained(path=file).predict(example_spectra("stars"))
