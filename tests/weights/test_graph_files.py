"""Where the graphs of weights are found, and that they are the right ones."""

import pytest

from galspec.weights import (
    WeightsError,
    available,
    download,
    find_graph,
    register,
    resolve,
)
from galspec.weights.registry_file import parse_registry

GRAPH = b"a graph"


@pytest.fixture
def with_graph(bundle_file):
    bundle_file.with_suffix(".onnx").write_bytes(GRAPH)
    return bundle_file


@pytest.fixture
def published_graph(server, with_graph, registry_file):
    """Weights gas-metallicity/test and their graph, as the server has them."""
    server.files["/main"] = with_graph.read_bytes()
    server.files["/graph"] = GRAPH
    return register(
        with_graph,
        "gas-metallicity",
        "test",
        [f"{server.url}/main"],
        graph_sources=[f"{server.url}/graph"],
        registry=registry_file,
    )


def test_embedded_graphs_are_those_of_the_registry():
    for entry in available():
        if entry.embedded and entry.graph is not None:
            graph = find_graph(entry.estimator, entry.tag)
            assert graph == resolve(entry.estimator, entry.tag).with_suffix(".onnx")


def test_a_registry_says_which_graph(published_graph, registry_file):
    written = parse_registry(registry_file.read_bytes(), "x")
    graph = written["gas-metallicity", "test"].graph
    assert graph.sha256 == published_graph.graph.sha256
    assert graph.sources == published_graph.graph.sources
    assert graph.size == len(GRAPH)
    assert graph.title == "the graph of the weights 'test' of gas-metallicity"


def test_weights_need_no_graph(published):
    assert published.graph is None
    assert find_graph("gas-metallicity", "test") is None


def test_beside_a_file_or_in_a_folder(with_graph, tmp_path):
    assert find_graph("x", path=with_graph) == with_graph.with_suffix(".onnx")
    assert find_graph("x", path=tmp_path) is None
    (tmp_path / "weights.onnx").write_bytes(GRAPH)
    assert find_graph("x", path=tmp_path) == tmp_path / "weights.onnx"


def test_in_a_folder_of_weights(with_graph, tmp_path, monkeypatch):
    folder = tmp_path / "own" / "gas-metallicity"
    folder.mkdir(parents=True)
    (folder / "mine.onnx").write_bytes(GRAPH)
    monkeypatch.setenv("GALSPEC_WEIGHTS_DIR", str(folder.parent))
    assert find_graph("gas-metallicity", "mine") == folder / "mine.onnx"


def test_in_a_package(packaged, with_graph):
    folder = packaged()
    graph = folder / "x-y" / "packed.onnx"
    graph.write_bytes(GRAPH)
    assert find_graph("x-y", "packed") == graph
    register(
        folder / "x-y" / "packed.safetensors",
        "x-y",
        "packed",
        registry=folder / "registry.json",
    )
    assert find_graph("x-y", "packed") == graph
    graph.write_bytes(b"another")
    with pytest.raises(WeightsError, match="should be the graph of the weights"):
        find_graph("x-y", "packed")


def test_a_download_brings_the_graph(published_graph, server):
    download("gas-metallicity", "test", progress_bar=False)
    assert server.requests["/graph"] == 1
    graph = find_graph("gas-metallicity", "test", offline=True)
    assert graph.read_bytes() == GRAPH
    assert server.requests["/graph"] == 1


def test_a_graph_is_fetched_where_it_is_missing(published_graph, server):
    with pytest.raises(WeightsError, match="network may not be used"):
        find_graph("gas-metallicity", "test", offline=True)
    assert find_graph("gas-metallicity", "test").read_bytes() == GRAPH


def test_a_wrong_graph_is_not_kept(published_graph, server):
    server.files["/graph"] = b"another"
    with pytest.raises(WeightsError, match="the graph of the weights 'test'"):
        find_graph("gas-metallicity", "test")
    server.files["/graph"] = GRAPH
    assert find_graph("gas-metallicity", "test").read_bytes() == GRAPH


def test_a_mirror_has_graphs_too(published_graph, server, monkeypatch):
    server.files["/graph"] = b"gone"
    server.files["/mirror/gas-metallicity/test.onnx"] = GRAPH
    monkeypatch.setenv("GALSPEC_WEIGHTS_MIRROR", f"{server.url}/mirror")
    assert find_graph("gas-metallicity", "test").read_bytes() == GRAPH
