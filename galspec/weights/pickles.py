"""Recognise pickles and their relatives, in order to refuse them with a reason.

Loading a pickle runs whatever code its author put in, so galspec never does. Nothing
here loads one either: `pickletools.genops` reads the opcodes without obeying them.
"""

import pickletools

from galspec.weights.errors import WeightsError

__all__ = ["refuse_pickle", "refuse_suffix"]

_SUFFIXES = {".pkl", ".pickle", ".pt", ".pth", ".ckpt", ".joblib", ".npz", ".npy"}

_MAGIC = {
    b"PK\x03\x04": "a zip archive, as torch.save writes",
    b"\x93NUMPY": "an .npy file, which may hold pickled objects",
    b"\x1f\x8b": "a compressed file, as joblib writes",
    b"BZh": "a compressed file, as joblib writes",
    b"\xfd7zXZ": "a compressed file, as joblib writes",
    b"x\x01": "a compressed file, as joblib writes",
    b"x\x5e": "a compressed file, as joblib writes",
    b"x\x9c": "a compressed file, as joblib writes",
    b"x\xda": "a compressed file, as joblib writes",
}

_ADVICE = (
    "galspec refuses pickles, because loading one runs whatever code is in it. Where "
    "you trust the file, load it with the library that wrote it, take the arrays out "
    "(for torch: state_dict()), and save them with "
    "galspec.weights.write_bundle('NAME.safetensors', tensors, config)."
)


def refuse_pickle(data, where):
    """Raise if bytes that are no safetensors file are a pickle or may hold one.

    Parameters
    ----------
    data : bytes
        The content.
    where : str
        What to call the file in the message.

    Raises
    ------
    WeightsError
        If they are.
    """
    for magic, meaning in _MAGIC.items():
        if data.startswith(magic):
            raise WeightsError(f"{where} is {meaning}. {_ADVICE}")
    if _is_pickle(data):
        raise WeightsError(f"{where} is a pickle. {_ADVICE}")


def refuse_suffix(path):
    """Raise if a path to write to has the suffix of a pickle.

    Parameters
    ----------
    path : pathlib.Path
        Where weights are to be written.

    Raises
    ------
    WeightsError
        If it has.
    """
    if path.suffix.lower() in _SUFFIXES:
        raise WeightsError(f"{path} ends in {path.suffix}. {_ADVICE}")


def _is_pickle(data):
    if data[:1] == b"\x80" and 2 <= int.from_bytes(data[1:2]) <= 5:
        return True  # the PROTO opcode, even where the rest is cut off
    try:
        return sum(1 for _ in pickletools.genops(data)) > 1
    except Exception:  # genops fails in many ways on what is no pickle
        return False
