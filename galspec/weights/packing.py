"""The layer between bundles and safetensors: arrays and a JSON text to bytes and back.

Everything that a damaged or hostile file can do wrong ends here, as a `WeightsError`.
"""

import hashlib
import json

import numpy as np
import safetensors
import safetensors.numpy

from galspec.weights.errors import WeightsError
from galspec.weights.pickles import refuse_pickle

__all__ = ["digest_of", "dump_json", "pack", "parse_json", "storable", "unpack"]

# One metadata key only: safetensors writes several in an order that differs from one
# call to the next.
_KEY = "galspec"
_DTYPES = "f8 f4 f2 i8 u8 i4 u4 i2 u2 i1 u1 b1 c8"


def unpack(data, where):
    """Take the arrays and what is said about them out of the bytes of a file.

    Parameters
    ----------
    data : bytes
        Content of a safetensors file.
    where : str
        What to call the file in messages.

    Returns
    -------
    tensors : dict of str to numpy.ndarray
        The arrays.
    about : dict
        Our metadata.

    Raises
    ------
    WeightsError
        If it is no such file, cut off, damaged, a pickle, or not of galspec.
    """
    length = int.from_bytes(data[:8], "little")
    if data[8:9] != b"{":  # every safetensors header is a JSON object
        refuse_pickle(data, where)
        raise WeightsError(
            f"{where} ({len(data)} bytes) is not a safetensors file, or it is cut off "
            "or damaged: download or copy it again."
        )
    if length > len(data) - 8:
        raise WeightsError(
            f"{where} is cut off or damaged: its header should have {length} bytes, "
            f"the whole file has {len(data)}. Download or copy it again."
        )
    try:
        tensors = safetensors.numpy.load(data)
    except (safetensors.SafetensorError, ValueError, KeyError, TypeError) as error:
        raise WeightsError(
            f"{where} is cut off, damaged, or holds a type that numpy has not "
            f"({error}): download or copy it again."
        ) from error
    return tensors, _about(data[8 : 8 + length], where)


def pack(tensors, about):
    """Make the bytes of a file.

    Parameters
    ----------
    tensors : dict of str to numpy.ndarray
        The arrays, as `storable` returns them.
    about : dict
        What to put into our metadata.

    Returns
    -------
    bytes
        The same ones for the same content.

    Raises
    ------
    WeightsError
        If safetensors refuses.
    """
    text = dump_json(about, "the configuration")
    try:
        return safetensors.numpy.save(tensors, {_KEY: text})
    except (safetensors.SafetensorError, ValueError, TypeError) as error:
        raise WeightsError(
            f"cannot store the arrays {list(tensors)}: {error}"
        ) from error


def storable(name, array):
    """Bring an array into the byte order and layout of safetensors.

    Needed because safetensors looks at the memory of an array and not at its
    strides: it stores a transposed one in the wrong order.

    Parameters
    ----------
    name : str
        Its name.
    array : array-like
        The values.

    Returns
    -------
    numpy.ndarray
        Contiguous and little-endian.

    Raises
    ------
    WeightsError
        If the type cannot be stored or the name is reserved.
    """
    array = np.asarray(array, order="C")
    if name == "__metadata__" or array.dtype.str[1:] not in _DTYPES.split():
        raise WeightsError(
            f"the array {name!r} has type {array.dtype}; weights can be arrays of the "
            f"types {_DTYPES} with any name but '__metadata__'."
        )
    return array.astype(array.dtype.newbyteorder("<"), copy=False)


def digest_of(tensors, config, card):
    """Digest of what a bundle holds, whatever the layout of its files.

    Parameters
    ----------
    tensors : dict of str to numpy.ndarray
        The arrays, as `storable` returns them.
    config : dict
        The configuration.
    card : str
        The card.

    Returns
    -------
    str
        SHA-256 in hexadecimal.
    """
    digest = hashlib.sha256()
    for name in sorted(tensors):
        array = tensors[name]
        kind = [name, array.dtype.str[1:], array.shape]
        digest.update(dump_json(kind, "the name of an array").encode())
        digest.update(array.tobytes())
    digest.update(dump_json([config, card], "the configuration").encode())
    return digest.hexdigest()


def dump_json(value, what, **options):
    """Write a value as JSON, sorted, so that equal values are equal texts.

    Parameters
    ----------
    value : object
        What JSON knows.
    what : str
        What to call it in messages.
    **options
        Further options of `json.dumps`.

    Returns
    -------
    str
        The text, in ASCII.

    Raises
    ------
    WeightsError
        If JSON has no way to write it.
    """
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False, **options)
    except (TypeError, ValueError, RecursionError) as error:
        raise WeightsError(f"{what} is not JSON: {error}") from error


def parse_json(data, where):
    """Parse a JSON object, strictly: no NaN, no infinity, nothing but an object.

    Parameters
    ----------
    data : bytes or str
        The text.
    where : str
        What to call its file in messages.

    Returns
    -------
    dict
        The object.

    Raises
    ------
    WeightsError
        If it is anything else.
    """
    try:
        value = json.loads(data, parse_constant=_no_constant)
    except (ValueError, RecursionError, TypeError) as error:
        raise WeightsError(f"{where} is damaged: not JSON ({error}).") from error
    if not isinstance(value, dict):
        raise WeightsError(f"{where} is damaged: no JSON object but {value!r:.40}.")
    return value


def _about(header, where):
    metadata = parse_json(header, where).get("__metadata__") or {}
    if _KEY not in metadata:
        raise WeightsError(
            f"{where} is a safetensors file but not one of galspec: its metadata has "
            f"no {_KEY!r}, only {sorted(metadata)}. Write it with "
            "galspec.weights.write_bundle(path, tensors, config)."
        )
    return parse_json(metadata[_KEY], where)


def _no_constant(name):
    raise ValueError(f"{name} is not a JSON number")
