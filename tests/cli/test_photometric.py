"""Commands of the command line on tables of photometry."""

import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec import ELGPhotoZ, example_photometry, example_truth
from galspec.embedding import Embedding
from galspec.networks import PhotometricPerceptronConfig, PhotometryAndImagesConfig
from galspec.photometry import PhotometryBatch
from galspec.redshift_table import RedshiftTable

BANDS = ("g", "r", "i", "z", "W1", "W2")
SMALL = {"outputs": 40, "members": 1, "width": 16, "depth": 2}


def galaxies(n=240, seed=1):
    """Galaxies that are the redder the farther they are, and their redshifts."""
    rng = np.random.default_rng(seed)
    z = rng.uniform(0.1, 1.5, n)
    flux = 10 ** (rng.uniform(0.3, 1.5, (n, 1)) + 0.2 * z[:, None] * np.arange(6))
    ivar = (0.02 * flux + 0.05) ** -2.0
    table = QTable({"ra": np.arange(n) * 0.1, "dec": np.zeros(n)})
    table["ebv"] = 0.03
    for k, band in enumerate(BANDS):
        table[f"flux_{band}"], table[f"flux_ivar_{band}"] = flux[:, k], ivar[:, k]
    return table, z


@pytest.fixture(scope="module")
def fitted(tmp_path_factory):
    """Weights of a small estimator for the Legacy Surveys, without images and with."""
    table, z = galaxies()
    folder = tmp_path_factory.mktemp("weights")
    batch = PhotometryBatch.gather(table, survey="ls-dr10")
    for name, network in (
        ("plain", PhotometricPerceptronConfig(("colours", "magnitudes"), **SMALL)),
        (
            "images",
            PhotometryAndImagesConfig(("magnitudes", "stamps"), seen=4, **SMALL),
        ),
    ):
        estimator = ELGPhotoZ(network=network)
        options = estimator.fit_options(epochs=2, loss="ordered")
        estimator.fit(batch, z, options=options, progress_bar=False, device="cpu")
        estimator.save(folder / f"{name}.safetensors")
    return folder


@pytest.fixture
def weights(fitted):
    """Options that name the weights without images."""
    return "--weights", fitted / "plain.safetensors"


@pytest.fixture
def table(tmp_path):
    """A file of twenty galaxies, with their redshifts in ``z_spec``."""
    rows, z = galaxies(20, 2)
    rows["z_spec"] = z
    rows.write(tmp_path / "galaxies.fits")
    return tmp_path / "galaxies.fits"


def test_predict_writes_densities(galspec, table, weights, tmp_path):
    out, picture = tmp_path / "out.fits", tmp_path / "out.png"
    code, stdout, stderr = galspec(
        "predict", "elg-photoz", table, *weights, "-o", out, "--plot", picture
    )
    assert (code, stdout) == (0, "")
    assert stderr.startswith("20 objects, ")
    found = RedshiftTable.read(out)
    assert found["z_phot_pdf"].shape == (20, 40)
    np.testing.assert_array_equal(found["ra"], np.arange(20) * 0.1)
    assert picture.stat().st_size > 10_000
    estimator = ELGPhotoZ.pretrained(path=weights[1])
    np.testing.assert_array_equal(found["z_phot"], estimator.predict(table)["z_phot"])


def test_predict_prints_columns_of_single_numbers(galspec, table, weights):
    code, stdout, _ = galspec("predict", "elg-photoz", table, *weights)
    assert code == 0
    head, *_, last = stdout.strip().splitlines()
    assert "z_phot_odds" in head.split()
    assert "z_phot_pdf" not in head.split()
    assert last == "z_phot_pdf: many numbers in each row, written by -o"


def test_reddening_is_given_or_a_row_has_no_value(galspec, table, weights, tmp_path):
    rows = Table.read(table)
    rows.remove_column("ebv")
    rows.write(table, overwrite=True)
    code, _, stderr = galspec("predict", "elg-photoz", table, *weights)
    assert code == 1
    assert "REDDENING_MISSING 20" in stderr
    out = tmp_path / "out.ecsv"
    code, _, _ = galspec(
        "predict", "elg-photoz", table, *weights, "--ebv", 0.03, "-o", out
    )
    assert code == 0
    assert np.isfinite(QTable.read(out)["z_phot"]).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--survey", "sloan"], "there is no survey 'sloan'"),
        (["--survey", "cosmos"], "no column for any band of 'cosmos'"),
        (["--redshift", "0.2"], "--redshift is for spectra"),
        (["--stamps", "no-such-folder"], "there is no such folder"),
        (["--dust-map", "no-such-folder"], "no-such-folder"),
        (["--scale", "T04"], "knows no other scales"),
    ],
)
def test_wrong_calls_are_told(galspec, table, weights, options, message):
    rows = Table.read(table)
    rows["ebv"] = np.nan  # only then is a map asked for
    rows.write(table, overwrite=True)
    code, _, stderr = galspec("predict", "elg-photoz", table, *weights, *options)
    assert code == 2
    assert message in stderr


def test_another_survey_than_that_of_the_weights(galspec, table, weights, tmp_path):
    rows = Table.read(table)
    for band in "griz":
        rows.rename_column(f"flux_{band}", f"modelflux_{band}")
        rows.rename_column(f"flux_ivar_{band}", f"modelfluxivar_{band}")
    rows.write(table, overwrite=True)
    code, _, stderr = galspec(
        "predict", "elg-photoz", table, *weights, "--survey", "sdss"
    )
    assert code == 2
    assert "knows the filters of ls-dr10, ls-dr9" in stderr


