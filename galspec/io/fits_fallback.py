"""astropy's FITS reader behind the small interface of `galspec.io.fits_light`.

For files that are valid but unusual: scaled columns, tile compression, long strings.
"""

import contextlib
import io
import itertools
import math
import re
import threading
import warnings

import numpy as np

from galspec.io import fits_light
from galspec.io.limits import (
    MAX_UNITS,
    LimitError,
    check_column,
    check_image,
    max_unpacked,
)

__all__ = ["AstropyHDU", "astropy_hdus", "checked", "checked_end"]

# the list of warning filters belongs to the whole process
_warning_filters = threading.Lock()


class AstropyHDU:
    """An astropy HDU that looks like a `galspec.io.fits_light.LightHDU`."""

    def __init__(self, hdu):
        self.header = hdu.header
        self.name = hdu.name.upper()
        self._hdu = hdu

    def image(self):
        """The image as an array."""
        check_image(self._hdu.shape)
        if 8 * math.prod(self._hdu.shape) > max_unpacked():
            raise LimitError(f"an image of {self._hdu.shape} is no spectrum")
        return np.asarray(self._hdu.data)

    @property
    def columns(self):
        """Names of the table's columns in upper case; none for an image."""
        columns = getattr(self._hdu, "columns", None)
        return [] if columns is None else [name.upper() for name in columns.names]

    def column(self, name):
        """A column by its name, shape (rows, repeat)."""
        form = re.match(r"(\d*)(\w)", self._hdu.columns[name].format)
        if form[2] in "PQ":  # a few bytes a row can point to the same millions
            raise ValueError(f"column {name} has rows of different lengths")
        repeat = 1 if form[2] == "A" else int(form[1] or 1)
        check_column(name, self._hdu.header["NAXIS2"] * max(repeat, 1))
        values = np.asarray(self._hdu.data[name])
        return values.reshape(len(values), -1)


@contextlib.contextmanager
def astropy_hdus(buffer):
    """Open the bytes of a file with astropy, without its warnings.

    Parameters
    ----------
    buffer : bytes-like
        The file, unpacked.

    Yields
    ------
    list of AstropyHDU

    Raises
    ------
    LimitError
        If the file is too large, or of too many units.
    FitsFormatError
        If sizes in its headers are none.
    """
    from astropy.io import fits

    if len(buffer) > max_unpacked():  # astropy would copy what is mapped
        raise LimitError(f"{len(buffer)} bytes are too many for astropy")
    known = buffer[: checked_end(buffer)]
    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(io.BytesIO(known)) as hdus:
            yield [AstropyHDU(hdu) for hdu in hdus]


def checked_end(buffer):
    """Where the units of a file end that astropy can read without harm.

    It goes through a thousand million axes where a header announces them.

    Parameters
    ----------
    buffer : bytes-like
        The file, unpacked.

    Returns
    -------
    int

    Raises
    ------
    LimitError
        If there are too many.
    FitsFormatError
        If sizes in headers are none.
    """
    units = fits_light.iter_hdus(buffer, complete=False, strict=False)
    units = list(itertools.islice(units, MAX_UNITS + 1))
    if len(units) > MAX_UNITS:
        raise LimitError(f"more than {MAX_UNITS} units")
    return units[-1].end


def checked(path, *, table=False):
    """What astropy can open of a FITS file without harm.

    Parameters
    ----------
    path : str
    table : bool
        Whether it is a table of photometry, which may be larger.

    Returns
    -------
    str or `io.BytesIO`
        The name, or the content where it is packed.

    Raises
    ------
    OSError
        If there is no such file or it cannot be opened.
    LimitError, FitsFormatError
        If it unpacks to more than it may, or headers announce what FITS has not.
    """
    buffer = fits_light.load(path, table=table)
    end = checked_end(buffer)
    if bytes(buffer[end : end + 8]).strip(b"\0 "):
        raise fits_light.FitsFormatError(f"what begins at byte {end} is no unit")
    # astropy maps a plain file; it would unpack another one without end
    with open(path, "rb") as file:
        packed = file.read(2) == fits_light.GZIP
    return io.BytesIO(buffer) if packed else path
