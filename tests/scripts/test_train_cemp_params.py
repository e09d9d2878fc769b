"""What CEMPParams is trained on: emulated stars, and observed ones half known."""

import numpy as np
import pytest
from astropy.table import Table
from train_cemp_params import LIBRARY_ERRORS, corrected, labels_of, training_source

from galspec import CEMPParams
from galspec.simulation import EmpiricalCorrection, EmpiricalStars
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH

NAMES = [target.name for target in CEMPParams.targets]


@pytest.fixture
def source(toy_emulator):
    """As in training, but small, with a library of stars that look the same."""
    labels = np.full((60, len(LABELS)), np.nan)
    labels[:, :3] = [5000.0, 2.0, -1.0]
    wavelength = np.linspace(3600, 7400, 200)
    names = np.array([f"star {number}" for number in range(60)])
    library = EmpiricalStars(names, labels, wavelength, np.ones((60, 200)), 2.5)
    nothing = EmpiricalCorrection(
        np.zeros((10, len(LOG_WAVELENGTH)), np.float32),
        *(np.ones(3) * value for value in (0, 1, -9, 9)),
        np.array(2.5),
    )
    return training_source(corrected(toy_emulator, nothing), library, 40, 20)


def test_labels_are_in_the_order_of_the_targets():
    truth = Table({name: [float(i)] for i, name in enumerate(("ch", *LABELS))})
    expected = [truth[name][0] for name in NAMES]
    np.testing.assert_array_equal(labels_of(truth), [expected])


def test_every_fifth_star_is_observed_and_its_carbon_not_known(source):
    parts = source.epoch(0)
    assert [len(batch) for batch, _ in parts] == [4] * 10
    for _, labels in parts[:-2]:
        assert np.isfinite(labels).all()
        np.testing.assert_allclose(labels[:, 4], labels[:, 2] + labels[:, 3])
    for observed, labels in parts[-2:]:
        error = (labels[:, :3] - [5000, 2, -1]) / LIBRARY_ERRORS
        assert np.all((error != 0) & (np.abs(error) < 6))
        assert np.isnan(labels[:, 3:]).all()
        # the library ends before the spectrograph does
        assert not np.any(observed.ivar[:, observed.wavelength > 7450])


def test_the_library_does_not_choose_the_best_epoch(source):
    assert len(source.validation()) == 8
    assert len(source.calibration()) == 10
    for _, labels in source.validation():
        assert np.isfinite(labels).all()


def test_parts_hold_different_stars(source):
    seen = [
        {name for batch, _ in part for name in batch.ids["object_id"].tolist()}
        for part in (source.epoch(0), source.validation(), source.calibration())
    ]
    assert sum(map(len, seen)) == len(set.union(*seen))


def test_epochs_are_new_and_repeatable(source):
    first, again, second = (source.epoch(number)[0][0].flux for number in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, second)
