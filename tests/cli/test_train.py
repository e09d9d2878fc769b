"""``galspec train``: a labelled table in, weights out."""

import json
import pathlib

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable, Table

from galspec import registry
from galspec.weights import read_bundle

SCHOOL = '''
import astropy.units as u

from galspec import SpectralEstimator, Target
from galspec.classifier import SpectralClassifier, class_targets
from galspec.networks import ForestConfig, SpectralCNNConfig
from galspec.transforms import Recipe, Resample, ScaleRobust, linear_grid

RECIPE = Recipe("small", Resample(linear_grid(4500, 6000, 10)), ScaleRobust())
NETWORK = SpectralCNNConfig(channels=(4, 6), inputs=2, outputs=2, hidden=4)


class Depth(SpectralEstimator):
    """Strength of a line."""

    name = "depth"
    targets = (Target("depth", u.AA, "strength of the line", valid=(-2.0, 2.0)),)
    scale = "ours"
    recipe, network = RECIPE, NETWORK
    alternatives = {
        "feng2025": (RECIPE, SpectralCNNConfig(channels=(4,), inputs=2, outputs=1))
    }
    training = {"feng2025": {"loss": "mse", "optimizer": "adam", "schedule": "plateau"}}


class Kinds(SpectralClassifier):
    """Bright or dark."""

    name = "kinds"
    targets = class_targets({"bright": "a bright line", "dark": "a dark line"})
    recipe, network = RECIPE, NETWORK


class Woods(Depth):
    """Strength of a line, by a forest."""

    name = "woods"
    network = ForestConfig(trees=5, rebin=5)
    alternatives = {}


class Formula(SpectralEstimator):
    """Nothing to learn."""

    name = "formula"
    targets = Depth.targets
'''
N = 60


@pytest.fixture(autouse=True)
def school(tmp_path, monkeypatch):
    """Estimators of another distribution."""
    site = tmp_path / "school"
    info = site / "school-1.0.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: school\nVersion: 1.0")
    names = {"depth": "Depth", "kinds": "Kinds", "woods": "Woods", "formula": "Formula"}
    lines = "".join(f"{k} = school_plugin:{v}\n" for k, v in names.items())
    (info / "entry_points.txt").write_text(f"[galspec.estimators]\n{lines}")
    (site / "school_plugin.py").write_text(SCHOOL)
    monkeypatch.syspath_prepend(site)
    registry.clear_cache()


@pytest.fixture
def labelled(tmp_path):
    """Spectra with a line of known strength, in files that SDSS could have written."""
    rng = np.random.default_rng(3)
    depth = rng.uniform(-1, 1, N)
    wavelength = np.arange(4400.0, 6100, 5)
    line = np.exp(-0.5 * ((wavelength - 5100) / 30) ** 2)
    folder = tmp_path / "spectra"
    folder.mkdir()
    for k in range(N):
        flux = 1 + 0.5 * depth[k] * line + 0.05 * rng.normal(size=len(line))
        columns = [("flux", flux), ("loglam", np.log10(wavelength))]
        columns += [("ivar", np.full(len(line), 400.0))]
        hdu = fits.BinTableHDU.from_columns(
            [fits.Column(name, "E", array=values) for name, values in columns]
        )
        fits.HDUList([fits.PrimaryHDU(), hdu]).writeto(folder / f"{k}.fits")
    table = Table({"file": [f"spectra/{k}.fits" for k in range(N)], "depth": depth})
    table["kind"] = np.where(depth > 0, "bright", "dark")
    table["split"] = (["train"] * 7 + ["validation"] + ["calibration"] + ["test"]) * 6
    table.meta = {"scale": "theirs", "labels": "drawn at random"}
    path = tmp_path / "labelled.ecsv"
    table.write(path)
    return path


@pytest.fixture
def train(galspec, labelled, tmp_path):
    """Run the command on the labelled table, for two epochs."""

    def run(name="depth", *options, output="out.safetensors", epochs=2):
        output = tmp_path / output
        arguments = ["--data", labelled, "-o", output, "--epochs", epochs]
        return galspec("train", name, *arguments, *options, "--device", "cpu")

    return run


