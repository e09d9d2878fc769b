"""Probabilities of the joint Gaussian, luminosities, classes of metal-poor stars."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from galspec.carbon_enhancement import (
    CRITERIA,
    joint_probability,
    luminosity,
    metal_class,
)

ERRORS = st.floats(0.02, 1.5)
CORRELATIONS = st.floats(-0.98, 0.98)
#: Offsets from the limits, in errors.
OFFSETS = st.floats(-4, 4)


def probability(feh, cfe, sigma_feh, sigma_cfe, correlation, limits):
    """Of one star."""
    across = correlation * sigma_feh * sigma_cfe
    matrix = np.array([[[sigma_feh**2, across], [across, sigma_cfe**2]]])
    return joint_probability(np.array([feh]), np.array([cfe]), matrix, limits)[0]


@given(OFFSETS, OFFSETS, ERRORS, ERRORS, CORRELATIONS)
@settings(max_examples=100, deadline=None)
def test_it_is_the_integral_of_the_joint_gaussian(a, b, sigma_feh, sigma_cfe, rho):
    feh, cfe = -2 + a * sigma_feh, 0.7 + b * sigma_cfe
    found = probability(feh, cfe, sigma_feh, sigma_cfe, rho, (-2.0, 0.7))
    # P(x < -a, y > -b) of unit variances = P(x < -a, -y < b)
    unit = multivariate_normal([0, 0], [[1, -rho], [-rho, 1]])
    assert found == pytest.approx(unit.cdf([-a, b]), abs=2e-4)


@given(CORRELATIONS)
def test_at_both_limits_it_is_the_closed_form_of_a_quadrant(rho):
    # Stuart & Ord, Kendall's Advanced Theory of Statistics: 1/4 + arcsin(rho) / 2 pi
    expected = 0.25 - np.arcsin(rho) / (2 * np.pi)
    found = probability(-2.0, 0.7, 0.3, 0.5, rho, (-2.0, 0.7))
    assert found == pytest.approx(expected, abs=1e-4)


@given(OFFSETS, OFFSETS)
def test_without_correlation_it_is_a_product(a, b):
    found = probability(-2 + 0.2 * a, 0.7 + 0.4 * b, 0.2, 0.4, 0.0, (-2.0, 0.7))
    assert found == pytest.approx(norm.cdf(-a) * norm.cdf(b), abs=1e-9)


@pytest.mark.parametrize(
    ("feh", "cfe", "expected"),
    [(-2.5, 1.5, 1), (-1.5, 1.5, 0), (-2.5, 0.2, 0), (-1.5, 0.2, 0)],
)
@pytest.mark.parametrize("correlation", [-0.9, 0.0, 0.9])
def test_tiny_errors_leave_no_doubt(feh, cfe, expected, correlation):
    found = probability(feh, cfe, 1e-3, 1e-3, correlation, (-2.0, 0.7))
    assert found == pytest.approx(expected, abs=1e-9)


@given(OFFSETS, OFFSETS, CORRELATIONS, st.floats(0.05, 1))
@settings(deadline=None)
def test_more_carbon_and_less_iron_are_more_probable(a, b, rho, step):
    def of(feh, cfe):
        return probability(feh, cfe, 0.3, 0.4, rho, (-2.0, 0.7))

    feh, cfe = -2 + 0.3 * a, 0.7 + 0.4 * b
    here = of(feh, cfe)
    assert 0 <= here <= 1
    assert of(feh, cfe + step) >= here - 1e-9
    # 24 points of the quadrature
    assert of(feh - step, cfe) >= here - 2e-4


def test_limits_may_differ_from_star_to_star():
    feh, cfe = np.full(3, -3.0), np.full(3, 0.5)
    matrix = np.tile(np.diag([0.01, 0.04]), (3, 1, 1))
    found = joint_probability(feh, cfe, matrix, (-2.0, np.array([0.1, 0.5, 0.9])))
    np.testing.assert_allclose(found, norm.cdf([2, 0, -2]), atol=1e-6)


@pytest.mark.parametrize(
    ("teff", "logg", "expected", "tolerance"),
    [
        # the Sun with 0.8 of its mass
        (5772, 4.438, np.log10(0.8), 1e-12),
        # HD 122563 of Karovicova et al. 2020, A&A 640, A25: 339 suns
        (4635, 1.404, np.log10(339), 0.03),
        # HD 140283 of Creevey et al. 2015, A&A 575, A26: radius of 2.21 suns
        (5534, 3.65, np.log10(2.21**2 * (5534 / 5772) ** 4), 0.03),
    ],
)
def test_luminosity_of_known_stars(teff, logg, expected, tolerance):
    assert luminosity(teff, logg) == pytest.approx(expected, abs=tolerance)


def test_luminosity_of_nothing_is_nan_without_a_warning(recwarn):
    assert np.isnan(luminosity(np.array([np.nan, -1.0]), np.array([2.0, 2.0]))).all()
    assert not recwarn


@pytest.mark.parametrize(("name", "limit"), [("default", 0.7), ("beers2005", 1.0)])
def test_limits_that_are_the_same_for_all(name, limit):
    teff, logg = np.array([4500.0, 6000.0]), np.array([0.8, 4.2])
    np.testing.assert_array_equal(CRITERIA[name].carbon_limit(teff, logg), limit)


def test_the_limit_of_giants_falls_from_log_l_2_3_on_without_a_step():
    teff = np.full(400, 4800.0)
    logg = np.linspace(4.5, 0.5, 400)
    bright = luminosity(teff, logg)
    limit = CRITERIA["aoki2007"].carbon_limit(teff, logg)
    np.testing.assert_array_equal(limit[bright < 2.299], 0.7)
    above = bright > 2.301
    np.testing.assert_allclose(limit[above], 3.0 - bright[above])
    assert np.abs(np.diff(limit)).max() <= np.diff(bright).max() + 1e-12
    # a giant with [C/Fe] = 0.5 counts where it has climbed to log L = 2.5
    assert limit[np.searchsorted(bright, 2.52)] < 0.5 < limit[above][0]


@given(st.floats(-7, 1))
def test_classes_go_by_four_limits(feh):
    expected = ["", "MP", "VMP", "EMP", "UMP"][sum(feh < e for e in (-1, -2, -3, -4))]
    assert metal_class(np.array([feh]))[0] == expected


def test_a_limit_itself_belongs_above_and_nan_to_none():
    feh = np.array([-1.0, -2.0, -3.0, -4.0, np.nextafter(-1.0, -2.0), np.nan, -9.0])
    classes = metal_class(feh)
    assert classes.tolist() == ["", "MP", "VMP", "EMP", "MP", "", "UMP"]
    assert classes.dtype.kind == "U"
