"""Spectra as points: neighbours, outliers, and the file they are kept in."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import QTable
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from galspec import (
    Flags,
    GasMetallicity,
    NotFittedError,
    SpectrumBatch,
    example_spectra,
    read_spectra,
)
from galspec.baselines.shallow import ForestMetallicity
from galspec.baselines.strong_lines import PP04N2
from galspec.embedding import Embedding


@pytest.fixture(scope="module")
def estimator():
    return GasMetallicity.pretrained(device="cpu")


@pytest.fixture(scope="module")
def batch():
    return read_spectra(example_spectra())


@pytest.fixture(scope="module")
def examples(estimator, batch):
    return estimator.embed(batch)


def points(vectors, **columns):
    vectors = np.asarray(vectors, np.float32)
    flags = np.where(np.isfinite(vectors).all(axis=1), 0, int(Flags.NO_DATA))
    names = np.array([f"spectrum-{i}" for i in range(len(vectors))])
    return Embedding(
        QTable({"file": names, "vector": vectors, "flags": flags, **columns})
    )


def cloud(n, seed=0, n_features=8):
    return np.random.default_rng(seed).normal(size=(n, n_features))


class TestEmbed:
    def test_rows_are_those_of_the_input(self, examples, batch):
        assert len(examples) == 6
        assert list(examples.table["file"]) == list(batch.ids["file"])
        np.testing.assert_array_equal(examples.table["redshift"], batch.redshift)
        assert np.isfinite(examples.vectors).all()
        assert examples.table.meta["estimator"] == "gas-metallicity"
        assert len(examples.table.meta["sha256"]) == 64

    def test_files_threads_and_batch_sizes_change_nothing(self, estimator, examples):
        found = estimator.embed(example_spectra(), batch_size=4, workers=3)
        np.testing.assert_allclose(found.vectors, examples.vectors, atol=1e-4)

    def test_a_spectrum_without_data_has_no_vector(self, estimator, batch, examples):
        flux = batch.flux.copy()
        flux[2] = np.nan
        broken = SpectrumBatch.from_arrays(
            batch.wavelength, flux, ivar=batch.ivar, redshift=batch.redshift
        )
        found = estimator.embed(broken)
        assert np.isnan(found.vectors[2]).all()
        assert found.table["flags"][2] & Flags.NO_DATA
        others = [0, 1, 3, 4, 5]
        np.testing.assert_allclose(
            found.vectors[others], examples.vectors[others], atol=1e-4
        )

    def test_a_noisier_copy_is_near(self, estimator, batch, examples):
        rng = np.random.default_rng(1)
        scatter = np.where(
            batch.mask, 0, 1 / np.sqrt(np.where(batch.mask, 1, batch.ivar))
        )
        noise = (0.5 * scatter * rng.normal(size=scatter.shape)).astype(np.float32)
        copies = estimator.embed(batch.replace(flux=batch.flux + noise))
        found = examples.similar(copies, k=1)
        assert list(found["row"]) == [0, 1, 2, 3, 4, 5]

    def test_the_factor_of_the_flux_does_not_matter(self, estimator, batch, examples):
        brighter = batch.replace(flux=8 * batch.flux, ivar=batch.ivar / 64)
        found = examples.similar(estimator.embed(brighter), k=1)
        assert list(found["row"]) == [0, 1, 2, 3, 4, 5]
        assert found["distance"].max() < 1e-3

    def test_no_spectra_have_no_vectors(self, estimator, batch, examples):
        found = estimator.embed(batch[:0])
        assert found.vectors.shape == (0, examples.vectors.shape[1])
        assert len(examples.similar(found)) == 0

    def test_formulas_forests_and_untrained_networks_refuse(self, batch):
        with pytest.raises(TypeError, match="PP04N2 is a formula"):
            PP04N2().embed(batch)
        with pytest.raises(NotFittedError, match="GasMetallicity"):
            GasMetallicity().embed(batch)
        pytest.importorskip("sklearn")
        many = SpectrumBatch.concatenate([batch] * 20)
        forest = ForestMetallicity().fit(many, np.linspace(8, 9, 120))
        with pytest.raises(TypeError, match="nothing but its outputs"):
            forest.embed(batch)

    def test_batches_of_no_size_are_refused(self, estimator, batch):
        with pytest.raises(ValueError, match="batch_size is 0"):
            estimator.embed(batch, batch_size=0)


class TestSimilar:
    @settings(max_examples=50, deadline=None)
    @given(
        hnp.arrays(
            np.float32,
            st.tuples(st.integers(1, 40), st.integers(1, 5)),
            elements=st.floats(-100, 100, width=16),
        ),
        st.integers(1, 50),
    )
    def test_the_first_neighbour_in_a_set_is_the_spectrum_itself(self, vectors, k):
        some = points(vectors)
        found = some.similar(some, k)
        first = found[found["rank"] == 1]
        # or one that cannot be told from it
        np.testing.assert_array_equal(vectors[first["row"]], vectors)
        assert (first["distance"] == 0).all()
        assert len(found) == len(vectors) * min(k, len(vectors))

    def test_neighbours_are_those_of_all_distances_in_order(self):
        some, others = cloud(300), cloud(20, seed=1)
        found = points(some).similar(points(others), k=7)
        distance = np.linalg.norm(others[:, None] - some, axis=2)
        np.testing.assert_array_equal(
            np.asarray(found["row"]).reshape(20, 7), distance.argsort(axis=1)[:, :7]
        )
        np.testing.assert_allclose(
            np.asarray(found["distance"]).reshape(20, 7),
            np.sort(distance, axis=1)[:, :7],
            rtol=1e-4,
        )

    def test_rows_tell_of_both_sides(self):
        some = points(cloud(5), mass=np.arange(5.0))
        found = some.similar(points(cloud(5)[3:4]), k=2)
        assert found.colnames == [
            *("query", "query_file", "rank", "distance", "row"),
            *("file", "flags", "mass"),
        ]
        assert list(found["rank"]) == [1, 2]
        assert found["query_file"][0] == "spectrum-0"
        assert found["file"][0] == "spectrum-3"
        assert found["mass"][0] == 3

    def test_spectra_without_data_are_no_neighbours_and_have_none(self):
        vectors = cloud(10)
        vectors[4] = np.nan
        found = points(vectors).similar(points(vectors), k=10)
        assert 4 not in found["row"]
        assert 4 not in found["query"]
        assert len(found) == 81

    def test_large_sets_are_searched_in_parts(self, monkeypatch):
        some = points(cloud(100))
        whole = some.similar(some, k=3)
        monkeypatch.setattr("galspec.embedding._PAIRS", 350)
        parts = some.similar(some, k=3)
        np.testing.assert_array_equal(parts["row"], whole["row"])

    def test_other_weights_are_refused(self, examples):
        other = Embedding(examples.table.copy())
        other.table.meta = {**examples.table.meta, "sha256": "0" * 64}
        with pytest.raises(ValueError, match="different weights"):
            examples.similar(other)
        with pytest.raises(ValueError, match="different weights"):
            points(cloud(5)).similar(points(cloud(5, n_features=3)))

    def test_no_neighbours_are_refused(self):
        with pytest.raises(ValueError, match="k is 0"):
            points(cloud(5)).similar(points(cloud(5)), k=0)


class TestOutliers:
    @settings(max_examples=20, deadline=None)
    @given(st.integers(0, 59), st.floats(8, 1e3))
    def test_what_stands_alone_comes_first(self, row, distance):
        vectors = cloud(60, seed=row)
        vectors[row] += distance
        found = points(vectors).outliers()
        assert found["row"][0] == row
        assert found["file"][0] == f"spectrum-{row}"
        assert (np.diff(found["score"]) <= 0).all()
        assert sorted(found["row"]) == list(range(60))

    def test_a_small_group_is_still_strange(self):
        vectors = cloud(60)
        vectors[:4] = 20 + 0.01 * vectors[:4]
        assert set(points(vectors).outliers(k=5)["row"][:4]) == {0, 1, 2, 3}
        assert set(points(vectors).outliers(k=2)["row"][:4]) != {0, 1, 2, 3}

    def test_a_sample_serves_for_large_sets(self, monkeypatch):
        vectors = cloud(500)
        vectors[123] += 10
        exact = points(vectors).outliers()
        monkeypatch.setattr("galspec.embedding._SAMPLE", 100)
        found = points(vectors).outliers()
        assert found["row"][0] == 123
        common = set(found["row"][:50]) & set(exact["row"][:50])
        assert len(common) > 30

    def test_spectra_without_data_are_not_ranked(self):
        vectors = cloud(30)
        vectors[7] = np.nan
        found = points(vectors).outliers()
        assert len(found) == 29
        assert 7 not in found["row"]

    @pytest.mark.parametrize("k", [0, 5])
    def test_too_few_spectra_are_refused(self, k):
        with pytest.raises(ValueError, match=f"k is {k}"):
            points(cloud(5)).outliers(k)


class TestFile:
    def test_keeps_everything(self, examples, tmp_path):
        path = tmp_path / "embedding.fits"
        examples.save(path)
        again = Embedding.load(path)
        np.testing.assert_array_equal(again.vectors, examples.vectors)
        assert again.table.colnames == examples.table.colnames
        assert list(again.table["file"]) == list(examples.table["file"])
        assert again.table.meta["sha256"] == examples.table.meta["sha256"]
        assert again.table.meta["estimator"] == "gas-metallicity"
        assert list(again.similar(examples, k=1)["row"]) == [0, 1, 2, 3, 4, 5]

    def test_keeps_what_is_missing(self, tmp_path):
        vectors = cloud(4)
        vectors[2] = np.nan
        some = points(vectors, problem=np.array(["", "", "unreadable", ""]))
        some.save(tmp_path / "e.fits")
        again = Embedding.load(tmp_path / "e.fits")
        assert np.isnan(again.vectors[2]).all()
        assert list(again.table["problem"]) == ["", "", "unreadable", ""]
        assert 2 not in again.similar(again)["row"]

    def test_is_not_replaced_unless_asked(self, tmp_path):
        path = tmp_path / "e.fits"
        points(cloud(4)).save(path)
        with pytest.raises(FileExistsError, match="overwrite"):
            points(cloud(5)).save(path)
        points(cloud(5)).save(path, overwrite=True)
        assert len(Embedding.load(path)) == 5

    def test_has_one_format(self, tmp_path):
        with pytest.raises(ValueError, match=r"\.fits"):
            points(cloud(4)).save(tmp_path / "e.parquet")

    def test_that_is_something_else_is_refused(self, tmp_path):
        path = tmp_path / "t.fits"
        with pytest.raises(FileNotFoundError, match=r"t\.fits"):
            Embedding.load(path)
        QTable({"oh": [8.7]}).write(path)
        with pytest.raises(ValueError, match="no embedding: it has the columns oh"):
            Embedding.load(path)
        fits.PrimaryHDU(np.zeros(3)).writeto(path, overwrite=True)
        with pytest.raises(ValueError, match="no FITS table"):
            Embedding.load(path)
        path.write_text("nothing")
        with pytest.raises(ValueError, match="no FITS table"):
            Embedding.load(path)


def test_some_rows_are_an_embedding(examples):
    some = examples[[4, 1]]
    assert len(some) == 2
    np.testing.assert_array_equal(some.vectors, examples.vectors[[4, 1]])
