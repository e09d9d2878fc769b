"""``galspec predict``: files in, a table out, and exit codes that scripts can trust."""

import builtins
import dataclasses
import io

import numpy as np
import pytest
from astropy.table import QTable

from galspec.io import read_spectra


def test_writes_what_the_files_give(galspec, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    code, stdout, stderr = galspec("predict", "brightness", *examples, "-o", out)
    assert (code, stdout) == (0, "")
    assert stderr.strip() == "6 spectra, 5 good, 1 flagged (LOW_SN 1)"
    table = QTable.read(out)
    assert list(table["file"]) == examples
    assert np.isfinite(table["bright"]).all()
    assert table.meta["estimator"] == "brightness"


def test_prints_the_table_without_an_output(galspec, examples):
    code, stdout, _ = galspec("predict", "brightness", *examples[:3])
    assert code == 0
    head, _, _, *rows = stdout.splitlines()
    assert head.split()[:2] == ["file", "obsid"]
    assert len(rows) == 3
    assert rows[0].startswith("example-1.fits.gz ")
    assert "8 LOW_SN" in rows[2]


def test_files_may_stand_behind_options(galspec, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    options = ["--workers", 1, "-o", out]
    code, _, _ = galspec("predict", "brightness", *options, *examples[:3])
    assert code == 0
    assert list(QTable.read(out)["file"]) == examples[:3]
    code, _, _ = galspec(
        "predict",
        "brightness",
        examples[0],
        "--quiet",
        examples[1],
        "--overwrite",
        "-o",
        out,
    )
    assert code == 0
    assert list(QTable.read(out)["file"]) == examples[:2]


def test_unknown_options_are_named(galspec, examples):
    code, _, stderr = galspec("predict", "brightness", "--colour", "red", examples[0])
    assert code == 2
    assert "unrecognized arguments: --colour" in stderr


def test_examples_are_printed_even_with_an_output(galspec, tmp_path):
    out = tmp_path / "out.fits"
    code, stdout, _ = galspec("predict", "brightness", "--examples", "-o", out)
    assert code == 0
    assert "example-6.fits.gz" in stdout
    assert len(QTable.read(out)) == 6


@pytest.mark.parametrize("size", [1, 4, 100])
def test_batches_and_workers_change_nothing(galspec, examples, tmp_path, size):
    tables = []
    for number, options in enumerate([(), ("--batch-size", size, "--workers", 3)]):
        out = tmp_path / f"{number}.ecsv"
        galspec("predict", "brightness", *examples, *options, "-o", out)
        tables.append(out.read_text())
    assert tables[0] == tables[1]


def test_unreadable_files_are_rows_and_exit_code_1(galspec, examples, broken, tmp_path):
    out = tmp_path / "out.ecsv"
    files = [examples[0], broken, tmp_path / "gone.fits"]
    code, _, stderr = galspec("predict", "brightness", *files, "-o", out)
    assert code == 1
    assert stderr.strip() == "3 spectra, 1 good, 2 flagged (UNREADABLE 2)"
    table = QTable.read(out)
    assert list(np.isnan(table["bright"])) == [False, True, True]
    assert "No such file" in table["problem"][2]


def test_names_come_from_lists_and_standard_input(
    galspec, examples, tmp_path, monkeypatch
):
    names = tmp_path / "names.txt"
    names.write_text("\n".join(examples[:2]) + "\n\n")
    monkeypatch.setattr("sys.stdin", io.StringIO(examples[2] + "\n"))
    _, stdout, _ = galspec("predict", "brightness", f"@{names}", "-", examples[3])
    found = [line.split()[0] for line in stdout.splitlines()[3:]]
    assert found == [f"example-{n}.fits.gz" for n in (1, 2, 3, 4)]


def test_redshift_is_one_for_all(galspec, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    galspec("predict", "brightness", *examples, "-o", out, "--redshift", "0.5")
    assert set(QTable.read(out)["redshift"]) == {0.5}


@pytest.mark.parametrize("suffix", ["csv", "ecsv"])
def test_redshifts_come_from_a_file(galspec, examples, tmp_path, suffix):
    listed = tmp_path / f"z.{suffix}"
    known = QTable({"file": ["example-2.fits.gz", examples[2]], "redshift": [0.7, 0.8]})
    known.write(listed, format=f"ascii.{suffix}")
    out = tmp_path / "out.ecsv"
    galspec("predict", "brightness", *examples, "-o", out, "--redshift", listed)
    found = QTable.read(out)["redshift"]
    # the others keep what their files state
    stated = read_spectra(examples[:4]).redshift
    np.testing.assert_allclose(found[:4], [stated[0], 0.7, 0.8, stated[3]])


def test_limits_are_given_on_demand(galspec, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    galspec("predict", "brightness", *examples, "-o", out, "--interval", "0.9")
    table = QTable.read(out)
    width = (table["bright_hi"] - table["bright_lo"]).value
    np.testing.assert_allclose(width, 1.8, rtol=1e-6)


@pytest.mark.parametrize("few", [True, False])
def test_plots_spectra_or_a_histogram(galspec, examples, tmp_path, few):
    plot = tmp_path / "plot.png"
    files = examples if few else examples * 2
    code, _, _ = galspec("predict", "brightness", *files, "--plot", plot, "--quiet")
    assert code == 0
    assert plot.read_bytes()[1:4] == b"PNG"


def test_quiet_says_nothing(galspec, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    run = galspec("predict", "brightness", examples[0], "-o", out, "--quiet")
    assert run == (0, "", "")


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["brightnes", "x.fits"], "Did you mean 'brightness'"),
        (["brightness", "x.fits", "--tag", "gone"], "no weights 'gone'"),
        (["brightness"], "no files"),
        (["brightness", "@gone.txt"], "cannot read the list gone.txt"),
        (["brightness", "x.fits", "-o", "out.xls"], ".ecsv, .fits, .parquet"),
        (["brightness", "x.fits", "-o", "gone/out.fits"], "no folder gone"),
        (["brightness", "x.fits", "--plot", "gone/plot.png"], "no folder gone"),
        (["brightness", "x.fits", "--redshift", "gone.csv"], "neither a number nor"),
        (["brightness", "x.fits", "--plot", "plot.xls"], ".png, .pdf, .svg"),
        (["brightness", "x.fits", "--interval", "0.9999"], "up to 0.999"),
        (["brightness", "x.fits", "--interval", "most"], "most is no level"),
        (["brightness", "x.fits", "--batch-size", "0"], "0 is no whole number"),
        (["brightness", "x.fits", "--workers", "all"], "all is no whole number"),
        (["gas-metallicity", "x.fits", "--weights", "gone"], "no weights at gone"),
    ],
)
def test_a_wrong_call_is_exit_code_2(galspec, arguments, message):
    code, stdout, stderr = galspec("predict", *arguments)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert "Traceback" not in stderr


@pytest.mark.parametrize(("option", "name"), [("-o", "x.fits"), ("--plot", "x.png")])
def test_a_folder_is_no_output(galspec, examples, tmp_path, option, name):
    folder = tmp_path / name
    folder.mkdir()
    run = galspec("predict", "brightness", *examples, option, folder, "--overwrite")
    assert run[:2] == (2, "")
    assert "it is a folder" in run[2]


def test_redshifts_of_other_files_are_a_wrong_call(galspec, examples, tmp_path):
    listed = tmp_path / "z.csv"
    listed.write_text("file,redshift\nother.fits,0.1\n")
    run = galspec("predict", "brightness", *examples, "--redshift", listed)
    assert run[0] == 2
    assert "lists none of the files" in run[2]


def test_nothing_is_overwritten_unasked(galspec, examples, tmp_path):
    out = tmp_path / "out.ecsv"
    out.write_text("precious")
    code, _, stderr = galspec("predict", "brightness", examples[0], "-o", out)
    assert code == 2
    assert "--overwrite" in stderr
    assert out.read_text() == "precious"
    assert (
        galspec("predict", "brightness", examples[0], "-o", out, "--overwrite")[0] == 0
    )
    assert len(QTable.read(out)) == 1


@pytest.mark.parametrize(
    ("library", "option", "value"),
    [("pyarrow", "-o", "out.parquet"), ("matplotlib.figure", "--plot", "out.png")],
)
def test_missing_libraries_are_named(galspec, monkeypatch, library, option, value):
    # or it would remember for all later tests that pyarrow is missing
    pytest.importorskip("pandas")
    original = builtins.__import__

    def without(name, *args, **kwargs):
        if name == library:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)
        return original(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without)
    code, _, stderr = galspec("predict", "brightness", "x.fits", option, value)
    assert code == 2
    assert "pip install 'astro-galspec[" in stderr


def test_a_prior_moves_the_probabilities_of_a_classifier(galspec, examples, tmp_path):
    plain, rare = tmp_path / "plain.ecsv", tmp_path / "rare.ecsv"
    command = ("predict", "star-forming-classifier", *examples, "--offline", "-o")
    shares = [("--prior", f"{name}=0.33") for name in ("composite", "agn", "passive")]
    assert galspec(*command, plain)[0] == 0
    code, *_ = galspec(*command, rare, "--prior", "sf=0.01", *sum(shares, ()))
    assert code == 0
    assert np.all(QTable.read(rare)["p_sf"] <= QTable.read(plain)["p_sf"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("star-forming-classifier", "needs a share for each of sf, composite, agn"),
        ("gas-metallicity", "takes no 'prior'"),
    ],
)
def test_a_prior_that_does_not_fit_is_refused(galspec, examples, name, words):
    code, _, stderr = galspec("predict", name, *examples, "--prior", "sf=0.3")
    assert code == 2
    assert words in stderr


def test_spectra_are_written_and_drawn(galspec, examples, tmp_path, monkeypatch):
    import lamp_plugin

    from galspec.sed import WAVELENGTH

    def predict(self, batch, interval):
        sed = np.tile(WAVELENGTH / 5500, (len(batch), 1))
        sed[:, 0] = np.nan  # a wavelength that no star is known at
        rows = {**batch.ids, "sed": sed, "sed_err": 0.1 * sed}
        return {**rows, "flags": batch.flags}

    (target,) = lamp_plugin.Brightness.targets
    changed = dataclasses.replace(target, name="sed", size=len(WAVELENGTH))
    monkeypatch.setattr(lamp_plugin.Brightness, "targets", (changed,))
    monkeypatch.setattr(lamp_plugin.Brightness, "_predict_batch", predict)
    out, picture = tmp_path / "out.fits", tmp_path / "out.png"
    code, _, _ = galspec(
        "predict", "brightness", *examples, "-o", out, "--plot", picture
    )
    assert code == 0
    assert QTable.read(out)["sed"].shape == (6, len(WAVELENGTH))
    assert picture.stat().st_size > 1000
