"""``galspec cutouts``: images of the objects of a table."""

import numpy as np
import pytest
from astropy.table import Table

from galspec.datasets import Cutouts, DatasetError


@pytest.fixture
def table(tmp_path):
    path = tmp_path / "objects.ecsv"
    Table({"ID": [1, 2], "RA": [150.1, 150.2], "Dec": [2.2, -2.3]}).write(path)
    return path


@pytest.fixture
def asked(monkeypatch):
    """What is fetched, and the answer: the second object has no cutout of WISE."""
    asked = []

    def fetch(ra, dec, **options):
        asked.append((list(ra), list(dec), options))
        problems = np.array(["", "no cutout: HTTP Error 404"], dtype=object)
        return Cutouts([["a", "b"], ["c"]], problems)

    monkeypatch.setattr("galspec.datasets.cutouts.fetch_cutouts", fetch)
    return asked


def test_a_table_in_one_line(galspec, table, tmp_path, asked):
    folder = tmp_path / "cutouts"
    options = ["--survey", "ls-dr9", "--bands", "g,W1", "--per-second", "0.5"]
    code, stdout, stderr = galspec("cutouts", table, folder, *options)
    ((ra, dec, called),) = asked
    assert (ra, dec) == ([150.1, 150.2], [2.2, -2.3])
    assert called["folder"] == str(folder)
    assert (called["survey"], called["bands"]) == ("ls-dr9", ["g", "W1"])
    assert (called["per_second"], called["offline"]) == (0.5, False)
    assert code == 1
    assert stdout == f"{folder}: cutouts of 1 of 2 objects\n"
    assert stderr == "1 are incomplete: no cutout: HTTP Error 404\n"


def test_quiet(galspec, table, tmp_path, asked):
    assert galspec("cutouts", table, tmp_path / "c", "--quiet") == (1, "", "")


def test_without_network(galspec, table, tmp_path):
    code, stdout, stderr = galspec("cutouts", table, tmp_path / "c", "--offline")
    assert code == 1
    assert "cutouts of 0 of 2 objects" in stdout
    assert "offline=True" in stderr


def test_a_table_without_positions(galspec, tmp_path):
    path = tmp_path / "objects.csv"
    path.write_text("name,ra\nx,1\n")
    code, _, stderr = galspec("cutouts", path, tmp_path / "c")
    assert (code, stderr) == (
        2,
        f"galspec: {path} has no column dec; it has name, ra\n",
    )


@pytest.mark.parametrize("rate", ["0", "-1", "nan", "fast"])
def test_a_rate_that_is_none(galspec, table, tmp_path, rate):
    code, _, stderr = galspec("cutouts", table, tmp_path, f"--per-second={rate}")
    assert code == 2
    assert f"{rate} is no positive number" in stderr


def test_wrong_calls(galspec, table, tmp_path, monkeypatch):
    code, _, stderr = galspec("cutouts", table, tmp_path / "c", "--survey", "sdss")
    assert code == 2
    assert "no cutouts of survey 'sdss'" in stderr

    def nobody(*arguments, **options):
        raise DatasetError("5 cutouts in a row had no answer")

    monkeypatch.setattr("galspec.datasets.cutouts.fetch_cutouts", nobody)
    code, _, stderr = galspec("cutouts", table, tmp_path / "c")
    assert (code, stderr) == (2, "galspec: 5 cutouts in a row had no answer\n")
