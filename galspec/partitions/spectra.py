"""Partitions of tables with spectra."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.gathering import COLUMNS
from galspec.partitions.columns import (
    fields_of,
    lists_of,
    names_of,
    numbers_of,
    padded,
    place_of,
)
from galspec.partitions.files import SpectraInFiles
from galspec.spectra import SpectrumBatch

__all__ = ["SpectraInRows", "SpectrumColumns"]

#: Names under which columns are found; logarithms are what surveys save beside.
KNOWN = {**COLUMNS, "loglam": ("loglam", "log_wavelength"), "file": ("file",)}
#: Roles that hold a number for each pixel.
PIXELS = ("wavelength", "loglam", "flux", "ivar", "uncertainty", "mask")
#: Units where columns have none, as everywhere in galspec.
UNITS = {"wavelength": "AA", "flux": ""}
#: Fewest pixels that an axis is made of where no row has any.
FEWEST = 2


@dataclasses.dataclass(frozen=True)
class SpectrumColumns:
    """Which columns of a partition hold what, as `SpectrumBatch.gather` calls it.

    Parameters
    ----------
    wavelength : str or `~astropy.units.Quantity`, optional
        A column with an array a row, or one axis for all rows.
    loglam : str, optional
        A column with log10 of the wavelength instead.
    flux, ivar, uncertainty, mask : str, optional
        Columns with an array a row.
    redshift : str or float, optional
        A column with a number a row, or one for all.
    file : str, optional
        A column with names of files, instead of all others.
    units : dict of str to str, optional
        Of ``wavelength`` (angstrom) and ``flux`` (any per wavelength).
    medium : {'vacuum', 'air'}, optional
        What wavelengths are measured in.

    Raises
    ------
    ValueError
        If units are of something else, the axis has no single dimension, or there is
        no such medium.
    """

    wavelength: object = None
    loglam: str | None = None
    flux: str | None = None
    ivar: str | None = None
    uncertainty: str | None = None
    mask: str | None = None
    redshift: str | float | None = None
    file: str | None = None
    units: dict | None = None
    medium: str | None = None

    def __post_init__(self):
        import astropy.units as u

        if self.medium not in (None, "vacuum", "air"):
            raise ValueError(f"medium is {self.medium!r}; it can be 'vacuum' or 'air'")
        if self.wavelength is not None and self.loglam is not None:
            raise ValueError("wavelength and loglam are given: one of them is enough")
        if set(self.units or {}) - set(UNITS):
            raise ValueError(
                f"units are given for {', '.join(self.units)}; they can be for "
                f"{' and '.join(UNITS)}"
            )
        units = UNITS | (self.units or {})
        if not isinstance(self.wavelength, (str, type(None))):
            axis = u.Quantity(self.wavelength)
            if axis.unit != u.dimensionless_unscaled:
                units["wavelength"] = axis.unit.to_string()
            if axis.ndim != 1:
                raise ValueError(f"wavelength has shape {axis.shape}; one axis serves")
            object.__setattr__(self, "wavelength", np.asarray(axis.value, float))
        object.__setattr__(self, "units", units)
        for unit in units.values():
            u.Unit(unit)

    def of(self, frame):
        """How a partition is read: by rows, or by the files that its rows name.

        Parameters
        ----------
        frame : pandas.DataFrame
            May be empty; its columns count.

        Returns
        -------
        SpectraInRows or SpectraInFiles

        Raises
        ------
        ValueError
            If a column is missing.
        """
        found = {role: self._found(role, frame) for role in KNOWN}
        named = {role for role in (*PIXELS, "file") if getattr(self, role) is not None}
        if found["file"] is not None and (
            "file" in named or (found["flux"] is None and not named)
        ):
            if self.medium == "air":
                raise ValueError("medium is 'air', but files tell it themselves")
            return SpectraInFiles(found["file"], found["redshift"])
        # one of the two is enough, and what was told counts
        if self.loglam is not None:
            found["wavelength"] = None
        elif found["wavelength"] is not None:
            found["loglam"] = None
        if found["flux"] is None or found["wavelength"] is found["loglam"] is None:
            looked = ", ".join((*KNOWN["wavelength"], *KNOWN["loglam"]))
            raise ValueError(
                f"no columns for spectra: looked for flux and one of {looked}, or for "
                f"file, among {', '.join(names_of(frame)) or 'no columns'}; say "
                "flux=, wavelength= or file="
            )
        return SpectraInRows(found, self.units, self.medium)

    def _found(self, role, frame):
        """The column of a role; what was given for all rows; or None."""
        given = getattr(self, role)
        if given is not None:
            if isinstance(given, str):
                self._check(role, given, frame)
            return given
        nested = [n for n in frame.columns if fields_of(frame[n].dtype)]
        plain = [n for n in frame.columns if n not in nested]
        fields = [n for n in names_of(frame) if n.partition(".")[0] in nested]
        accepted = KNOWN[role]
        names = [n for a in accepted for n in plain if str(n).lower() == a]
        if role in PIXELS:
            names += [
                n for a in accepted for n in fields if n.rpartition(".")[2].lower() == a
            ]
        return next(iter(names), None)

    def _check(self, role, name, frame):
        _, field = place_of(name, frame)
        if field and role not in PIXELS:
            raise ValueError(
                f"{role} is {name!r}: a column with one value a row is needed, not a "
                "field of a nested one"
            )


@dataclasses.dataclass(frozen=True)
class SpectraInRows:
    """A spectrum in each row of a partition.

    Parameters
    ----------
    found : dict of str to object
        Columns by their roles.
    units, medium
        As for `SpectrumColumns`.
    """

    found: dict
    units: dict
    medium: str | None

    @property
    def needed(self):
        """Names of the columns that are read."""
        return [name for name in self.found.values() if isinstance(name, str)]

    def batches(self, frame, estimator, size):
        """The spectra of a partition, some rows at a time.

        Parameters
        ----------
        frame : pandas.DataFrame
        estimator : `~galspec.SpectralEstimator`
        size : int
            Rows a batch.

        Yields
        ------
        `~galspec.SpectrumBatch`
            A row that has no spectrum, or arrays of different lengths, is masked.
        """
        for start in range(0, len(frame), size):
            yield self._batch(frame.iloc[start : start + size])

    def rows(self, frame, table):
        """Rows of a partition and of its result that belong together: all, in order."""
        return slice(None), slice(None)

    def _batch(self, frame):
        import astropy.units as u

        pixels, torn = self._pixels(frame)
        wavelength = pixels.pop("wavelength") * u.Unit(self.units["wavelength"])
        flux = pixels.pop("flux") * u.Unit(self.units["flux"])
        columns = {"wavelength": wavelength, "flux": flux, **pixels}
        redshift = self.found["redshift"]
        if isinstance(redshift, str):
            redshift = numbers_of(frame[redshift])
        batch = SpectrumBatch.gather(columns, redshift=redshift, medium=self.medium)
        flags = batch.flags | np.where(torn, int(Flags.UNREADABLE), 0)
        return batch.replace(flags=flags)

    def _pixels(self, frame):
        """Arrays of the roles, of one width, and rows whose arrays do not fit."""
        given = {role: self.found[role] for role in PIXELS}
        axis = given["wavelength"]
        axis = axis if isinstance(axis, np.ndarray) else None
        lists = {
            role: lists_of(frame, name)
            for role, name in given.items()
            if isinstance(name, str)
        }
        lengths = lists["flux"][0]
        if axis is not None:
            lengths = np.where(lengths > 0, len(axis), 0)
        bad = np.any([own != lengths for own, _ in lists.values()], axis=0)
        width = len(axis) if axis is not None else lengths.max(initial=FEWEST)
        arrays = {
            role: padded(*_without(bad, *pair), width) for role, pair in lists.items()
        }
        empty = lists["flux"][0] == 0
        return _with_wavelength(arrays, axis, bad | empty), bad & ~empty


def _without(bad, lengths, values):
    """Lists without those of bad rows."""
    if not bad.any():
        return lengths, values
    return np.where(bad, 0, lengths), values[np.repeat(~bad, lengths)]


def _with_wavelength(arrays, axis, empty):
    """The arrays with wavelengths, of whatever tells them."""
    if axis is not None:
        return {"wavelength": axis, **arrays}
    if "loglam" in arrays:
        arrays["wavelength"] = 10 ** arrays.pop("loglam")
    if empty.any() and not empty.all():
        # so that one empty row does not cost the others that they share an axis
        arrays["wavelength"][empty] = arrays["wavelength"][~empty][0]
    return arrays
