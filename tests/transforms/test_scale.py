"""Scalings: nothing but the shape of a spectrum survives."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from galspec import Flags, SpectrumBatch
from galspec.transforms import Asinh, ScaleMinMax, ScaleRobust

SCALINGS = (ScaleMinMax(), ScaleRobust(), ScaleRobust(5, 95))
spectra = arrays(np.float32, (3, 20), elements=st.floats(-1000, 1000, width=16))
masks = arrays(bool, (3, 20))


def make(flux, mask=None):
    return SpectrumBatch.from_arrays(
        np.arange(4000.0, 4000 + flux.shape[1]),
        flux,
        ivar=np.ones(flux.shape),
        mask=mask,
    )


def equal(a, b):
    names = ("flux", "ivar", "mask", "flags")
    return all(np.array_equal(getattr(a, n), getattr(b, n)) for n in names)


@pytest.mark.parametrize("scale", SCALINGS, ids=repr)
@settings(max_examples=20, deadline=None)
@given(flux=spectra, mask=masks)
def test_idempotent(scale, flux, mask):
    once = scale(make(flux, mask))
    twice = scale(once)
    np.testing.assert_allclose(twice.flux, once.flux, rtol=1e-4, atol=1e-4)
    assert np.array_equal(twice.flags, once.flags)


@pytest.mark.parametrize("scale", SCALINGS, ids=repr)
@settings(max_examples=20, deadline=None)
@given(
    flux=spectra, mask=masks, power=st.integers(-20, 20), factor=st.floats(1e-3, 1e3)
)
def test_a_positive_factor_does_not_matter(scale, flux, mask, power, factor):
    batch = make(flux, mask)
    wanted = scale(batch)
    exact = np.float32(2.0**power)
    same = batch.replace(flux=batch.flux * exact, ivar=batch.ivar / exact**2)
    assert equal(scale(same), wanted)
    factor = np.float32(factor)
    other = scale(batch.replace(flux=batch.flux * factor))
    good = ~batch.mask & (wanted.flags[:, None] == 0) & (other.flags[:, None] == 0)
    # the rounding of the factor counts against the contrast, not the flux
    peak = np.max(np.abs(batch.flux), axis=1, keepdims=True)
    contrast = np.where(good, wanted.ivar, 1) ** 0.5
    limit = 1e-5 * np.maximum(np.abs(wanted.flux), 1) + 1e-6 * peak / contrast
    assert (np.abs(other.flux - wanted.flux) <= limit)[good].all()


@pytest.mark.parametrize("scale", SCALINGS, ids=repr)
@settings(max_examples=20, deadline=None)
@given(flux=spectra, mask=masks)
def test_a_batch_gives_what_its_rows_give(scale, flux, mask):
    batch = make(flux, mask)
    rows = SpectrumBatch.concatenate([scale(batch[i]) for i in range(3)])
    assert equal(scale(batch), rows)


@pytest.mark.parametrize("scale", SCALINGS, ids=repr)
@settings(max_examples=20, deadline=None)
@given(flux=spectra, mask=masks, garbage=st.sampled_from([-1e30, 1e30, 5.0]))
def test_masked_values_set_no_scale(scale, flux, mask, garbage):
    batch = make(flux, mask)
    dirty = batch.replace(flux=np.where(mask, np.float32(garbage), batch.flux))
    a, b = scale(batch), scale(dirty)
    assert np.array_equal(a.flux[~mask], b.flux[~mask])
    assert np.array_equal(a.flags, b.flags)


@pytest.mark.parametrize("scale", SCALINGS, ids=repr)
def test_rows_without_contrast_are_flagged(scale):
    flux = np.tile(np.arange(20.0), (4, 1))
    flux[1] = 3
    mask = np.zeros(flux.shape, bool)
    mask[2], mask[3, 1:] = True, True
    result = scale(make(flux, mask))
    assert result.flags.tolist() == [0, Flags.NO_DATA, Flags.NO_DATA, Flags.NO_DATA]
    assert not result.flux[1:].any()
    assert not result.ivar[1:].any()
    assert result.flux[0].any()


@pytest.mark.parametrize("scale", [*SCALINGS, Asinh()], ids=repr)
@pytest.mark.parametrize("shape", [(0, 20), (2, 0), (0, 0)])
def test_empty(scale, shape):
    result = scale(make(np.empty(shape)))
    assert result.flux.shape == shape
    assert result.ivar.shape == shape


def test_the_input_is_not_changed():
    flux = np.random.default_rng(0).normal(size=(3, 20)).astype(np.float32)
    for transform in (*SCALINGS, Asinh()):
        batch = make(flux, flux > 1)
        before = batch.flux.copy(), batch.ivar.copy(), batch.flags.copy()
        transform(batch)
        after = batch.flux, batch.ivar, batch.flags
        assert all(map(np.array_equal, before, after))


def test_minmax_spans_zero_to_one_and_keeps_signal_to_noise():
    batch = make(np.array([[2.0, 4, 6, 100]]), np.array([[False, False, False, True]]))
    result = ScaleMinMax()(batch)
    assert result.flux[0, :3].tolist() == [0, 0.5, 1]
    assert result.ivar[0, :3].tolist() == [16, 16, 16]


def test_robust_gives_median_zero_and_scatter_one():
    flux = np.random.default_rng(0).normal(50, 7, (2, 20001))
    flux[:, :50] = 1e5
    result = ScaleRobust()(make(flux))
    np.testing.assert_allclose(np.median(result.flux, axis=1), 0, atol=1e-5)
    low, high = np.percentile(result.flux, [16, 84], axis=1)
    np.testing.assert_allclose(high - low, 2, rtol=1e-4)
    np.testing.assert_allclose(np.std(result.flux[:, 50:]), 1, rtol=0.02)


@settings(max_examples=20, deadline=None)
@given(flux=spectra, mask=masks)
def test_robust_percentiles_are_those_of_numpy(flux, mask):
    batch = make(flux, mask)
    result = ScaleRobust(10, 90)(batch)
    for row in np.flatnonzero(result.flags == 0):
        good = flux[row][~mask[row]].astype(np.float64)
        low, middle, high = np.percentile(good, [10, 50, 90])
        wanted = (good - middle) / (high - low) * 2
        scale = np.max(np.abs(good)) / (high - low) + np.max(np.abs(wanted))
        np.testing.assert_allclose(
            result.flux[row][~mask[row]], wanted, atol=1e-5 * scale
        )


def test_asinh_propagates_errors():
    batch = make(np.array([[-3.0, 0.0, 0.01, 50.0]]))
    result = Asinh()(batch)
    np.testing.assert_allclose(np.sinh(result.flux), batch.flux, rtol=1e-5)
    flux, step = batch.flux.astype(float), 1e-4
    slope = (np.arcsinh(flux + step) - np.arcsinh(flux - step)) / 2 / step
    np.testing.assert_allclose(result.ivar, batch.ivar / slope**2, rtol=1e-5)


@pytest.mark.parametrize("limits", [(84, 16), (50, 50), (-1, 50), (50, 101)])
def test_wrong_percentiles(limits):
    with pytest.raises(ValueError, match="percentiles"):
        ScaleRobust(*limits)
