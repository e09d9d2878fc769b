"""Finished parts of a catalogue on disk, so that a run can be taken up again."""

import contextlib
import json
import os
import pathlib
import zipfile

import filelock
import numpy as np

__all__ = ["CatalogError", "Parts", "is_unfinished", "parts_folder"]

MANIFEST = "manifest.json"
LOCK = "lock"
#: Changes when parts are written differently.
FORMAT = 1
COLUMN = "column."


class CatalogError(RuntimeError):
    """An unfinished catalogue is in the way of the one that is asked for."""


def parts_folder(output):
    """Where the parts of a catalogue are kept.

    Parameters
    ----------
    output : path-like
        The file that the catalogue will be.

    Returns
    -------
    str
    """
    return f"{os.fspath(output)}.parts"


def is_unfinished(output):
    """Whether a call that was allowed to write an output has begun and not ended.

    Parameters
    ----------
    output : path-like

    Returns
    -------
    bool
    """
    return os.path.exists(os.path.join(parts_folder(output), MANIFEST))


class Parts:
    """A folder with a manifest, which says what is being made, and the parts of it.

    It is locked until `close` or the end of a ``with`` block, by the operating system,
    which also frees it when the process is killed.

    Parameters
    ----------
    folder : path-like
        Made if it does not exist.
    manifest : dict
        Everything that the rows depend on; JSON can hold it.
    overwrite : bool
        Drop parts of another catalogue instead of refusing to.

    Raises
    ------
    CatalogError
        If the folder is in use, or holds parts of another catalogue or something else.
    """

    def __init__(self, folder, manifest, overwrite=False):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(exist_ok=True)
        self._lock = _locked(self.folder)
        try:
            self._refuse_strangers()
            self._begin(manifest, overwrite)
        except BaseException:
            self.close()
            raise

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self.close()

    def close(self):
        """Let others use the folder."""
        self._lock.release()

    def load(self, number, state):
        """A finished part.

        Parameters
        ----------
        number : int
        state : str
            Digest of the part's files; a part of files that have changed since does
            not count.

        Returns
        -------
        dict of str to `numpy.ndarray`, or None
        """
        try:
            with np.load(self._path(number), allow_pickle=False) as stored:
                if stored["state"].item() != state:
                    return None
                # "file" is a column, and numpy's name for where it writes
                return {
                    name.removeprefix(COLUMN): stored[name]
                    for name in stored.files
                    if name.startswith(COLUMN)
                }
        except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile):
            return None  # not there, or spoilt: it is made again

    def store(self, number, state, rows):
        """Keep a finished part, in one step.

        Parameters
        ----------
        number : int
        state : str
        rows : dict of str to `numpy.ndarray`
        """
        draft = self.folder / f"draft.{os.getpid()}.npz"
        columns = {COLUMN + name: values for name, values in rows.items()}
        try:
            np.savez_compressed(draft, state=np.array(state), **columns)
            _replace(draft, self._path(number))
        finally:  # of a full disk nothing is left behind
            draft.unlink(missing_ok=True)

    def remove(self):
        """Remove the folder, when the catalogue is written."""
        self._empty()
        # Windows keeps files that are in use; there the release removes the lock
        with contextlib.suppress(PermissionError):
            (self.folder / LOCK).unlink()
        self.close()
        with contextlib.suppress(OSError):  # somebody begins again already
            self.folder.rmdir()

    def _begin(self, manifest, overwrite):
        """Take up what is there, or make room."""
        manifest = json.loads(json.dumps({"format": FORMAT, **manifest}))
        before = self._manifest()
        if before == manifest:
            return
        if before is not None and not overwrite:
            raise CatalogError(_difference(self.folder, before, manifest))
        self._empty()
        _write(self.folder / MANIFEST, json.dumps(manifest, indent=1).encode())

    def _path(self, number):
        return self.folder / f"part-{number:06d}.npz"

    def _files(self):
        return [*self.folder.glob("part-*.npz"), *self.folder.glob("draft.*")]

    def _empty(self):
        for path in [*self._files(), self.folder / MANIFEST]:
            path.unlink(missing_ok=True)

    def _refuse_strangers(self):
        own = {*self._files(), self.folder / MANIFEST, self.folder / LOCK}
        strangers = {*self.folder.iterdir()} - own
        if strangers:
            names = ", ".join(sorted(path.name for path in strangers)[:3])
            raise CatalogError(
                f"{self.folder} is needed for parts of the catalogue, but holds "
                f"{names}: move that, or choose another output"
            )

    def _manifest(self):
        try:
            return json.loads((self.folder / MANIFEST).read_text())
        except FileNotFoundError:
            return None
        except ValueError:
            return {}


def _locked(folder):
    """The lock of a folder, held."""
    lock = filelock.FileLock(folder / LOCK)
    try:
        lock.acquire(timeout=0)
    except filelock.Timeout:
        raise CatalogError(
            f"{folder} is in use: another process is making this catalogue. Wait for "
            "it, or choose another output"
        ) from None
    return lock


def _difference(folder, before, now):
    changes = [
        f"{name} was {before.get(name)!r} and is now {now.get(name)!r}"
        for name in dict.fromkeys([*before, *now])
        if before.get(name) != now.get(name)
    ]
    return (
        f"{folder} holds the finished parts of another catalogue: "
        f"{'; '.join(changes)}. Repeat the former call to go on with it, or give "
        "overwrite=True to drop them"
    )


def _write(path, content):
    draft = path.with_name(f"draft.{os.getpid()}.json")
    draft.write_bytes(content)
    _replace(draft, path)


def _replace(draft, path):
    """Put a file in its place only when all of it is on disk."""
    with open(draft, "rb+") as file:
        os.fsync(file.fileno())
    os.replace(draft, path)
