"""Tables of photometry and images that are damaged or mean harm."""

import gzip
import os
import tracemalloc

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from galspec.io import read_cutouts, read_photometry

SURVEY = "ls-dr10"


@pytest.fixture
def table(tmp_path):
    """The bytes of a small sweep."""
    bands = ("g", "r", "z")
    columns = {f"flux_{band}": np.ones(5, "f4") for band in bands}
    columns |= {f"flux_ivar_{band}": np.ones(5, "f4") for band in bands}
    columns["ebv"] = np.full(5, 0.02, "f4")
    Table(columns).write(tmp_path / "sweep.fits")
    return (tmp_path / "sweep.fits").read_bytes()


@pytest.fixture
def image(tmp_path):
    """The bytes of a small cutout."""
    hdu = fits.PrimaryHDU(np.ones((3, 20, 20), "f4"))
    cards = {"BANDS": "grz", "CTYPE1": "RA---TAN", "CTYPE2": "DEC--TAN"}
    cards |= {"CRVAL1": 150.0, "CRVAL2": 2.0, "CRPIX1": 10.5, "CRPIX2": 10.5}
    scale = 0.262 / 3600
    cards |= {"CD1_1": -scale, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": scale}
    hdu.header.update(cards)
    hdu.writeto(tmp_path / "cutout.fits")
    return (tmp_path / "cutout.fits").read_bytes()


@pytest.mark.filterwarnings("ignore")
def test_damaged_tables_are_an_error_that_names_them_or_read(tmp_path, table, mutated):
    path, told = tmp_path / "bad.fits", []
    for seed in range(150):
        path.write_bytes(mutated(table, seed))
        try:
            batch = read_photometry(path, survey=SURVEY)
        except (OSError, ValueError) as error:
            told.append(str(error))
        else:
            known = batch.ivar > 0
            assert np.isfinite(batch.flux[known]).all()
            assert np.isfinite(batch.ivar).all()
    assert len(told) > 30
    assert all(str(path) in text or "column" in text for text in told)


@pytest.mark.filterwarnings("ignore")
def test_damaged_images_are_problems_of_their_row(tmp_path, image, mutated):
    good, bad, told = tmp_path / "good.fits", tmp_path / "bad.fits", set()
    good.write_bytes(image)
    for seed in range(100):
        bad.write_bytes(mutated(image, seed))
        stamps = read_cutouts([good, bad, good], survey=SURVEY, size=16)
        assert stamps.problems[0] == stamps.problems[2] == ""
        np.testing.assert_array_equal(stamps.images[0], stamps.images[2])
        told.add(stamps.problems[1])
    assert len(told) > 5


def _peak(function, *arguments, **options):
    tracemalloc.start()
    try:
        with pytest.raises(OSError, match=r"sets the limit|compressed") as error:
            function(*arguments, **options)
        return str(error.value), tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def test_packed_bombs(tmp_path, table, image, monkeypatch):
    monkeypatch.setenv("GALSPEC_MAX_TABLE", str(2**22))
    monkeypatch.setenv("GALSPEC_MAX_UNPACKED", str(2**22))
    bomb = tmp_path / "bomb.fits.gz"
    bomb.write_bytes(gzip.compress(table + bytes(2**27)))
    told, peak = _peak(read_photometry, bomb, survey=SURVEY)
    assert "GALSPEC_MAX_TABLE" in told
    assert peak < 2**26
    bomb.write_bytes(gzip.compress(image + bytes(2**27)))
    stamps = read_cutouts([bomb], survey=SURVEY)
    assert "GALSPEC_MAX_UNPACKED" in stamps.problems[0]
    bomb.write_bytes(gzip.compress(table))
    assert len(read_photometry(bomb, survey=SURVEY)) == 5


@pytest.mark.parametrize("name", ["bomb.csv", "bomb.ecsv"])
def test_packed_text_is_not_unpacked(tmp_path, name):
    path = tmp_path / name
    path.write_bytes(gzip.compress(b"flux_g,flux_r\n" + b"1,1\n" * 2**22))
    told, peak = _peak(read_photometry, path, survey=SURVEY)
    assert "compressed" in told
    assert peak < 2**24


def test_a_parquet_file_that_repeats_one_value(tmp_path, monkeypatch):
    pytest.importorskip("pyarrow")
    monkeypatch.setenv("GALSPEC_MAX_TABLE", str(2**20))
    path = tmp_path / "bomb.parquet"
    n = 10**6
    names = [f"flux{kind}_{band}" for kind in ("", "_ivar") for band in "grz"]
    Table(dict.fromkeys(names, np.zeros(n, "f4"))).write(path)
    assert path.stat().st_size < 2**20
    told, _ = _peak(read_photometry, path, survey=SURVEY)
    assert "GALSPEC_MAX_TABLE" in told


def test_pipes_and_folders(tmp_path):
    os.mkfifo(tmp_path / "pipe.fits")
    with pytest.raises(OSError, match="it is no file"):
        read_photometry(tmp_path / "pipe.fits", survey=SURVEY)
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(OSError, match="it is no file"):
        read_photometry(tmp_path / "folder.csv", survey=SURVEY)
    stamps = read_cutouts([tmp_path / "pipe.fits"], survey=SURVEY)
    assert "not a regular file" in stamps.problems[0]
