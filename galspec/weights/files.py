"""Two things to do with a file: replace it in one step, and hash it."""

import hashlib
import os
import secrets

__all__ = ["file_sha256", "has_sha256", "replace_file"]


def replace_file(path, data):
    """Write a file such that a reader sees the old content or the new one.

    Parameters
    ----------
    path : pathlib.Path
        The file; its folder is made where it does not exist.
    data : bytes
        The new content.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    # Not from tempfile: its files are for their owner only, also after the renaming.
    temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    try:
        with temporary.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)


def file_sha256(path):
    """SHA-256 of a file.

    Parameters
    ----------
    path : str or path-like
        The file.

    Returns
    -------
    str
        In hexadecimal.
    """
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def has_sha256(path, sha256):
    """Whether a file is there, can be read, and has the right content.

    Never raises: in a shared cache another process may replace the file right now.

    Parameters
    ----------
    path : str or path-like
        The file.
    sha256 : str
        In hexadecimal.

    Returns
    -------
    bool
        True if all that holds.
    """
    try:
        return file_sha256(path) == sha256
    except OSError:
        return False
