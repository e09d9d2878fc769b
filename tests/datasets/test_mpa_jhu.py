"""Labels out of the database of SDSS, from recorded answers, and out of files."""

import astropy.units as u
import numpy as np
import pytest
from astropy.io import fits

from galspec.datasets import DatasetError, fetch_mpa_jhu, read_mpa_jhu


def test_labels_of_several_answers(database, tmp_path):
    table = fetch_mpa_jhu(tmp_path, plates=(266, 300), progress_bar=False)
    assert table["plate"].tolist() == [266] * 6 + [267, 300]
    assert table["specObjID"][0] == 299490502078457856
    assert table["oh_p50"].unit == u.dex
    assert table["ra"].unit == u.deg
    assert table["run2d"].tolist() == ["26"] * 8
    assert np.isnan(table["oh_p50"][4].value)
    assert np.isnan(table["lgm_tot_p50"][5].value)
    assert table.meta["scale"] == "T04"
    assert "DR17" in table.meta["labels"]


def test_it_asks_for_documented_tables_and_columns(database, tmp_path):
    fetch_mpa_jhu(tmp_path, plates=(300, 310), progress_bar=False)
    ((url, sql),) = database
    assert url == "https://skyserver.sdss.org/dr17/en/tools/search/x_results.aspx"
    for part in ("galSpecExtra AS e", "galSpecInfo AS i", "SpecObjAll AS s"):
        assert part in sql
    assert "e.oh_p50 AS oh_p50" in sql
    assert sql.endswith("WHERE s.plate BETWEEN 300 AND 349")


def test_nothing_is_asked_for_twice(database, tmp_path, no_pauses):
    first = fetch_mpa_jhu(tmp_path, plates=(266, 449), progress_bar=False)
    assert len(database) == 4
    assert no_pauses == [1.5] * 4  # fewer than the allowed 60 questions a minute
    again = fetch_mpa_jhu(tmp_path, plates=(260, 449), progress_bar=False)
    assert len(database) == 4
    assert again["specObjID"].tolist() == first["specObjID"].tolist()


def test_plates_without_labels_and_no_labels_at_all(database, tmp_path):
    table = fetch_mpa_jhu(tmp_path, plates=(300, 399), progress_bar=False)
    assert table["plate"].tolist() == [300]
    assert len(fetch_mpa_jhu(tmp_path, plates=(301, 399), progress_bar=False)) == 0


def test_a_failure_keeps_what_was_fetched(
    database, tmp_path, monkeypatch, no_pauses, recorded
):
    from astroquery.sdss import SDSS
    from astroquery.utils.mocks import MockResponse

    working = SDSS._request

    def sometimes(method, url, params=None, **options):
        if "BETWEEN 300" in params["cmd"]:
            return MockResponse(content=(recorded / "error.html").read_bytes(), url=url)
        return working(method, url, params=params, **options)

    monkeypatch.setattr(SDSS, "_request", sometimes)
    with pytest.raises(DatasetError, match=r"plates from 300 on.*goes on from there"):
        fetch_mpa_jhu(tmp_path, plates=(266, 349), progress_bar=False)
    assert no_pauses == [1.5, 5, 30]
    monkeypatch.setattr(SDSS, "_request", working)
    assert len(fetch_mpa_jhu(tmp_path, plates=(266, 349), progress_bar=False)) == 8
    assert len(database) == 2  # the first plates once, the others when they could


def test_an_answer_of_other_columns(database, tmp_path, monkeypatch):
    from astroquery.sdss import SDSS
    from astroquery.utils.mocks import MockResponse

    content = b"#Table1\nobjid,ra\n1237653651835781245,2.0\n"
    monkeypatch.setattr(SDSS, "_request", lambda *a, **k: MockResponse(content))
    with pytest.raises(DatasetError, match="has no column specObjID"):
        fetch_mpa_jhu(tmp_path, plates=(266, 266), progress_bar=False)


@pytest.mark.parametrize("plates", [(300, 200), (0, 10)])
def test_plates_that_do_not_ascend(plates, tmp_path):
    with pytest.raises(ValueError, match="first and last plate"):
        fetch_mpa_jhu(tmp_path, plates=plates)


