"""Graphs of one's own, and those that are refused."""

import pathlib
import shutil

import numpy as np
import onnx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from onnx import TensorProto, helper

from galspec import GasMetallicity, SpectrumBatch, example_spectra, export_graph
from galspec.baselines.shallow import ForestMetallicity
from galspec.cli import main
from galspec.engines.graph_file import MOST_BYTES, SHA256_KEY, read_graph
from galspec.weights import WeightsError, read_bundle, resolve

SHA = "0" * 64


@pytest.fixture
def weights(tmp_path):
    """A copy of embedded weights, without a graph."""
    return pathlib.Path(
        shutil.copy(
            resolve("gas-metallicity", "feng2025"), tmp_path / "mine.safetensors"
        )
    )


@pytest.fixture
def message():
    """The graph of y = x + a, with a from the weight file."""
    a = TensorProto(
        name="a",
        dims=[1],
        data_type=TensorProto.FLOAT,
        data_location=TensorProto.EXTERNAL,
        external_data=[onnx.StringStringEntryProto(key="location", value="weights")],
    )
    kinds = [
        helper.make_tensor_value_info(name, TensorProto.FLOAT, ["n", 1])
        for name in ("inputs", "outputs")
    ]
    node = helper.make_node("Add", ["inputs", "a"], ["outputs"])
    graph = helper.make_graph([node], "sum", kinds[:1], kinds[1:], [a])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)])
    helper.set_model_props(model, {SHA256_KEY: SHA, "galspec.chunk": "32"})
    return model


@pytest.fixture
def read(tmp_path):
    """Write a message, and read it by the check."""

    def write_and_read(message, sha256=SHA):
        path = tmp_path / "graph.onnx"
        data = message if isinstance(message, bytes) else message.SerializeToString()
        path.write_bytes(data)
        return read_graph(path, sha256)

    return write_and_read


def test_a_graph_and_what_it_takes_from_the_weights(message, read):
    graph = read(message)
    assert graph.arrays == ("a",)
    assert graph.chunk == 32


def elsewhere(message):
    message.graph.initializer[0].external_data[0].value = "../../etc/passwd"


def offset(message):
    message.graph.initializer[0].external_data.add(key="offset", value="0")


def constant_elsewhere(message):
    tensor = message.graph.initializer[0]
    message.graph.node.append(helper.make_node("Constant", [], ["c"], value=tensor))
    message.graph.node[-1].attribute[0].t.external_data[0].value = "/etc/passwd"


def named_but_here(message):
    message.graph.initializer[0].data_location = TensorProto.DEFAULT


def foreign_operator(message):
    message.graph.node[0].domain = "com.microsoft"


def foreign_operators(message):
    message.opset_import.append(helper.make_opsetid("my.library", 1))


def branch(message):
    inner = helper.make_graph([], "inner", [], [])
    message.graph.node.append(
        helper.make_node("If", ["a"], ["b"], then_branch=inner, else_branch=inner)
    )


def function(message):
    message.functions.append(
        helper.make_function("my", "f", [], [], [], [helper.make_opsetid("", 20)])
    )


def sparse(message):
    message.graph.sparse_initializer.add()


def without_graph(message):
    message.ClearField("graph")


def without_rows(message):
    helper.set_model_props(message, {SHA256_KEY: SHA, "galspec.chunk": "0"})


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (elsewhere, "read from {'location': '../../etc/passwd'}"),
        (offset, "offset"),
        (constant_elsewhere, "/etc/passwd"),
        (named_but_here, "read from"),
        (foreign_operator, "com.microsoft"),
        (foreign_operators, "my.library"),
        (branch, "loops or branches"),
        (function, "functions"),
        (sparse, "sparse"),
        (without_graph, "no graph"),
        (without_rows, "galspec.chunk is 0"),
    ],
)
def test_what_a_graph_must_not_have(message, read, change, words):
    change(message)
    with pytest.raises(WeightsError, match="galspec export") as error:
        read(message)
    assert words in str(error.value)


def test_a_graph_of_other_weights(message, read):
    with pytest.raises(WeightsError, match="those beside it have 1111"):
        read(message, "1" * 64)


def test_a_graph_that_is_too_large(read):
    with pytest.raises(WeightsError, match="larger than"):
        read(bytes(MOST_BYTES + 1))


