"""Wavelet denoising: less noise, hardly less signal, and no ringing."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.transforms import Denoise, Window

AXIS = 3800 * 10 ** (1e-4 * np.arange(2400))
SMOOTH = 2 + np.sin(AXIS / 400)


def lines(depth=0.5, fwhm=3.0):
    """Absorption lines of a survey's resolution, 40 angstrom apart."""
    centres = np.arange(3900, 6500, 40.0)
    distance = (AXIS[:, None] - centres) / (fwhm / 2.355)
    return 1 - depth * np.exp(-0.5 * distance**2).sum(axis=1)


def make(flux, mask=None, wavelength=AXIS, ivar=None):
    return SpectrumBatch.from_arrays(wavelength, flux, mask=mask, ivar=ivar)


def noisy(snr, n=6, shape=SMOOTH, seed=0):
    rng = np.random.default_rng(seed)
    return make(shape + SMOOTH / snr * rng.normal(size=(n, len(AXIS))))


def test_noise_on_a_smooth_spectrum_falls_to_a_third():
    before = noisy(20)
    after = Denoise()(before)
    scatter = [np.std(b.flux - SMOOTH, axis=1) for b in (before, after)]
    assert (scatter[1] < scatter[0] / 3).all()
    assert np.array_equal(after.ivar, before.ivar)
    assert np.array_equal(after.mask, before.mask)


def test_a_spectrum_without_noise_stays_as_it_is():
    batch = make(SMOOTH * lines())
    np.testing.assert_allclose(Denoise()(batch).flux, batch.flux, rtol=2e-5)
    batch = make(SMOOTH)
    np.testing.assert_allclose(Denoise()(batch).flux, batch.flux, rtol=3e-6)


def test_lines_lose_depth_and_keep_their_width_as_the_docstring_says():
    shape = SMOOTH * lines()
    core = lines() < 0.6
    for snr, least, most in ((200, 0.03, 0.07), (20, 0.2, 0.35)):
        change = (Denoise()(noisy(snr, 30, shape)).flux - shape) / SMOOTH
        assert least < change[:, core].mean() < most
        assert abs(change.mean()) < 0.005 * (1 - lines()).mean()


@settings(max_examples=15, deadline=None)
@given(power=st.integers(-20, 20), seed=st.integers(0, 99))
def test_a_flux_factor_passes_through(power, seed):
    batch = noisy(10, 2, seed=seed)
    factor = np.float32(2.0**power)
    brighter = batch.replace(flux=batch.flux * factor)
    assert np.array_equal(Denoise()(brighter).flux, Denoise()(batch).flux * factor)


@settings(max_examples=20, deadline=None)
@given(
    seed=st.integers(0, 99),
    garbage=st.sampled_from([np.nan, np.inf, -1e30, 1e5]),
    share=st.sampled_from([0.01, 0.3, 0.99]),
)
def test_masked_pixels_do_not_matter_and_do_not_ring(seed, garbage, share):
    rng = np.random.default_rng(seed)
    mask = rng.random((3, len(AXIS))) < share
    mask[0, 500:700] = True
    wanted = Denoise()(make(np.tile(SMOOTH, (3, 1)), mask))
    found = Denoise()(make(np.where(mask, garbage, SMOOTH), mask))
    assert np.array_equal(found.flux, wanted.flux)
    assert np.array_equal(found.mask, mask)
    if share < 0.9:  # else hardly a curve is left to bridge
        flux = np.tile(SMOOTH, (3, 1))
        np.testing.assert_allclose(found.flux[~mask], flux[~mask], rtol=1e-3)


def test_masked_pixels_do_not_make_the_noise_seem_less():
    batch = noisy(20)
    mask = np.zeros(batch.flux.shape, bool)
    mask[:, 200:1700] = True
    some = Denoise()(batch.replace(mask=mask))
    scatter = np.std((some.flux - SMOOTH)[~mask])
    assert scatter < np.std((batch.flux - SMOOTH)[~mask]) / 3


def test_gaps_part_the_spectrum():
    segments = ((3800, 4400), (4600, 6000))
    batch = noisy(20)
    together = Denoise()(Window(segments)(batch))
    parts = [Denoise()(Window((segment,))(batch)).flux for segment in segments]
    np.testing.assert_array_equal(together.flux, np.hstack(parts))


def test_axes_of_each_row_and_rows_one_by_one():
    batch = noisy(20, 40)
    z = np.linspace(0, 0.1, 40)[:, None]
    own = batch.replace(wavelength=AXIS / (1 + z))
    denoised = Denoise()(batch).flux
    np.testing.assert_array_equal(Denoise()(own).flux, denoised)
    alone = np.concatenate([Denoise()(batch[row]).flux for row in range(40)])
    np.testing.assert_array_equal(alone, denoised)


@pytest.mark.parametrize("n_pix", [0, 1, 5, 7, 8, 113])
def test_short_spectra_and_bad_rows(n_pix):
    flux = np.ones((3, n_pix)) * np.array([[1], [np.nan], [5]])
    result = Denoise()(make(flux, wavelength=AXIS[:n_pix]))
    assert result.flux.shape == (3, n_pix)
    assert result.mask.all(axis=1)[1]
    assert np.isfinite(result.flux).all()
    np.testing.assert_allclose(result.flux[2], 5, rtol=1e-6)
    assert Denoise()(make(flux[:0], wavelength=AXIS[:n_pix])).flux.shape == (0, n_pix)


def test_wrong_fields():
    with pytest.raises(ValueError, match="level is 0"):
        Denoise(level=0)
    with pytest.raises(ValueError, match="db400"):
        Denoise("db400")(noisy(10))
