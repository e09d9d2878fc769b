"""Profiles of galaxies and seeing: against what is known in closed form."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.simulation.sersic import BETA, INDICES, moffat, sersic, sharpness, within

K = np.logspace(-2, 1.5, 40)[None]


def growth_of_moffat(radius):
    scale = 0.5 / np.sqrt(2 ** (1 / BETA) - 1)
    return 1 - (1 + (radius / scale) ** 2) ** (1 - BETA)


def test_gaussian_profile():
    # Half of the light of a Gaussian lies within sqrt(2 ln 2) sigma.
    expected = np.exp(-(K**2) / (4 * np.log(2)))
    np.testing.assert_allclose(sersic(np.array([0]), K), expected, atol=1e-4)


def test_exponential_profile():
    expected = (1 + (K / 1.67834699) ** 2) ** -1.5
    np.testing.assert_allclose(sersic(np.array([1]), K), expected, atol=1e-4)


def test_zero_wave_number_is_the_flux():
    every = np.arange(len(INDICES))
    np.testing.assert_allclose(sersic(every, np.zeros((5, 1))), 1.0, atol=1e-4)
    np.testing.assert_allclose(moffat(0.0), 1.0)


def test_points_grow_as_the_seeing():
    radius = np.linspace(0.2, 6.0, 12)[None]
    point = within(np.array([1]), np.array([1e-3]), np.ones(1), radius)
    np.testing.assert_allclose(point, growth_of_moffat(radius), atol=3e-3)


@pytest.mark.parametrize("index", range(len(INDICES)))
def test_half_of_the_light(index):
    # Ten times as large as the seeing, which hardly matters then.
    size = np.array([9.0])
    share = within(np.array([index]), size, np.ones(1), size[:, None])
    np.testing.assert_allclose(share, 0.5, atol=0.01)


@settings(deadline=None, max_examples=30)
@given(
    st.integers(0, len(INDICES) - 1),
    st.floats(0.01, 15.0),
    st.floats(0.1, 1.0),
    st.floats(0.11, 8.0),
)
def test_apertures_grow(index, size, ratio, radius):
    radii = radius * np.array([[1.0, 1.1, 1.25, 1.5]])
    share = within(np.array([index]), np.array([size]), np.array([ratio]), radii)
    assert (share > 0).all()
    assert (share <= 1).all()
    assert (np.diff(share) >= -2e-4).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(0, len(INDICES) - 1), st.floats(0.05, 5.0), st.floats(0.3, 5.0))
def test_larger_galaxies_have_less_within(index, size, radius):
    sizes = size * np.array([1.0, 1.5, 2.5])
    same = np.full(3, index)
    share = within(same, sizes, np.full(3, 0.7), np.full((3, 1), radius))[:, 0]
    assert (np.diff(share) < 1e-3).all()


def test_flat_galaxies_are_denser():
    share = within(
        np.array([1, 1]), np.array([2.0, 2.0]), np.array([0.2, 1.0]), np.ones((2, 1))
    )[:, 0]
    assert share[0] > 1.5 * share[1]


def test_sharpness_is_the_integral_of_the_square():
    radius = np.linspace(0, 40, 400_000)
    scale = 0.5 * 1.3 / np.sqrt(2 ** (1 / BETA) - 1)
    profile = (1 + (radius / scale) ** 2) ** -BETA
    ring = 2 * np.pi * radius
    total = np.trapezoid(profile * ring, radius)
    square = np.trapezoid((profile / total) ** 2 * ring, radius)
    np.testing.assert_allclose(sharpness(1.3), square, rtol=1e-3)
