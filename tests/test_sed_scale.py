"""Scales of energy distributions as a command line writes them."""

import astropy.units as u
import pytest

from galspec.sed_scale import check, read
from galspec.synthetic_photometry import FLUX_UNIT


def test_a_band_has_an_ab_magnitude():
    band, magnitude = read("sdss2010-r=15.3")
    assert band == "sdss2010-r"
    assert magnitude == 15.3 * u.ABmag
    check((band, magnitude))


def test_a_number_is_a_wavelength_with_a_flux():
    scale_to = read("5500=1e-14")
    assert scale_to == (5500 * u.AA, 1e-14 * FLUX_UNIT)
    check(scale_to)


@pytest.mark.parametrize("text", ["15.3", "sdss2010-r", "sdss2010-r=bright", "=", ""])
def test_anything_else_is_an_error_that_shows_how(text):
    with pytest.raises(ValueError, match=r"sdss2010-r=15\.3"):
        read(text)
