"""A labelled table as a source: parts, what is left out, and classes."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

from galspec import SpectralEstimator, Target
from galspec.datasets import labelled_source
from galspec.estimators.star_forming_classifier import StarFormingClassifier
from galspec.evaluation import EvaluationError

#: One that puts some of twenty objects into each part.
SEED = 1


class Star(SpectralEstimator):
    """Two quantities with units."""

    name = "star"
    targets = (
        Target("teff", u.K, "effective temperature", valid=(3500, 8000)),
        Target("logg", u.dex, "surface gravity", valid=(0, 5)),
    )


@pytest.fixture
def labelled(tmp_path, spec_lite):
    """Forty spectra, relative to their table."""
    for k in range(40):
        spec_lite(tmp_path / f"{k:02d}.fits", fiber=k + 1, z=0.01 * k)
    table = Table({"file": [f"{k:02d}.fits" for k in range(40)]})
    table["teff"] = np.linspace(4, 7, 40) * u.kK
    table["logg"] = np.linspace(1, 4, 40)
    table["group"] = [f"object {k // 2}" for k in range(40)]
    return table


def files(pairs):
    return {name[-7:] for batch, _ in pairs for name in batch.ids["file"]}


def written(table, tmp_path):
    path = tmp_path / "labelled.ecsv"
    table.write(path, overwrite=True)
    return path


def test_without_a_split_all_serve_and_objects_stay_together(labelled, tmp_path):
    source = labelled_source(Star(), written(labelled, tmp_path), seed=SEED)
    parts = [files(pairs) for pairs in source.parts.values()]
    assert sum(map(len, parts)) == 40
    assert sum(source.sizes.values()) == 40
    for part in parts:
        objects = {int(name[:2]) // 2 for name in part}
        assert len(part) == 2 * len(objects)
    assert source.left_out == {}
    assert source.epoch(0) is source.epoch(1)


def test_the_test_part_is_never_read(labelled, tmp_path):
    labelled["split"] = ["train", "Validation", "calibration", "test"] * 10
    for k in range(3, 40, 4):
        (tmp_path / f"{k:02d}.fits").unlink()
    source = labelled_source(Star(), written(labelled, tmp_path))
    assert source.problems == ()
    assert source.sizes == {"train": 10, "validation": 10, "calibration": 10}
    assert files(source.validation()) == {f"{k:02d}.fits" for k in range(1, 40, 4)}
    assert source.left_out == {"in no part that serves for training": 10}


def test_a_missing_part_comes_out_of_training(labelled, tmp_path):
    labelled["split"] = ["training"] * 30 + ["valid"] * 6 + ["test"] * 4
    source = labelled_source(Star(), written(labelled, tmp_path))
    assert files(source.validation()) == {f"{k:02d}.fits" for k in range(30, 36)}
    sizes = source.sizes
    assert sizes["train"] + sizes["calibration"] == 30
    assert sizes["calibration"] > 0


def test_what_is_dealt_into_folds_needs_no_parts(labelled, tmp_path):
    labelled["split"] = ["train", "valid", "test", ""] * 10
    source = labelled_source(Star(), written(labelled[:6], tmp_path), split=False)
    assert source.sizes == {"train": 4}
    ((batch, labels),), objects = source.pooled()
    assert len(batch) == len(labels) == 4
    assert objects.tolist() == ["object 0", "object 0", "object 2", "object 2"]


def test_labels_units_and_redshifts(labelled, tmp_path):
    labelled["redshift"] = np.where(np.arange(40) % 2, 0.5, np.nan)
    labelled["logg"][::4] = -9999
    labelled["teff"][::8] = np.nan
    source = labelled_source(Star(), written(labelled, tmp_path), seed=SEED)
    # a row of which one label is known is of use
    assert source.left_out == {"without a label": 5}
    batch, labels = source.epoch(0)[0]
    number = np.array([int(name[-7:-5]) for name in batch.ids["file"]])
    np.testing.assert_allclose(labels[:, 0], 1000 * np.linspace(4, 7, 40)[number])
    np.testing.assert_array_equal(np.isnan(labels[:, 1]), number % 8 == 4)
    given = np.where(number % 2, 0.5, 0.01 * number)
    np.testing.assert_allclose(batch.redshift, given, atol=1e-6)


def test_files_that_cannot_be_read_cost_their_rows(labelled, tmp_path):
    (tmp_path / "07.fits").unlink()
    (tmp_path / "08.fits").write_text("nothing")
    source = labelled_source(Star(), written(labelled, tmp_path), seed=SEED)
    assert sum(source.sizes.values()) == 38
    assert source.left_out == {"in files that cannot be read": 2}
    assert "FileNotFoundError" in dict(source.problems)["07.fits"]


def test_classes_by_name_code_or_as_told(labelled, tmp_path):
    labelled["bptclass"] = [1, 3, 4, 5, 2] * 8
    path = written(labelled, tmp_path)
    known = StarFormingClassifier()
    source = labelled_source(known, path, classes={"2": "sf"}, seed=SEED)
    member = np.concatenate([labels for p in source.parts.values() for _, labels in p])
    assert member.sum(axis=0).tolist() == [16, 8, 8, 0]
    assert source.left_out["of class liner, low S/N"] == 8
    rest = labelled_source(StarFormingClassifier.variant("feng2025"), path, seed=SEED)
    member = np.concatenate([labels for p in rest.parts.values() for _, labels in p])
    assert member.sum(axis=0).tolist() == [8, 32]


def test_wrong_tables(labelled, tmp_path):
    def refused(table, message, **options):
        with pytest.raises(EvaluationError, match=message):
            labelled_source(Star(), written(table, tmp_path), **options)

    refused(labelled["file", "teff"], "no column 'true_logg'")
    refused(labelled["teff", "logg"], "column 'file' is missing")
    refused(labelled, "'light' is nothing", columns={"light": "teff"})
    refused(labelled[:1], "no spectrum for the part")
    labelled["split"] = "learn"
    refused(labelled, "column 'split' has 'learn'")
    with pytest.raises(EvaluationError, match="there are no labels"):
        labelled_source(StarFormingClassifier(), written(labelled, tmp_path))


def test_one_file_a_spectrum(labelled, tmp_path):
    from galspec import SpectrumBatch

    several = SpectrumBatch.from_arrays(np.arange(4000.0, 4100), np.ones((3, 100)))
    assert len(several) == 3  # what a DESI file gives
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("galspec.io.read_spectra", lambda names: several, raising=False)
        with pytest.raises(EvaluationError, match="each has to hold one"):
            labelled_source(Star(), written(labelled, tmp_path))
