"""Rest frame, windows and coverage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import Flags, SpectrumBatch
from galspec.transforms import Coverage, RestFrame, Window

AXIS = np.arange(4000.0, 4100.0)


def make(redshift=None, n=3, axis=AXIS):
    rng = np.random.default_rng(0)
    shape = (n, axis.shape[-1])
    return SpectrumBatch.from_arrays(
        axis,
        rng.normal(5, 1, shape),
        ivar=rng.uniform(1, 2, shape),
        redshift=redshift,
    )


@settings(max_examples=30, deadline=None)
@given(st.lists(st.floats(-0.5, 8), min_size=3, max_size=3))
def test_rest_frame_round_trip_and_idempotence(redshift):
    batch = make(np.array(redshift))
    rest = RestFrame()(batch)
    np.testing.assert_allclose(
        rest.wavelength * (1 + batch.redshift[:, None]),
        np.tile(AXIS, (3, 1)),
        rtol=1e-12,
    )
    # energy in a pixel is what a change of frame keeps; so is signal-to-noise
    np.testing.assert_allclose(
        rest.flux * rest.wavelength, batch.flux * AXIS, rtol=1e-6
    )
    np.testing.assert_allclose(
        rest.flux**2 * rest.ivar, batch.flux**2 * batch.ivar, rtol=1e-5
    )
    again = RestFrame()(rest)
    for name in ("wavelength", "flux", "ivar", "mask", "flags", "redshift"):
        assert np.array_equal(getattr(again, name), getattr(rest, name))


def test_rest_frame_without_redshift_is_flagged_and_masked():
    result = RestFrame()(make(np.array([0.1, np.nan, 0.0])))
    assert result.flags.tolist() == [0, Flags.REDSHIFT_MISSING, 0]
    assert result.mask.all(axis=1).tolist() == [False, True, False]
    assert np.isnan(result.redshift[1])
    assert np.isfinite(result.flux).all()
    assert RestFrame()(make()[:0]).wavelength.shape == (0, 100)


SEGMENTS = ((4010, 4020), (4050, 4060.5))


def test_window_keeps_what_is_inside_and_is_idempotent():
    batch = make()
    result = Window(SEGMENTS)(batch)
    assert result.wavelength.tolist() == [*range(4010, 4021), *range(4050, 4061)]
    assert result.flux.shape == result.ivar.shape == result.mask.shape == (3, 22)
    assert np.array_equal(result.flux[:, 0], batch.flux[:, 10])
    again = Window(SEGMENTS)(result)
    assert np.array_equal(again.wavelength, result.wavelength)
    assert np.array_equal(again.mask, result.mask)


def test_window_masks_what_is_inside_for_some_rows_only():
    batch = make(np.array([0.0, 0.002, 0.004]))
    result = Window(SEGMENTS)(RestFrame()(batch))
    inside = np.zeros(result.wavelength.shape, bool)
    for low, high in SEGMENTS:
        inside |= (result.wavelength >= low) & (result.wavelength <= high)
    assert np.array_equal(result.mask, ~inside)
    assert inside.any(axis=0).all()
    again = Window(SEGMENTS)(result)
    assert np.array_equal(again.mask, result.mask)


def test_window_that_leaves_nothing():
    result = Window(((9000, 9100),))(make())
    assert result.flux.shape == (3, 0)
    flagged = Coverage()(result)
    assert (flagged.flags & Flags.NO_DATA).all()


@pytest.mark.parametrize("segments", [(), ((2, 1),), ((1, 1),), ((1, 2, 3),)])
def test_wrong_segments(segments):
    with pytest.raises(ValueError, match="segments"):
        Window(segments)


def test_a_window_given_without_the_outer_tuple_says_so():
    with pytest.raises(ValueError, match="pairs"):
        Window((4000, 4400))


def test_coverage_flags_rows():
    batch = make(n=4)
    batch.mask[1, :49], batch.mask[2, :51], batch.mask[3] = True, True, True
    flags = Coverage(0.5)(batch).flags
    assert flags.tolist() == [0, 0, Flags.LOW_COVERAGE, Flags.NO_DATA]
    assert Coverage(0.5)(batch[:0]).flags.shape == (0,)
    kept = Coverage(0.0)(batch.replace(flags=np.full(4, Flags.LOW_SN)))
    assert (kept.flags & Flags.LOW_SN).all()


@pytest.mark.parametrize("minimum", [-0.1, 1.1, np.nan])
def test_wrong_coverage(minimum):
    with pytest.raises(ValueError, match="minimum"):
        Coverage(minimum)
