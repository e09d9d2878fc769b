"""Fluxes and magnitudes: inverse to each other, and as the papers have them."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.magnitudes import (
    asinh_magnitude,
    flux_of_asinh_magnitude,
    flux_of_magnitude,
    magnitude,
)

FLUXES = st.floats(1e-4, 1e6)
ERRORS = st.floats(1e-4, 1e3)


def test_one_nanomaggy_is_3631_nanojansky():
    import astropy.units as u

    value, _ = magnitude(1.0, 1.0)
    assert (value * u.ABmag).to_value(u.nJy) == pytest.approx(3631, rel=1e-4)


@given(FLUXES, ERRORS)
def test_magnitudes_and_back(flux, error):
    back, ivar = flux_of_magnitude(*magnitude(flux, error**-2))
    assert back == pytest.approx(flux, rel=1e-9)
    assert ivar == pytest.approx(error**-2, rel=1e-9)


@given(st.floats(-1e3, 1e6), ERRORS, st.floats(1e-3, 10))
def test_asinh_magnitudes_and_back(flux, error, softening):
    back, ivar = flux_of_asinh_magnitude(
        *asinh_magnitude(flux, error**-2, softening), softening
    )
    assert back == pytest.approx(flux, rel=1e-6, abs=1e-9)
    assert ivar == pytest.approx(error**-2, rel=1e-6)


@given(st.floats(1, 1e5), st.floats(1e-3, 0.01))
def test_both_agree_on_bright_objects(flux, softening):
    bright = asinh_magnitude(flux, 25.0, softening)
    np.testing.assert_allclose(bright, magnitude(flux, 25.0), rtol=0, atol=3e-4)


@given(st.floats(-10, 10), st.floats(0.001, 10))
def test_more_flux_is_a_smaller_magnitude(flux, more):
    values, _ = asinh_magnitude([flux, flux + more], 1.0, 0.1)
    assert values[1] < values[0]


@pytest.mark.parametrize(
    ("softening", "zero"),
    [(0.14, 24.63), (0.09, 25.11), (0.12, 24.80), (0.18, 24.36), (0.74, 22.83)],
)
def test_zero_flux_has_the_magnitudes_of_sdss(softening, zero):
    # Stoughton et al. (2002), table 21
    assert asinh_magnitude(0.0, 1.0, softening)[0] == pytest.approx(zero, abs=0.006)


def test_nothing_negative_has_a_magnitude():
    value, error = magnitude([0.0, -3.0, np.nan], 1.0)
    assert np.isnan(value).all()
    assert np.isnan(error).all()
