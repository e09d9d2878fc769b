"""Simulated epochs: new in each, with redshifts told and labels filled as promised."""

import numpy as np
import pytest
from astropy.table import Table

from galspec import SpectrumBatch
from galspec.simulation import GalaxySource, SimulatedSource


class Stub:
    """Draws rows that carry their seed; every fourth galaxy has no label."""

    def draw(self, n, seed, *, split=None):
        oh = 8.0 + np.arange(n) / n
        oh[::4] = np.nan
        batch = SpectrumBatch.from_arrays(
            np.linspace(4000, 5000, 20),
            np.full((n, 20), seed % 1000),
            redshift=np.full(n, 0.1),
        )
        return batch, Table({"oh": oh, "split": [split] * n})


@pytest.fixture
def source():
    return GalaxySource([Stub(), Stub()], "oh", epoch_size=80, held_out=40)


def test_epochs_are_new_and_repeatable(source):
    first, second, again = (source.epoch(number) for number in (0, 1, 0))
    assert first[0][0].flux[0, 0] != second[0][0].flux[0, 0]
    np.testing.assert_array_equal(first[0][0].flux, again[0][0].flux)
    np.testing.assert_array_equal(first[0][1], again[0][1])


def test_in_training_galaxies_without_a_label_get_that_of_another(source):
    for _, labels in source.epoch(0):
        assert np.isfinite(labels).all()
        every_fourth = np.s_[::4]
        known = np.delete(8.0 + np.arange(40) / 40, every_fourth)
        np.testing.assert_array_equal(np.delete(labels[:, 0], every_fourth), known)
        assert len(np.unique(labels[::4])) > 3


def test_elsewhere_they_keep_none(source):
    for part in (source.validation(), source.calibration()):
        for _, labels in part:
            assert np.isnan(labels[::4]).all()


def test_redshifts_are_all_told_in_training_and_half_of_them_elsewhere(source):
    assert np.isfinite(source.epoch(0)[0][0].redshift).all()
    for part in (source.validation(), source.calibration()):
        for batch, _ in part:
            assert np.mean(np.isfinite(batch.redshift)) == 0.5


def test_parts_are_shared_among_simulators(source):
    assert [len(batch) for batch, _ in source.epoch(3)] == [40, 40]
    assert [len(batch) for batch, _ in source.calibration()] == [40, 40]


def test_a_plain_source_leaves_labels_and_redshifts_as_they_are():
    source = SimulatedSource([Stub()], "oh", epoch_size=80, held_out=40)
    for part in (source.epoch(0), source.validation(), source.calibration()):
        for batch, labels in part:
            assert np.isnan(labels[::4]).all()
            assert np.isfinite(batch.redshift).all()
