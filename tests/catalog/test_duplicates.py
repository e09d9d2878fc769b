"""Several spectra of one object become one row, whatever their order."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.catalog import combine_duplicates
from galspec.io.tables import write_table

ARCSEC = 1 / 3600


def table(**columns):
    """Observations of objects far from each other, but for the given columns."""
    n = max(map(len, columns.values()), default=3)
    rows = {
        "file": [f"{k}.fits" for k in range(n)],
        "obsid": [str(k) for k in range(n)],
        "ra": 10.0 + np.arange(n),
        "dec": np.full(n, 5.0),
        "redshift": np.full(n, 0.1),
        "snr": 10.0 + np.arange(n),
        "oh": np.full(n, 8.6),
        "oh_err": np.full(n, 0.1),
        "flags": np.zeros(n, int),
        "selected": np.ones(n, bool),
    }
    rows |= columns
    units = {"ra": u.deg, "dec": u.deg, "oh": u.dex, "oh_err": u.dex}
    return QTable({k: v * units[k] if k in units else v for k, v in rows.items()})


def test_objects_of_one_observation_stay_as_they_are():
    before = table()
    after = combine_duplicates(before)
    for name in before.colnames:
        np.testing.assert_array_equal(after[name], before[name])
    assert list(after["n_obs"]) == list(after["n_rows"]) == [1, 1, 1]
    assert np.isnan(after["oh_chi2"]).all()


def test_the_mean_is_weighted_by_inverse_variance():
    after = combine_duplicates(
        table(
            ra=[10.0, 10 + 0.9 * ARCSEC, 11.0],
            oh=[8.5, 8.6, 9.0],
            oh_err=[0.1, 0.2, 0.1],
            flags=[8, 16, 0],
        )
    )
    assert list(after["n_obs"]) == [2, 1]
    # weights 100 and 25
    np.testing.assert_allclose(after["oh"].value, [8.52, 9.0])
    np.testing.assert_allclose(after["oh_err"].value, [125**-0.5, 0.1])
    np.testing.assert_allclose(after["oh_chi2"][0], 100 * 0.02**2 + 25 * 0.08**2)
    assert after["flags"][0] == 24
    # everything else is of the row with the highest signal-to-noise ratio
    assert after["obsid"][0] == "1"
    assert after["oh"].unit == u.dex


def test_the_radius_decides():
    apart = table(dec=[5.0, 5 + 1.5 * ARCSEC], ra=[10.0, 10.0])
    assert len(combine_duplicates(apart)) == 2
    assert len(combine_duplicates(apart, radius=2)) == 1
    assert len(combine_duplicates(apart, radius=2e-3 * u.deg)) == 1
    assert combine_duplicates(apart, radius=2).meta["radius"] == 2


def test_separations_are_on_the_sphere():
    # a degree of right ascension is short near the pole, and 360 is 0
    near = table(ra=[0.0001, 359.9999, 10.0, 10 + ARCSEC], dec=[0.0, 0, 89.9, 89.9])
    assert len(combine_duplicates(near)) == 2


def test_only_selected_rows_are_averaged():
    after = combine_duplicates(
        table(ra=[10.0] * 3, oh=[8.5, np.nan, 8.7], selected=[True, False, True])
    )
    assert (after["n_obs"][0], after["n_rows"][0]) == (2, 3)
    np.testing.assert_allclose(after["oh"][0].value, 8.6)


def test_an_object_without_selected_rows_is_kept():
    after = combine_duplicates(
        table(ra=[10.0] * 2, oh=[np.nan] * 2, selected=[False, False])
    )
    assert len(after) == 1
    assert (after["n_obs"][0], after["selected"][0]) == (0, False)
    assert np.isnan(after["oh"][0])


def test_the_same_observation_twice_makes_no_smaller_error():
    after = combine_duplicates(table(obsid=["7", "7", "8"], oh=[8.4, 8.5, 9.0]))
    assert list(after["n_obs"]) == [1, 1]
    assert list(after["n_rows"]) == [2, 1]
    assert after["oh"][0].value == 8.5
    assert after["oh_err"][0].value == 0.1


def test_observations_that_contradict_each_other_are_told():
    after = combine_duplicates(table(ra=[10.0] * 2, oh=[8.2, 8.8], oh_err=[0.05] * 2))
    assert after["oh_chance"][0] < 1e-10
    # as the scatter of two says: half of their difference
    np.testing.assert_allclose(after["oh_err"][0].value, 0.3)


def test_rows_without_position_and_name_match_nothing():
    nowhere = table(ra=[np.nan, np.nan, 0, 0], dec=[np.nan, np.nan, 0, 0])
    nowhere["obsid"] = ["", "", "", ""]
    assert len(combine_duplicates(nowhere)) == 4
    assert len(combine_duplicates(table()[:0])) == 0


def test_many_spectra_of_one_place_are_no_burden():
    n = 30_000
    after = combine_duplicates(table(ra=np.full(n, 3.0)))
    assert list(after["n_obs"]) == [n]


@settings(deadline=None, max_examples=60)
@given(data=st.data())
def test_the_order_of_rows_does_not_matter(data):
    n = data.draw(st.integers(1, 12))
    few = st.lists(st.integers(0, 4), min_size=n, max_size=n)
    before = table(
        ra=10 + 0.6 * ARCSEC * np.array(data.draw(few)),
        dec=5 + ARCSEC * np.array(data.draw(few)),
        snr=5.0 + np.array(data.draw(few)),
        oh=8.0 + 0.1 * np.array(data.draw(few)),
        oh_err=0.05 + 0.01 * np.array(data.draw(few)),
        selected=np.array(data.draw(few)) > 1,
    )
    # a bit of the observations have no name, and some share one
    before["obsid"] = [["", "a", "b"][k] if k < 3 else f"x{k}" for k in data.draw(few)]
    shuffled = before[data.draw(st.permutations(range(n)))]
    one, other = (combine_duplicates(t) for t in (before, shuffled))
    for result in (one, other):
        result.sort("file")
    assert one["n_rows"].sum() == n
    for name in one.colnames:
        np.testing.assert_array_equal(one[name], other[name])


@settings(deadline=None, max_examples=60)
@given(
    observed=st.lists(
        st.tuples(st.floats(7, 9), st.floats(0.01, 0.5)), min_size=2, max_size=8
    )
)
def test_a_mean_lies_among_what_it_is_made_of(observed):
    value, error = np.array(observed).T
    (row,) = combine_duplicates(table(ra=[10.0] * len(value), oh=value, oh_err=error))
    assert value.min() - 1e-9 <= row["oh"].value <= value.max() + 1e-9
    best = (error**-2).sum() ** -0.5
    # no better than all weights together, worse where the values contradict each other
    scatter = max(1, row["oh_chi2"] / (len(value) - 1))
    np.testing.assert_allclose(row["oh_err"].value, best * scatter**0.5)
    assert 0 <= row["oh_chance"] <= 1


@pytest.mark.parametrize("suffix", ["fits", "ecsv"])
def test_a_table_that_was_read_again_gives_the_same(tmp_path, suffix):
    before = table(
        ra=[10.0, 10.0, np.nan], oh=[8.5, 8.6, np.nan], selected=[True, True, False]
    )
    before["obsid"] = ["1", "2", ""]
    write_table(before, tmp_path / f"t.{suffix}")
    after = combine_duplicates(QTable.read(tmp_path / f"t.{suffix}"))
    assert list(after["n_obs"]) == [2, 0]
    np.testing.assert_allclose(after["oh"][0].value, 8.55)


@pytest.mark.parametrize(
    ("change", "radius", "error", "message"),
    [
        (lambda t: t.remove_column("oh"), 1, ValueError, "no column oh"),
        (lambda t: t.add_column(1, name="n_obs"), 1, ValueError, "combined already"),
        (lambda t: None, 0, ValueError, "radius is 0"),
        (lambda t: None, float("nan"), ValueError, "radius is nan"),
        (lambda t: None, 1 * u.m, u.UnitConversionError, "convertible"),
    ],
)
def test_wrong_calls_are_refused(change, radius, error, message):
    wrong = table()
    change(wrong)
    with pytest.raises(error, match=message):
        combine_duplicates(wrong, radius)