def test_examples_come_with_images(galspec, fitted, tmp_path):
    out, picture = tmp_path / "out.ecsv", tmp_path / "out.svg"
    options = ["--weights", fitted / "images.safetensors", "-o", out]
    code, _, stderr = galspec(
        "predict", "elg-photoz", "--examples", *options, "--plot", picture
    )
    assert code == 0
    assert "images: of 3 of 12 objects" in stderr
    assert "z_spec" in picture.read_text()
    estimator = ELGPhotoZ.pretrained(path=fitted / "images.safetensors")
    alone = estimator.predict(example_photometry())
    differs = np.asarray(QTable.read(out)["z_phot"]) != np.asarray(alone["z_phot"])
    assert np.flatnonzero(differs).tolist() == [0, 4, 8]


def test_options_of_photometry_are_not_those_of_spectra(galspec, examples):
    code, _, stderr = galspec("predict", "brightness", examples[0], "--survey", "sdss")
    assert code == 2
    assert "unrecognized arguments: --survey" in stderr
    _, stdout, _ = galspec("train", "elg-photoz", "--help")
    assert "--dust-map" in stdout


def test_train_and_fine_tune(galspec, tmp_path):
    rows, z = galaxies(120)
    rows.remove_columns(["flux_W1", "flux_W2", "flux_ivar_W1", "flux_ivar_W2"])
    magnitudes = Table({"z_spec": z, "split": ["test"] * 20 + ["train"] * 100})
    for band in "griz":
        flux = np.asarray(rows[f"flux_{band}"])
        magnitudes[f"mag_{band}"] = 22.5 - 2.5 * np.log10(flux)
        magnitudes[f"magerr_{band}"] = 0.03
    magnitudes["z_spec"][30] = np.nan
    data, own = tmp_path / "labelled.ecsv", tmp_path / "own.safetensors"
    magnitudes.write(data)
    common = ["--data", data, "--column", "z_phot=z_spec", "--epochs", 1]
    code, stdout, stderr = galspec(
        "train", "elg-photoz", *common, "--variant", "cosmos-griz", "-o", own
    )
    assert code == 0, stderr
    assert stderr.splitlines()[1:] == [
        "left out: 20 in no part that serves for training",
        "left out: 1 without a label",
    ]
    assert stderr.startswith("objects: train ")
    card = ELGPhotoZ.pretrained(path=own).card
    assert "| part | objects |" in card
    tuned = tmp_path / "tuned.safetensors"
    options = ["--weights", own, "--folds", 2, "-o", tuned]
    code, stdout, _ = galspec("fine-tune", "elg-photoz", *common, *options)
    assert code == 0
    assert "ln(1 + z_phot)" in stdout
    assert "99 objects were judged" in ELGPhotoZ.pretrained(path=tuned).card


def test_train_without_labels(galspec, table, tmp_path):
    code, _, stderr = galspec(
        "train", "elg-photoz", "--data", table, "-o", tmp_path / "own.safetensors"
    )
    assert code == 2
    assert "none of the columns z_phot is there" in stderr


def test_a_run_of_other_reddening_is_not_gone_on_with(galspec, table, tmp_path):
    out = tmp_path / "own.safetensors"
    folder = tmp_path / "own.safetensors.run"
    folder.mkdir()
    (folder / "run.json").write_text('{"ebv": 0.1}')
    (folder / "network-0.safetensors").write_bytes(b"")
    code, _, stderr = galspec(
        "train", "elg-photoz", "--data", table, "-o", out, "--ebv", "0.2"
    )
    assert code == 2
    assert "a run of other" in stderr
    assert "ebv" in stderr


def test_embed_and_similar(galspec, table, weights, tmp_path):
    out = tmp_path / "embedding.fits"
    code, _, stderr = galspec("embed", "elg-photoz", table, *weights, "-o", out)
    assert code == 0
    assert stderr.startswith("20 objects, ")
    assert len(Embedding.load(out)) == 20
    code, stdout, _ = galspec("similar", table, "--among", out, "-k", 1, *weights)
    assert code == 0
    assert len(stdout.splitlines()) == 22


def test_truth_of_the_examples():
    truth, rows = example_truth("photometry"), Table.read(example_photometry())
    np.testing.assert_array_equal(truth["objid"], rows["objid"])
    assert np.all(np.diff(truth["z"]) > 0)


def test_evaluate_predicts_for_rows_and_judges_redshifts(
    galspec, table, weights, tmp_path
):
    folder = tmp_path / "report"
    code, stdout, stderr = galspec(
        *("evaluate", "elg-photoz", table, *weights, "-o", folder),
        *("--column", "z_phot=z_spec", "--survey", "ls-dr10"),
    )
    assert (code, stderr) == (0, "")
    assert "z_phot: n 20 bias " in stdout
    assert "sigma_nmad" in stdout
    assert len(RedshiftTable.read(folder / "z_phot.fits")) == 20


def test_evaluate_knows_the_survey_of_the_table(galspec, table, weights, tmp_path):
    code, _, stderr = galspec(
        *("evaluate", "elg-photoz", table, *weights, "-o", tmp_path / "report"),
        *("--column", "z_phot=z_spec", "--survey", "sdss"),
    )
    assert code == 2
    assert "photometry: no column for any band of 'sdss'" in stderr


def test_evaluate_has_no_place_for_images(galspec, table, weights, tmp_path):
    code, _, stderr = galspec(
        *("evaluate", "elg-photoz", table, *weights, "-o", tmp_path / "report"),
        *("--column", "z_phot=z_spec", "--stamps", tmp_path),
    )
    assert code == 2
    assert "predict with images, and give --predictions" in stderr
