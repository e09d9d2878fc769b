"""What one file gave, and how the pieces of many files become one batch."""

import dataclasses
import math

import numpy as np

from galspec.flags import Flags
from galspec.io import loggrid
from galspec.io.limits import MAX_PIXELS, LimitError
from galspec.spectra import SpectrumBatch

__all__ = ["MORE_FIELDS", "Piece", "assemble", "number", "unreadable"]

#: The grid of LAMOST: the axis of a batch in which no file could be read.
NOMINAL = (35_682, 3_909)
UNKNOWN = -9999
PIXEL_FIELDS = ("flux", "ivar", "mask")
ROW_FIELDS = ("redshift", "ra", "dec", "snr_r")
#: What a survey may state besides; NaN where it does not.
MORE_FIELDS = ("snr_g", "snr_i", "redshift_err")


@dataclasses.dataclass(frozen=True, eq=False)
class Piece:
    """The spectra of one file, in the file's own precision and byte order.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,), float64
        Vacuum angstrom, ascending.
    flux, ivar, mask : `numpy.ndarray`, shape (n, n_pix)
    redshift, ra, dec, snr_r : `numpy.ndarray`, shape (n,)
        NaN where unknown; coordinates in degrees; the signal-to-noise ratio is the
        survey's own, in its r band.
    obsid : list of str
    first : int or None
        First index on the grid of `galspec.io.loggrid`; None if off that grid.
    file, problem : str
        Name of the file; why it could not be read.
    more : dict of str to `numpy.ndarray`, shape (n,)
        What else the file states, of `MORE_FIELDS`.
    """

    wavelength: np.ndarray
    flux: np.ndarray
    ivar: np.ndarray
    mask: np.ndarray
    redshift: np.ndarray
    ra: np.ndarray
    dec: np.ndarray
    snr_r: np.ndarray
    obsid: list
    first: int | None = None
    file: str = ""
    problem: str = ""
    more: dict = dataclasses.field(default_factory=dict)

    def __len__(self):
        return len(self.obsid)

    def check_shapes(self):
        """Make sure that a damaged file cannot spoil the batch it becomes part of.

        Raises
        ------
        ValueError
            If the arrays do not fit each other, or hold no real numbers.
        """
        pixels, rows = (len(self), len(self.wavelength)), (len(self),)
        fields = {name: (getattr(self, name), pixels) for name in PIXEL_FIELDS}
        fields |= {name: (getattr(self, name), rows) for name in ROW_FIELDS}
        fields |= {name: (column, rows) for name, column in self.more.items()}
        for name, (values, shape) in fields.items():
            if values.shape != shape:
                raise ValueError(f"{name} has shape {values.shape}, not {shape}")
            if values.dtype.kind not in "fiub":
                raise ValueError(f"{name} is of type {values.dtype}, no real numbers")

    def __getitem__(self, rows):
        """The piece with a slice of its rows."""
        names = (*PIXEL_FIELDS, *ROW_FIELDS, "obsid")
        cut = {name: getattr(self, name)[rows] for name in names}
        cut["more"] = {name: column[rows] for name, column in self.more.items()}
        return dataclasses.replace(self, **cut)


def on_axis(wavelength):
    """An axis as float64, and its place on the shared grid.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,)
        Angstrom, of any float type.

    Returns
    -------
    wavelength : `numpy.ndarray`, float64
        The exact grid where the axis lies on it (files round it to float32).
    first : int or None
    """
    if len(wavelength) > MAX_PIXELS:
        raise LimitError(
            f"{len(wavelength)} pixels; a spectrum may have {MAX_PIXELS} at most"
        )
    if wavelength.dtype.kind not in "fiu":
        raise ValueError(f"the wavelengths are of type {wavelength.dtype}, no numbers")
    first = loggrid.first_index(wavelength)
    if first is not None:
        return loggrid.axis(first, len(wavelength)), first
    if not loggrid.looks_like_wavelength(wavelength):
        raise ValueError("the wavelengths do not ascend or are not optical")
    return wavelength.astype(np.float64), None


