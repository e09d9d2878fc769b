"""Both engines give the same, and each is taken where it should be."""

import copy
import functools
import importlib.util
import json
import pickle
import subprocess
import sys

import numpy as np
import pytest

from galspec import (
    ELGPhotoZ,
    GasMetallicity,
    example_spectra,
    get_estimator,
    weights,
)
from galspec.engines import loading
from galspec.engines.export import random_inputs
from galspec.engines.loading import MissingEngineError
from galspec.weights import WeightsError

#: Of the label scale, which is 1, or of the largest number of a row where that is more.
ALLOWED = 1e-5
#: Embedded networks that torch has to run.
WITHOUT_GRAPH = {("elg-photoz", "default"), ("cemp-params", "hfsnet")}
EMBEDDED = [
    (entry.estimator, entry.tag)
    for entry in weights.available()
    if entry.embedded and entry.graph is not None
]


@functools.cache
def loaded(name, tag, engine):
    return get_estimator(name).pretrained(tag, engine=engine, device="cpu")


def example_data(name, tag):
    cls = get_estimator(name)
    if cls.things == "spectra":
        return example_spectra(cls.examples)
    bands = loaded(name, tag, "torch").recipe.transformers[0].bands
    rng = np.random.default_rng(0)
    magnitudes = 20 + rng.normal(size=(5, len(bands)))
    columns = {f"mag_{band}": m for band, m in zip(bands, magnitudes.T, strict=True)}
    errors = {f"magerr_{band}": np.full(5, 0.05) for band in bands}
    return columns | errors | {"ebv": np.full(5, 0.02)}


def differences(one, other):
    for expected, found in zip(one, other, strict=True):
        assert expected.shape == found.shape
        assert np.isfinite(expected).all()
        scale = np.abs(expected).max(axis=-1, keepdims=True, initial=1)
        yield float(np.max(np.abs(found - expected) / scale, initial=0))


def test_all_embedded_networks_have_graphs_but_two():
    networks = {
        (entry.estimator, entry.tag)
        for entry in weights.available()
        if entry.embedded
        and "network" in weights.load(entry.estimator, entry.tag).config
    }
    assert networks - set(EMBEDDED) == WITHOUT_GRAPH


@pytest.mark.parametrize(("name", "tag"), EMBEDDED)
@pytest.mark.parametrize("rows", [0, 1, 70])
def test_networks_give_the_same_on_noise(name, tag, rows):
    config = weights.load(name, tag).config
    inputs = random_inputs(config, rows, seed=rows + 5)
    ensembles = [
        loaded(name, tag, engine)._learned.ensemble
        for engine in ("torch", "onnxruntime")
    ]
    worst = max(differences(*(ensemble.run(inputs) for ensemble in ensembles)))
    assert worst <= ALLOWED
    features = [ensemble.features(inputs) for ensemble in ensembles]
    assert max(differences(features[:1], features[1:])) <= ALLOWED


@pytest.mark.parametrize(("name", "tag"), EMBEDDED)
def test_tables_are_the_same_on_the_examples(name, tag):
    data = example_data(name, tag)
    estimators = [loaded(name, tag, engine) for engine in ("torch", "onnxruntime")]
    # the table also of those whose result is a spectrum
    one, other = (each.predict_batches([each.gather(data)]) for each in estimators)
    assert one.meta.pop("engine") == "torch"
    assert other.meta.pop("engine") == "onnxruntime"
    assert other.meta == one.meta
    assert one.colnames == other.colnames
    np.testing.assert_array_equal(one["flags"], other["flags"])
    for column in one.colnames:
        values, found = np.asarray(one[column]), np.asarray(other[column])
        if values.dtype.kind != "f":
            np.testing.assert_array_equal(found, values)
            continue
        allowed = 2e-5 * np.maximum(np.abs(values), 1)
        if column + "_err" in one.colnames:
            allowed = np.fmax(allowed, 1e-3 * np.asarray(one[column + "_err"]))
        close = np.abs(found - values) <= allowed
        assert (close | (np.isnan(values) & np.isnan(found))).all(), column


