"""A strict, light reader of plain FITS files held in memory.

`astropy.io.fits` spends milliseconds on a file whose few numbers can be had in a tenth
of one. This reader takes only what is simple (images, and binary tables of fixed
width) and refuses everything else; whoever calls it falls back to astropy.
The layout is that of the FITS standard 4.0 (Pence et al. 2010, A&A 524, A42; and
https://fits.gsfc.nasa.gov/fits_standard.html), sections 3, 4 and 7.3.
"""

import functools
import math
import mmap
import os
import re
import stat

import numpy as np

from galspec.io.limits import (
    MAX_HEADER,
    LimitError,
    check_bytes,
    check_column,
    check_image,
    max_table,
    max_unpacked,
)

try:  # twice as fast, with the same interface
    from zlib_ng import zlib_ng as zlib
except ImportError:
    import zlib

__all__ = ["FitsFormatError", "TruncatedError", "iter_hdus", "load"]

#: Plain files above this size are mapped instead of read: most of a DESI file is the
#: resolution matrix, which nobody asked for.
MAPPED_SIZE = 2**23

#: Bytes at a time behind the first member of a gzip stream.
SMALL_CHUNK = 2**14

BLOCK, CARD = 2880, 80
#: Axes of an image and columns of a table.
MOST = 999
END = b"END".ljust(CARD)
GZIP = b"\x1f\x8b"
OTHER_COMPRESSION = {b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"PK": "zip", b"\x1f\x9d": "Z"}
PRINTABLE = bytes(range(0x20, 0x7F))
DTYPES = {"L": "S1", "B": "u1", "I": ">i2", "J": ">i4", "K": ">i8", "E": ">f4"} | {
    "D": ">f8"
}
IMAGE_DTYPES = {8: "u1", 16: ">i2", 32: ">i4", 64: ">i8", -32: ">f4", -64: ">f8"}

_TEXT = re.compile(r"'((?:[^']|'')*)'")
_TTYPE = re.compile(rb"TTYPE(\d+) *= *'([^']*)'")
_SCALED = re.compile(rb"(?:TSCAL|TZERO)(\d+) *= ")
_TFORM = re.compile(rb"TFORM(\d+) *= *'(\d*)([A-Z])[^']*'")


class FitsFormatError(ValueError):
    """The file is no FITS file of the simple kind that is read here."""


class TruncatedError(FitsFormatError):
    """The file ends before its data do."""


def load(path, *, table=False):
    """The bytes of a file, unpacked where gzipped (told by content, not by name).

    Parameters
    ----------
    path : str
        A regular file.
    table : bool
        Whether it is a table of photometry, which may be larger.

    Returns
    -------
    bytes or `mmap.mmap`

    Raises
    ------
    OSError
        If there is no such file or it cannot be opened.
    FitsFormatError
        If it is empty, not a regular file, or badly compressed.
    LimitError
        If it unpacks to more than `galspec.io.limits.check_bytes` allows.
    """
    size = _regular_size(path)
    with open(path, "rb") as file:
        if size > MAPPED_SIZE and file.read(2) != GZIP:
            return mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        file.seek(0)
        content = file.read()
    for magic, name in OTHER_COMPRESSION.items():
        if content.startswith(magic):
            raise FitsFormatError(f"compressed with {name}; only gzip is read")
    return _gunzip(content, table) if content.startswith(GZIP) else content


def _regular_size(path):
    status = os.stat(path)
    if stat.S_ISDIR(status.st_mode):
        raise FitsFormatError("is a directory")
    if not stat.S_ISREG(status.st_mode):  # opening a pipe would wait for ever
        raise FitsFormatError("is not a regular file")
    if status.st_size == 0:
        raise FitsFormatError("is empty")
    return status.st_size