def number(value):
    """A float from a header or table; NaN where it is missing, -9999 or no number.

    Parameters
    ----------
    value : object

    Returns
    -------
    float
    """
    try:
        value = float(value)
    except (TypeError, ValueError):
        return np.nan
    return value if math.isfinite(value) and value != UNKNOWN else np.nan


def unreadable(problem):
    """The piece that stands for a file that could not be read.

    Parameters
    ----------
    problem : str
        The reason.

    Returns
    -------
    Piece
        One row without pixels.
    """
    nothing, unknown = np.empty((1, 0)), np.full(1, np.nan)
    return Piece(
        np.empty(0), *[nothing] * 3, *[unknown] * 4, obsid=[""], problem=problem
    )


def assemble(pieces, more=()):
    """Join pieces to a batch, one row a spectrum, in their order.

    Parameters
    ----------
    pieces : list of Piece
    more : sequence of str
        Those of `MORE_FIELDS` that become identifiers too.

    Returns
    -------
    SpectrumBatch
        With one shared axis where all pieces lie on the same log grid or have equal
        axes; otherwise an axis a row, continued under the mask.
    """
    if not pieces:
        return SpectrumBatch.concatenate([])
    wavelength, offsets = _common_axis(pieces)
    shape = (sum(map(len, pieces)), wavelength.shape[-1])
    flux, ivar = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
    mask = np.ones(shape, bool)
    row = 0
    for piece, offset in zip(pieces, offsets, strict=True):
        rows = slice(row, row + len(piece))
        pixels = slice(offset, offset + len(piece.wavelength))
        flux[rows, pixels], ivar[rows, pixels] = piece.flux, piece.ivar
        mask[rows, pixels] = piece.mask
        row += len(piece)
    return SpectrumBatch.from_arrays(
        wavelength,
        flux,
        ivar=ivar,
        mask=mask,
        redshift=np.concatenate([piece.redshift for piece in pieces]),
        ids=_identifiers(pieces, more),
        flags=_per_row(pieces, [_flag(piece) for piece in pieces]),
    )


def _common_axis(pieces):
    """The axis of a batch, and the pixel at which each piece begins on it."""
    good = [piece for piece in pieces if not piece.problem]
    if not good:
        return loggrid.axis(*NOMINAL), [0] * len(pieces)
    if all(piece.first is not None for piece in good):
        first = min(piece.first for piece in good)
        end = max(piece.first + len(piece.wavelength) for piece in good)
        offsets = [0 if p.first is None else p.first - first for p in pieces]
        return loggrid.axis(first, end - first), offsets
    axis = good[0].wavelength
    if not all(np.array_equal(axis, piece.wavelength) for piece in good):
        n_pix = max(len(piece.wavelength) for piece in good)
        each = [_extended(piece.wavelength, n_pix) for piece in pieces]
        axis = np.repeat(each, [len(piece) for piece in pieces], axis=0)
    return axis, [0] * len(pieces)


def _extended(wavelength, n_pix):
    """The axis continued to ``n_pix`` pixels, ascending."""
    if not len(wavelength):
        return loggrid.axis(NOMINAL[0], n_pix)
    return np.append(
        wavelength, wavelength[-1] + np.arange(1, n_pix - len(wavelength) + 1)
    )


def _flag(piece):
    return int(Flags.UNREADABLE) if piece.problem else 0


def _identifiers(pieces, more):
    ids = {
        "file": _per_row(pieces, [piece.file for piece in pieces]),
        "obsid": np.array([obsid for piece in pieces for obsid in piece.obsid]),
    }
    for name in ("ra", "dec", "snr_r"):
        ids[name] = np.concatenate([getattr(piece, name) for piece in pieces])
    for name in more:
        unknown = [np.full(len(piece), np.nan) for piece in pieces]
        columns = [p.more.get(name, u) for p, u in zip(pieces, unknown, strict=True)]
        ids[name] = np.concatenate(columns)
    ids["problem"] = _per_row(pieces, [piece.problem for piece in pieces])
    return ids


def _per_row(pieces, values):
    return np.repeat(values, [len(piece) for piece in pieces])
