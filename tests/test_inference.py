import dataclasses

import numpy as np
import pytest

from galspec import SpectrumBatch
from galspec.inference import channel_names, network_input
from galspec.networks import NetworkConfig
from galspec.prediction import prepare
from galspec.transforms import GaussianContinuum, Normalise, Recipe


@dataclasses.dataclass(frozen=True)
class TwoStreams(NetworkConfig):
    inputs: tuple = ("flux", "good", "continuum")


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


def test_channels_by_name_are_those_by_number(batch):
    assert channel_names(3) == ("flux", "good", "redshift")
    for number in (1, 2, 3):
        np.testing.assert_array_equal(
            network_input(batch, channel_names(number)), network_input(batch, number)
        )
    turned = network_input(batch, ("good", "flux"))
    np.testing.assert_array_equal(turned[:, ::-1], network_input(batch, 2))


def test_the_flux_keeps_its_filling_where_no_channel_tells_of_masks(batch):
    inputs = network_input(batch, ("redshift", "flux"))
    np.testing.assert_array_equal(inputs[:, 1], batch.flux)


def test_the_continuum_is_a_channel_that_knows_no_unit(batch):
    recipe = Recipe("pair", Normalise(GaussianContinuum(200)))
    pair, network = recipe(batch), TwoStreams()
    inputs = network_input(pair, network.inputs)
    np.testing.assert_array_equal(inputs[:, :2], network_input(pair, 2))
    good = ~pair.mask
    np.testing.assert_allclose(inputs[:, 2].sum(axis=1), 0, atol=1e-5)
    assert not inputs[:, 2][~good].any()
    ratio = inputs[1, 2] - np.log(pair.continuum[1])
    np.testing.assert_allclose(ratio, ratio[0], rtol=1e-5)
    brighter = batch.replace(flux=batch.flux * 3, ivar=batch.ivar / 9)
    for some in (batch, brighter):
        found, flags = prepare(some, recipe, network)
        np.testing.assert_allclose(found, inputs, atol=1e-6)
        assert not flags.any()


def test_a_row_without_continuum_gives_zeros(batch):
    recipe = Normalise(GaussianContinuum(200))
    dark = recipe(batch.replace(flux=batch.flux * np.float32([[1], [-1]])))
    assert not network_input(dark, ("continuum",))[1].any()


def test_a_continuum_that_no_transformer_has_found(batch):
    with pytest.raises(ValueError, match="add Normalise"):
        network_input(batch, ("flux", "continuum"))


def test_depth_is_what_lines_take_and_nothing_where_masked(batch):
    noisy = batch.replace(ivar=np.where(batch.mask, 0, batch.flux + 3))
    inputs = network_input(noisy, ("depth", "ivar"))
    good = ~batch.mask
    np.testing.assert_array_equal(inputs[:, 0][good], 1 - batch.flux[good])
    np.testing.assert_array_equal(inputs[:, 1][good], batch.flux[good] + 3)
    assert not inputs[:, :, 2][0].any()
    assert inputs.dtype == np.float32


def test_masked_pixels_have_no_ivar_even_where_one_was_left(batch):
    told = batch.replace(ivar=np.full_like(batch.flux, 5))
    ivar = network_input(told, ("ivar",))[:, 0]
    np.testing.assert_array_equal(ivar, np.where(batch.mask, 0, 5))


@pytest.mark.parametrize("wrong", [0, -1, 7, (), ("flux", "colour")])
def test_channels_that_do_not_exist(wrong):
    with pytest.raises(ValueError, match="inputs are"):
        channel_names(wrong)
