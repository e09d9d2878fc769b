"""Every format gives back the table that was written."""

import warnings

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable

from galspec.cli.errors import CommandError
from galspec.cli.output import render, summary, write_table


@pytest.fixture
def table():
    table = QTable()
    table["file"] = ["a/é.fits", "b/longer.fits", "c.fits"]
    table["obsid"] = ["1", "22", "333"]
    table["ra"] = np.array([1.5, np.nan, 359.123456789])
    table["oh"] = np.array([8.5, 8.6, np.nan], "f4") * u.dex
    table["oh_err"] = np.array([0.05, 0.06, np.nan], "f4") * u.dex
    table["log_age"] = [9, 9.5, 10] * u.dex(u.yr)
    table["teff"] = [5000.0, 5772, np.nan] * u.K
    table["p"] = [0.1, 0.2, 0.3]
    table["flags"] = np.array([0, 8, 1])
    table["problem"] = ["", "", "OSError: é is no file"]
    table["oh"].info.description = "12 + log₁₀(O/H)"
    table["flags"].info.description = "bits"
    table.meta = {
        "estimator": "gas-metallicity",
        "weights": "default",
        "sha256": "0" * 64,
        "scale": "PP04 O3N2 (é)",
        "members": 5,
        "level": 0.95,
    }
    return table


def texts(column):
    """Texts of a column; ECSV and FITS read empty ones as masked, FITS reads bytes."""
    plain = np.ma.filled(np.ma.asarray(column), "")
    return [t.decode() if isinstance(t, bytes) else str(t) for t in plain]


@pytest.mark.parametrize("suffix", ["ecsv", "parquet", "fits"])
def test_reading_gives_what_was_written(table, tmp_path, suffix):
    out = tmp_path / f"out.{suffix}"
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        write_table(table, out)
    read = QTable.read(out)
    assert read.colnames == table.colnames
    for name in table.colnames:
        expected, found = table[name], read[name]
        assert getattr(found, "unit", None) == getattr(expected, "unit", None)
        if expected.dtype.kind == "U":
            assert texts(found) == list(expected)
        else:
            np.testing.assert_array_equal(
                np.asarray(getattr(found, "value", found)),
                np.asarray(getattr(expected, "value", expected)),
            )
    assert read["flags"].dtype.kind == "i"
    assert read["flags"].info.description == "bits"


@pytest.mark.parametrize("suffix", ["ecsv", "parquet"])
def test_meta_and_descriptions_survive(table, tmp_path, suffix):
    out = tmp_path / f"out.{suffix}"
    write_table(table, out)
    read = QTable.read(out)
    assert dict(read.meta) == table.meta
    assert read["oh"].info.description == "12 + log₁₀(O/H)"


def test_fits_keeps_provenance_in_its_header(table, tmp_path):
    out = tmp_path / "out.fits"
    write_table(table, out)
    found = {key.lower(): value for key, value in QTable.read(out).meta.items()}
    expected = {**table.meta, "scale": "PP04 O3N2 (\\xe9)"}
    assert {key: found[key] for key in expected} == expected


def test_fits_says_units_that_it_does_not_have_in_comments(table, tmp_path):
    out = tmp_path / "out.fits"
    write_table(table, out)
    header = fits.getheader(out, 1)
    by_name = {header[f"TTYPE{n}"]: n for n in range(1, header["TFIELDS"] + 1)}
    assert header[f"TCOMM{by_name['oh']}"].endswith("(O/H) [dex]")
    assert header[f"TCOMM{by_name['log_age']}"] == "[dex(yr)]"
    assert header[f"TUNIT{by_name['teff']}"] == "K"


def test_a_failed_write_leaves_the_old_file(table, tmp_path):
    out = tmp_path / "folder" / "out.ecsv"
    out.parent.mkdir()
    out.write_text("precious")
    table["odd"] = [object()] * 3
    with pytest.raises((TypeError, ValueError)):
        write_table(table, out)
    assert out.read_text() == "precious"
    assert [path.name for path in out.parent.iterdir()] == ["out.ecsv"]


def test_a_disk_error_is_told(table, tmp_path):
    with pytest.raises(CommandError, match="cannot write"):
        write_table(table, tmp_path / "gone" / "out.ecsv")


def test_an_empty_table_can_be_written(table, tmp_path):
    for suffix in ("ecsv", "fits", "parquet"):
        write_table(table[:0], tmp_path / f"out.{suffix}")
        assert len(QTable.read(tmp_path / f"out.{suffix}")) == 0


def test_rendering_shows_all_columns_and_flags_in_words(table):
    text = render(table)
    assert all(name in text.splitlines()[0] for name in table.colnames)
    assert "8 LOW_SN" in text
    assert "8.500  0.050" in text
    assert "a/é" not in text
    assert "359.12346" in text


def test_rendering_keeps_folders_where_names_repeat(table):
    table["file"] = ["a/x.fits", "b/x.fits", "c.fits"]
    assert "b/x.fits" in render(table)


def test_summary_counts_rows_and_flags():
    assert summary(QTable({"flags": [0]})) == "1 spectrum, 1 good, 0 flagged"
    assert summary(QTable({"flags": [1, 24]})) == (
        "2 spectra, 0 good, 2 flagged (UNREADABLE 1, LOW_SN 1, OUT_OF_RANGE 1)"
    )


def test_spectra_are_named_and_not_printed(table):
    table["sed"] = np.ones((3, 574))
    assert "sed" not in table.colnames[: table.colnames.index("sed")]
    *rows, last = render(table).splitlines()
    assert len(rows[0].split()) == len(table.colnames) - 1
    assert last == "sed: many numbers in each row, written by -o"
