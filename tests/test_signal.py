import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.signal import signal_to_noise


def spectra(snr, step=1.0, n=3, seed=0):
    rng = np.random.default_rng(seed)
    wavelength = np.arange(4000, 8000, step)
    flux = snr + rng.normal(size=(n, len(wavelength)))
    return SpectrumBatch.from_arrays(wavelength, flux)


@given(snr=st.floats(2, 80), step=st.sampled_from([0.8, 1.0, 1.5]))
@settings(max_examples=20, deadline=None)
def test_it_is_the_signal_over_the_noise_per_angstrom(snr, step):
    measured = signal_to_noise(spectra(snr, step)) * np.sqrt(step)
    np.testing.assert_allclose(measured, snr, rtol=0.15)


def test_neither_flux_unit_nor_slope_nor_masked_pixels_matter():
    batch = spectra(20)
    expected = signal_to_noise(batch)
    np.testing.assert_allclose(
        signal_to_noise(batch.replace(flux=batch.flux * 1e3)), expected, rtol=1e-4
    )
    tilted = batch.flux + np.linspace(-5, 5, batch.flux.shape[1], dtype=np.float32)
    np.testing.assert_allclose(
        signal_to_noise(batch.replace(flux=tilted)), expected, rtol=0.05
    )
    flux, mask = batch.flux.copy(), batch.mask.copy()
    flux[:, 1000:1400], mask[:, 1000:1400] = 1e5, True
    measured = signal_to_noise(batch.replace(flux=flux, mask=mask))
    np.testing.assert_allclose(measured, expected, rtol=0.1)


@pytest.mark.parametrize("n_pix", [0, 1, 4, 9])
def test_too_few_pixels_tell_nothing(n_pix):
    wavelength = np.arange(n_pix) + 4000.0
    batch = SpectrumBatch.from_arrays(wavelength, np.ones((2, n_pix)))
    assert np.isnan(signal_to_noise(batch)).all()
