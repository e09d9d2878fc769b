import numpy as np
import pytest

from galspec import SpectrumBatch
from galspec.inference import network_input


@pytest.fixture
def batch():
    mask = np.zeros((2, 6), bool)
    mask[0, 2] = True
    return SpectrumBatch.from_arrays(
        np.linspace(4000, 5000, 6),
        np.arange(12.0).reshape(2, 6) + 1,
        mask=mask,
        redshift=[0.1, np.nan],
    )


def test_one_channel_is_the_flux(batch):
    np.testing.assert_array_equal(network_input(batch, 1)[:, 0], batch.flux)


def test_the_second_channel_tells_masked_pixels_which_are_zero(batch):
    inputs = network_input(batch, 2)
    assert inputs.shape == (2, 2, 6)
    np.testing.assert_array_equal(inputs[:, 1], ~batch.mask)
    np.testing.assert_array_equal(inputs[:, 0], batch.flux * ~batch.mask)


def test_the_third_channel_tells_redshifts_that_are_known(batch):
    inputs = network_input(batch, 3)
    np.testing.assert_array_equal(inputs[:, :2], network_input(batch, 2))
    np.testing.assert_allclose(inputs[0, 2], np.log10(1.1), rtol=1e-6)
    assert np.isnan(inputs[1, 2]).all()
