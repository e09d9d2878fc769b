"""Finished parts of a catalogue on disk, so that a run can be taken up again."""

import json
import os
import pathlib
import zipfile

import numpy as np

__all__ = ["CatalogError", "Parts"]

MANIFEST = "manifest.json"
#: Changes when parts are written differently.
FORMAT = 1
COLUMN = "column."


class CatalogError(RuntimeError):
    """An unfinished catalogue is in the way of the one that is asked for."""


class Parts:
    """A folder with a manifest, which says what is being made, and the parts of it.

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
        If the folder holds parts of another catalogue, or something else.
    """

    def __init__(self, folder, manifest, overwrite=False):
        self.folder = pathlib.Path(folder)
        manifest = json.loads(json.dumps({"format": FORMAT, **manifest}))
        self.folder.mkdir(exist_ok=True)
        self._refuse_strangers()
        before = self._manifest()
        if before is not None and before != manifest:
            if not overwrite:
                raise CatalogError(_difference(self.folder, before, manifest))
            self._empty()
        if before != manifest:
            _write(self.folder / MANIFEST, json.dumps(manifest, indent=1).encode())

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
        np.savez_compressed(draft, state=np.array(state), **columns)
        _replace(draft, self._path(number))

    def remove(self):
        """Remove the folder, when the catalogue is written."""
        self._empty()
        self.folder.rmdir()

    def _path(self, number):
        return self.folder / f"part-{number:06d}.npz"

    def _files(self):
        return [*self.folder.glob("part-*.npz"), *self.folder.glob("draft.*")]

    def _empty(self):
        for path in [*self._files(), self.folder / MANIFEST]:
            path.unlink(missing_ok=True)

    def _refuse_strangers(self):
        strangers = {*self.folder.iterdir()} - {*self._files(), self.folder / MANIFEST}
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
