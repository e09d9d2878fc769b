import numpy as np
import pytest

from galspec import SpectrumBatch
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


def test_too_few_objects_are_an_error():
    with pytest.raises(ValueError, match="more labelled objects"):
        ArraySource(batch(5), np.linspace(0, 1, 5)[:, None], np.zeros(5))


def test_lengths_must_agree():
    with pytest.raises(ValueError, match="3 labels for 5 spectra"):
        ArraySource(batch(5), np.linspace(0, 1, 3)[:, None])
