"""Augmented spectra: the same objects, observed worse in the way that was asked for."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.training.augmentation import Augmentation

KM_S = 299792.458
ALL = Augmentation(shift=200, resolution=150, continuum=0.1, noise=3, masked=0.2)


def spectra(n=40, *, n_pix=1500, sigma=100.0, snr=50.0, seed=0, lines=1.0):
    """An emission line of known width on a flat continuum, with true errors."""
    rng = np.random.default_rng(seed)
    wavelength = 10 ** (3.7 + 1e-4 * np.arange(n_pix))
    velocity = KM_S * np.log(wavelength / wavelength[n_pix // 2])
    model = 1 + lines * 5 * np.exp(-0.5 * (velocity / sigma) ** 2)
    flux = model + rng.normal(size=(n, n_pix)) / snr
    mask = rng.random((n, n_pix)) < 0.02
    return SpectrumBatch.from_arrays(
        wavelength,
        flux,
        ivar=np.full(flux.shape, snr**2),
        mask=mask,
        redshift=np.linspace(0, 0.1, n),
        ids={"row": np.arange(n)},
    )


def velocity_moments(batch):
    """Centre and dispersion in km/s of the line, from its light above 1."""
    axis = np.broadcast_to(batch.wavelength, batch.flux.shape)
    velocity = KM_S * np.log(axis / 10 ** (3.7 + 1e-4 * 750))
    light = np.where(np.abs(velocity) < 900, batch.flux - 1, 0) * ~batch.mask
    centre = (light * velocity).sum(axis=1) / light.sum(axis=1)
    spread = (light * (velocity - centre[:, None]) ** 2).sum(axis=1)
    return centre, np.sqrt(spread / light.sum(axis=1))


def same(one, two):
    names = ("wavelength", "flux", "ivar", "mask", "redshift", "flags")
    return all(np.array_equal(getattr(one, k), getattr(two, k)) for k in names)


def test_equal_seeds_give_equal_spectra_and_other_epochs_others():
    batch = spectra()
    assert same(ALL(batch, (3, 1)), ALL(batch, (3, 1)))
    assert not np.array_equal(ALL(batch, (3, 1)).flux, ALL(batch, (3, 2)).flux)
    assert not np.array_equal(ALL(batch, (3, 1)).flux, ALL(batch, (4, 1)).flux)


def test_it_leaves_its_input_and_all_but_the_pixels_as_they_were():
    batch, untouched = spectra(), spectra()
    result = ALL(batch, 0)
    assert same(batch, untouched)
    assert result.flux.dtype == result.ivar.dtype == np.float32
    assert result.flux.shape == result.wavelength.shape == batch.flux.shape
    np.testing.assert_array_equal(result.ids["row"], batch.ids["row"])
    np.testing.assert_array_equal(result.redshift, batch.redshift)
    assert np.isfinite(result.flux).all()
    assert np.isfinite(result.ivar).all()


def test_without_wishes_nothing_changes():
    batch = spectra()
    assert same(Augmentation()(batch, 0), batch)


def test_each_change_draws_for_itself():
    batch = spectra()
    alone, all_together = Augmentation(masked=0.2)(batch, 0), ALL(batch, 0)
    np.testing.assert_array_equal(alone.mask, all_together.mask)


@settings(max_examples=25, deadline=None)
@given(noise=st.floats(1.01, 20), seed=st.integers(0, 2**32))
def test_noise_lowers_signal_to_noise_by_no_more_than_its_factor(noise, seed):
    batch = spectra(n=5, n_pix=60)
    result = Augmentation(noise=noise)(batch, seed)
    good = ~batch.mask
    factor = np.sqrt(batch.ivar[good] / result.ivar[good])
    assert (factor > 0.999).all()
    assert (factor < noise * 1.001).all()
    np.testing.assert_array_equal(result.mask, batch.mask)
    assert (result.ivar[~good] == 0).all()


def test_noise_in_the_flux_is_what_ivar_says():
    batch = spectra(n=60, lines=0)
    result = Augmentation(noise=5)(batch, 1)
    good = ~result.mask
    scaled = ((result.flux - 1) * np.sqrt(result.ivar))[good]
    assert scaled.std() == pytest.approx(1, abs=0.02)
    assert np.median(result.ivar[good]) < 0.6 * np.median(batch.ivar[good])


@settings(max_examples=25, deadline=None)
@given(shift=st.floats(0.1, 3000), seed=st.integers(0, 2**32))
def test_a_shift_is_one_velocity_within_its_limit(shift, seed):
    batch = spectra(n=5, n_pix=60)
    result = Augmentation(shift=shift)(batch, seed)
    velocity = KM_S * (result.wavelength / batch.wavelength - 1)
    assert (np.abs(velocity) <= shift * (1 + 1e-6)).all()
    assert np.ptp(velocity, axis=1) == pytest.approx(0, abs=1e-6)
    np.testing.assert_array_equal(result.flux, batch.flux)


def test_a_shift_moves_the_line():
    centre, _ = velocity_moments(Augmentation(shift=300)(spectra(n=200), 0))
    assert centre.std() == pytest.approx(300 / np.sqrt(3), rel=0.15)


def test_resolution_broadens_the_line_and_keeps_its_light():
    batch = spectra(n=100, snr=1000)
    result = Augmentation(resolution=200)(batch, 0)
    (_, before), (_, after) = velocity_moments(batch), velocity_moments(result)
    added = np.sqrt(np.clip(after**2 - before**2, 0, None))
    assert added.max() == pytest.approx(200, rel=0.1)
    assert np.median(added) == pytest.approx(100, rel=0.25)
    np.testing.assert_allclose(
        result.flux.sum(axis=1), batch.flux.sum(axis=1), rtol=0.005
    )


def test_a_broadened_spectrum_keeps_the_noise_that_ivar_tells():
    batch = spectra(n=60, lines=0)
    result = Augmentation(resolution=200)(batch, 1)
    good = ~result.mask
    assert ((result.flux - 1) * np.sqrt(result.ivar))[good].std() == pytest.approx(
        1, abs=0.02
    )
    np.testing.assert_allclose(result.ivar[good], batch.ivar[good], rtol=1e-5)


def test_masked_pixels_do_not_leak_into_their_neighbours():
    batch = spectra()
    spoiled = batch.replace(flux=np.where(batch.mask, np.float32(1e6), batch.flux))
    one, two = ALL(batch, 5), ALL(spoiled, 5)
    good = ~one.mask
    np.testing.assert_allclose(one.flux[good], two.flux[good], rtol=1e-6)
    assert (one.mask | ~batch.mask).all()


def test_the_continuum_is_distorted_smoothly_at_the_same_signal_to_noise():
    batch = spectra(n=300, lines=0, snr=1000)
    result = Augmentation(continuum=0.1)(batch, 0)
    good = ~batch.mask
    factor = np.where(good, result.flux / np.where(good, batch.flux, 1), np.nan)
    assert np.nanstd(np.log(factor)) == pytest.approx(0.1, rel=0.15)
    assert np.nanmax(np.abs(np.diff(factor, axis=1))) < 0.01
    snr = [b.flux[good] * np.sqrt(b.ivar[good]) for b in (batch, result)]
    np.testing.assert_allclose(snr[1], snr[0], rtol=1e-5)


@settings(max_examples=25, deadline=None)
@given(masked=st.floats(0.01, 0.9), seed=st.integers(0, 2**32))
def test_no_larger_share_is_masked_than_asked_for(masked, seed):
    batch = spectra(n=8, n_pix=400)
    result = Augmentation(masked=masked)(batch, seed)
    fresh = result.mask & ~batch.mask
    assert (fresh.mean(axis=1) <= masked).all()
    assert (result.ivar[result.mask] == 0).all()
    np.testing.assert_array_equal(result.flux, batch.flux)


def test_masked_pixels_come_in_runs():
    result = Augmentation(masked=0.3)(spectra(n=200), 0)
    fresh = result.mask & ~spectra(n=200).mask
    assert fresh.mean() == pytest.approx(0.14, abs=0.03)
    borders = np.abs(np.diff(result.mask & fresh, axis=1)).sum(axis=1)
    assert np.median(borders) < 40


def test_spectra_without_errors_cannot_be_given_noise():
    batch = SpectrumBatch.from_arrays(np.linspace(4000, 5000, 30), np.ones((2, 30)))
    with pytest.raises(ValueError, match="give ivar"):
        Augmentation(noise=2)(batch, 0)
    assert len(Augmentation(shift=100, masked=0.1)(batch, 0)) == 2


def test_an_axis_for_each_spectrum_works_as_one_for_all():
    batch = spectra(n=4)
    own = batch.replace(wavelength=np.tile(batch.wavelength, (4, 1)))
    one, two = ALL(batch, 9), ALL(own, 9)
    np.testing.assert_allclose(one.flux, two.flux, rtol=1e-5)
    np.testing.assert_allclose(one.wavelength, two.wavelength)


def test_no_spectra_are_no_error():
    assert len(ALL(spectra()[:0], 0)) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"noise": 0.5},
        {"masked": 1.0},
        {"shift": -1},
        {"shift": 1e6},
        {"resolution": np.nan},
    ],
)
def test_values_out_of_range_are_named(wrong):
    with pytest.raises(ValueError, match=f"{next(iter(wrong))} is"):
        Augmentation(**wrong)
