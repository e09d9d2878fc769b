"""PhotometryBatch: what it says of measurements, and how rows and bands are chosen."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from galspec import Flags, PhotometryBatch
from galspec.surveys import Survey

BANDS = ("g", "r", "z")
ROWS = arrays(np.int64, st.integers(0, 8), elements=st.integers(0, 5))


@pytest.fixture
def batch():
    rng = np.random.default_rng(3)
    radii = {"g": 8, "z": 8}
    return PhotometryBatch.from_arrays(
        rng.normal(5, 4, (6, 3)),
        rng.uniform(0.5, 2, (6, 3)),
        survey="ls-dr10",
        bands=BANDS,
        aperture_flux={band: rng.normal(size=(6, m)) for band, m in radii.items()},
        aperture_ivar={band: np.ones((6, m)) for band, m in radii.items()},
        ebv=np.linspace(0, 0.5, 6),
        ids={"name": np.array(list("abcdef")), "objid": np.arange(6) + 2**60},
        stamps=rng.normal(size=(6, 3, 4, 4)),
    )


def assert_equal(one, other):
    assert (one.survey, one.bands) == (other.survey, other.bands)
    for name in ("flux", "ivar", "ebv", "flags", "stamps"):
        np.testing.assert_array_equal(getattr(one, name), getattr(other, name))
    for name in ("aperture_flux", "aperture_ivar", "ids"):
        columns, others = getattr(one, name), getattr(other, name)
        assert list(columns) == list(others)
        for key in columns:
            np.testing.assert_array_equal(columns[key], others[key])


def test_not_observed_is_not_the_same_as_not_detected():
    nothing = [np.nan, np.inf, 1.0, 1.0, 1.0, 1.0]
    no_error = [1.0, 1.0, 0.0, np.nan, np.inf, -1.0]
    flux = [*nothing, 0.0, -2.0, 2.9, 3.1, 1e9]
    ivar = [*no_error, 1.0, 1.0, 1.0, 1.0, 1.0]
    batch = PhotometryBatch.from_arrays(
        np.transpose([flux]), np.transpose([ivar]), survey="ls-dr9", bands=("g",)
    )
    np.testing.assert_array_equal(batch.observed[:, 0], [False] * 6 + [True] * 5)
    np.testing.assert_array_equal(batch.detected()[:, 0], [False] * 9 + [True] * 2)
    np.testing.assert_array_equal(batch.detected(2.5)[:, 0], [False] * 8 + [True] * 3)
    assert np.isnan(batch.flux[:6]).all()
    assert (batch.ivar[:6] == 0).all()
    np.testing.assert_array_equal(batch.flags, [Flags.NO_DATA] * 6 + [0] * 5)


def test_extreme_inverse_variances_stay_finite_and_positive():
    batch = PhotometryBatch.from_arrays(
        [[1.0], [1.0], [1e300]], [[1e300], [1e-300], [1.0]], survey="sdss", bands=("u",)
    )
    assert np.isfinite(batch.ivar).all()
    np.testing.assert_array_equal(batch.observed[:, 0], [True, True, False])


def test_arrays_are_copied():
    flux, stamps = np.ones((1, 1), np.float32), np.ones((1, 1, 2, 2), np.float32)
    batch = PhotometryBatch.from_arrays(
        flux, [[1.0]], survey="sdss", bands=("u",), stamps=stamps
    )
    flux[:], stamps[:] = 7, 7
    assert (batch.flux == 1).all()
    assert (batch.stamps == 1).all()


def test_what_cannot_be_a_reddening_is_unknown():
    ebv = [0.1, -0.02, -99, 99, np.inf, np.nan]
    batch = PhotometryBatch.from_arrays(
        np.ones((6, 1)), np.ones((6, 1)), survey="sdss", bands=("u",), ebv=ebv
    )
    np.testing.assert_array_equal(batch.ebv, [0.1, -0.02, *[np.nan] * 4])


def test_one_reddening_for_all(batch):
    again = PhotometryBatch.from_arrays(
        batch.flux, batch.ivar, survey="ls-dr10", bands=BANDS, ebv=0.3
    )
    assert again.ebv.tolist() == [0.3] * 6


@settings(deadline=None, max_examples=50)
@given(ROWS)
def test_rows_are_chosen_together(rows):
    batch = made(6)
    chosen = batch[rows]
    np.testing.assert_array_equal(chosen.flux, batch.flux[rows])
    np.testing.assert_array_equal(chosen.ids["number"], rows)
    np.testing.assert_array_equal(chosen.aperture_flux["g"][:, 0], rows)


@settings(deadline=None, max_examples=50)
@given(ROWS, ROWS)
def test_joining_is_the_inverse_of_choosing(one, other):
    batch = made(6)
    joined = PhotometryBatch.concatenate([batch[one], batch[other]])
    assert_equal(joined, batch[np.concatenate([one, other])])


def made(n):
    numbers = np.arange(n, dtype=float)
    return PhotometryBatch.from_arrays(
        np.column_stack([numbers, numbers + 0.5]),
        np.ones((n, 2)),
        survey="ls-dr10",
        bands=("g", "W2"),
        aperture_flux={"g": np.repeat(numbers[:, None], 8, 1)},
        aperture_ivar={"g": np.ones((n, 8))},
        ids={"number": np.arange(n)},
    )


def test_a_single_row_and_a_mask(batch):
    assert batch[2].ids["name"].tolist() == ["c"]
    assert batch[batch.ebv > 0.35].ids["name"].tolist() == ["e", "f"]
    assert len(batch[:0]) == 0
    assert "6 objects of ls-dr10 in g r z, with stamps" in repr(batch)


def test_what_some_do_not_have_is_missing_in_these(batch):
    bare = PhotometryBatch.from_arrays(
        batch.flux[:2], batch.ivar[:2], survey="ls-dr10", bands=BANDS
    )
    joined = PhotometryBatch.concatenate([batch.replace(stamps=None), bare])
    assert joined.ids["objid"].dtype == np.int64
    assert joined.ids["objid"][-3:].tolist() == [2**60 + 5, -1, -1]
    assert joined.ids["name"][-2:].tolist() == ["", ""]
    assert list(joined.aperture_flux) == ["g", "z"]
    assert np.isnan(joined.aperture_flux["g"][-2:]).all()
    assert (joined.aperture_ivar["g"][-2:] == 0).all()


def test_only_what_fits_is_joined(batch):
    other = PhotometryBatch.from_arrays([[1.0]], [[1.0]], survey="sdss", bands=("g",))
    with pytest.raises(ValueError, match=r"cannot join .*ls-dr10.* with .*sdss"):
        PhotometryBatch.concatenate([batch, other])
    with pytest.raises(ValueError, match="stamps for all"):
        PhotometryBatch.concatenate([batch, batch.replace(stamps=None)])
    with pytest.raises(ValueError, match="no batches"):
        PhotometryBatch.concatenate([])


def test_bands_are_chosen_and_missing_ones_masked(batch):
    chosen = batch.select(["z", "i", "g"])
    assert chosen.bands == ("z", "i", "g")
    np.testing.assert_array_equal(chosen.flux[:, 0], batch.flux[:, 2])
    np.testing.assert_array_equal(chosen.stamps[:, 2], batch.stamps[:, 0])
    assert not chosen.observed[:, 1].any()
    assert np.isnan(chosen.stamps[:, 1]).all()
    assert list(chosen.aperture_flux) == ["z", "g"]
    assert batch.observed.all()


def test_a_row_without_the_chosen_band_has_no_data(batch):
    flux = batch.flux.copy()
    flux[0, 0] = np.nan
    half = PhotometryBatch.from_arrays(flux, batch.ivar, survey="ls-dr10", bands=BANDS)
    assert half.flags.tolist() == [0] * 6
    assert half.select(["g"]).flags.tolist() == [Flags.NO_DATA] + [0] * 5
    assert half.select(["g"]).select(["g", "r"]).flags[0] == Flags.NO_DATA


@pytest.mark.parametrize("bands", [["i"], [], ["g", "g"]])
def test_a_choice_without_sense_is_an_error(batch, bands):
    with pytest.raises(ValueError, match="cannot select the bands"):
        batch.select(bands)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"bands": ("g", "r")}, r"flux has shape \(2, 3\); with bands g, r"),
        ({"bands": ("g", "r", "y")}, r"bands are g, r, y; survey 'ls-dr10'"),
        ({"bands": ("g", "r", "r")}, "each once"),
        ({"ivar": np.ones((2, 2))}, r"inverse variance of flux has shape \(2, 2\)"),
        ({"ebv": [0.1]}, r"ebv has shape \(1,\); there are 2"),
        ({"ids": {"name": ["a"]}}, r"identifier 'name' has shape \(1,\)"),
        ({"stamps": np.ones((2, 1, 4, 4))}, r"stamps has shape \(2, 1\)"),
        ({"aperture_flux": {"g": np.ones((2, 8))}}, r"\['g'\].*\[\]"),
        (
            {
                "aperture_flux": {"g": np.ones((2, 5))},
                "aperture_ivar": {"g": np.ones((2, 5))},
            },
            r"'g' has shape \(2, 5\); with radii \(0.5, ",
        ),
        ({"survey": "ls"}, "no survey 'ls'"),
    ],
)
def test_wrong_arrays_are_named(arguments, words):
    good = {"ivar": np.ones((2, 3)), "survey": "ls-dr10", "bands": BANDS}
    with pytest.raises(ValueError, match=words):
        PhotometryBatch.from_arrays(np.ones((2, 3)), **good | arguments)


def test_units_are_not_lost_in_silence():
    flux = [[1.0]] * u.uJy
    with pytest.raises(TypeError, match="the flux has a unit"):
        PhotometryBatch.from_arrays(flux, [[1.0]], survey="sdss", bands=["u"])


def test_apertures_of_a_band_that_has_none():
    survey = Survey("mine", ("g",), {"g": 3.2})
    one = {"g": np.ones((1, 2))}
    with pytest.raises(ValueError, match=r"no aperture fluxes in 'g'.*\(none\)"):
        PhotometryBatch.from_arrays(
            [[1.0]], [[1.0]], survey=survey, aperture_flux=one, aperture_ivar=one
        )
