"""A HATS catalogue in, a HATS catalogue out."""

import numpy as np
import pytest

from galspec import ELGPhotoZ, GasMetallicity, example_spectra, read_spectra
from galspec.catalog import is_hats, predict_hats

lsdb = pytest.importorskip("lsdb")

import pandas as pd  # noqa: E402, comes with LSDB
import pyarrow as pa  # noqa: E402
from nested_pandas import NestedFrame  # noqa: E402
from nested_pandas.series.packer import pack_lists  # noqa: E402

PIXELS = ["lambda", "flux", "ivar"]
N = 48


@pytest.fixture(scope="module")
def estimator():
    return GasMetallicity.pretrained("feng2025", offline=True, device="cpu")


@pytest.fixture(scope="module")
def batch():
    examples = read_spectra(example_spectra())
    return examples[np.arange(N) % len(examples)]


@pytest.fixture(scope="module")
def frame(batch):
    """Positions, an identifier, and a spectrum in three columns of lists."""
    rng = np.random.default_rng(8)
    frame = pd.DataFrame({"ra": rng.uniform(0, 360, N), "dec": rng.uniform(-80, 80, N)})
    frame["objid"] = np.arange(N)
    frame["class"] = ["galaxy"] * N
    lists = [[batch.wavelength] * N, batch.flux, np.where(batch.mask, 0, batch.ivar)]
    kind = pa.list_(pa.float64())
    for name, rows in zip(PIXELS, lists, strict=True):
        array = pa.array([row.tolist() for row in rows], kind)
        frame[name] = pd.Series(array, dtype=pd.ArrowDtype(kind))
    return frame


def written(frame, path):
    catalog = lsdb.from_dataframe(frame, catalog_name="spectra", partition_rows=10)
    catalog.write_catalog(path, progress_bar=False)
    return path


@pytest.fixture(scope="module")
def nested(frame, tmp_path_factory):
    whole = NestedFrame(frame.drop(columns=PIXELS))
    whole["spectrum"] = pack_lists(frame[PIXELS])
    return written(whole, tmp_path_factory.mktemp("hats") / "nested")


def check(made, catalog, estimator, batch):
    """Rows, index, positions and identifiers of the catalogue that was read."""
    before = lsdb.open_catalog(catalog)
    assert made.get_healpix_pixels() == before.get_healpix_pixels()
    assert len(made.get_healpix_pixels()) > 2
    rows, old = (c.compute(progress_bar=False).sort_index() for c in (made, before))
    assert rows.index.name == "_healpix_29"
    assert rows.index.equals(old.index)
    for name in ("ra", "dec", "objid"):
        assert rows[name].tolist() == old[name].tolist()
    assert not {"spectrum", *PIXELS} & set(rows)
    expected = estimator.predict(batch[rows["objid"].to_numpy().astype(int)])
    for name in ("oh", "oh_err", "domain", "flags"):
        value = getattr(expected[name], "value", expected[name])
        np.testing.assert_allclose(rows[name].to_numpy(float), value, rtol=1e-5)
    return rows


def test_nested_spectra_on_a_cluster(cluster, nested, estimator, batch, tmp_path):
    made = predict_hats(
        estimator, nested, tmp_path / "out", scheduler=cluster, progress_bar=False
    )
    rows = check(made, nested, estimator, batch)
    assert set(rows["class"]) == {"galaxy"}
    assert is_hats(tmp_path / "out")
    about = (tmp_path / "out" / "hats.properties").read_text()
    assert f"galspec_sha256={estimator.predict_batches([]).meta['sha256']}" in about
    assert "galspec_units=oh dex, oh_err dex" in about


def test_lists_in_this_process(frame, estimator, batch, tmp_path):
    catalog = written(frame, tmp_path / "lists")
    made = predict_hats(
        estimator,
        catalog,
        tmp_path / "out",
        keep="objid",
        wavelength="lambda",
        interval=0.9,
        progress_bar=False,
    )
    rows = check(made, catalog, estimator, batch)
    limits = ["oh", "oh_err", "oh_lo", "oh_hi"]
    rest = ["snr", "domain", "flags"]
    assert list(rows) == ["ra", "dec", "objid", *limits, *rest]


def test_lsdb_needs_nothing_but_the_function(nested, estimator, batch):
    predict = estimator.as_partition_function()
    catalog = lsdb.open_catalog(nested)
    lazy = catalog.map_partitions(predict)
    assert lazy.meta.dtypes.equals(predict.meta_for(catalog.meta).dtypes)
    few = catalog.cone_search(10, 10, 1).map_partitions(predict)
    assert len(few.compute(progress_bar=False)) == 0
    check(lazy, nested, estimator, batch)


def test_photometry_gives_densities(tmp_path):
    rng = np.random.default_rng(9)
    bands = ("g", "r", "i", "z", "W1", "W2")
    frame = pd.DataFrame({f"flux_{band}": rng.uniform(1, 30, N) for band in bands})
    for band in bands:
        frame[f"flux_ivar_{band}"] = 25.0
    frame["ebv"], frame["ra"] = 0.02, rng.uniform(0, 360, N)
    frame["dec"] = rng.uniform(-30, 30, N)
    catalog = written(frame, tmp_path / "photometry")
    estimator = ELGPhotoZ.pretrained(offline=True, device="cpu")
    made = predict_hats(estimator, catalog, tmp_path / "out", progress_bar=False)
    rows = made.compute(progress_bar=False)
    table = {name: rows[name].to_numpy(float) for name in frame}
    expected = estimator.predict(table)
    np.testing.assert_allclose(
        rows["z_phot"].to_numpy(float), expected["z_phot"], rtol=1e-4
    )
    densities = np.array(rows["z_phot_pdf"].tolist())
    np.testing.assert_allclose(densities, expected["z_phot_pdf"], rtol=1e-3, atol=1e-6)


def test_nothing_is_overwritten_unasked(nested, estimator, tmp_path):
    out = tmp_path / "out"
    predict_hats(estimator, nested, out, progress_bar=False)
    with pytest.raises(FileExistsError, match="overwrite=True"):
        predict_hats(estimator, nested, out, progress_bar=False)
    predict_hats(
        estimator, nested, out, overwrite=True, keep="objid", progress_bar=False
    )
    assert "class" not in lsdb.open_catalog(out).columns
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter1.tex").write_text("Once upon a time")
    for target in (tmp_path / "thesis", tmp_path):
        with pytest.raises(FileExistsError, match="no HATS catalogue"):
            predict_hats(estimator, nested, target, overwrite=True)
    with pytest.raises(FileExistsError, match="catalogue that is read"):
        predict_hats(estimator, nested, nested, overwrite=True)
    assert (tmp_path / "thesis" / "chapter1.tex").exists()


def test_wrong_calls_are_told_before_any_work(nested, estimator, tmp_path):
    with pytest.raises(FileNotFoundError, match="is no HATS catalogue"):
        predict_hats(estimator, tmp_path, tmp_path / "out")
    with pytest.raises(FileNotFoundError, match="no folder"):
        predict_hats(estimator, nested, tmp_path / "nowhere" / "out")
    with pytest.raises(ValueError, match="no column 'nix'"):
        predict_hats(estimator, nested, tmp_path / "out", flux="nix")
    assert not (tmp_path / "out").exists()


def test_hats_is_told_from_other_folders(nested, tmp_path):
    assert is_hats(nested)
    assert is_hats(nested / "spectra")
    (tmp_path / "properties").write_text("colour=blue")
    assert not is_hats(tmp_path)
    assert not is_hats(tmp_path / "gone")
