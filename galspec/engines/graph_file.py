"""What an exported graph may be, checked before onnxruntime sees it.

A graph comes from outside, as weights do. It must be arithmetic of the ONNX standard
and nothing else: no operators of others, no loops, no functions, and no file that it
names to be read. Its arrays are those of the weight file that it belongs to. The check
reads the few fields of the protobuf message that matter, so that it needs no package.
"""

import dataclasses

from galspec.weights.errors import WeightsError

__all__ = ["CHUNK_KEY", "LOCATION", "MOST_BYTES", "SHA256_KEY", "Graph", "read_graph"]

#: A graph has structure and few numbers.
MOST_BYTES = 1 << 20
#: Where a graph says that arrays are which the weight file has.
LOCATION = "weights"
#: Entries of its metadata: of which weights it is, and rows that it runs on fastest.
SHA256_KEY, CHUNK_KEY = "galspec.weights_sha256", "galspec.chunk"

# numbers of the fields of the ONNX messages (onnx.proto of ONNX 1.17)
_OPSETS, _GRAPH, _METADATA, _TRAINING, _FUNCTIONS = 8, 7, 14, 20, 25
_NODES, _INITIALIZERS, _SPARSE = 1, 5, 15
_ATTRIBUTES, _NODE_DOMAIN = 5, 7
_TENSOR, _TENSORS, _SUBGRAPH, _SUBGRAPHS = 5, 10, 6, 11
_NAME, _EXTERNAL, _DATA_LOCATION = 8, 13, 14
#: Domains of the operators of the standard.
_STANDARD = (b"", b"ai.onnx")


@dataclasses.dataclass(frozen=True)
class Graph:
    """A graph that passed the check.

    Parameters
    ----------
    data : bytes
        The message itself.
    arrays : tuple of str
        Names of the arrays that the weight file has to supply.
    chunk : int
        Rows that it runs on fastest.
    """

    data: bytes
    arrays: tuple
    chunk: int


def read_graph(path, sha256):
    """Read and check a graph.

    Parameters
    ----------
    path : `pathlib.Path`
    sha256 : str
        Of the weights that it must belong to.

    Returns
    -------
    Graph

    Raises
    ------
    WeightsError
        If it is of other weights, damaged, too large, or more than a graph may be.
    """
    try:
        with path.open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except OSError as error:
        raise WeightsError(
            f"cannot read the graph {path}: {error.strerror or error}"
        ) from error
    if len(data) > MOST_BYTES:
        raise WeightsError(
            f"the graph {path} is larger than {MOST_BYTES} bytes: it has no structure "
            "alone. Export it again by galspec export."
        )
    try:
        metadata, arrays = _checked(data)
        chunk = int(metadata.get(CHUNK_KEY, ""))
        if chunk < 1:
            raise ValueError(f"{CHUNK_KEY} is {chunk}")
    except (ValueError, IndexError, RecursionError) as error:
        raise WeightsError(
            f"the graph {path} is damaged or no graph of galspec ({error}): export it "
            "again by galspec export."
        ) from error
    if metadata.get(SHA256_KEY) != sha256:
        raise WeightsError(
            f"the graph {path} is of the weights with SHA-256 "
            f"{metadata.get(SHA256_KEY)}, but those beside it have {sha256}: export it "
            "again by galspec export."
        )
    return Graph(data, tuple(arrays), chunk)


def _checked(data):
    """Metadata, and the names of arrays that lie elsewhere."""
    model = _message(data)
    for field in (_TRAINING, _FUNCTIONS):
        if field in model:
            raise ValueError("it has functions or a part for training")
    domains = [_message(opset).get(1, [b""])[-1] for opset in model.get(_OPSETS, ())]
    if any(domain not in _STANDARD for domain in domains):
        raise ValueError(f"its operators are of {domains}, not those of the standard")
    if len(model.get(_GRAPH, ())) != 1:
        raise ValueError("it has no graph")
    graph = _message(model[_GRAPH][0])
    if _SPARSE in graph:
        raise ValueError("it has sparse arrays")
    for node in graph.get(_NODES, ()):
        _check_node(_message(node))
    entries = (_message(entry) for entry in model.get(_METADATA, ()))
    metadata = {_text(entry, 1): _text(entry, 2) for entry in entries}
    initializers = (_message(tensor) for tensor in graph.get(_INITIALIZERS, ()))
    return metadata, [_text(t, _NAME) for t in initializers if _lies_elsewhere(t)]


def _check_node(node):
    if node.get(_NODE_DOMAIN, [b""])[-1] not in _STANDARD:
        raise ValueError(f"an operator is of {node[_NODE_DOMAIN][-1]}")
    for attribute in map(_message, node.get(_ATTRIBUTES, ())):
        if _SUBGRAPH in attribute or _SUBGRAPHS in attribute:
            raise ValueError("it has loops or branches")
        for tensor in (*attribute.get(_TENSOR, ()), *attribute.get(_TENSORS, ())):
            if _lies_elsewhere(_message(tensor)):
                raise ValueError("a constant is to be read from a file")


def _lies_elsewhere(tensor):
    """Whether the weight file has its numbers; no other place may be named."""
    elsewhere = tensor.get(_DATA_LOCATION, [0])[-1] != 0
    entries = [_message(entry) for entry in tensor.get(_EXTERNAL, ())]
    named = {_text(entry, 1): _text(entry, 2) for entry in entries}
    if named != ({"location": LOCATION} if elsewhere else {}):
        raise ValueError(f"arrays are to be read from {named}")
    return elsewhere


def _text(message, field):
    return message.get(field, [b""])[-1].decode()


def _message(data):
    """Values of a protobuf message by field: numbers, or bytes."""
    fields, place = {}, 0
    if not isinstance(data, bytes):
        raise ValueError("a message is no message")
    while place < len(data):
        key, place = _varint(data, place)
        kind = key & 7
        if kind == 0:
            value, place = _varint(data, place)
        elif kind in (1, 2, 5):
            length = 8 if kind == 1 else 4
            if kind == 2:
                length, place = _varint(data, place)
            value, place = data[place : place + length], place + length
            if place > len(data):
                raise ValueError("it is cut off")
        else:
            raise ValueError(f"it has a field of the wire type {kind}")
        fields.setdefault(key >> 3, []).append(value)
    return fields


def _varint(data, place):
    if data[place] < 0x80:  # nearly all
        return data[place], place + 1
    value, shift = 0, 0
    while True:
        byte = data[place]
        value |= (byte & 0x7F) << shift
        place, shift = place + 1, shift + 7
        if byte < 0x80:
            return value, place
        if shift > 63:
            raise ValueError("a number is too long")