def test_trains_and_the_weights_predict(galspec, train, labelled, tmp_path):
    code, stdout, stderr = train("depth", "--members", 2)
    assert code == 0
    assert "train 42, validation 6, calibration 6" in stderr
    assert "left out: 6 in no part that serves" in stderr
    weights = tmp_path / "out.safetensors"
    assert stdout.startswith(f"{weights}, SHA-256 ")
    table = predicted(galspec, weights, labelled, tmp_path)
    assert np.isfinite(table["depth"]).all()
    assert table.meta["sha256"] in stdout
    assert table.meta["scale"] == "theirs"  # not that which the class declares
    assert read_bundle(weights).config["members"] == 2


def predicted(galspec, weights, labelled, tmp_path):
    names = [str(tmp_path / name) for name in Table.read(labelled)["file"]]
    options = ["--weights", weights, "-o", tmp_path / "out.ecsv", "--overwrite"]
    galspec("predict", "depth", *names, *options, "--quiet")
    return QTable.read(tmp_path / "out.ecsv")


def test_values_beyond_the_labels_are_flagged_on_a_new_scale(train, labelled, tmp_path):
    train()
    valid = read_bundle(tmp_path / "out.safetensors").config["valid"]
    table = Table.read(labelled)
    known = table["depth"][table["split"] == "train"]
    assert valid == [[pytest.approx(known.min()), pytest.approx(known.max())]]


def test_the_card_says_what_the_weights_were_trained_on(train, tmp_path):
    train("depth", "--seed", 5)
    card = read_bundle(tmp_path / "out.safetensors").card
    for words in ("labelled.ecsv", "drawn at random", "Scale: theirs", "seed 5"):
        assert words in card
    assert "| train | 42 |" in card
    assert str(tmp_path) not in card


def test_an_interrupted_run_goes_on(train, galspec, labelled, tmp_path):
    train(output="whole.safetensors", epochs=3)
    first = tmp_path / "half.safetensors"
    # the schedule is that of the whole run: stop it as Ctrl-C would
    with pytest.MonkeyPatch.context() as patch:
        stop_after_epoch(patch, 2)
        assert train(output=first.name, epochs=3)[0] == 130
    assert not first.exists()
    assert train(output=first.name, epochs=3)[0] == 0
    whole = read_bundle(tmp_path / "whole.safetensors")
    again = read_bundle(first)
    assert whole.tensors.keys() == again.tensors.keys()
    for name, values in whole.tensors.items():
        np.testing.assert_array_equal(values, again.tensors[name])


def stop_after_epoch(patch, number):
    from galspec.training import fit

    written, save = [], fit.save_checkpoint

    def stopping(*arguments):
        save(*arguments)
        written.append(1)
        if len(written) == number:
            raise KeyboardInterrupt

    patch.setattr(fit, "save_checkpoint", stopping)


def test_a_finished_run_trains_no_more(train, tmp_path):
    train()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("galspec.training.fit._train_epoch", None)  # would be an error
        code, stdout, _ = train("depth", "--overwrite")
    assert code == 0
    assert stdout


def test_other_data_are_another_run(train, labelled, tmp_path):
    train()
    table = Table.read(labelled)
    table["depth"] += 1
    table.write(labelled, overwrite=True)
    code, _, stderr = train("depth", "--overwrite")
    assert code == 2
    assert "holds a run of other data" in stderr
    folder = tmp_path / "new"
    assert train("depth", "--overwrite", "--run", folder)[0] == 0
    assert json.loads((folder / "run.json").read_text())["estimator"] == "depth"
    assert (folder / "member-0.safetensors").exists()


def test_a_form_brings_its_own_way_of_fitting(train, tmp_path):
    code, _, _ = train("depth", "--variant", "feng2025", "--batch-size", 16)
    assert code == 0
    card = " ".join(read_bundle(tmp_path / "out.safetensors").card.split())
    assert "Form `feng2025`" in card
    assert "loss mse, adam, learning rate 0.001, plateau schedule, batch 16" in card
    assert "2 epochs" in card


