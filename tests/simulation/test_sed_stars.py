"""Simulated stars with energy distributions: what a user has, and the truth."""

import dataclasses

import numpy as np
import pytest

from galspec.constants import SPEED_OF_LIGHT
from galspec.sed import WAVELENGTH, at_r200, normalised
from galspec.simulation import SDSS, SimulatedSource
from galspec.simulation.sed_stars import (
    SLITLESS,
    EnergyPrior,
    EnergySimulator,
    energies_of,
)
from galspec.simulation.sed_templates import ObservedFlux, StarsWithFlux, SyntheticFlux
from galspec.simulation.stellar_layout import ENERGY
from galspec.transforms import GaussianContinuum

LINE = 5200.0
CLEAN = EnergyPrior(
    snr=(1e5, 1e5), velocity=0, velocity_error=0, ebv=0, normalised=0, errors_told=1
)
EXACT = dataclasses.replace(SLITLESS, calibration=0.0)


def grid(n=40):
    """Labels, depth and continuum of stars that are one line on a power law."""
    slope = np.linspace(-2, 2, n)
    labels = np.stack([6000 + 500 * slope, 4 + 0 * slope, slope / 4], axis=1)
    profile = np.exp(-0.5 * ((ENERGY.wavelength - LINE) / 2) ** 2)
    depth = np.tile(0.5 * profile, (n, 1)).astype(np.float32)
    log_continuum = slope[:, None] * np.log(ENERGY.wavelength / 5500)
    return labels, depth, log_continuum.astype(np.float32)


@pytest.fixture
def templates():
    return SyntheticFlux(*grid())


def test_the_truth_is_the_distribution_of_the_star_not_reddened(templates):
    batch, truth = EnergySimulator(templates, prior=EnergyPrior(ebv=0.5)).draw(30, 0)
    slope = (np.asarray(truth["teff"]) - 6000) / 500
    expected = slope[:, None] * np.log(WAVELENGTH / 5500)
    far = np.abs(WAVELENGTH - LINE) > 100
    np.testing.assert_allclose(energies_of(truth)[:, far], expected[:, far], atol=2e-4)
    assert truth["ebv"].max() > 0.3
    np.testing.assert_array_equal(batch.ids["object_id"], truth["object_id"])


def test_what_is_seen_is_the_star_and_dust_and_nothing_else(templates):
    prior = dataclasses.replace(CLEAN, ebv=0.4)
    batch, truth = EnergySimulator(templates, instrument=EXACT, prior=prior).draw(30, 1)
    good = ~batch.mask & (np.abs(batch.wavelength - LINE) > 30)
    slope = (np.asarray(truth["teff"]) - 6000) / 500
    log_flux = slope[:, None] * np.log(batch.wavelength / 5500)
    # of dust, 0.3 mag redder between 4400 and 5500 for each of 0.3 in E(B-V)
    red = np.searchsorted(batch.wavelength, [4400, 5500])
    with np.errstate(divide="ignore", invalid="ignore"):
        lost = np.where(good, log_flux - np.log(batch.flux), np.nan)
    found = 1.0857 * (lost[:, red[0]] - lost[:, red[1]])
    told = np.isfinite(found)
    assert told.sum() > 20
    np.testing.assert_allclose(
        found[told], np.asarray(truth["ebv"])[told], rtol=0.1, atol=0.02
    )


def test_normalised_spectra_have_neither_slope_nor_dust(templates):
    prior = dataclasses.replace(CLEAN, normalised=1.0, ebv=0.3)
    simulator = EnergySimulator(
        templates,
        instrument=EXACT,
        prior=prior,
        continua=[GaussianContinuum(200.0, weighted=False)],
    )
    batch, truth = simulator.draw(40, 2)
    far = ~batch.mask & (np.abs(batch.wavelength - 5500) < 100)
    # all but those beside a gap
    assert np.quantile(np.abs(batch.flux[far] - 1), 0.9) < 0.02
    assert truth["normalised"].all()


@pytest.mark.parametrize("resolution", [1000.0, 2000.0])
def test_lines_are_as_wide_and_as_far_as_they_should_be(templates, resolution):
    prior = dataclasses.replace(
        CLEAN, usual=0, resolution=(resolution, resolution + 1e-6), velocity=300.0
    )
    batch, truth = EnergySimulator(templates, instrument=EXACT, prior=prior).draw(20, 3)
    pixels = batch.wavelength
    for row, velocity in enumerate(truth["velocity"]):
        centre = LINE * (1 + velocity / SPEED_OF_LIGHT)
        near = np.abs(pixels - centre) < 15
        if batch.mask[row, near].any():
            continue
        beside = np.abs(np.abs(pixels - centre) - 20) < 2
        level = np.interp(pixels[near], pixels[beside], batch.flux[row, beside])
        depth = 1 - batch.flux[row, near] / level
        mean = np.average(pixels[near], weights=depth)
        width = np.sqrt(np.average((pixels[near] - mean) ** 2, weights=depth))
        kernel = np.sqrt(resolution**-2 - ENERGY.resolution**-2) * LINE / 2.3548
        assert mean == pytest.approx(centre, abs=0.15)
        assert width == pytest.approx(np.hypot(2, kernel), rel=0.06)
    np.testing.assert_allclose(
        batch.redshift, np.asarray(truth["velocity"]) / SPEED_OF_LIGHT
    )