def test_astroquery_is_asked_for(tmp_path, monkeypatch):
    monkeypatch.setitem(__import__("sys").modules, "astroquery.sdss", None)
    monkeypatch.setattr("time.sleep", lambda seconds: None)
    with pytest.raises(ImportError, match=r"astro-galspec\[datasets\]"):
        fetch_mpa_jhu(tmp_path, plates=(266, 266), progress_bar=False)


def write(path, **columns):
    """A table of DR8: text identifiers, padded, and big-endian numbers."""
    kinds = {"U": "22A", "i": "J", "f": "E"}
    fits.BinTableHDU.from_columns(
        [
            fits.Column(name, kinds[np.asarray(v).dtype.kind], array=np.asarray(v))
            for name, v in columns.items()
        ]
    ).writeto(path)
    return path


@pytest.fixture
def files(tmp_path):
    """galSpecInfo, galSpecExtra and galSpecLine of three rows, one without results."""
    numbers = ["   299490502078457856", "", "   299495174992398336"]
    info = {"PLATEID": [266, -1, 266], "MJD": [51630, -1, 51630]}
    info |= {"FIBERID": [6, -1, 23], "RA": [146.5, 0, 146.6], "DEC": [0.1, 0.0, 0.5]}
    info |= {"Z": [0.05, 0.0, 0.11], "SN_MEDIAN": [14.0, 0, 8], "RELIABLE": [1, 0, 1]}
    extra = {"BPTCLASS": [1, 0, 4], "LGM_TOT_P50": [10.2, 0, 10.9]}
    extra |= {f"OH_P{p}": [8.9, 0, -9999] for p in (16, 50, 84)}
    extra |= {"LGM_FIB_P50": [9.6, 0, 10.1]}
    lines = {}
    fluxes = {"OII_3726": 9.0, "OII_3729": 12.0, "H_BETA": 10.0, "OIII_5007": 8.0}
    fluxes |= {"H_ALPHA": 30.0, "NII_6584": 9.0, "SII_6717": 4.0, "SII_6731": 3.0}
    for name, flux in fluxes.items():
        lines[f"{name}_FLUX"] = [flux, 0.0, 10.0]
        lines[f"{name}_FLUX_ERR"] = [0.3, 0.0, -1.0]
    return [
        write(tmp_path / f"galSpec{what}-dr8.fits", SPECOBJID=numbers, **columns)
        for what, columns in (("Info", info), ("Extra", extra), ("Line", lines))
    ]


def test_labels_out_of_files(files):
    table = read_mpa_jhu(*files[:2])
    assert table["specObjID"].tolist() == [299490502078457856, 299495174992398336]
    assert table["plate"].tolist() == [266, 266]
    assert table["bptclass"].tolist() == [1, 4]
    np.testing.assert_allclose(table["oh_p50"].value, [8.9, np.nan], rtol=1e-6)
    assert table.meta["scale"] == "T04"
    assert "snr_r" not in table.colnames


def test_line_fluxes_for_the_strong_line_estimators(files):
    from galspec.baselines.strong_lines import PP04N2

    table = read_mpa_jhu(*files)
    assert table["OII_3728"][0].value == 21
    assert table["OII_3728_err"][0].value == pytest.approx(np.hypot(0.3, 0.3))
    assert np.isnan(table["Halpha"][1].value)  # the error says not measured
    assert np.isfinite(PP04N2().predict_lines(table)["oh"][0].value)


def test_files_that_do_not_belong_together(files, tmp_path):
    names = ["BPTCLASS", "OH_P16", "OH_P50", "OH_P84", "LGM_TOT_P50", "LGM_FIB_P50"]
    columns = {"SPECOBJID": ["1", "2"]} | {name: [1, 1] for name in names}
    other = write(tmp_path / "other.fits", **columns)
    with pytest.raises(DatasetError, match="of different spectra"):
        read_mpa_jhu(files[0], other)
    with pytest.raises(DatasetError, match="has no column BPTCLASS"):
        read_mpa_jhu(files[0], files[2])


@pytest.mark.remote_data
def test_the_real_database(tmp_path):
    table = fetch_mpa_jhu(tmp_path, plates=(266, 266), progress_bar=False)
    assert len(table) > 100
    known = table["oh_p50"][table["bptclass"] == 1].value
    assert 8 < np.nanmedian(known) < 9.5