def test_classifiers(galspec, train, labelled, tmp_path):
    assert train("kinds", "--column", "class=kind")[0] == 0
    weights = tmp_path / "out.safetensors"
    file = tmp_path / "spectra" / "0.fits"
    out = tmp_path / "out.ecsv"
    galspec("predict", "kinds", file, "--weights", weights, "-o", out)
    table = QTable.read(out)
    assert (table["p_bright"] + table["p_dark"]).value == pytest.approx(1)
    assert table.meta["scale"] == ""


def test_learners_that_are_no_networks(train, tmp_path):
    pytest.importorskip("sklearn")
    assert train("woods")[0] == 0
    assert "not recorded" in read_bundle(tmp_path / "out.safetensors").card


def test_one_unreadable_file_is_one_row(train, tmp_path):
    (tmp_path / "spectra" / "0.fits").write_text("nothing")
    code, _, stderr = train()
    assert code == 1
    assert "left out: 1 in files that cannot be read" in stderr
    assert f"{pathlib.Path('spectra', '0.fits')}: " in stderr
    assert (tmp_path / "out.safetensors").exists()


def test_quiet(train):
    assert train("depth", "--quiet") == (0, "", "")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["depth", "--variant", "gone"], "has no form 'gone'"),
        (["depth", "--loss", "binary"], "the loss 'binary' is not for Depth"),
        (["depth", "--loss", "gone"], "loss is 'gone'"),
        (["depth", "--learning-rate", "-1"], "learning_rate is -1"),
        (["depth", "--members", "0"], "0 is no whole number"),
        (["depth", "--column", "depth=gone"], "there is no column 'gone'"),
        (["kinds", "--class", "red=bright"], "class 'red' cannot stand for"),
        (["formula"], "Formula is a formula: there is nothing to train"),
        (["gone"], "no estimator 'gone'"),
    ],
)
def test_a_wrong_call_is_exit_code_2(train, tmp_path, options, message):
    code, stdout, stderr = train(*options)
    assert (code, stdout) == (2, "")
    assert message in stderr
    assert "Traceback" not in stderr


def test_an_output_that_cannot_be(galspec, train, labelled, tmp_path):
    assert "must end in .safetensors" in train("depth", output="out.pt")[2]
    assert "no folder" in train("depth", output="gone/out.safetensors")[2]
    (tmp_path / "old.safetensors").write_text("precious")
    assert "--overwrite" in train("depth", output="old.safetensors")[2]
    run = galspec(
        "train", "depth", "--data", "gone.ecsv", "-o", tmp_path / "a.safetensors"
    )
    assert run[:2] == (2, "")
    assert "cannot read gone.ecsv" in run[2]


def test_a_wrong_call_leaves_no_run_behind(train, tmp_path):
    train("depth", "--column", "depth=gone")
    assert not (tmp_path / "out.safetensors.run").exists()
    assert train()[0] == 0


def test_weights_are_tuned(train, galspec, labelled, tmp_path):
    train()
    weights, out = tmp_path / "out.safetensors", tmp_path / "tuned.safetensors"

    def tune(*options):
        call = ["fine-tune", "depth", "--data", labelled, "-o", out, "--epochs", 1]
        return galspec(*call, "--weights", weights, "--device", "cpu", *options)

    code, stdout, _ = tune("--folds", 3, "--layers", "head,hidden")
    assert code == 0
    assert "nmad_after" in stdout
    bundle = read_bundle(out)
    assert bundle.sha256 in stdout
    assert bundle.config["members"] == 3
    assert bundle.config["tuned_from_sha256"] == read_bundle(weights).sha256
    # all that is not of the test part is judged once
    assert "54 spectra were judged" in " ".join(bundle.card.split())
    assert tune("--overwrite", "--layers", "2")[2].count("holds a run of other layers")
    new = ("--overwrite", "--run")
    again = (*new, tmp_path / "again")
    assert "no layer 'tail'" in tune(*again, "--layers", "tail")[2]
    assert "dealt into 99 folds" in tune(*again, "--folds", 99)[2]
    # a wrong call does not stand in the way of the next
    assert tune(*again, "--folds", 2, "--scale", "ours")[0] == 0
    assert read_bundle(out).config["scale"] == "ours"