def test_noise_is_as_told(templates):
    prior = dataclasses.replace(CLEAN, snr=(20.0, 20.0))
    batch, _ = EnergySimulator(templates, instrument=EXACT, prior=prior).draw(60, 4)
    band = (batch.wavelength > 5600) & (batch.wavelength < 6900)
    snr = np.median((batch.flux * np.sqrt(batch.ivar))[:, band], axis=1)
    np.testing.assert_allclose(snr, 20, rtol=0.1)
    steps = np.diff(batch.flux[:, band]) / np.sqrt(2)
    assert np.median(np.abs(steps)) * 1.4826 * 20 == pytest.approx(1, abs=0.35)


def test_some_errors_are_not_told(templates):
    prior = dataclasses.replace(CLEAN, errors_told=0.5)
    batch, _ = EnergySimulator(templates, prior=prior).draw(60, 5)
    untold = [np.ptp(row[row > 0]) == 0 for row in batch.ivar]
    assert 15 < np.sum(untold) < 45


def test_seeds_and_parts(templates):
    simulator = EnergySimulator(templates)
    first, again, other = (simulator.draw(20, seed)[0].flux for seed in (6, 6, 7))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)
    source = SimulatedSource([simulator], energies_of, epoch_size=50, held_out=50)
    parts = [source.epoch(0), source.validation(), source.calibration()]
    seen = [set(part[0][0].ids["object_id"].tolist()) for part in parts]
    assert sum(map(len, seen)) == len(set.union(*seen))
    assert parts[0][0][1].shape == (50, 574)


def test_any_instrument_of_the_air(templates):
    simulator = EnergySimulator(templates, instrument=SDSS, prior=CLEAN)
    batch, _ = simulator.draw(5, 8)
    np.testing.assert_allclose(batch.wavelength, SDSS.wavelength)
    assert np.isfinite(batch.flux).all()


def test_a_correction_changes_spectrum_and_label_alike():
    factor = 0.1 * np.sin(WAVELENGTH / 500)
    parts = grid()
    plain, corrected = (
        SyntheticFlux(*parts, correction).draw(10, np.random.default_rng(0))
        for correction in (
            None,
            lambda labels: np.exp(factor) * np.ones((len(labels), 1)),
        )
    )
    change = corrected.log_sed - plain.log_sed
    expected = factor - np.interp(5500, WAVELENGTH, factor)
    np.testing.assert_allclose(change, np.tile(expected, (10, 1)), atol=2e-3)
    seen = np.log(corrected.flux / plain.flux)
    smooth = np.interp(ENERGY.wavelength, WAVELENGTH, factor)
    np.testing.assert_allclose(seen, np.tile(smooth, (10, 1)), atol=1e-4)


@pytest.fixture
def library():
    wavelength = np.arange(3600.0, 7500.0, 1.0)
    flux = np.stack([(wavelength / 5500) ** power for power in np.linspace(-1, 1, 20)])
    flux[:, (wavelength > 6860) & (wavelength < 6950)] = np.nan
    names = np.array([f"star {number}" for number in range(20)])
    labels = np.tile([6000.0, 4.0, np.nan], (20, 1))
    return ObservedFlux(names, labels, wavelength, flux, 2000.0)


def test_a_library_knows_its_distributions_where_it_reaches(library):
    seds = normalised(at_r200(library.wavelength, library.flux))
    np.testing.assert_allclose(library.log_sed, np.log(seds), atol=1e-6)
    known = np.isfinite(library.log_sed[0])
    assert known[(WAVELENGTH > 3650) & (WAVELENGTH < 6800)].all()
    assert not known[(WAVELENGTH < 3590) | (WAVELENGTH > 7510)].any()
    assert not known[(WAVELENGTH > 6860) & (WAVELENGTH < 6950)].any()


def test_pixels_that_a_library_lacks_are_masked(library):
    drawn = library.draw(15, np.random.default_rng(0), "train")
    assert isinstance(drawn, StarsWithFlux)
    assert drawn.continuum is None
    prior = EnergyPrior(velocity=0, velocity_error=0, usual=1)
    batch, truth = EnergySimulator(library, prior=prior).draw(15, 1, split="train")
    lost = (batch.wavelength > 6865) & (batch.wavelength < 6945)
    assert batch.mask[:, lost].all()
    assert batch.mask.mean() < 0.2
    assert np.isnan(truth["feh"]).all()
    assert set(truth["object_id"]) <= set(library.names)
