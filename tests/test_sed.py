import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose

from galspec.sed import (
    REFERENCE,
    RESOLUTION,
    WAVELENGTH,
    at_r200,
    convolved,
    normalised,
)

FINE = np.arange(2400.0, 10700.0, 0.5)


def test_two_pixels_in_each_element_of_resolution():
    assert WAVELENGTH.shape == (574,)
    assert WAVELENGTH[0] == 2500
    assert 10450 < WAVELENGTH[-1] < 10500
    assert_allclose(WAVELENGTH[2:] / WAVELENGTH[:-2], np.exp(1 / RESOLUTION))


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-18, 1e6), st.sampled_from([0.5, 3.0, 11.0, 40.0]))
def test_a_constant_stays_constant(level, step):
    wavelength = np.arange(2350.0, 10800.0, step)
    assert_allclose(at_r200(wavelength, np.full(len(wavelength), level)), level)


@settings(max_examples=20, deadline=None)
@given(st.floats(-5, 5), st.sampled_from([0.5, 2.0, 12.0]))
def test_a_power_law_is_hardly_changed(power, step):
    wavelength = np.arange(2350.0, 10800.0, step)
    sed = at_r200(wavelength, (wavelength / 5500) ** power)
    assert_allclose(sed, (WAVELENGTH / 5500) ** power, rtol=2e-3)
    assert_allclose(normalised(sed), (WAVELENGTH / 5500) ** power, rtol=2e-3)


@settings(max_examples=20, deadline=None)
@given(st.floats(-3, 3), st.floats(-3, 3), st.integers(0, 100))
def test_linear_in_flux(a, b, seed):
    first, second = np.random.default_rng(seed).normal(size=(2, len(FINE)))
    both = at_r200(FINE, a * first + b * second)
    assert_allclose(
        both, a * at_r200(FINE, first) + b * at_r200(FINE, second), atol=1e-9
    )


def test_a_line_becomes_as_wide_as_the_resolution():
    flux = 1 - np.exp(-0.5 * ((FINE - 6000) / 0.6) ** 2)
    depth = 1 - at_r200(FINE, flux)
    mean = np.average(WAVELENGTH, weights=depth)
    width = np.sqrt(np.average((WAVELENGTH - mean) ** 2, weights=depth))
    assert_allclose(mean, 6000, atol=0.5)
    assert_allclose(width * 2.3548, 6000 / RESOLUTION, rtol=0.01)
    area = np.sum(depth * np.gradient(WAVELENGTH))
    assert_allclose(area, 0.6 * np.sqrt(2 * np.pi), rtol=0.01)


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([500.0, 3000.0]))
def test_any_resolution_is_reached(resolution):
    flux = 1 - np.exp(-0.5 * ((FINE - 6000) / 0.4) ** 2)
    pixels = np.arange(5900.0, 6100.0, 0.2)
    depth = 1 - convolved(FINE, flux, pixels, resolution)
    width = np.sqrt(np.average((pixels - 6000) ** 2, weights=depth))
    expected = np.hypot(6000 / resolution / 2.3548, 0.4)
    assert_allclose(width, expected, rtol=0.02)


def test_unknown_beyond_the_input():
    inside = (FINE > 4000) & (FINE < 7000)
    sed = at_r200(FINE[inside], np.ones(inside.sum()))
    known = np.isfinite(sed)
    assert_allclose(sed[known], 1)
    assert not known[(WAVELENGTH < 4005) | (WAVELENGTH > 6990)].any()
    assert known[(WAVELENGTH > 4030) & (WAVELENGTH < 6950)].all()


def test_unknown_in_a_gap_but_not_at_a_single_pixel():
    flux = np.ones((2, len(FINE)))
    flux[0, (FINE > 6860) & (FINE < 6960)] = np.nan
    flux[1, 9000] = np.nan
    first, second = at_r200(FINE, flux)
    gap = (WAVELENGTH > 6850) & (WAVELENGTH < 6970)
    assert np.isnan(first[gap]).all()
    assert_allclose(first[(WAVELENGTH < 6800) | (WAVELENGTH > 7020)], 1)
    assert_allclose(second, 1)


def test_rows_do_not_know_of_each_other():
    flux = np.random.default_rng(0).uniform(1, 2, (3, len(FINE)))
    assert_allclose(at_r200(FINE, flux)[1], at_r200(FINE, flux[1]))


@pytest.mark.parametrize(
    ("wavelength", "flux"),
    [
        (FINE[:5], np.ones(6)),
        (FINE[4::-1], np.ones(5)),
        (FINE[:1], np.ones(1)),
        (np.tile(FINE[:5], (2, 1)), np.ones((2, 5))),
    ],
)
def test_wrong_wavelengths_are_told(wavelength, flux):
    with pytest.raises(ValueError, match="wavelengths"):
        at_r200(wavelength, flux)


@settings(max_examples=20, deadline=None)
@given(st.floats(1e-18, 1e18))
def test_normalised_does_not_know_the_scale(factor):
    seds = np.exp(np.random.default_rng(1).normal(0, 0.3, (2, 574)))
    assert_allclose(normalised(seds * factor), normalised(seds))
    at_reference = [
        np.exp(np.interp(np.log(REFERENCE), np.log(WAVELENGTH), np.log(row)))
        for row in normalised(seds)
    ]
    assert_allclose(at_reference, 1)


def test_unknown_without_a_reference():
    sed = np.ones((2, 574))
    sed[0, np.searchsorted(WAVELENGTH, REFERENCE)] = np.nan
    assert np.isnan(normalised(sed)[0]).all()
    assert_allclose(normalised(sed)[1], 1)
    assert np.isnan(normalised(-sed)[1]).all()


def test_other_wavelengths_cannot_be_normalised():
    with pytest.raises(ValueError, match="at_r200"):
        normalised(np.ones(500))
