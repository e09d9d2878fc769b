"""Files that are damaged or mean harm: a flagged row, in bounded memory and time."""

import gzip
import os
import re
import struct
import tracemalloc

import numpy as np
import pytest

from galspec import Flags, read_spectra
from galspec.io import limits
from galspec.io.bulk import lazy_batches

KINDS = ("lamost-image", "lamost-table", "lamost-table-gz", "sdss", "desi")
BLOCK = 2880


@pytest.fixture
def problem(tmp_path, originals):
    """Read some bytes between two good files; why they were refused, "" if not."""
    good = tmp_path / "good.fits"
    good.write_bytes(originals["lamost-image"])

    def read(content, name="bad.fits"):
        bad = tmp_path / name
        if content is not None:
            bad.write_bytes(content)
        batch = _read([good, bad, good])
        assert batch.ids["file"][-1] == str(good)
        _check_neighbours(batch)
        return batch.ids["problem"][1]

    return read


def _read(paths):
    (group,) = lazy_batches(paths, 64, more=("snr_g", "snr_i", "redshift_err"))
    (batch,) = group
    return batch


def _check_neighbours(batch):
    """The good files are as if they were alone, and all columns fit the rows."""
    assert {len(column) for column in batch.ids.values()} == {len(batch)}
    np.testing.assert_array_equal(batch.flux[0], batch.flux[-1])
    assert batch.flags[0] == batch.flags[-1] == 0
    assert batch.redshift[0] == batch.redshift[-1] == 0.05
    assert np.isfinite(batch.flux).all()
    assert np.all(batch.ivar[~batch.mask] > 0)
    assert np.all(np.diff(np.atleast_2d(batch.wavelength), axis=1) > 0)
    unreadable = (batch.flags & Flags.UNREADABLE) != 0
    assert np.array_equal(unreadable, batch.ids["problem"] != "")
    assert max(map(len, batch.ids["problem"])) < 320


