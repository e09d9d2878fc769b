"""``galspec predict`` on a cluster, and for HATS catalogues."""

import numpy as np
import pytest
from astropy.table import QTable

from galspec import example_photometry, read_spectra
from galspec.catalog import is_hats

pytest.importorskip("distributed")
TAG = ("--tag", "feng2025", "--offline")


def test_a_local_cluster_writes_the_same_table(galspec, examples, broken, tmp_path):
    here, there = tmp_path / "here.ecsv", tmp_path / "there.ecsv"
    listed = tmp_path / "redshifts.csv"
    listed.write_text(f"file,redshift\n{examples[1]},0.25\n")
    call = ("predict", "gas-metallicity", *examples, broken, *TAG)
    call = (*call, "--redshift", listed, "--interval", "0.9", "-o")
    one = galspec(*call, here)
    plot = tmp_path / "plot.png"
    cluster = ("--scheduler", "local", "--workers", "1", "--partition-size", "3")
    other = galspec(*call, there, *cluster, "--plot", plot)
    assert one[0] == other[0] == 1
    assert one[2] == other[2]
    assert plot.stat().st_size > 10_000
    a, b = (QTable.read(path) for path in (here, there))
    assert a.colnames == b.colnames
    assert a.meta == b.meta
    assert a["file"].tolist() == b["file"].tolist()
    assert b["redshift"][1] == 0.25
    np.testing.assert_allclose(a["oh_lo"].value, b["oh_lo"].value, rtol=1e-5)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--scheduler", "nonsense"], "no scheduler answers at nonsense"),
        (["--scheduler", "tcp://127.0.0.1:1", "--workers", "2"], "has its own"),
        (["--hats-column", "flux=f"], "--hats-column is for HATS catalogues"),
        (["--hats-keep", "ra"], "--hats-keep is for HATS catalogues"),
        (["--hats-column", "flux"], "not of the form NAME=VALUE"),
    ],
)
def test_wrong_calls_are_told(galspec, examples, words, told):
    code, _, stderr = galspec("predict", "gas-metallicity", *examples, *TAG, *words)
    assert code == 2
    assert told in stderr


def test_images_do_not_go_to_a_cluster(galspec, tmp_path):
    call = ("predict", "elg-photoz", example_photometry(), "--offline")
    code, _, stderr = galspec(*call, "--stamps", tmp_path, "--scheduler", "local")
    assert code == 2
    assert "--stamps and --scheduler do not go together" in stderr


@pytest.fixture
def catalog(examples, tmp_path):
    """The examples as a HATS catalogue, with wavelengths in nanometres."""
    lsdb = pytest.importorskip("lsdb")
    import pandas as pd

    batch = read_spectra(examples)
    frame = pd.DataFrame({"ra": [10.0, 20, 30, 40, 50, 60], "dec": 5.0, "n": range(6)})
    frame["f"] = [*batch.flux.astype(float)]
    frame["nm"] = [batch.wavelength / 10] * 6
    frame["z"] = batch.redshift
    path = tmp_path / "catalog"
    made = lsdb.from_dataframe(frame, catalog_name="examples")
    made.write_catalog(path, progress_bar=False)
    return path


def test_a_hats_catalogue_gives_another(galspec, catalog, tmp_path):
    import lsdb

    out = tmp_path / "out"
    call = ("predict", "gas-metallicity", catalog, "--offline", "-o", out)
    call = (*call, "--hats-column", "flux=f", "--hats-column", "wavelength=nm")
    call = (*call, "--hats-unit", "wavelength=nm", "--hats-keep", "n")
    code, stdout, stderr = galspec(*call)
    assert code == 0, stderr
    assert stdout == ""
    assert stderr.splitlines()[-1].startswith("6 spectra, ")
    assert is_hats(out)
    rows = lsdb.open_catalog(out).compute(progress_bar=False)
    assert list(rows)[:4] == ["ra", "dec", "n", "oh"]
    assert np.isfinite(rows["oh"].to_numpy(float)).all()
    code, _, stderr = galspec(*call)
    assert code == 2
    assert "exists" in stderr
    code, _, stderr = galspec(*call, "--overwrite", "--redshift", "0.1")
    assert code == 0, stderr


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ([], "-o OUT is missing"),
        (["-o", "OUT", "more.fits"], "give it alone"),
        (["-o", "OUT", "--plot", "a.png"], "--plot is not for HATS"),
        (["-o", "OUT"], "no columns for spectra"),
        (["-o", "OUT", "--redshift", "z.csv"], "--hats-column redshift=NAME"),
        (["-o", "OUT", "--hats-unit", "ivar=m"], "units are given for ivar"),
    ],
)
def test_wrong_calls_about_catalogues_are_told(galspec, catalog, tmp_path, words, told):
    words = [str(tmp_path / "out") if word == "OUT" else word for word in words]
    code, _, stderr = galspec("predict", "gas-metallicity", catalog, *TAG, *words)
    assert code == 2
    assert told in stderr
    assert not (tmp_path / "out").exists()
