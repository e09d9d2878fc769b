"""Errors for spectra that come without any."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.transforms import NoiseFromScatter

WAVELENGTH = np.linspace(4000, 6000, 2000)


def batch_of(flux, **kwargs):
    return SpectrumBatch.from_arrays(WAVELENGTH, flux, **kwargs)


def test_noise_that_grows_along_the_spectrum_is_found():
    rng = np.random.default_rng(1)
    noise = np.linspace(0.02, 0.1, 2000)
    flux = 1 + noise * rng.normal(size=(20, 2000))
    found = NoiseFromScatter()(batch_of(flux)).ivar ** -0.5
    np.testing.assert_allclose(
        np.median(found, axis=0)[100:-100], noise[100:-100], rtol=0.1
    )


@given(factor=st.floats(1e-6, 1e6))
@settings(max_examples=20, deadline=None)
def test_errors_have_the_unit_of_the_flux(factor):
    flux = np.random.default_rng(2).normal(5, 1, (2, 2000))
    one, other = (NoiseFromScatter()(batch_of(f)) for f in (flux, factor * flux))
    np.testing.assert_allclose(other.ivar * factor**2, one.ivar, rtol=1e-3)


def test_errors_that_are_known_stay():
    rng = np.random.default_rng(3)
    flux = rng.normal(1, 0.1, (2, 2000))
    ivar = np.stack([np.linspace(50, 100, 2000), np.ones(2000)])
    result = NoiseFromScatter()(batch_of(flux, ivar=ivar))
    np.testing.assert_array_equal(result.ivar[0], ivar[0].astype(np.float32))
    assert abs(np.median(result.ivar[1]) - 100) < 15


def test_masked_pixels_do_not_matter_and_stay_masked():
    flux = np.random.default_rng(4).normal(1, 0.1, (1, 2000))
    mask = np.zeros(flux.shape, bool)
    mask[:, 300:900] = True
    wild = np.where(mask, 1e6, flux)
    one, other = (NoiseFromScatter()(batch_of(f, mask=mask)) for f in (flux, wild))
    np.testing.assert_array_equal(one.ivar, other.ivar)
    np.testing.assert_array_equal(one.mask, mask)
    assert (one.ivar[mask] == 0).all()


def test_a_spectrum_without_scatter_has_no_errors():
    result = NoiseFromScatter()(batch_of(np.ones((1, 2000))))
    assert result.mask.all()


def test_wrong_blocks_are_named():
    with pytest.raises(ValueError, match="block is 3"):
        NoiseFromScatter(3)
