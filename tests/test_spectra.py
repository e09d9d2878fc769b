"""The batch itself: its invariants, selection and joining."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from galspec import Flags, SpectrumBatch

AXIS = np.arange(4000.0, 4008.0)
anything = st.floats(width=32)  # NaN, infinities and subnormal numbers included


def consistent(batch):
    n, n_pix = batch.flux.shape
    assert batch.flux.dtype == batch.ivar.dtype == np.float32
    assert batch.wavelength.dtype == batch.redshift.dtype == np.float64
    assert batch.mask.dtype == bool
    assert batch.flags.dtype == np.int64
    assert batch.wavelength.shape in ((n_pix,), (n, n_pix))
    assert batch.ivar.shape == batch.mask.shape == (n, n_pix)
    assert batch.redshift.shape == batch.flags.shape == (n,)
    assert np.isfinite(batch.flux).all()
    assert np.isfinite(batch.ivar).all()
    assert (batch.ivar >= 0).all()
    assert batch.mask[batch.ivar == 0].all()
    assert not np.isinf(batch.redshift).any()
    assert (np.diff(batch.wavelength, axis=-1) >= 0).all()
    assert all(len(column) == n for column in batch.ids.values())


@settings(max_examples=100, deadline=None)
@given(
    flux=arrays(np.float32, (3, 8), elements=anything),
    ivar=arrays(np.float32, (3, 8), elements=anything),
    mask=arrays(bool, (3, 8)),
    redshift=arrays(np.float64, 3, elements=st.floats()),
)
def test_whatever_the_numbers_no_row_raises(flux, ivar, mask, redshift):
    batch = SpectrumBatch.from_arrays(
        AXIS, flux, ivar=ivar, mask=mask, redshift=redshift
    )
    consistent(batch)
    bad = mask | ~np.isfinite(flux) | ~np.isfinite(ivar) | ~(ivar > 0)
    assert np.array_equal(batch.mask, bad)
    unphysical = np.isinf(redshift) | (redshift <= -1)
    assert np.array_equal(batch.flags != 0, unphysical)
    known = ~unphysical & ~np.isnan(redshift)
    assert np.array_equal(batch.redshift[known], redshift[known])


@settings(max_examples=50, deadline=None)
@given(arrays(np.float64, (2, 8), elements=st.floats(0.5, 2)), st.integers(-300, 300))
def test_extreme_scales_keep_ratios_and_signal_to_noise(flux, power):
    scale = 10.0**power
    batch = SpectrumBatch.from_arrays(AXIS, flux * scale)
    np.testing.assert_allclose(
        batch.flux / batch.flux[:, :1], flux / flux[:, :1], rtol=1e-6
    )
    assert (batch.ivar == 1).all()
    if abs(power) < 150:
        ivar = np.full((2, 8), (0.01 * scale) ** -2)
        batch = SpectrumBatch.from_arrays(AXIS, flux * scale, ivar=ivar)
        np.testing.assert_allclose(
            batch.flux.astype(float) ** 2 * batch.ivar, (flux / 0.01) ** 2, rtol=1e-5
        )


def test_ordinary_fluxes_are_not_rescaled():
    flux = np.array([[1e-9, 1.0], [1e9, -5.0]])
    batch = SpectrumBatch.from_arrays(AXIS[:2], flux)
    assert np.array_equal(batch.flux, flux.astype(np.float32))


@pytest.mark.parametrize("dtype", [">f4", ">f8", "f2", "i2", ">i4", "u1", "?", "f8"])
def test_any_real_dtype(dtype):
    flux = np.array([[0, 1, 1, 0, 1, 0, 1, 1]], dtype=dtype)
    batch = SpectrumBatch.from_arrays(AXIS.astype(">f8"), flux, ivar=flux + flux)
    consistent(batch)
    assert batch.flux.dtype.isnative
    assert batch.wavelength.dtype.isnative
    assert batch.flux[0].tolist() == [0, 1, 1, 0, 1, 0, 1, 1]


@pytest.mark.parametrize("dtype", ["c8", "U3", "M8[s]"])
def test_no_other_dtype(dtype):
    with pytest.raises(TypeError, match="real numbers"):
        SpectrumBatch.from_arrays(AXIS, np.zeros((1, 8), dtype))


def test_the_input_is_copied():
    flux, ivar = np.ones((2, 8), np.float32), np.ones((2, 8), np.float32)
    mask, redshift = np.zeros((2, 8), bool), np.zeros(2)
    batch = SpectrumBatch.from_arrays(
        AXIS, flux, ivar=ivar, mask=mask, redshift=redshift
    )
    for mine, theirs in zip(
        (flux, ivar, mask, redshift),
        (batch.flux, batch.ivar, batch.mask, batch.redshift),
        strict=True,
    ):
        assert not np.shares_memory(mine, theirs)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("wavelength", np.ones(7)),
        ("wavelength", np.ones((3, 8))),
        ("ivar", np.ones((2, 7))),
        ("mask", np.ones((1, 8), bool)),
        ("redshift", np.ones(3)),
    ],
)
def test_wrong_shapes_are_named(name, value):
    arrays = {"wavelength": AXIS, "flux": np.ones((2, 8)), name: value}
    with pytest.raises(ValueError, match=name):
        SpectrumBatch.from_arrays(**arrays)


def test_a_redshift_has_no_other_unit_than_that_of_a_velocity():
    with pytest.raises(u.UnitConversionError, match="redshift has the unit 'kg'"):
        SpectrumBatch.from_arrays(AXIS, np.ones((2, 8)), redshift=3 * u.kg)


def make(n=4, axis=AXIS, **ids):
    rng = np.random.default_rng(n)
    shape = (n, axis.shape[-1])
    return SpectrumBatch.from_arrays(
        axis,
        rng.normal(size=shape),
        ivar=rng.uniform(1, 2, shape),
        mask=rng.random(shape) < 0.2,
        redshift=rng.random(n),
        ids=ids,
    )


@pytest.mark.parametrize("own_axes", [False, True])
@pytest.mark.parametrize(
    "rows",
    [slice(1, 3), slice(None, None, -1), [3, 0, 0], np.array([True, False] * 2), [], 2],
)
def test_selection(rows, own_axes):
    axis = np.sort(np.random.default_rng(0).random((4, 8))) if own_axes else AXIS
    batch = make(axis=axis, obsid=np.arange(4))
    part = batch[rows]
    consistent(part)
    wanted = np.atleast_1d(np.arange(4)[rows])
    assert part.ids["obsid"].tolist() == wanted.tolist()
    assert np.array_equal(part.flux, batch.flux[wanted])
    assert np.array_equal(part.redshift, batch.redshift[wanted])


def test_joining_what_was_split_gives_the_whole():
    batch = make(5, obsid=np.arange(5))
    joined = SpectrumBatch.concatenate([batch[:2], batch[2:2], batch[2:]])
    consistent(joined)
    for name in ("wavelength", "flux", "ivar", "mask", "redshift", "flags"):
        assert np.array_equal(getattr(joined, name), getattr(batch, name))
    assert joined.ids["obsid"].tolist() == [0, 1, 2, 3, 4]


def test_joining_ragged_batches_pads_under_the_mask():
    short, long = make(2, AXIS[:5], file=np.array(["a", "b"])), make(3, ra=np.ones(3))
    joined = SpectrumBatch.concatenate([short, long, make(1, AXIS[:0])])
    consistent(joined)
    assert joined.flux.shape == (6, 8)
    assert joined.mask[:2, 5:].all()
    assert joined.mask[5].all()
    assert np.array_equal(joined.flux[:2, :5], short.flux)
    assert joined.ids["file"].tolist() == ["a", "b", "", "", "", ""]
    assert np.isnan(joined.ids["ra"]).tolist() == [True] * 2 + [False] * 3 + [True]


def test_joining_nothing():
    empty = SpectrumBatch.concatenate([])
    consistent(empty)
    assert len(empty) == 0


def test_flags_are_kept_and_redshifts_add_to_them():
    batch = SpectrumBatch.from_arrays(
        AXIS, np.ones((2, 8)), redshift=[-2, 0.1], flags=[Flags.LOW_SN, 0]
    )
    assert batch.flags.tolist() == [Flags.LOW_SN | Flags.REDSHIFT_OUT_OF_RANGE, 0]


def test_repr():
    assert repr(make()) == "<SpectrumBatch of 4 spectra, 8 pixels, one axis>"


def test_zeros_at_the_ends_of_spectra_without_errors_are_missing():
    flux = [
        [0, 0, 1, 0, 2, 3, 0, 0],
        [0, 0, 0, 0, 0, 0, 0, 0],
        [1, 2, 3, 4, 5, 6, 7, 8],
    ]
    batch = SpectrumBatch.from_arrays(AXIS, flux)
    assert batch.mask[0].tolist() == [True, True, *[False] * 4, True, True]
    assert batch.mask[1].all()
    assert not batch.mask[2].any()
    told = SpectrumBatch.from_arrays(AXIS, flux, ivar=np.ones((3, 8)))
    assert not told.mask.any()
