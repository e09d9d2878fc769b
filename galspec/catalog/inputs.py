"""What a catalogue is made of: files, and what a table knows about them."""

import collections.abc
import dataclasses
import hashlib
import os
import pathlib

import numpy as np

from galspec.catalog.columns import floats, texts

__all__ = ["Inputs"]

ENDINGS = (".fits", ".fits.gz", ".fit", ".fit.gz")
#: Columns of a table that take precedence over what the files say.
NUMBERS = {"redshift": ("redshift", "z"), "snr_r": ("snr_r",)}
ANGLES = {"ra": ("ra",), "dec": ("dec",)}
#: LAMOST writes this where it does not know.
UNKNOWN = -9999


@dataclasses.dataclass(frozen=True, eq=False)
class Inputs:
    """Files in their order, with what is known of each.

    Parameters
    ----------
    names : list of str
        File names.
    known : dict of str to `numpy.ndarray`
        Columns ``obsid``, ``ra``, ``dec``, ``redshift``, ``snr_r`` as far as given;
        NaN, or empty, where a file is not known about.
    """

    names: list
    known: dict

    def __len__(self):
        return len(self.names)

    @classmethod
    def of(cls, files, without=None):
        """Find the files that an argument means.

        Parameters
        ----------
        files : path-like, iterable of path-like, table or mapping
            A file, a folder (every FITS file below it, in alphabetical order), a list
            of these, or a table with the column ``file`` and any of those in ``known``
            (``z`` for ``redshift`` too).
        without : path-like, optional
            A file in a folder that is no spectrum: the catalogue itself.

        Returns
        -------
        Inputs

        Raises
        ------
        TypeError
            If it is nothing of that kind.
        ValueError
            If there is no file, or a table has no column ``file``.
        """
        known = {}
        if isinstance(files, collections.abc.Mapping) or hasattr(files, "colnames"):
            files, known = _of_table(files)
            names = files.tolist()
        else:
            names = [n for word in _words(files) for n in _expanded(word, without)]
        if not names:
            raise ValueError("there are no files to make a catalogue of")
        return cls(names, known)

    def completed(self, batch, rows):
        """A batch with what is known of its files in place of what they say.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`
            With ``file`` among its identifiers.
        rows : slice
            Which of the files it comes from.

        Returns
        -------
        `~galspec.SpectrumBatch`
        """
        if not self.known:
            return batch
        places = {name: row for row, name in enumerate(self.names[rows], rows.start)}
        index = np.array([places[name] for name in batch.ids["file"].tolist()], int)
        ids = dict(batch.ids)
        for name, column in self.known.items():
            old = batch.redshift if name == "redshift" else ids[name]
            new = column[index]
            ids[name] = np.where(_given(new), new, old)
        redshift = ids.pop("redshift", None)
        return type(batch).gather(batch.replace(ids=ids), redshift=redshift)

    def digest(self):
        """SHA-256 of the names and of what is known about them.

        Returns
        -------
        str
        """
        total = hashlib.sha256()
        for name in self.names:
            total.update(os.fsencode(name) + b"\0")
        for name in sorted(self.known):
            total.update(f"{name}\0{self.known[name].tolist()}\0".encode())
        return total.hexdigest()

    def state(self, rows):
        """SHA-256 of the sizes and times of some files: tells whether they changed.

        Parameters
        ----------
        rows : slice

        Returns
        -------
        str
        """
        total = hashlib.sha256()
        for name in self.names[rows]:
            total.update(_stamp(name) + b"\0")
        return total.hexdigest()


def _words(files):
    if isinstance(files, (str, bytes, os.PathLike)):
        files = [files]
    try:
        return [os.fsdecode(name) for name in files]
    except TypeError as error:
        raise TypeError(
            f"files is {files!r}; a file, a folder, a list of these or a table with "
            "the column 'file' is needed"
        ) from error


def _expanded(word, without):
    """A file as it is; a folder as the files below it."""
    folder = pathlib.Path(word)
    if not folder.is_dir():
        return [word]
    # hidden are what other programs keep there, and drafts of tables
    inside = (path.relative_to(folder) for path in folder.rglob("*"))
    names = sorted(
        str(folder / path)
        for path in inside
        if str(path).lower().endswith(ENDINGS)
        and not any(part.startswith(".") for part in path.parts)
    )
    if without is not None:
        own = os.path.abspath(without)
        names = [name for name in names if os.path.abspath(name) != own]
    if not names:
        raise ValueError(f"there is no FITS file ({', '.join(ENDINGS)}) below {word}")
    return names


def _of_table(table):
    columns = list(getattr(table, "colnames", table))
    if "file" not in columns:
        raise ValueError(
            f"the table of files has no column 'file'; it has {', '.join(columns)}"
        )
    known = {}
    for name, aliases in {**NUMBERS, **ANGLES}.items():
        for alias in aliases:
            if alias in columns and name not in known:
                known[name] = _numbers(table[alias], name in ANGLES)
    if "obsid" in columns:
        known["obsid"] = texts(table["obsid"])
    files = texts(table["file"])
    for name, column in known.items():
        if column.shape != files.shape:
            raise ValueError(
                f"column {name!r} has shape {column.shape}; there are {len(files)} "
                "files"
            )
    return files, known


def _numbers(column, is_angle):
    if is_angle and getattr(column, "unit", None) is not None:
        import astropy.units as u

        column = u.Quantity(floats(column), column.unit).to(u.deg)
    values = floats(column)
    return np.where(values == UNKNOWN, np.nan, values)


def _given(values):
    return values != "" if values.dtype.kind == "U" else ~np.isnan(values)


def _stamp(name):
    try:
        about = os.stat(name)
    except OSError:
        return b"-"
    return f"{about.st_size} {about.st_mtime_ns}".encode()
