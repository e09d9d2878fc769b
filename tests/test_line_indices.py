"""Line indices: what must not matter, what must, and spectra without the feature."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.line_indices import CH4300

WAVELENGTH = 10 ** np.arange(np.log10(4150), np.log10(4450), 1e-4)
#: Where the bands lie in vacuum, roughly.
BAND, BLUE, RED = (4282.579, 4317.588), (4267.575, 4283.829), (4320.089, 4336.344)


def star(*, depth=0.4, z=0.0, noise=0.02, **changes):
    """A spectrum with an absorption in the G band."""
    rest = WAVELENGTH / (1 + z)
    flux = 1 - depth * np.exp(-0.5 * ((rest - 4300) / 5) ** 2)
    fields = {"flux": flux, "ivar": np.full(len(flux), noise**-2), "redshift": z}
    return SpectrumBatch.from_arrays(WAVELENGTH, **fields | changes)


def masked(low, high):
    return abs(2 * WAVELENGTH - low - high) < high - low


def test_is_the_area_below_the_continuum():
    value, _ = CH4300.measure(star())
    np.testing.assert_allclose(value, 0.4 * 5 * np.sqrt(2 * np.pi), rtol=3e-3)


@settings(deadline=None, max_examples=25)
@given(st.floats(-7, 7), st.floats(1e-3, 0.5))
def test_a_factor_changes_nothing(power, noise):
    plain = star(noise=noise)
    factor = 10.0**power
    scaled = star(flux=plain.flux * factor, ivar=plain.ivar / factor**2)
    for one, other in zip(CH4300.measure(plain), CH4300.measure(scaled), strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-4)


@settings(deadline=None, max_examples=25)
@given(st.floats(-3e-3, 3e-3), st.floats(4290, 4305), st.floats(0, 6))
def test_a_straight_line_has_no_width(slope, centre, width):
    flux = 1 + slope * (WAVELENGTH - 4300)
    hole = masked(centre - width / 2, centre + width / 2) | masked(4270, 4272)
    value, _ = CH4300.measure(star(flux=flux, mask=hole))
    assert abs(value[0]) < 1e-4


@settings(deadline=None, max_examples=25)
@given(st.floats(1e-3, 0.1), st.floats(1, 10))
def test_the_error_scales_with_the_noise(noise, factor):
    errors = [CH4300.measure(star(noise=n))[1] for n in (noise, noise * factor)]
    np.testing.assert_allclose(errors[1], errors[0] * factor, rtol=1e-4)


def test_the_error_is_that_of_repeated_measurements():
    noise = 0.03
    draws = np.random.default_rng(5).normal(0, noise, (3000, len(WAVELENGTH)))
    one = star(noise=noise)
    many = star(
        flux=one.flux + draws,
        ivar=np.repeat(one.ivar, len(draws), axis=0),
        redshift=np.zeros(len(draws)),
    )
    value, error = CH4300.measure(many)
    assert np.std(value) == pytest.approx(CH4300.measure(one)[1][0], rel=0.05)
    assert np.median(error) == pytest.approx(np.std(value), rel=0.05)


@settings(deadline=None, max_examples=25)
@given(st.floats(-0.002, 0.01))
def test_is_measured_in_the_rest_frame(z):
    np.testing.assert_allclose(
        CH4300.measure(star(z=z)), CH4300.measure(star()), rtol=5e-3
    )


def test_rows_do_not_depend_on_each_other():
    stars = [star(), star(z=0.005, depth=0.1), star(mask=masked(4285, 4290))]
    together = CH4300.measure(SpectrumBatch.concatenate(stars))
    alone = np.concatenate([CH4300.measure(one) for one in stars], axis=1)
    np.testing.assert_allclose(together, alone)


@pytest.mark.parametrize(
    "changes",
    [
        *({"mask": masked(*band)} for band in (BAND, BLUE, RED)),
        {"redshift": np.nan},
        {"redshift": 1.0},
        {"flux": -np.ones(len(WAVELENGTH))},
        {"mask": np.ones(len(WAVELENGTH), bool)},
    ],
)
def test_what_cannot_be_measured_is_nan(changes):
    value, error = CH4300.measure(star(**changes))
    assert np.isnan([value, error]).all()


def test_a_spectrum_that_ends_inside_the_bands_has_none():
    part = WAVELENGTH < 4325
    batch = SpectrumBatch.from_arrays(
        WAVELENGTH[part], np.ones(part.sum()), redshift=0.0
    )
    assert np.isnan(CH4300.measure(batch)).all()


def test_small_gaps_are_bridged():
    whole, holed = (CH4300.measure(star(mask=m))[0] for m in (None, masked(4275, 4277)))
    np.testing.assert_allclose(whole, holed, rtol=1e-3)


def test_no_rows():
    assert [len(column) for column in CH4300.measure(star()[[]])] == [0, 0]
