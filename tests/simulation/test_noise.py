"""The instrument model: grids, S/N, calibration errors, bad pixels."""

import numpy as np
import pytest

from galspec.simulation.instrument import DESI, LAMOST, SDSS
from galspec.simulation.noise import observe


@pytest.fixture(params=[LAMOST, SDSS, DESI], ids=lambda instrument: instrument.name)
def instrument(request):
    return request.param


@pytest.fixture
def observed(instrument):
    rng = np.random.default_rng(3)
    snr = np.exp(rng.uniform(np.log(3), np.log(60), 64))
    flux = np.full((64, instrument.n_pixels), 100.0, dtype=np.float32)
    return snr, flux, *observe(instrument, flux, snr, rng)


def test_lamost_grid_is_that_of_its_files():
    wavelength = LAMOST.wavelength
    assert len(wavelength) == 3909
    assert np.log10(wavelength[0]) == pytest.approx(3.5682)
    np.testing.assert_allclose(np.diff(np.log10(wavelength)), 1e-4, rtol=1e-6)


def test_resolution_gives_the_dispersion():
    assert LAMOST.dispersion(5500.0) == pytest.approx(299792.458 / 1800 / 2.3548)


def test_desi_resolves_more_in_the_red():
    # DESI Collaboration 2022, AJ 164, 207: 2000 at 3600 angstrom to 5500 at 9800, of
    # which pixels of 1e-4 dex take up to a fifth in the red.
    low, high = 299792.458 / 2.3548 / DESI.dispersion(np.array([3600.0, 9800.0]))
    assert low == pytest.approx(2000, rel=0.1)
    assert 4000 < high < 5500
    assert DESI.wavelength[0] == pytest.approx(3600, abs=1)
    assert DESI.wavelength[-1] == pytest.approx(9800, abs=3)


def test_noise_shape_is_one_at_its_reference(instrument):
    at = np.argmin(np.abs(instrument.wavelength - 6200.0))
    assert instrument.noise_shape()[at] == pytest.approx(1.0, abs=0.01)


def test_lamost_is_far_noisier_in_the_blue():
    noise, wavelength = LAMOST.noise_shape(), LAMOST.wavelength
    assert 3.5 < noise[np.argmin(np.abs(wavelength - 3900))] < 7.0


def test_signal_to_noise_is_what_was_asked(instrument, observed):
    snr, _, flux, ivar = observed
    band = (instrument.wavelength > 5600) & (instrument.wavelength < 6900)
    got = np.median(flux[:, band] * np.sqrt(ivar[:, band]), axis=1)
    np.testing.assert_allclose(got, snr, rtol=0.3)
    assert np.median(got / snr) == pytest.approx(1.0, abs=0.05)


def test_scatter_agrees_with_ivar(observed):
    _, truth, flux, ivar = observed
    steps = np.diff(flux, axis=1) * np.sqrt(ivar[:, 1:] / 2)
    scatter = 1.4826 * np.median(np.abs(steps))
    # Neighbours correlate, and pipelines overstate their noise a little.
    assert 0.6 < scatter < 1.0
    assert np.median(flux / truth) == pytest.approx(1.0, abs=0.03)


def test_bad_pixels_are_few_and_told_by_ivar(observed):
    _, _, flux, ivar = observed
    share = np.mean(ivar == 0, axis=1)
    assert 0 < np.median(share) < 0.005
    assert np.isfinite(flux).all()
    assert np.isfinite(ivar).all()


def test_a_few_spectra_miss_whole_stretches():
    flux = np.ones((1200, LAMOST.n_pixels), dtype=np.float32)
    rng = np.random.default_rng(9)
    seen, ivar = observe(LAMOST, flux, np.full(1200, 20.0), rng)
    missing = np.mean(ivar == 0, axis=1)
    assert 0.02 < np.mean(missing > 0.015) < 0.06
    assert missing.max() > 0.3
    assert np.isfinite(seen).all()


def test_blue_noise_varies_more_than_red_noise(instrument):
    flux = np.ones((200, instrument.n_pixels), dtype=np.float32)
    rng = np.random.default_rng(4)
    _, ivar = observe(instrument, flux, np.full(200, 20.0), rng)

    def log_noise(wavelength):
        near = np.abs(instrument.wavelength - wavelength) < 20
        # Spectra that lost an arm have no noise to compare.
        level = np.median(ivar[:, near], axis=1)
        return -0.5 * np.log(np.where(level > 0, level, np.nan))

    blue = log_noise(3950) - log_noise(6150)
    red = log_noise(6600) - log_noise(6150)
    assert np.nanstd(blue) > 2 * np.nanstd(red)


def test_same_seed_same_spectrum(instrument):
    flux = np.ones((3, instrument.n_pixels), dtype=np.float32)
    one, two = (
        observe(instrument, flux, np.full(3, 10.0), np.random.default_rng(5))
        for _ in range(2)
    )
    np.testing.assert_array_equal(one[0], two[0])
    np.testing.assert_array_equal(one[1], two[1])


def test_sky_lines_raise_the_noise(instrument):
    rng = np.random.default_rng(1)
    flux = np.ones((32, instrument.n_pixels), dtype=np.float32)
    _, ivar = observe(instrument, flux, np.full(32, 10.0), rng)
    wavelength = instrument.wavelength
    line = np.abs(wavelength - 5578.9) < 2.0
    beside = (np.abs(wavelength - 5578.9) < 40) & (np.abs(wavelength - 5578.9) > 15)
    assert np.median(ivar[:, line]) < 0.5 * np.median(ivar[:, beside])
