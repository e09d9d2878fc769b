"""The report of photometric redshifts."""

import json

import numpy as np
import pytest
from astropy.table import Table

from galspec import ELGPhotoZ
from galspec.evaluation import EvaluationError, evaluate
from galspec.flags import Flags
from galspec.redshift_table import RedshiftTable

pytest.importorskip("matplotlib")


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without pictures, which take nearly all of the time."""
    monkeypatch.setattr("galspec.evaluation.report._png", lambda figure: b"")


@pytest.fixture
def estimated(predicted):
    """Labels with all that is of use, and estimates; every tenth is flagged."""
    z_spec, table = predicted(n=400)
    table["flags"] = np.where(np.arange(400) % 10, 0, int(Flags.LOW_SN))
    labels = Table({"z_spec": z_spec, "mag_r": 20 + 2.5 * z_spec})
    labels["type"] = np.where(np.arange(400) < 300, "sf", "agn")
    return labels, table


def reported(labels, table, folder, **columns):
    columns = {"z_phot": "z_spec"} | columns
    return evaluate(ELGPhotoZ, labels, folder, predictions=table, columns=columns)


def test_everything_is_shown_where_everything_is_known(estimated, tmp_path):
    metrics = reported(*estimated, tmp_path, **{"class": "type"})
    assert metrics["left_out"] == {}
    found = metrics["targets"]["z_phot"]
    assert found["summary"]["n"] == 400
    assert found["summary"]["unflagged"]["n"] == 360
    assert found["summary"]["coverage68"] == pytest.approx(0.68, abs=0.07)
    assert found["by_mag"]["m < 21.5"]["n"] + found["by_mag"]["m >= 21.5"]["n"] == 400
    assert sum(row["n"] for row in found["by_redshift"].values()) == 400
    assert {name: row["n"] for name, row in found["by_type"].items()} == {
        "sf": 300,
        "agn": 100,
    }
    assert found["pit"]["ks"] == found["summary"]["pit_ks"]
    assert metrics["flags"] == {"none": 360, "LOW_SN": 40}
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    pictures = {path.stem for path in (tmp_path / "figures").glob("*.png")}
    assert pictures == {"z_phot", "pit"} | {
        f"{what}_{by}"
        for what in ("dz", "sigma_nmad", "eta15")
        for by in ("mag", "redshift")
    }
    assert page.count("<img") == len(pictures)
    assert "400</b><span>galaxies" in page


@pytest.mark.usefixtures("undrawn")
def test_what_is_missing_is_named(estimated, tmp_path):
    labels, table = estimated
    labels.keep_columns(["z_spec"])
    metrics = reported(labels, table, tmp_path)
    assert metrics["left_out"] == {
        "targets/z_phot/by_mag": "A column 'mag' would give it.",
        "targets/z_phot/by_type": "A column 'class' with types would give it.",
    }
    assert metrics == json.loads((tmp_path / "metrics.json").read_text())


@pytest.mark.usefixtures("undrawn")
def test_what_it_writes_can_be_evaluated_again(estimated, tmp_path):
    once = reported(*estimated, tmp_path / "a")
    kept = RedshiftTable.read(tmp_path / "a" / "z_phot.fits")
    np.testing.assert_array_equal(kept["z_phot_pdf"], estimated[1]["z_phot_pdf"])
    again = evaluate(
        ELGPhotoZ,
        tmp_path / "a" / "joined.ecsv",
        tmp_path / "b",
        predictions=tmp_path / "a" / "z_phot.fits",
    )
    assert again["targets"] == once["targets"]


@pytest.mark.usefixtures("undrawn")
def test_labels_of_no_use_give_a_report_that_says_so(estimated, tmp_path):
    labels, table = estimated
    labels["z_spec"] = np.nan
    metrics = reported(labels, table, tmp_path)
    assert metrics["targets"]["z_phot"]["summary"] == {"n": 0}
    assert metrics["left_out"] == {
        "targets/z_phot/summary": "No row has a true redshift and an estimate."
    }


@pytest.mark.usefixtures("undrawn")
def test_the_estimator_predicts_for_rows_of_the_table(photometric, tmp_path):
    estimator, table, z = photometric
    labelled = Table(table)
    labelled["z_phot"] = z
    metrics = evaluate(estimator, labelled, tmp_path, photometry={"survey": "ls-dr10"})
    found = metrics["targets"]["z_phot"]
    assert found["summary"]["n"] == len(z)
    # magnitudes are of the photometry
    assert sum(found["by_mag"][f"m {side} 21.5"]["n"] for side in ("<", ">=")) == len(z)
    expected = estimator.predict(table, survey="ls-dr10")
    joined = Table.read(tmp_path / "joined.ecsv")
    np.testing.assert_allclose(joined["z_phot"], expected["z_phot"], rtol=1e-5)
    with pytest.raises(EvaluationError, match="photometry: no column for any band"):
        evaluate(estimator, labelled["z_phot", "ebv"], tmp_path)
    with pytest.raises(EvaluationError, match="scale"):
        evaluate(estimator, labelled, tmp_path, scale="T04")
