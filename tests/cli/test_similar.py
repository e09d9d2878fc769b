"""``galspec embed``, ``similar`` and ``outliers``."""

import numpy as np
import pytest
from astropy.table import QTable

from galspec import weights
from galspec.embedding import Embedding

NAME = "gas-metallicity"


@pytest.fixture(scope="module")
def embedding(tmp_path_factory):
    """The example galaxies, embedded by the command line."""
    from galspec import example_spectra
    from galspec.cli import main

    path = tmp_path_factory.mktemp("embedding") / "embedding.fits"
    files = [str(name) for name in example_spectra()]
    assert main(["embed", NAME, *files, "-o", str(path), "--quiet"]) == 0
    return path


class TestEmbed:
    def test_writes_a_vector_for_each_file(self, examples, embedding):
        found = Embedding.load(embedding)
        assert list(found.table["file"]) == examples
        assert np.isfinite(found.vectors).all()
        assert found.table.meta["estimator"] == NAME

    def test_unreadable_files_are_rows_and_exit_code_1(
        self, galspec, examples, broken, tmp_path
    ):
        out = tmp_path / "e.fits"
        code, _, stderr = galspec("embed", NAME, examples[0], broken, "-o", out)
        assert code == 1
        assert stderr.strip() == "2 spectra, 1 good, 1 flagged (UNREADABLE 1)"
        assert list(Embedding.load(out).rows_with_data()) == [0]

    def test_an_output_is_left_alone(self, galspec, examples, embedding):
        code, _, stderr = galspec("embed", NAME, *examples, "-o", embedding)
        assert code == 2
        assert "--overwrite" in stderr

    def test_it_is_a_fits_file(self, galspec, examples, tmp_path):
        out = tmp_path / "e.ecsv"
        code, _, stderr = galspec("embed", NAME, *examples, "-o", out)
        assert (code, out.exists()) == (2, False)
        assert ".fits" in stderr

    @pytest.mark.parametrize(
        ("name", "words"),
        [("strong-line-pp04-n2", "PP04N2 is a formula"), ("brightness", "no weights")],
    )
    def test_estimators_that_learned_nothing_are_refused(
        self, galspec, examples, tmp_path, name, words
    ):
        code, _, stderr = galspec("embed", name, *examples, "-o", tmp_path / "e.fits")
        assert code == 2
        assert words in stderr


class TestSimilar:
    def test_lists_neighbours_the_nearest_first(
        self, galspec, examples, embedding, tmp_path
    ):
        out = tmp_path / "neighbours.ecsv"
        code, stdout, _ = galspec(
            "similar", *examples[1:3], "--among", embedding, "-k", 2, "-o", out
        )
        assert (code, stdout) == (0, "")
        found = QTable.read(out)
        assert list(found["rank"]) == [1, 2, 1, 2]
        assert list(found["file"][::2]) == examples[1:3]
        assert list(found["query_file"][::2]) == examples[1:3]

    def test_prints_them_without_an_output(self, galspec, examples, embedding):
        code, stdout, stderr = galspec("similar", examples[1], "--among", embedding)
        assert code == 0
        assert len(stdout.splitlines()) == 2 + 6
        assert stdout.splitlines()[2].count(" example-2.fits.gz ") == 2
        assert stderr.strip() == "1 spectrum, 1 good, 0 flagged"

    def test_unreadable_files_have_none(self, galspec, broken, embedding):
        code, stdout, stderr = galspec("similar", broken, "--among", embedding)
        assert code == 1
        assert len(stdout.splitlines()) == 2
        assert "UNREADABLE" in stderr

    def test_own_weights_are_asked_for(self, galspec, examples, embedding, tmp_path):
        own = weights.resolve(NAME, "feng2025", offline=True)
        out = tmp_path / "e.fits"
        options = ("--weights", own)
        assert galspec("embed", NAME, *examples, "-o", out, *options)[0] == 0
        code, _, stderr = galspec("similar", examples[0], "--among", out)
        assert code == 2
        assert "--weights PATH" in stderr
        assert galspec("similar", examples[0], "--among", out, *options)[0] == 0
        code, _, stderr = galspec(
            "similar", examples[0], "--among", embedding, *options
        )
        assert code == 2
        assert "different weights" in stderr

    def test_what_is_no_embedding_is_refused(self, galspec, examples):
        code, _, stderr = galspec("similar", examples[0], "--among", examples[1])
        assert code == 2
        assert "embedding" in stderr or "FITS table" in stderr
        code, _, stderr = galspec("similar", examples[0], "--among", "gone.fits")
        assert code == 2
        assert "gone.fits" in stderr


class TestOutliers:
    def test_the_passive_galaxy_is_the_strangest(self, galspec, embedding, tmp_path):
        out = tmp_path / "outliers.fits"
        code, _, _ = galspec("outliers", embedding, "-k", 2, "-n", 3, "-o", out)
        assert code == 0
        found = QTable.read(out)
        assert len(found) == 3
        assert str(found["file"][0]).endswith("example-6.fits.gz")

    def test_too_few_spectra_are_refused(self, galspec, embedding):
        code, _, stderr = galspec("outliers", embedding)
        assert code == 2
        assert "less than the number of spectra" in stderr
