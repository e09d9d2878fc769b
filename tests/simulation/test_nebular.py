"""The continuum of the gas: its jump, its strength, its dust."""

import numpy as np

from galspec.simulation.continuum import REST_LOG_WAVELENGTH
from galspec.simulation.nebular import nebular_continuum, nebular_spectrum

REST = 10**REST_LOG_WAVELENGTH


def level(spectrum, low, high):
    return np.median(
        spectrum[..., np.abs(REST - 0.5 * (low + high)) < 0.5 * (high - low)], axis=-1
    )


def test_balmer_jump():
    spectrum = nebular_spectrum()
    jump = level(spectrum, 3600, 3640) / level(spectrum, 3850, 3950)
    assert 4.5 < jump < 6.5
    assert (spectrum > 0).all()


def test_equivalent_width_of_h_beta_against_gas_alone():
    # Pure hydrogen and helium gas at 10^4 K: 1000-1600 angstrom.
    assert 1000 < 1 / level(nebular_spectrum(), 4840, 4880) < 1600


def test_high_balmer_lines_are_there():
    spectrum = nebular_spectrum()
    # H11 at 3771.7 angstrom, vacuum.
    line = (REST > 3762) & (REST < 3782)
    flux = np.trapezoid(spectrum[line] - spectrum[line].min(), REST[line])
    np.testing.assert_allclose(flux, 0.0397, rtol=0.1)


def test_flux_scales_and_dust_reddens():
    clear, dusty = nebular_continuum(np.array([2.0, 2.0]), np.array([0.0, 0.5]))
    np.testing.assert_allclose(clear, 2 * nebular_spectrum(), rtol=1e-6)
    # H-beta as observed sets the level beside it; the blue is dimmed more.
    np.testing.assert_allclose(
        level(dusty, 4850, 4875), level(clear, 4850, 4875), rtol=0.01
    )
    assert level(dusty, 3500, 3600) < 0.7 * level(clear, 3500, 3600)
    assert level(dusty, 6500, 6600) > 1.3 * level(clear, 6500, 6600)
