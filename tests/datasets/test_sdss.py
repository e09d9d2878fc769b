"""Spectra of SDSS, from a folder in the place of its archive."""

import pytest
from astropy.table import Table

from galspec.datasets import DatasetError, fetch_spectra
from galspec.datasets.sdss import spectrum_url
from galspec.io import read_spectra

ROWS = Table({"plate": [266, 266, 2974], "mjd": [51630] * 3, "fiberID": [6, 23, 640]})


def place(archive, row):
    name = "spec-{:04d}-{}-{:04d}.fits".format(*row)
    return archive / f"{row[0]:04d}" / name


@pytest.fixture
def filled(archive, spec_lite):
    for row in ROWS:
        spec_lite(place(archive, tuple(row)), *row)
    return archive


def test_fetches_spectra_that_can_be_read(filled, tmp_path):
    result = fetch_spectra(ROWS, tmp_path / "spectra", progress_bar=False)
    assert result["problem"].tolist() == [""] * 3
    batch = read_spectra(result["file"].tolist())
    assert batch.ids["obsid"].tolist() == [
        "0266-51630-0006",
        "0266-51630-0023",
        "2974-51630-0640",
    ]
    assert "file" not in ROWS.colnames


def test_what_is_there_is_not_fetched_again(filled, tmp_path):
    folder = tmp_path / "spectra"
    fetch_spectra(ROWS[:2], folder, progress_bar=False)
    place(filled, tuple(ROWS[0])).unlink()
    result = fetch_spectra(ROWS, folder, progress_bar=False)
    assert result["problem"].tolist() == [""] * 3
    assert len(list(folder.iterdir())) == 3  # and nothing is left over


def test_one_failure_costs_one_row_that_says_why(filled, tmp_path):
    broken = place(filled, tuple(ROWS[1]))
    broken.write_text("<html>the server is busy</html>")
    result = fetch_spectra(ROWS, tmp_path / "spectra", progress_bar=False)
    assert [bool(name) for name in result["file"]] == [True, False, True]
    assert result["problem"][1]
    assert not (tmp_path / "spectra" / broken.name).exists()


def test_a_file_that_does_not_exist_is_not_asked_for_again(
    archive, tmp_path, monkeypatch, no_pauses
):
    import urllib.error

    def missing(url, **options):
        raise urllib.error.HTTPError(url, 404, "Not Found", {}, None)

    monkeypatch.setattr("astropy.utils.data.download_file", missing)
    many = Table({"plate": [266] * 9, "mjd": [51630] * 9, "fiberID": range(1, 10)})
    result = fetch_spectra(many, tmp_path / "spectra", progress_bar=False)
    assert all(problem.endswith("does not exist") for problem in result["problem"])
    assert max(no_pauses) < 1


def test_a_server_that_is_not_there_ends_it(archive, tmp_path):
    many = Table({"plate": [266] * 9, "mjd": [51630] * 9, "fiberID": range(1, 10)})
    with pytest.raises(DatasetError, match="5 spectra in a row"):
        fetch_spectra(many, tmp_path / "spectra", progress_bar=False)


def test_places_in_the_archive():
    pytest.importorskip("astroquery")
    base = "https://data.sdss.org/sas"
    row = {"plate": 266, "mjd": 51630, "fiberID": 6, "run2d": " 26"}
    name = "26/spectra/lite/0266/spec-0266-51630-0006.fits"
    assert spectrum_url(row, 17) == f"{base}/dr17/sdss/spectro/redux/{name}"
    assert spectrum_url(row, 18) == f"{base}/dr18/spectro/sdss/redux/{name}"


def test_a_column_is_missing(tmp_path):
    with pytest.raises(ValueError, match="no column mjd"):
        fetch_spectra(ROWS["plate", "fiberID"], tmp_path)


@pytest.mark.remote_data
def test_the_real_archive(tmp_path):
    row = Table({"plate": [266], "mjd": [51630], "fiberID": [168]})
    result = fetch_spectra(row, tmp_path, progress_bar=False)
    assert result["problem"][0] == ""
    assert read_spectra([result["file"][0]]).redshift[0] == pytest.approx(
        0.0674, abs=1e-3
    )