def test_a_graph_that_is_not_there(tmp_path):
    with pytest.raises(WeightsError, match="cannot read the graph"):
        read_graph(tmp_path / "none.onnx", SHA)


@settings(
    deadline=None,
    max_examples=200,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(data=st.data())
def test_damage_is_an_error_or_changes_no_place_that_is_read(data, message, read):
    content = bytearray(message.SerializeToString())
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(content) - 1))
        content[place] = data.draw(st.integers(0, 255))
    content = content[: data.draw(st.integers(0, len(content)))]
    try:
        graph = read(bytes(content))
    except WeightsError:
        return
    assert len(graph.arrays) <= 1


def test_weights_of_ones_own_get_a_graph_and_predict_alike(weights):
    files = example_spectra()
    expected = GasMetallicity.pretrained(path=weights).predict(files)
    assert expected.meta["engine"] == "torch"
    graph = export_graph(weights)
    assert graph == weights.with_name("mine.onnx")
    assert graph.stat().st_size < 10_000
    found = GasMetallicity.pretrained(path=weights).predict(files)
    assert found.meta["engine"] == "onnxruntime"
    np.testing.assert_allclose(found["oh"].value, expected["oh"].value, atol=1e-5)
    assert sorted(file.name for file in weights.parent.iterdir()) == [
        "mine.onnx",
        "mine.safetensors",
    ]


def test_a_folder_gets_its_graph_inside(weights, tmp_path, capsys):
    folder = tmp_path / "folder"
    GasMetallicity.pretrained(path=weights).save(folder)
    assert main(["export", str(folder)]) == 0
    assert capsys.readouterr().out.strip() == str(folder / "weights.onnx")
    estimator = GasMetallicity.pretrained(path=folder, engine="onnxruntime")
    assert estimator.predict(example_spectra()[:1])["oh"].value > 7


def test_a_stale_graph_is_left_out_with_a_warning(weights):
    graph = export_graph(weights)
    GasMetallicity.pretrained().save(weights)
    with pytest.warns(UserWarning, match="torch is used, because the graph"):
        estimator = GasMetallicity.pretrained(path=weights)
    assert estimator._learned.ensemble.engine == "torch"
    with pytest.raises(WeightsError, match=f"{graph} is of the weights"):
        GasMetallicity.pretrained(path=weights, engine="onnxruntime")


def test_arrays_that_the_weights_have_not(weights):
    graph = export_graph(weights)
    message = onnx.load(graph, load_external_data=False)
    tensor = next(t for t in message.graph.initializer if t.external_data)
    for node in message.graph.node:
        node.input[:] = ["9.x" if name == tensor.name else name for name in node.input]
    tensor.name = "9.x"
    graph.write_bytes(message.SerializeToString())
    with pytest.raises(WeightsError, match=r"wants arrays \['9.x'\]"):
        GasMetallicity.pretrained(path=weights, engine="onnxruntime")


def test_arrays_of_another_shape(weights):
    graph = export_graph(weights)
    message = onnx.load(graph, load_external_data=False)
    tensor = next(t for t in message.graph.initializer if t.external_data)
    tensor.dims[0] += 1
    graph.write_bytes(message.SerializeToString())
    with pytest.raises(WeightsError, match="onnxruntime cannot run the graph"):
        GasMetallicity.pretrained(path=weights, engine="onnxruntime")


def test_what_is_no_graph(tmp_path):
    rng = np.random.default_rng(0)
    spectra = SpectrumBatch.from_arrays(
        np.linspace(3800, 8000, 300), 1 + rng.random((60, 300))
    )
    forest = ForestMetallicity().fit(spectra, rng.normal(8.5, 0.2, 60))
    path = tmp_path / "forest.safetensors"
    forest.save(path)
    with pytest.raises(WeightsError, match="Forest cannot be exported, torch has to"):
        export_graph(path)
    assert main(["export", str(path)]) == 2
    assert list(tmp_path.iterdir()) == [path]
    with pytest.raises(WeightsError, match="lacks"):
        export_graph(resolve("velocity-templates"))


def test_the_graphs_name_the_weights_that_they_are_of():
    file = resolve("gas-metallicity")
    assert read_graph(file.with_suffix(".onnx"), read_bundle(file).sha256).arrays
