"""``galspec evaluate``: a labelled table in, a report out."""

import builtins
import json

import numpy as np
import pytest
from astropy.table import QTable, Table

pytest.importorskip("matplotlib")


@pytest.fixture
def labelled(examples, tmp_path):
    """The example files with made-up labels."""
    path = tmp_path / "labelled.ecsv"
    table = Table({"file": examples, "bright": np.linspace(1, 3, 6)})
    table["redshift"] = 0.05
    table["kind"] = ["a", "b"] * 3
    table.write(path)
    return path


def test_writes_a_report(galspec, labelled, tmp_path):
    folder = tmp_path / "report"
    code, stdout, stderr = galspec("evaluate", "brightness", labelled, "-o", folder)
    assert (code, stderr) == (0, "")
    first, second = stdout.splitlines()
    assert first == str(folder / "index.html")
    assert second.startswith("bright: n 6 bias ")
    assert "Evaluation of brightness" in (folder / "index.html").read_text()
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["targets"]["bright"]["summary"]["n"] == 6
    assert {"true_bright", "bright_lo"} <= set(
        QTable.read(folder / "joined.ecsv").colnames
    )


def test_takes_what_predict_has_written(galspec, labelled, examples, tmp_path):
    out, folder = tmp_path / "out.fits", tmp_path / "report"
    galspec("predict", "brightness", *examples, "-o", out, "--redshift", 0.05)
    # a tag that does not exist: no weights are loaded
    options = ["--predictions", out, "--tag", "gone", "--quiet"]
    run = galspec("evaluate", "brightness", labelled, "-o", folder, *options)
    assert run == (0, "", "")
    given = json.loads((folder / "metrics.json").read_text())
    galspec("evaluate", "brightness", labelled, "-o", folder, "--overwrite")
    made = json.loads((folder / "metrics.json").read_text())
    assert given["targets"]["bright"]["summary"] == pytest.approx(
        made["targets"]["bright"]["summary"]
    )


def test_a_table_with_estimates_needs_no_weights(galspec, labelled, tmp_path):
    table = Table.read(labelled)
    table.rename_column("bright", "true_bright")
    table["bright"] = table["true_bright"] + 0.1
    table.write(labelled, overwrite=True)
    folder = tmp_path / "report"
    # a tag that does not exist: no weights are loaded
    options = ["-o", folder, "--tag", "gone", "--quiet"]
    assert galspec("evaluate", "brightness", labelled, *options) == (0, "", "")
    metrics = json.loads((folder / "metrics.json").read_text())
    assert metrics["targets"]["bright"]["summary"]["bias"] == pytest.approx(0.1)


def test_a_wrong_call_is_noticed_before_weights_are_loaded(galspec, labelled, tmp_path):
    options = ["-o", tmp_path / "r", "--compare", "bright=gone", "--tag", "gone"]
    code, _, stderr = galspec("evaluate", "brightness", labelled, *options)
    assert code == 2
    assert "there is no column 'gone'" in stderr
    assert not (tmp_path / "r").exists()


def test_options_reach_the_report(galspec, labelled, tmp_path):
    table = Table.read(labelled)
    table.rename_column("bright", "label")
    table["model"], table["part"] = table["label"] + 1.0, ["x", "y"] * 3
    table.write(labelled, overwrite=True)
    options = ["--column", "bright=label", "--column", "split=part", "--split", "x"]
    options += ["--compare", "bright=model"]
    folder = tmp_path / "report"
    code, _, _ = galspec("evaluate", "brightness", labelled, "-o", folder, *options)
    assert code == 0
    compared = json.loads((folder / "metrics.json").read_text())["targets"]["bright"]
    assert compared["comparison"]["model"]["n"] == 3
    assert compared["comparison"]["model"]["bias"] == pytest.approx(1)


def test_rows_without_a_value_are_exit_code_1(galspec, labelled, broken, tmp_path):
    table = Table.read(labelled)
    table["file"] = [*table["file"][:5], broken]
    table.write(labelled, overwrite=True)
    run = galspec("evaluate", "brightness", labelled, "-o", tmp_path / "r", "--quiet")
    assert run == (1, "", "")
    assert (tmp_path / "r" / "index.html").exists()


def test_names_of_files_are_relative_to_the_table(
    galspec, labelled, examples, tmp_path
):
    import pathlib
    import shutil

    table = Table.read(labelled)
    table["file"] = [pathlib.Path(name).name for name in examples]
    table.write(labelled, overwrite=True)
    for name in examples:
        shutil.copy(name, labelled.parent)
    assert galspec("evaluate", "brightness", labelled, "-o", tmp_path / "r")[0] == 0


def test_a_report_is_not_overwritten_unasked(galspec, labelled, tmp_path):
    (tmp_path / "index.html").write_text("precious")
    code, _, stderr = galspec("evaluate", "brightness", labelled, "-o", tmp_path)
    assert code == 2
    assert "--overwrite" in stderr
    assert (tmp_path / "index.html").read_text() == "precious"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--column", "bright=gone"], "there is no column 'gone'"),
        (["--column", "light=kind"], "'light' is nothing that a column is for"),
        (["--column", "bright"], "bright is not of the form NAME=VALUE"),
        (["--compare", "bright=gone"], "there is no column 'gone'"),
        (["--split", "test"], "there is no column 'split'"),
        (["--scale", "T04"], "Brightness knows no other scales"),
        (["--prior", "sf=much"], "--prior: much is no number from 0 to 1"),
        (["--threshold", "2"], "2 is no number from 0 to 1"),
        (["--predictions", "gone.ecsv"], "cannot read gone.ecsv"),
        (["--tag", "gone"], "no weights 'gone'"),
    ],
)
def test_a_wrong_call_is_exit_code_2(galspec, labelled, tmp_path, options, message):
    code, stdout, stderr = galspec(
        "evaluate", "brightness", labelled, "-o", tmp_path / "r", *options
    )
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert "Traceback" not in stderr


def test_an_output_that_cannot_be(galspec, labelled, tmp_path):
    code, _, stderr = galspec("evaluate", "brightness", labelled, "-o", labelled)
    assert code == 2
    assert "it is no folder" in stderr
    deep = tmp_path / "gone" / "r"
    assert galspec("evaluate", "brightness", labelled, "-o", deep)[0] == 2


def test_a_labelled_table_that_is_not_there(galspec, tmp_path):
    run = galspec("evaluate", "brightness", tmp_path / "gone.csv", "-o", tmp_path / "r")
    assert run[:2] == (2, "")
    assert "cannot read" in run[2]


def test_matplotlib_is_asked_for(galspec, labelled, tmp_path, monkeypatch):
    original = builtins.__import__

    def without(name, *args, **kwargs):
        if name == "matplotlib.figure":
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    run = galspec("evaluate", "brightness", labelled, "-o", tmp_path / "r")
    assert run[:2] == (2, "")
    assert "pip install 'astro-galspec[plot]'" in run[2]
