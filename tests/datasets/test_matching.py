"""One to one, the nearest wins, whatever the order of the rows."""

import astropy.units as u
import numpy as np
import pytest
from astropy.coordinates import angular_separation
from astropy.table import QTable, Table
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.datasets import match_positions

ARCSEC = 1 / 3600


def cloud(seed, n, spread):
    """Positions close to each other: about 0 h, or a pole, where it is difficult."""
    rng = np.random.default_rng(seed)
    ra = rng.normal(0, spread * ARCSEC, n) % 360
    dec = 40 + rng.normal(0, spread * ARCSEC, n)
    return Table({"ra": ra, "dec": dec})


def separations(first, second):
    angles = [np.radians(t[name]) for t in (first, second) for name in ("ra", "dec")]
    ra1, dec1, ra2, dec2 = (np.asarray(a) for a in angles)
    angle = angular_separation(ra1[:, None], dec1[:, None], ra2, dec2)
    return np.degrees(angle) / ARCSEC


clouds = st.builds(
    cloud,
    st.integers(0, 2**16),
    st.integers(1, 30),
    st.sampled_from([0.3, 1.0, 5.0]),
)


@settings(deadline=None, max_examples=50)
@given(clouds, clouds, st.floats(0.1, 3))
def test_pairs_are_nearest_within_the_radius_and_one_to_one(first, second, radius):
    rows, others, apart = match_positions(first, second, radius)
    true = separations(first, second)
    assert len(set(rows)) == len(rows)
    assert len(set(others)) == len(others)
    assert np.all(apart <= radius)
    np.testing.assert_allclose(apart, true[rows, others], atol=1e-5)
    # each has its nearest, and those without one lost it to a nearer, or have none
    np.testing.assert_array_equal(others, true[rows].argmin(axis=1))
    for row in set(range(len(first))) - set(rows):
        nearest = true[row].argmin()
        if true[row, nearest] <= radius:
            winner = rows[np.flatnonzero(others == nearest)]
            assert true[winner, nearest] <= true[row, nearest]


@settings(deadline=None, max_examples=30)
@given(clouds, clouds, st.integers(0, 30), st.integers(0, 30))
def test_the_order_of_the_rows_does_not_matter(first, second, k, m):
    rows, others, _ = match_positions(first, second)
    turned = np.roll(np.arange(len(first)), k), np.roll(np.arange(len(second)), m)
    again = match_positions(first[turned[0]], second[turned[1]])
    pairs = set(zip(turned[0][again[0]], turned[1][again[1]], strict=True))
    assert pairs == set(zip(rows, others, strict=True))


def test_units_are_understood():
    ours = QTable({"ra": [1] * u.hourangle, "dec": [0] * u.deg})
    theirs = Table({"ra": [15.0], "dec": [1.5 * ARCSEC]})
    assert len(match_positions(ours, theirs)[0]) == 0
    rows, others, apart = match_positions(ours, theirs, 2 * u.arcsec)
    assert (rows.tolist(), others.tolist()) == ([0], [0])
    assert apart[0] == pytest.approx(1.5)


def test_unknown_positions_match_nothing():
    unknown = Table({"ra": [0.0, np.nan, -9999.0], "dec": [0.0, 1.0, -9999.0]})
    assert len(match_positions(unknown, unknown)[0]) == 0
    assert len(match_positions(unknown[:0], unknown)[0]) == 0


def test_wrong_calls():
    table = Table({"ra": [1.0], "dec": [1.0]})
    with pytest.raises(ValueError, match="has to be positive"):
        match_positions(table, table, -1)
    with pytest.raises(ValueError, match="no column 'dec'"):
        match_positions(table, table["ra",])
