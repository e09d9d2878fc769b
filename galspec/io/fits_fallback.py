"""astropy's FITS reader behind the small interface of `galspec.io.fits_light`.

For files that are valid but unusual: scaled columns, tile compression, long strings.
"""

import contextlib
import io
import math
import threading
import warnings

import numpy as np

__all__ = ["AstropyHDU", "astropy_hdus"]

#: No image is unpacked that claims more values than this.
MAX_VALUES = 2**27

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
        if math.prod(self._hdu.shape) > MAX_VALUES:
            raise ValueError(f"an image of {self._hdu.shape} is no spectrum")
        return np.asarray(self._hdu.data)

    @property
    def columns(self):
        """Names of the table's columns in upper case; none for an image."""
        columns = getattr(self._hdu, "columns", None)
        return [] if columns is None else [name.upper() for name in columns.names]

    def column(self, name):
        """A column by its name, shape (rows, repeat)."""
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
    """
    from astropy.io import fits

    with _warning_filters, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with fits.open(io.BytesIO(buffer)) as hdus:
            yield [AstropyHDU(hdu) for hdu in hdus]
