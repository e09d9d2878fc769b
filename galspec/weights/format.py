"""The weight file: arrays, a JSON configuration and a card, in one or three files.

A bundle is either a single ``NAME.safetensors``, with the configuration and the card
in its header, or a directory with ``weights.safetensors``, ``config.json`` and
``card.md``. Both carry a digest of everything they hold: safetensors itself has no
checksum, so a flipped bit would silently be another network.

Equal bundles are equal bytes, so that the SHA-256 of a file says what is in it.
"""

import dataclasses
import hashlib
import json
import os
import pathlib

from galspec.io.limits import LimitError, bytes_allowed
from galspec.weights.errors import WeightsError
from galspec.weights.files import replace_file
from galspec.weights.packing import (
    digest_of,
    dump_json,
    pack,
    parse_json,
    storable,
    unpack,
)
from galspec.weights.pickles import refuse_suffix

__all__ = ["FORMAT", "WeightBundle", "parse_bundle", "read_bundle", "write_bundle"]

#: Version of the format that this code writes, and the newest that it reads.
FORMAT = 1

_WEIGHTS, _CONFIG, _CARD = "weights.safetensors", "config.json", "card.md"


@dataclasses.dataclass(frozen=True, eq=False)
class WeightBundle:
    """What a weight file holds.

    Parameters
    ----------
    tensors : dict of str to numpy.ndarray
        The arrays by name.
    config : dict
        The configuration, made of what JSON knows; ``config["format"]`` is the
        version of the format.
    card : str
        The model card, in Markdown.
    sha256 : str or None
        SHA-256 of the single-file form (of a directory: of the single file that
        holds the same). None for a bundle that was not read from anywhere.
    """

    tensors: dict
    config: dict
    card: str = ""
    sha256: str | None = None

    def require(self, *keys):
        """Check that the configuration has some keys.

        Parameters
        ----------
        *keys : str
            Names of top-level keys of ``config``.

        Raises
        ------
        WeightsError
            If any is missing, naming all that are.
        """
        missing = [key for key in keys if key not in self.config]
        if missing:
            raise WeightsError(
                f"the configuration of these weights lacks {missing}; it has "
                f"{sorted(self.config)}. They were written for something else, or by "
                "hand: train or download them again."
            )


def read_bundle(path):
    """Read a weight file or directory.

    Parameters
    ----------
    path : str or path-like
        A ``.safetensors`` file, or a directory as `write_bundle` makes it.

    Returns
    -------
    WeightBundle
        The content; ``sha256`` is set.

    Raises
    ------
    WeightsError
        If there is nothing there, or it is a pickle, damaged, too new, or not made
        by `write_bundle`.
    """
    path = pathlib.Path(path).expanduser()
    if path.is_dir():
        return _read_directory(path)
    return parse_bundle(_read_bytes(path), str(path))


def parse_bundle(data, where):
    """Make a bundle of the bytes of a single file.

    Parameters
    ----------
    data : bytes
        Content of a ``.safetensors`` file.
    where : str
        What to call the file in messages.

    Returns
    -------
    WeightBundle
        The content; ``sha256`` is that of ``data``.

    Raises
    ------
    WeightsError
        As `read_bundle`.
    """
    tensors, about = unpack(data, where)
    if not isinstance(about.get("config"), dict) or "card" not in about:
        raise WeightsError(
            f"{where} holds arrays only. If it is the weights.safetensors of a "
            "directory, give the directory; otherwise write it with "
            "galspec.weights.write_bundle."
        )
    config, card = about["config"], about["card"]
    _check(tensors, config, card, about, where)
    return WeightBundle(tensors, config, card, hashlib.sha256(data).hexdigest())


def write_bundle(path, tensors, config, card=""):
    """Write weights, as one file or as a directory.

    Each file is replaced in one step: a reader sees the old one or the new one.

    Parameters
    ----------
    path : str or path-like
        A name that ends in ``.safetensors`` makes a single file, any other a
        directory.
    tensors : dict of str to array-like
        The arrays. Real, integer and boolean types and complex64.
    config : dict
        The configuration, of strings, finite numbers, booleans, None, lists and
        dicts. ``"format"`` is added.
    card : str, optional
        The model card, in Markdown.

    Returns
    -------
    str
        SHA-256 of the single-file form: the same for both forms.

    Raises
    ------
    WeightsError
        If an array or the configuration cannot be stored, or the name is that of a
        pickle.
    """
    path = pathlib.Path(path).expanduser()
    refuse_suffix(path)
    tensors = {name: storable(name, tensors[name]) for name in sorted(tensors)}
    config = json.loads(dump_json({"format": FORMAT, **config}, "the configuration"))
    _check_format(config, str(path))
    digest = digest_of(tensors, config, card)
    single = pack(tensors, {"config": config, "card": card, "digest": digest})
    if path.suffix == ".safetensors":
        replace_file(path, single)
    else:
        replace_file(path / _CONFIG, (dump_json(config, "", indent=1) + "\n").encode())
        replace_file(path / _CARD, card.encode())
        replace_file(path / _WEIGHTS, pack(tensors, {"digest": digest}))
    return hashlib.sha256(single).hexdigest()


def _read_directory(path):
    tensors, about = unpack(_read_bytes(path / _WEIGHTS), str(path / _WEIGHTS))
    config = parse_json(_read_bytes(path / _CONFIG), str(path / _CONFIG))
    try:
        card = _read_bytes(path / _CARD).decode()
    except UnicodeDecodeError as error:
        raise WeightsError(f"{path / _CARD} is no UTF-8 text: {error}") from error
    _check(tensors, config, card, about, str(path))
    single = pack(tensors, {"config": config, "card": card, "digest": about["digest"]})
    return WeightBundle(tensors, config, card, hashlib.sha256(single).hexdigest())


def _read_bytes(path):
    try:
        if path.exists() and not path.is_file():  # a pipe or device may never end
            raise WeightsError(f"cannot read weights from {path}: it is no file")
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size > max_bytes():
                raise WeightsError(
                    f"{path} has {size} bytes, and weights may have {max_bytes()}; the "
                    "environment variable GALSPEC_MAX_WEIGHTS sets the limit"
                )
            return file.read()
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", "") or error
        raise WeightsError(f"cannot read weights from {path}: {reason}") from error


def max_bytes():
    """Bytes that a file of weights may have.

    Returns
    -------
    int
        ``GALSPEC_MAX_WEIGHTS`` of the environment, else 4 GiB.

    Raises
    ------
    WeightsError
        If that is no number of bytes.
    """
    try:
        return bytes_allowed("GALSPEC_MAX_WEIGHTS", 2**32)
    except LimitError as error:
        raise WeightsError(str(error)) from error


def _check(tensors, config, card, about, where):
    _check_format(config, where)
    if not isinstance(card, str) or about.get("digest") != digest_of(
        tensors, config, card
    ):
        raise WeightsError(
            f"{where} is damaged or was changed by hand: its content does not match "
            "the digest in it. Download or copy it again; to change something, read "
            "the original and write it with galspec.weights.write_bundle."
        )


def _check_format(config, where):
    version = config.get("format")
    if type(version) is not int or version < 1:
        raise WeightsError(
            f"the configuration in {where} has format {version!r}; it must be a "
            f"whole number from 1 to {FORMAT}. It was not written by galspec."
        )
    if version > FORMAT:
        raise WeightsError(
            f"{where} has format {version}, this galspec reads up to {FORMAT}: "
            "upgrade it with pip install --upgrade astro-galspec."
        )
