"""Random mean sampling: how many rows each bin gives, and which."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.training.balancing import balance

EDGES = [-4, -3, -2, -1, 0]
FEH = np.repeat([-3.5, -2.5, -1.5, -0.5], [2, 10, 28, 160])  # 50 a bin in the mean


def counts(rows, labels=FEH):
    return np.histogram(labels[rows], EDGES)[0].tolist()


def test_fuller_bins_give_the_mean_and_poorer_ones_all():
    rows = balance(FEH, EDGES)
    assert counts(rows) == [2, 10, 28, 50]
    assert len(np.unique(rows)) == len(rows)


def test_oversampling_repeats_rows_evenly():
    rows = balance(FEH, EDGES, oversample=True)
    assert counts(rows) == [50, 50, 50, 50]
    repeats = np.bincount(rows, minlength=len(FEH))
    assert set(repeats[:2]) == {25}
    assert set(repeats[2:12]) == {5}
    assert set(repeats[12:40]) == {1, 2}
    assert repeats[40:].max() == 1


def test_empty_bins_do_not_lower_the_mean():
    wide = balance(FEH, [-40, -30, -20, *EDGES])
    np.testing.assert_array_equal(wide, balance(FEH, EDGES))


def test_seeds_decide():
    np.testing.assert_array_equal(balance(FEH, seed=3), balance(FEH, seed=3))
    assert not np.array_equal(balance(FEH, seed=3), balance(FEH, seed=4))


def test_unknown_labels_stay_as_they_are():
    labels = np.r_[np.nan, FEH, np.nan]
    rows = balance(labels, EDGES, oversample=True)
    assert np.count_nonzero(np.isnan(labels[rows])) == 2
    assert {0, len(labels) - 1} <= set(rows.tolist())


def test_what_lies_beyond_the_edges_counts_in_the_outermost_bins():
    np.testing.assert_array_equal(
        balance(FEH, [-3.2, -3, -2, -1, -0.8]), balance(FEH, EDGES)
    )


@settings(deadline=None)
@given(
    st.lists(st.floats(-5, 1) | st.just(np.nan), max_size=60),
    st.integers(1, 12),
    st.booleans(),
)
def test_no_bin_exceeds_the_mean_and_none_vanishes(labels, bins, oversample):
    labels = np.array(labels, float)
    rows = balance(labels, bins, oversample=oversample)
    known = labels[np.isfinite(labels)]
    edges = np.histogram_bin_edges(known, bins)
    before, after = (np.histogram(v, edges)[0] for v in (known, labels[rows]))
    occupied = before > 0
    if occupied.any():
        mean = round(before.sum() / occupied.sum())
        wanted = np.full(bins, mean) if oversample else np.minimum(before, mean)
        np.testing.assert_array_equal(after[occupied], wanted[occupied])
    assert (np.diff(rows) >= 0).all()


def test_quantities_and_no_rows():
    assert len(balance(FEH * u.dex, EDGES)) == 90
    assert balance([]).tolist() == []


@pytest.mark.parametrize(
    ("labels", "bins", "message"),
    [
        (FEH[:, None], 10, r"shape \(200, 1\)"),
        (FEH, 0, "bins is 0"),
        (FEH, [0, -1], "ascending edges"),
        (FEH, [0], "ascending edges"),
    ],
)
def test_wrong_calls(labels, bins, message):
    with pytest.raises(ValueError, match=message):
        balance(labels, bins)