def test_onnxruntime_is_taken_by_itself_where_it_can():
    estimator = GasMetallicity.pretrained()
    assert estimator.predict(example_spectra()[:1]).meta["engine"] == "onnxruntime"


def test_torch_runs_what_has_no_graph():
    assert ELGPhotoZ.pretrained()._learned.ensemble.engine == "torch"
    with pytest.raises(WeightsError, match="no exported graph"):
        ELGPhotoZ.pretrained(engine="onnxruntime")


def test_torch_is_taken_without_onnxruntime(monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util,
        "find_spec",
        lambda name, *more: None if name == "onnxruntime" else find(name, *more),
    )
    assert GasMetallicity.pretrained("feng2025")._learned.ensemble.engine == "torch"
    with pytest.raises(MissingEngineError, match=r"astro-galspec\[fast\]"):
        GasMetallicity.pretrained("feng2025", engine="onnxruntime")


def test_torch_is_taken_where_it_has_more_than_a_cpu(monkeypatch):
    monkeypatch.setattr(loading, "_has_driver", lambda: True)
    monkeypatch.setattr(loading, "choose_device", lambda device: "meta")
    assert loading._onnx_ensemble(None, None, False, "auto") is None


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"engine": "jax"}, "'jax'; it can be one of auto, onnxruntime, torch"),
        ({"engine": "onnxruntime", "device": "cuda"}, "device is 'cuda'"),
        ({"device": "abacus"}, "'abacus' cannot be used here"),
    ],
)
def test_what_makes_no_sense(options, words):
    with pytest.raises(ValueError, match=words):
        GasMetallicity.pretrained("feng2025", **options)


def test_weights_are_saved_as_they_were_loaded(tmp_path):
    saved = [
        loaded("gas-metallicity", "feng2025", engine).save(tmp_path / f"{engine}.x")
        for engine in ("torch", "onnxruntime")
    ]
    assert saved[0] == saved[1]


def test_models_are_modules_of_torch_with_the_same_parameters():
    one, other = (
        loaded("gas-metallicity", "feng2025", engine)._learned
        for engine in ("torch", "onnxruntime")
    )
    assert len(one.models) == len(other.models) == other.ensemble.members
    for name, value in one.models[0].state_dict().items():
        np.testing.assert_array_equal(other.models[0].state_dict()[name], value)


@pytest.mark.parametrize(
    "again",
    [copy.deepcopy, lambda found: pickle.loads(pickle.dumps(found))],  # noqa: S301
)
def test_copies_and_pickles_predict(again):
    estimator = loaded("gas-metallicity", "feng2025", "onnxruntime")
    files = example_spectra()[:2]
    expected = estimator.predict(files)
    found = again(estimator).predict(files)
    np.testing.assert_array_equal(found["oh"], expected["oh"])
    assert found.meta["engine"] == "onnxruntime"


NO_TORCH = """
import json, sys
from galspec.cli import main
code = main(["predict", "gas-metallicity", {file!r}, "-o", {out!r}, "--quiet"])
heavy = ("torch", "specutils", "scipy", "pandas", "tqdm")
print(json.dumps([code, [name for name in heavy if name in sys.modules]]))
"""


def test_a_file_to_a_table_without_torch(tmp_path):
    code = NO_TORCH.format(file=str(example_spectra()[0]), out=str(tmp_path / "o.ecsv"))
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    assert json.loads(done.stdout.splitlines()[-1]) == [0, []]
    assert (tmp_path / "o.ecsv").read_text().count("onnxruntime") == 1


def test_the_command_line_takes_an_engine(capsys):
    from galspec.cli import main

    names = list(map(str, example_spectra()[:1]))
    for engine in ("torch", "onnxruntime"):
        assert main(["predict", "gas-metallicity", *names, "--engine", engine]) == 0
    assert main(["predict", "elg-photoz", "--examples", "--engine", "onnxruntime"]) == 2
    assert "no exported graph" in capsys.readouterr().err
