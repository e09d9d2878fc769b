"""Catalogues of LAMOST in the forms of its web site."""

import gzip

import numpy as np
import pytest
from astropy.table import Table

from galspec.datasets import DatasetError, read_lamost

HEADER = (
    "obsid|designation|obsdate|lmjd|mjd|planid|spid|fiberid|ra|dec|snru|snrg|snrr|snri|"
    "snrz|class|subclass|z"
)
ROWS = (
    "101001|J220848.54-020324.3|2011-10-24|55859|55858|F5902|1|1|332.2|-2.05|2.1|9.7|"
    "14.2|20.1|14.8|GALAXY|Non|0.0451",
    "353301112|J083000.12+441422.2|2013-01-16|56309|56308|HD083217N451354V01|5|112|"
    "127.5|44.2|-9999.0|3.1|4.5|6.1|5.2|GALAXY|Non|-9999.0",
)


@pytest.fixture
def catalogue(tmp_path):
    path = tmp_path / "dr10_v2.0_LRS_catalogue.csv"
    path.write_text("\n".join([HEADER, *ROWS]) + "\n")
    return path


def check(table):
    assert table["obsid"].tolist() == ["101001", "353301112"]
    np.testing.assert_allclose(table["ra"].value, [332.2, 127.5])
    np.testing.assert_allclose(table["z"], [0.0451, np.nan])
    np.testing.assert_allclose(table["snrr"], [14.2, 4.5])
    assert np.isnan(table["snru"][1])
    assert table["class"].tolist() == ["GALAXY"] * 2


def test_text_of_every_form(catalogue, tmp_path):
    check(read_lamost(catalogue))
    commas = tmp_path / "commas.csv"
    commas.write_text(catalogue.read_text().replace("|", ","))
    check(read_lamost(commas))
    packed = tmp_path / "packed.csv.gz"
    packed.write_bytes(gzip.compress(catalogue.read_bytes()))
    check(read_lamost(packed))


def test_fits_with_names_of_older_releases(catalogue, tmp_path):
    table = Table.read(catalogue, format="ascii.csv", delimiter="|")
    table.rename_columns(["ra", "dec"], ["objra", "objdec"])
    table.write(tmp_path / "old.fits.gz", format="fits")
    check(read_lamost(tmp_path / "old.fits.gz"))


def test_spectra_are_found_however_deep(catalogue, tmp_path):
    deep = tmp_path / "fits" / "20111024" / "F5902"
    deep.mkdir(parents=True)
    name = "spec-55859-F5902_sp01-001.fits.gz"
    (deep / name).write_bytes(b"")
    table = read_lamost(catalogue, tmp_path / "fits")
    assert table["file"].tolist() == [str(deep / name), ""]


def test_what_cannot_be_read(catalogue, tmp_path):
    with pytest.raises(DatasetError, match="no spectrum"):
        read_lamost(catalogue, tmp_path / "gone")
    with pytest.raises(DatasetError, match="must end in"):
        read_lamost(tmp_path / "catalogue.txt")
    with pytest.raises(DatasetError, match="cannot read"):
        read_lamost(tmp_path / "gone.fits")
    catalogue.write_text("obsid|z\n1|0.1\n")
    with pytest.raises(DatasetError, match="no column ra"):
        read_lamost(catalogue)
