"""Lines come out as wide as the line-spread function says, where it says so."""

import numpy as np
import pytest

from galspec.constants import SPEED_OF_LIGHT
from galspec.simulation.instrument import LAMOST
from galspec.simulation.line_spread import at_resolution, blurred, broadened
from galspec.simulation.stars import LAMOST_STARS
from galspec.simulation.stellar_emulator import LOG_WAVELENGTH

PIXELS = 10**LOG_WAVELENGTH
VELOCITY = np.log(10) * LOG_WAVELENGTH * SPEED_OF_LIGHT


def lines(*centres, sigma):
    """Unit lines of some dispersion, km/s."""
    distance = VELOCITY - np.log(np.array(centres))[:, None] * SPEED_OF_LIGHT
    return np.exp(-0.5 * (distance / sigma) ** 2).astype(np.float32)


def dispersion(line, centre):
    """Second moment in km/s."""
    distance = VELOCITY - np.log(centre) * SPEED_OF_LIGHT
    return np.sqrt((line * distance**2).sum() / line.sum())


def test_widths_add_in_squares_where_the_function_is_given():
    centres = (4600.0, 5500.0, 8700.0)
    seen = broadened(lines(*centres, sigma=60), LOG_WAVELENGTH, lambda w: 80 * 5000 / w)
    for line, centre in zip(seen, centres, strict=True):
        expected = np.hypot(60, 80 * 5000 / centre)
        assert dispersion(line, centre) == pytest.approx(expected, rel=0.03)


def test_light_is_neither_lost_nor_made():
    flux = np.ones((2, len(PIXELS)), np.float32)
    flux[1, 3000:3010] = 0.2
    seen = broadened(flux, LOG_WAVELENGTH, lambda w: 90.0)
    np.testing.assert_allclose(seen[0], 1, atol=1e-5)
    assert seen[1].sum() == pytest.approx(flux[1].sum(), rel=1e-5)


def test_nothing_to_add_leaves_spectra_as_they_are():
    flux = np.random.default_rng(1).random((2, len(PIXELS)), np.float32)
    seen = broadened(flux, LOG_WAVELENGTH, lambda w: 0.0)
    np.testing.assert_allclose(seen, flux, rtol=1e-5)
    assert at_resolution(flux, LOG_WAVELENGTH, 2.5, 2.5) is flux


@pytest.mark.parametrize("centre", [4600.0, 8700.0])
def test_a_lower_resolution_in_angstrom(centre):
    have, wanted = (fwhm / 2.3548 / centre * SPEED_OF_LIGHT for fwhm in (1.5, 3.0))
    seen = at_resolution(lines(centre, sigma=have), LOG_WAVELENGTH, 1.5, 3.0)[0]
    assert dispersion(seen, centre) == pytest.approx(wanted, rel=0.03)


def test_a_better_resolution_is_refused():
    with pytest.raises(ValueError, match=r"FWHM 2.5 cannot be given 1.0"):
        at_resolution(np.ones((1, len(PIXELS))), LOG_WAVELENGTH, 2.5, 1.0)


def test_arms_have_widths_of_their_own():
    for wavelength, fwhm in ((4500.0, 2.7), (8000.0, 4.4)):
        sigma = LAMOST_STARS.dispersion(wavelength)
        assert sigma / SPEED_OF_LIGHT * wavelength * 2.3548 == pytest.approx(fwhm)
    assert LAMOST.dispersion(4500.0) == LAMOST.dispersion(8000.0)


def test_blurred_rows_are_as_wide_and_as_far_as_asked():
    pixels = np.arange(500)
    flux = np.exp(-0.5 * ((pixels - 250) / 3) ** 2).astype(np.float32)
    sigma, shift = np.array([0.0, 2.0, 4.0]), np.array([0.5, -3.25, 10.0])
    found = blurred(np.tile(flux, (3, 1)), sigma, shift)
    width = np.hypot(3, sigma)[:, None]
    distance = pixels - 250 - shift[:, None]
    expected = 3 / width * np.exp(-0.5 * (distance / width) ** 2)
    np.testing.assert_allclose(found, expected, atol=1e-5)


def test_different_ends_do_not_ring():
    slope = np.linspace(1, 9, 600, dtype=np.float32)[None]
    found = blurred(slope, np.array([0.7]), np.array([0.5]))
    np.testing.assert_allclose(
        found[:, 30:-30], slope[:, 30:-30] - 0.5 * 8 / 599, rtol=2e-3
    )
