"""How much a file may ask for: kilobytes can announce, or unpack to, gigabytes."""

import os

__all__ = [
    "MAX_HEADER",
    "MAX_PIXELS",
    "MAX_UNITS",
    "LimitError",
    "bytes_allowed",
    "check_bytes",
    "check_column",
    "check_image",
    "max_table",
    "max_unpacked",
]

#: Bytes of one FITS header: 50 000 cards, some twenty times those of DESI.
MAX_HEADER = 2**22
#: Pixels of a spectrum: those of the surveys that are read have 10 000 at most.
MAX_PIXELS = 2**16
#: Values of one column of a table with spectra, or about them.
MAX_VALUES = 2**20
#: Header-data units of a file with spectra.
MAX_UNITS = 1000


class LimitError(ValueError):
    """A file asks for more than it may."""


def check_image(shape):
    """Refuse an image whose rows are no spectra.

    Parameters
    ----------
    shape : tuple of int

    Raises
    ------
    LimitError
        If they have more than `MAX_PIXELS` pixels.
    """
    if shape and shape[-1] > MAX_PIXELS:
        raise LimitError(
            f"an image with rows of {shape[-1]} pixels; spectra have {MAX_PIXELS} at "
            "most"
        )


def check_column(name, n_values):
    """Refuse a column that is none of spectra.

    Parameters
    ----------
    name : str
    n_values : int

    Raises
    ------
    LimitError
        If it has more than `MAX_VALUES` values.
    """
    if n_values > MAX_VALUES:
        raise LimitError(
            f"column {name} has {n_values} values; {MAX_VALUES} are read at most"
        )


def check_bytes(size, *, table=False):
    """Refuse to unpack more bytes than `max_unpacked`, or `max_table`.

    Parameters
    ----------
    size : int
    table : bool
        Whether it is a table of photometry.

    Raises
    ------
    LimitError
        If the limit is exceeded.
    """
    limit = max_table() if table else max_unpacked()
    if size > limit:
        setting = "GALSPEC_MAX_TABLE" if table else "GALSPEC_MAX_UNPACKED"
        raise LimitError(
            f"unpacks to more than {limit} bytes; the environment variable {setting} "
            "sets the limit"
        )


def max_unpacked():
    """Bytes that a compressed spectrum, image or line table may unpack to.

    Returns
    -------
    int
        ``GALSPEC_MAX_UNPACKED`` of the environment, else 256 MiB.

    Raises
    ------
    LimitError
        If that is no number of bytes.
    """
    return bytes_allowed("GALSPEC_MAX_UNPACKED", 2**28)


def max_table():
    """Bytes that the columns of a compressed table of photometry may unpack to.

    Returns
    -------
    int
        ``GALSPEC_MAX_TABLE`` of the environment, else 4 GiB.

    Raises
    ------
    LimitError
        If that is no number of bytes.
    """
    return bytes_allowed("GALSPEC_MAX_TABLE", 2**32)


def bytes_allowed(name, default):
    """A limit that the environment may set.

    Parameters
    ----------
    name : str
        Of the variable.
    default : int

    Returns
    -------
    int

    Raises
    ------
    LimitError
        If the variable is no number of bytes.
    """
    text = os.environ.get(name, "")
    if text and not text.isdecimal():
        raise LimitError(f"{name} is {text!r}; it has to be a number of bytes")
    return int(text) if text else default