def _gunzip(content, table):
    """Unpack all members of a gzip stream, checking lengths and sums."""
    limit = max_table() if table else max_unpacked()
    parts, room, chunk = [], limit, len(content)
    while content[:2] == GZIP:
        stream = zlib.decompressobj(wbits=31)
        while not stream.eof:
            try:
                part = stream.decompress(content[:chunk], room + 1)
            except zlib.error as error:
                raise FitsFormatError(f"damaged gzip stream: {error}") from error
            room -= len(part)
            check_bytes(limit - room, table=table)
            if not stream.eof and len(content) <= chunk:
                raise TruncatedError("truncated gzip stream")
            parts.append(part)
            left = len(stream.unused_data)
            content = memoryview(content)[min(chunk, len(content)) - left :]
        # a rest is copied for each member: of thousands of them, only a little
        chunk = SMALL_CHUNK
    return b"".join(parts)


class Header:
    """The cards of one header; values are parsed when they are asked for."""

    def __init__(self, cards, strict=True):
        if strict and cards.translate(None, PRINTABLE):
            raise FitsFormatError("the header has characters that FITS does not allow")
        self.cards = cards
        # from the back, so that the first of several equal keywords stays
        starts = range(len(cards) // CARD * CARD - CARD, -1, -CARD)
        self._places = {cards[at : at + 10]: at for at in starts}

    def get(self, key, default=None):
        """The value of a keyword: bool, int, float or str.

        Raises
        ------
        FitsFormatError
            If the card holds no FITS value.
        """
        at = self._places.get(key.encode().ljust(8) + b"= ")
        if at is None:
            return default
        value = _value(self.cards[at + 10 : at + CARD].decode(), key)
        return default if value is None else value

    def integer(self, key, default=None):
        """The value of a keyword that has to be a whole number, not negative."""
        value = self.get(key, default)
        if type(value) is not int or value < 0:
            raise FitsFormatError(f"{key} is {value!r}, not a number of things")
        return value


@functools.lru_cache(1024)  # most cards say the same in every file
def _value(text, key):
    text = text.strip()
    if text.startswith("'"):
        match = _TEXT.match(text)
        if match is None:
            raise FitsFormatError(f"{key} has an unclosed string")
        return match[1].replace("''", "'").rstrip()
    text = text.partition("/")[0].rstrip()
    if text in ("T", "F", ""):
        return {"T": True, "F": False, "": None}[text]
    for parse in (int, float):
        try:
            return parse(text.replace("D", "E"))
        except ValueError:
            pass
    raise FitsFormatError(f"{key} has the unreadable value {text!r}")


class LightHDU:
    """One header and its data inside a buffer."""

    def __init__(self, header, buffer, start, end):
        self.header = header
        #: Where the next unit begins.
        self.end = end
        self.name = str(header.get("EXTNAME", "")).upper()
        self._buffer = buffer
        self._start = start
        self._fields = self._shape = self._scaled = None

    def image(self):
        """The image, of the file's byte order; scaled if the header says so."""
        axes = range(self.header.integer("NAXIS"), 0, -1)
        shape = tuple(self.header.integer(f"NAXIS{i}") for i in axes)
        check_image(shape)
        dtype = IMAGE_DTYPES[self.header.get("BITPIX")]
        image = np.ndarray(shape, dtype, self._buffer, self._start)
        scale, zero = self.header.get("BSCALE", 1), self.header.get("BZERO", 0)
        return image if (scale, zero) == (1, 0) else image * float(scale) + zero

    @property
    def columns(self):
        """Names of the table's columns in upper case; none for an image."""
        if self._fields is None:
            is_table = self.header.get("XTENSION") == "BINTABLE"
            self._fields = self._table_fields() if is_table else {}
        return self._fields.keys()

    def column(self, name):
        """A column by its name in upper case, shape (rows, repeat); text as bytes."""
        if name not in self.columns:
            raise FitsFormatError(f"the table has no column {name}")
        number, offset, repeat, code = self._fields[name]
        if number in self._scaled:
            raise FitsFormatError(f"column {name} is scaled")
        if code != "A" and code not in DTYPES:
            raise FitsFormatError(f"column {name} is of type {code}")
        if repeat == 0:  # rows without a byte could be any number
            raise FitsFormatError(f"column {name} is empty")
        n_rows, row_length = self._shape
        shape = (n_rows, 1 if code == "A" else repeat)
        check_column(name, math.prod(shape))
        dtype = np.dtype(f"S{repeat}" if code == "A" else DTYPES[code])
        strides = (row_length, dtype.itemsize)
        start = self._start + offset
        return np.ndarray(shape, dtype, self._buffer, start, strides)

    def _table_fields(self):
        """Number, offset, repeat and type code of each column, by upper-case name."""
        fields, width, self._scaled = _fields(self.header.cards)
        self._shape = self.header.integer("NAXIS2"), self.header.integer("NAXIS1")
        if width != self._shape[1]:
            raise FitsFormatError("the columns do not add up to the table's width")
        return fields


@functools.lru_cache(16)  # the tables of a survey are alike
def _fields(cards):
    """Columns of a table by name, their width, and which are scaled."""
    names = dict(_TTYPE.findall(cards))
    fields, offset = {}, 0
    for number, repeat, code in _TFORM.findall(cards):
        name = names.get(number, b"").decode().strip().upper()
        repeat, code = int(repeat or 1), code.decode()
        fields[name] = (number, offset, repeat, code)
        offset += _width(repeat, code)
    return fields, offset, frozenset(_SCALED.findall(cards))


def _width(repeat, code):
    """Bytes of a table field (FITS standard 4.0, table 18)."""
    if code == "X":
        return (repeat + 7) // 8
    sizes = {"A": 1, "C": 8, "M": 16, "P": 8, "Q": 16}
    if code in sizes:
        return repeat * sizes[code]
    if code not in DTYPES:
        raise FitsFormatError(f"a column has the unknown type {code}")
    return repeat * np.dtype(DTYPES[code]).itemsize


def iter_hdus(buffer, *, complete=True, strict=True):
    """Walk through the header-data units of a FITS file in memory.

    Parameters
    ----------
    buffer : bytes or `mmap.mmap`
        The file, unpacked.
    complete : bool, optional
        Whether the data must be there too; False to look at the first headers only.
    strict : bool, optional
        Whether to refuse characters in headers that FITS does not allow.

    Yields
    ------
    LightHDU

    Raises
    ------
    FitsFormatError
        If the content is no FITS file of the simple kind.
    TruncatedError
        If it ends before its data.
    """
    if not re.match(rb"SIMPLE  = +T", buffer[:30]):
        raise FitsFormatError("not a FITS file")
    start, opening = 0, b"SIMPLE  "
    while buffer[start : start + 8] == opening:
        header, data = _header(buffer, start, strict)
        size = _data_size(header)
        if complete and data + size > len(buffer):
            raise TruncatedError(
                f"truncated: {data + size} bytes announced, {len(buffer)} there"
            )
        start, opening = data + math.ceil(size / BLOCK) * BLOCK, b"XTENSION"
        yield LightHDU(header, buffer, data, start)
    if complete and start > len(buffer):  # units behind it may be lost as well
        raise TruncatedError("truncated: the last block is not complete")


def _header(buffer, start, strict):
    """The header that begins at ``start``, and where its data begin."""
    last = start + MAX_HEADER
    end = buffer.find(END, start, last)
    while end >= 0 and (end - start) % CARD:
        end = buffer.find(END, end + 1, last)
    if end < 0 and last < len(buffer):
        raise LimitError(f"a header has no end within {MAX_HEADER} bytes")
    if end < 0:
        raise TruncatedError("truncated: a header has no end")
    blocks = (end - start) // BLOCK + 1
    return Header(buffer[start:end], strict), start + blocks * BLOCK


def _data_size(header):
    """Bytes of data after a header (FITS standard 4.0, equation 2)."""
    n_axes = header.integer("NAXIS")
    if header.get("BITPIX") not in IMAGE_DTYPES or n_axes > MOST:
        raise FitsFormatError("BITPIX or NAXIS is not one that FITS knows")
    if header.integer("TFIELDS", 0) > MOST:
        raise FitsFormatError(f"a table has more than {MOST} columns")
    if n_axes == 0:  # LAMOST leaves NAXIS1 and NAXIS2 behind in such headers
        return 0
    pixels = math.prod(header.integer(f"NAXIS{i + 1}") for i in range(n_axes))
    groups, extra = header.integer("GCOUNT", 1), header.integer("PCOUNT", 0)
    return abs(header.get("BITPIX")) // 8 * groups * (extra + pixels)
