"""Which spectra a fit uses, and how their labels are scaled."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, Table

from galspec import SpectralEstimator, SpectrumBatch, Target
from galspec.epochs import prepare_labelled
from galspec.fitting import label_array, label_ranges
from galspec.learned_values import LearnedValues
from galspec.networks import PerceptronConfig
from galspec.training.sources import ArraySource
from galspec.transforms import Coverage, Recipe

NAN = np.nan
ESTIMATOR = SpectralEstimator(
    recipe=Recipe("plain", Coverage(0.5)), network=PerceptronConfig((4,))
)


def batch(n):
    """Spectra whose level is the number of their row."""
    flux = np.tile(np.arange(n)[:, None] + 1.0, 20)
    return SpectrumBatch.from_arrays(
        np.linspace(4000, 5000, 20), flux, redshift=np.arange(n) / 100
    )


def test_rows_with_one_known_label_are_used_and_those_without_left_out():
    labels = np.array([[1, 2], [NAN, 3], [4, NAN], [NAN, NAN], [5, 6], [7, 8.0]])
    spectra = batch(6)
    mask = spectra.mask.copy()
    mask[4] = True  # a label, and no data
    parts = [(spectra.replace(mask=mask), labels)]
    inputs, found, snr, redshift = prepare_labelled(ESTIMATOR, parts)
    used = [0, 1, 2, 5]
    np.testing.assert_array_equal(found, labels[used])
    np.testing.assert_array_equal(inputs[:, 0, 0], [row + 1 for row in used])
    np.testing.assert_array_equal(redshift, [row / 100 for row in used])
    assert len(snr) == 4


def test_labels_that_are_infinite_are_not_known_either():
    labels = np.array([[np.inf, 2], [1, 3], [4, -np.inf], [np.inf, np.inf]])
    _, found, *_ = prepare_labelled(ESTIMATOR, [(batch(4), labels)])
    np.testing.assert_array_equal(found, [[NAN, 2], [1, 3], [4, NAN]])


def test_ranges_and_scale_are_those_of_the_known_labels():
    labels = np.column_stack([np.arange(200.0), np.arange(200.0) * 3])
    labels[::2, 1] = NAN
    source = ArraySource(batch(200), labels)
    used = source.epoch(0)[0][1]
    targets = [Target(name, u.dex, name, (0, 1)) for name in "ab"]
    first, second = label_ranges(source.epoch(0), targets)
    assert first == (used[:, 0].min(), used[:, 0].max())
    known = used[np.isfinite(used[:, 1]), 1]
    assert second == (known.min(), known.max())
    unknown = [(None, np.column_stack([used[:, 0], np.full(len(used), NAN)]))]
    assert label_ranges(unknown, targets) == [first, (0, 1)]
    mean, std, _ = LearnedValues.label_scale(used, "gaussian")
    np.testing.assert_allclose(mean, [used[:, 0].mean(), known.mean()])
    np.testing.assert_allclose(std, [used[:, 0].std(), known.std()])


@pytest.mark.parametrize("kind", [Table, QTable])
def test_labels_of_tables_are_converted_and_nan_where_masked(kind):
    targets = (Target("teff", u.K, "", (3000, 9000)), Target("feh", u.dex, "", (-4, 1)))
    table = kind({"teff": MaskedColumn([4.0, 5, 6], unit="kK", mask=[0, 1, 0])})
    table["feh"] = np.ma.masked_equal([-1, -9999, 0], -9999)
    expected = [[4000, -1], [NAN, NAN], [6000, 0]]
    np.testing.assert_array_equal(label_array(table, targets), expected)
    np.testing.assert_array_equal(
        label_array(np.ma.masked_invalid(expected), targets), expected
    )
    table["teff"] = [4, 5, 6] * u.km
    with pytest.raises(u.UnitConversionError, match="km"):
        label_array(table, targets)


@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # numpy's, of empty slices
def test_a_target_that_is_never_known_cannot_be_learned():
    labels = np.column_stack([np.arange(5.0), np.full(5, NAN)])
    with pytest.raises(ValueError, match="nothing can be learned"):
        LearnedValues.label_scale(labels, "gaussian")
