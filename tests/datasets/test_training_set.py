"""Labels and spectra put together: what `galspec evaluate` and `galspec train` read."""

import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec import GasMetallicity
from galspec.datasets import (
    Cuts,
    DatasetError,
    fetch_mpa_jhu,
    fetch_spectra,
    read_lamost,
    training_set,
)
from galspec.evaluation.labels import labels_table
from galspec.training.splits import split_by_object

#: The object that SDSS observed on two plates; that on the second is better.
TWICE = ("299495174992398336", 300616612222298112)


@pytest.fixture
def labels(database, tmp_path):
    return fetch_mpa_jhu(tmp_path / "labels", plates=(266, 349), progress_bar=False)


@pytest.fixture
def sdss_spectra(labels, archive, spec_lite, tmp_path):
    for row in labels:
        plate, mjd, fiber = (int(row[name]) for name in ("plate", "mjd", "fiberID"))
        name = f"spec-{plate:04d}-{mjd}-{fiber:04d}.fits"
        if fiber != 1:  # one that the archive does not have
            spec_lite(archive / f"{plate:04d}" / name, plate, mjd, fiber)
    return fetch_spectra(labels, tmp_path / "spectra", progress_bar=False)


def test_sdss_from_labels_to_the_labelled_table(labels, sdss_spectra, tmp_path):
    path = tmp_path / "labelled.ecsv"
    table = training_set(labels, sdss_spectra, output=path)
    # S/N 2.1, z 0.35, an AGN and a file that is not there are gone
    assert [name[-9:-5] for name in table["file"]] == ["0006", "0023", "0095", "0006"]
    assert all(name.startswith("spectra/") for name in table["file"])
    assert table["group"][1] == table["group"][3] == TWICE[0]
    assert table["split"].tolist() == split_by_object(table["group"]).tolist()
    np.testing.assert_allclose(table["oh_err"][0].value, 0.04)
    np.testing.assert_allclose(table["mass"], [10.21, 9.92, np.nan, 9.93])
    assert table["class"].tolist() == [1] * 4
    assert table.meta["scale"] == "T04"
    assert table.meta["dropped_snr_low"] == 1
    again = QTable.read(path)
    assert again.colnames == table.colnames
    known = labels_table(path, GasMetallicity.targets, {})
    np.testing.assert_allclose(known["true_oh"], [8.95, 8.78, 8.84, 8.80])


def test_cuts_for_a_classifier(labels, sdss_spectra):
    cuts = Cuts(classes=None, oh_needed=False, snr_min=2)
    table = training_set(labels, sdss_spectra, cuts=cuts)
    assert sorted(table["class"].tolist()) == [1, 1, 1, 1, 1, 4]


def test_lamost_objects_are_matched_by_position(labels, tmp_path):
    near = 0.3 / 3600
    ra, dec = (labels[name].value for name in ("ra", "dec"))
    rows = [(ra[0], dec[0] + near, 0.0511), (ra[1], dec[1] + near, np.nan)]
    rows += [(ra[1], dec[1] - near, 0.1125), (ra[2], dec[2] + 9 * near, 0.0891)]
    spectra = Table(rows=rows, names=["ra", "dec", "z"])
    spectra["obsid"] = ["1", "2", "3", "4"]
    spectra["snrr"] = [10.0, 8.0, 20.0, 30.0]
    spectra["file"] = [f"{tmp_path}/spec-{n}.fits.gz" for n in spectra["obsid"]]
    table = training_set(labels, spectra)
    assert table["obsid"].tolist() == ["1", "2", "3"]  # the last lies 2.7 arcsec off
    # both spectra of one galaxy have the label of its better SDSS spectrum
    np.testing.assert_allclose(table["oh"].value, [8.95, 8.80, 8.80])
    assert table["group"].tolist()[1:] == [TWICE[0]] * 2
    # LAMOST's own redshift and S/N, that of SDSS where it has none
    np.testing.assert_allclose(table["redshift"], [0.0511, 0.1124, 0.1125])
    np.testing.assert_allclose(table["snr_r"], [10, 8, 20])
    assert len(training_set(labels, spectra, radius=3)) == 4
    spectra["snrr"][0] = 2
    assert training_set(labels, spectra)["obsid"].tolist() == ["2", "3"]


def test_a_lamost_catalogue_as_it_comes(labels, tmp_path, spec_lite):
    (tmp_path / "catalogue.csv").write_text(
        "obsid|lmjd|planid|spid|fiberid|ra|dec|snrr|class|z\n"
        "101|55859|F5902|1|1|146.5981|-0.0001|14.2|GALAXY|0.0512\n"
        "102|55859|F5902|1|2|146.6|0.5|14.2|GALAXY|0.1123\n"
    )
    spec_lite(tmp_path / "fits" / "F5902" / "spec-55859-F5902_sp01-001.fits")
    spectra = read_lamost(tmp_path / "catalogue.csv", tmp_path / "fits")
    table = training_set(labels, spectra, output=tmp_path / "labelled.fits")
    assert table["obsid"].tolist() == ["101"]
    assert table.meta["spectra"] == "LAMOST low resolution"
    written = labels_table(tmp_path / "labelled.fits", GasMetallicity.targets, {})
    assert written["true_oh"][0] == pytest.approx(8.95)


def test_nothing_left(labels, sdss_spectra, tmp_path):
    with pytest.raises(DatasetError, match=r"no spectrum is left of 8.*snr_low"):
        training_set(labels, sdss_spectra, cuts=Cuts(snr_min=99))
    far = Table({"ra": [1.0], "dec": [1.0], "file": ["x.fits"]})
    with pytest.raises(DatasetError, match="of which 0 have a file and a label"):
        training_set(labels, far)


def test_an_output_that_cannot_be(labels, sdss_spectra, tmp_path):
    with pytest.raises(ValueError, match="must end in"):
        training_set(labels, sdss_spectra, output=tmp_path / "labelled.txt")
    (tmp_path / "old.ecsv").write_text("precious")
    with pytest.raises(FileExistsError):
        training_set(labels, sdss_spectra, output=tmp_path / "old.ecsv")
