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

__all__ = ["AstropyHDU", "astropy_hdus"]

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
    # astropy goes through a thousand million axes that a header announces
    hdus = fits_light.iter_hdus(buffer, strict=False)
    units = sum(1 for _ in itertools.islice(hdus, MAX_UNITS + 1))
    if units > MAX_UNITS:
        raise LimitError(f"more than {MAX_UNITS} units are no spectra")

    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(io.BytesIO(buffer)) as hdus:
            yield [AstropyHDU(hdu) for hdu in hdus]