def header(**cards):
    """A primary header, or that of an extension."""
    text = "".join(f"{key:8}= {value!s:>20}".ljust(80) for key, value in cards.items())
    text += "END"
    return text.ljust(-(-len(text) // BLOCK) * BLOCK).encode()


def cards_changed(content, **cards):
    """The file with other values in cards that it has."""
    for key, value in cards.items():
        pattern = re.compile(f"{key:8}= .{{70}}".encode())
        new = f"{key:8}= {value!s:>20}".ljust(80).encode()
        content, number = pattern.subn(new, content)
        assert number, key
    return content


@pytest.mark.parametrize("kind", KINDS)
def test_damaged_files_are_flagged_or_read_and_never_cost_others(
    problem, originals, mutated, kind
):
    told = {problem(mutated(originals[kind], seed)) for seed in range(150)}
    assert len(told) > 5


@pytest.mark.parametrize("kind", KINDS)
def test_truncated_files(problem, originals, kind):
    content = originals[kind]
    end = len(content.rstrip(b"\0"))
    for size in {*range(0, len(content), 700), 1, 2, 79, 80, *range(2879, 2890)}:
        # what fills the last block may be lacking; without it, other units may
        assert problem(content[:size]) != "" or size >= end


@pytest.mark.parametrize(
    "cards",
    [
        {"NAXIS": 10**9},
        {"NAXIS": -1},
        {"NAXIS": "T"},
        {"NAXIS1": 2**63},
        {"NAXIS1": -40},
        {"NAXIS1": "9" * 65},
        {"NAXIS1": "NAN"},
        {"NAXIS2": 10**12},
        {"BITPIX": 7},
        {"BITPIX": "'x'"},
        {"BITPIX": -(10**30)},
    ],
)
def test_sizes_that_are_none(problem, originals, cards):
    assert problem(cards_changed(originals["lamost-image"], **cards)) != ""


@pytest.mark.parametrize(
    "form", ["'40L'", "'40C'", "'0E'", "'1PE(40)'", "'1QE'", "'160A'", "'99999999E'"]
)
def test_columns_that_hold_no_spectrum(problem, originals, form):
    """Each once took down the whole batch, or was close to it."""
    bad = cards_changed(originals["lamost-table"], TFORM1=form)
    assert problem(bad) != ""
    wide = {"L": 40, "A": 160, "C": 320, "P": 8, "Q": 16}.get(form.strip("'")[-1], 0)
    width = 4 * 160 + wide  # so that the columns add up
    assert problem(cards_changed(bad, NAXIS1=width)) != ""


def test_descriptors_of_variable_arrays_that_point_outside(tmp_path, problem):
    from astropy.io import fits

    names = ("FLUX", "IVAR", "WAVELENGTH", "ANDMASK")
    columns = [
        fits.Column(name, "PE()", array=np.array([np.ones(9, "f4")], dtype=object))
        for name in names
    ]
    primary = fits.PrimaryHDU()
    primary.header["TELESCOP"] = "LAMOST"
    hdus = [primary, fits.BinTableHDU.from_columns(columns)]
    fits.HDUList(hdus).writeto(tmp_path / "v.fits")
    content = bytearray((tmp_path / "v.fits").read_bytes())
    assert "rows of different lengths" in problem(content) or problem(content)
    at = 2 * BLOCK
    for count, offset in ((2**31 - 1, 0), (9, 2**31 - 1), (-1, -1)):
        content[at : at + 8] = struct.pack(">ii", count, offset)
        assert problem(bytes(content)) != ""


def test_a_row_of_no_bytes_may_be_announced_any_number_of_times(problem, originals):
    bad = cards_changed(originals["desi"], TFORM1="'0A'", TFORM2="'0D'", TFORM3="'0D'")
    bad = bad.replace(
        b"NAXIS1  =                   24", b"NAXIS1  =                    0"
    )
    bad = bad.replace(
        b"NAXIS2  =                    2", b"NAXIS2  =        1000000000000", 1
    )
    assert problem(bad) != ""


def test_arms_far_apart_on_a_fine_grid(problem, originals):
    axis = (3640.0 + 0.8 * np.arange(30)).astype(">f8").tobytes()
    far = (3600 + np.round(0.8 * (np.arange(30) + 10**8), 1)).astype(">f8").tobytes()
    assert axis in originals["desi"]
    assert "pixels" in problem(originals["desi"].replace(axis, far))


def _peak(function, *arguments):
    tracemalloc.start()
    try:
        result = function(*arguments)
        return result, tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def bomb(size, members=1):
    """Zeros that gzip packs a thousandfold."""
    return gzip.compress(bytes(size // members)) * members


@pytest.mark.parametrize("members", [1, 16])
def test_decompression_bombs_stop_at_the_limit(problem, monkeypatch, members):
    monkeypatch.setenv("GALSPEC_MAX_UNPACKED", str(2**23))
    told, peak = _peak(problem, bomb(2**28, members), "bomb.fits.gz")
    assert "unpacks to more than 8388608 bytes" in told
    assert "GALSPEC_MAX_UNPACKED" in told
    assert peak < 2**26


def test_a_packed_bomb_in_a_packed_file(problem, monkeypatch):
    monkeypatch.setenv("GALSPEC_MAX_UNPACKED", str(2**23))
    told, peak = _peak(problem, gzip.compress(bomb(2**28)), "bomb.fits.gz")
    assert told != ""
    assert peak < 2**26


def test_a_header_without_end_in_a_packed_file(problem):
    start = header(SIMPLE="T", BITPIX=8, NAXIS=0)[:240]
    told, peak = _peak(problem, gzip.compress(start + b" " * 2**25), "bomb.fits.gz")
    assert "has no end" in told
    assert peak < 2**27


def test_thousands_of_members_and_units(problem, originals):
    empty = gzip.compress(b"")
    told = problem(empty * 100_000, "bomb.fits.gz")
    assert told != ""
    unit = header(XTENSION="'IMAGE   '", BITPIX=8, NAXIS=0, EXTNAME="'FIBERMAP'")
    told = problem(header(SIMPLE="T", BITPIX=8, NAXIS=0) + unit * 5000)
    assert told != ""


def test_members_of_a_packed_file_are_joined(problem, originals):
    content = originals["lamost-table"]
    parts = [gzip.compress(content[i : i + 100]) for i in range(0, len(content), 100)]
    assert problem(b"".join(parts), "parts.fits.gz") == ""


@pytest.mark.parametrize("kind", ["image", "table"])
def test_long_spectra_are_refused_before_they_fill_the_memory(
    tmp_path, problem, originals, kind
):
    """A sparse file of gigabytes, which takes no room on the disk."""
    long = 400_000_000
    content = originals[f"lamost-{kind}"]
    if kind == "image":
        content = cards_changed(content, NAXIS1=long)
    else:
        changes = {f"TFORM{i}": f"'{long}E'" for i in range(1, 6)}
        content = cards_changed(content, **changes)
        old = f"NAXIS1  = {4 * 5 * 40:20}".encode()
        content = content.replace(old, f"NAXIS1  = {4 * 5 * long:20}".encode())
    path = tmp_path / "bad.fits"
    path.write_bytes(content)
    os.truncate(path, 4 * 5 * long + 4 * BLOCK)
    told, peak = _peak(problem, None)
    assert str(limits.MAX_PIXELS) in told or str(limits.MAX_VALUES) in told
    assert peak < 2**26


def test_the_limit_can_be_set_and_says_what_it_must_be(problem, originals, monkeypatch):
    packed = originals["lamost-table-gz"]
    monkeypatch.setenv("GALSPEC_MAX_UNPACKED", "1000")
    assert "unpacks to more than 1000 bytes" in problem(packed)
    monkeypatch.setenv("GALSPEC_MAX_UNPACKED", "1 GB")
    assert "GALSPEC_MAX_UNPACKED is '1 GB'" in problem(packed)
    monkeypatch.delenv("GALSPEC_MAX_UNPACKED")
    assert problem(packed) == ""


@pytest.mark.parametrize(
    "magic", [b"BZh9", b"\xfd7zXZ\x00", b"PK\x03\x04", b"\x1f\x9d"]
)
def test_other_archives_are_named(problem, magic):
    assert "only gzip is read" in problem(magic + bytes(100))


def test_folders_devices_and_names_that_cannot_be(tmp_path):
    names = [tmp_path, "/dev/zero", "a" * 5000, "null\0byte", ""]
    batch = read_spectra(names)
    assert all(batch.ids["problem"])
