"""Dust takes more of the blue, and as much as the law says."""

import astropy.units as u
import numpy as np
import pytest
from dust_extinction.parameter_averages import G23

from galspec.reddening import LAWS, check, transmission
from galspec.sed import WAVELENGTH


@pytest.mark.parametrize("law", LAWS)
def test_every_law_holds_on_all_wavelengths(law):
    passed = transmission([0, 0.1, 1.0], law)
    assert passed.shape == (3, len(WAVELENGTH))
    np.testing.assert_array_equal(passed[0], 1)
    assert np.all((passed[1:] > 0) & (passed[1:] < 1))
    assert np.all(passed[2] < passed[1])
    assert passed[2, 50] < passed[2, -1]
    np.testing.assert_allclose(passed[2], passed[1] ** 10)


def test_it_is_what_the_library_says():
    expected = G23(Rv=3.1).extinguish(WAVELENGTH * u.AA, Ebv=0.4)
    np.testing.assert_allclose(transmission(0.4), expected)


@pytest.mark.parametrize("ebv", [-1, np.nan, np.inf, [0.1, -0.2]])
def test_what_dust_cannot_do_is_an_error(ebv):
    with pytest.raises(ValueError, match="0 or more"):
        check(ebv, "G23")


def test_an_unknown_law_is_an_error_that_lists_those_there_are():
    with pytest.raises(ValueError, match=r"'G24'.*CCM89"):
        transmission(0.1, "G24")
