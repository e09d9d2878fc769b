import numpy as np
import pytest

from galspec import SpectrumBatch
from galspec.training.augmentation import Augmentation
from galspec.training.sources import ArraySource


def batch(n):
    return SpectrumBatch.from_arrays(
        np.linspace(4000, 5000, 20), np.ones((n, 20)), ids={"row": np.arange(n)}
    )


def test_no_object_falls_in_two_parts():
    groups = np.arange(400) // 4
    source = ArraySource(batch(400), np.linspace(0, 1, 400)[:, None], groups)
    parts = [source.epoch(0), source.validation(), source.calibration()]
    seen = [set(groups[part[0][0].ids["row"]]) for part in parts]
    assert sum(map(len, seen)) == len(set.union(*seen)) == 100


def test_unknown_labels_are_left_out():
    labels = np.linspace(0, 1, 300)[:, None]
    labels[::3] = np.nan
    source = ArraySource(batch(300), labels)
    for part in (source.epoch(0), source.validation(), source.calibration()):
        assert np.isfinite(part[0][1]).all()


def test_one_known_label_of_several_is_enough():
    labels = np.tile(np.linspace(0, 1, 300)[:, None], 2)
    labels[::3] = np.nan
    labels[1::3, 1] = np.nan
    source = ArraySource(batch(300), labels)
    parts = [source.epoch(0), source.validation(), source.calibration()]
    rows = np.concatenate([part[0][0].ids["row"] for part in parts])
    assert sorted(rows) == [row for row in range(300) if row % 3]
    for part in parts:
        found, its_labels = part[0]
        np.testing.assert_array_equal(its_labels, labels[found.ids["row"]])


def test_too_few_objects_are_an_error():
    with pytest.raises(ValueError, match="more labelled objects"):
        ArraySource(batch(5), np.linspace(0, 1, 5)[:, None], np.zeros(5))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="3 labels for 5 spectra"):
        ArraySource(batch(5), np.linspace(0, 1, 3)[:, None])


def test_without_augmentation_every_epoch_is_the_very_same():
    source = ArraySource(batch(300), np.linspace(0, 1, 300)[:, None])
    assert source.epoch(0) is source.epoch(7)


def test_augmentation_changes_the_training_part_alone_anew_in_every_epoch():
    labels = np.linspace(0, 1, 300)[:, None]
    plain = ArraySource(batch(300), labels)
    source = ArraySource(batch(300), labels, augmentation=Augmentation(shift=100))
    for part in ("validation", "calibration"):
        ours, theirs = getattr(source, part)()[0][0], getattr(plain, part)()[0][0]
        np.testing.assert_array_equal(ours.wavelength, theirs.wavelength)
    (first, its_labels), (second, _) = source.epoch(0)[0], source.epoch(1)[0]
    np.testing.assert_array_equal(its_labels, plain.epoch(0)[0][1])
    np.testing.assert_array_equal(first.ids["row"], plain.epoch(0)[0][0].ids["row"])
    assert not np.array_equal(first.wavelength, second.wavelength)
    again = source.epoch(0)[0][0]
    np.testing.assert_array_equal(first.wavelength, again.wavelength)


def test_the_training_part_alone_is_balanced():
    labels = np.linspace(0, 1, 600)[:, None] ** 4  # most of them near 0
    plain = ArraySource(batch(600), labels)
    source = ArraySource(batch(600), labels, balance=labels[:, 0])
    for part in ("validation", "calibration"):
        ours, theirs = getattr(source, part)()[0][1], getattr(plain, part)()[0][1]
        np.testing.assert_array_equal(ours, theirs)
    (ours, its_labels), (theirs, _) = source.epoch(0)[0], plain.epoch(0)[0]
    assert set(ours.ids["row"]) < set(theirs.ids["row"])
    np.testing.assert_array_equal(its_labels, labels[ours.ids["row"]])
    assert source.epoch(3) is source.epoch(0)


def test_an_augmentation_makes_repeated_rows_different():
    labels = np.linspace(0, 1, 600)[:, None] ** 4
    changes = Augmentation(shift=100)
    source = ArraySource(batch(600), labels, augmentation=changes, balance=labels[:, 0])
    spectra, its_labels = source.epoch(0)[0]
    counts = np.histogram(its_labels, 10, (0, its_labels.max()))[0]
    assert counts.max() - counts.min() <= 2
    rows, first = np.unique(spectra.ids["row"], return_index=True)
    assert len(rows) < len(spectra)
    repeated = np.setdiff1d(np.arange(len(spectra)), first)[0]
    same = np.flatnonzero(spectra.ids["row"] == spectra.ids["row"][repeated])
    assert len(np.unique(spectra.wavelength[same, 0])) == len(same)
