"""An emulator of toy stars: right where it was not fitted, and safely stored."""

import astropy.units as u
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from specutils.utils.wcs_utils import air_to_vac

from galspec.simulation import StellarEmulator
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH
from galspec.simulation.stellar_emulator_fit import read_grid
from galspec.simulation.stellar_layout import features
from galspec.weights import WeightsError, write_bundle

PIXELS = 10**LOG_WAVELENGTH


@pytest.fixture(scope="module")
def stars(star_grid):
    return read_grid(star_grid)


def test_a_grid_is_read_in_vacuum_and_in_the_order_of_the_labels(star_grid, stars):
    labels, depth, log_continuum = stars
    with np.load(star_grid) as grid:
        for column, name in enumerate(LABELS):
            np.testing.assert_array_equal(labels[:, column], grid[name])
        vacuum = air_to_vac(grid["wave_air"] * u.AA).to_value(u.AA)
        for row in (0, 7):
            expected = np.interp(PIXELS, vacuum, 1 - grid["norm"][row])
            np.testing.assert_allclose(depth[row], expected, atol=3e-3)
            expected = np.interp(
                PIXELS, vacuum, np.log(grid["flux"][row] / grid["norm"][row])
            )
            expected -= np.interp(5500, PIXELS, expected)
            np.testing.assert_allclose(log_continuum[row], expected, atol=2e-3)
    assert depth.shape == log_continuum.shape == (110, len(PIXELS))
    assert depth.dtype == log_continuum.dtype == np.float32


def test_it_is_right_on_stars_it_was_not_fitted_to(toy_emulator, stars):
    labels, depth, log_continuum = (part[90:] for part in stars)
    normalised, continuum = toy_emulator(labels)
    assert normalised.dtype == continuum.dtype == np.float32
    error = np.sqrt(np.mean((1 - normalised - depth) ** 2))
    scatter = np.sqrt(np.mean((depth - depth.mean(axis=0)) ** 2))
    # 20 % of what differs from star to star, 0.3 % of the continuum
    assert error < 0.2 * scatter
    assert error < 0.003
    assert np.abs(np.log(continuum) - log_continuum).max() < 0.02


def test_the_continuum_is_1_at_5500_angstrom(toy_emulator, stars):
    _, continuum = toy_emulator(stars[0])
    middle = np.argmin(np.abs(PIXELS - 5500))
    np.testing.assert_allclose(continuum[:, middle], 1, atol=1e-5)


def test_a_star_does_not_depend_on_its_company(toy_emulator, stars):
    many = np.repeat(stars[0][:3], 200, axis=0)  # more than are made at a time
    whole, _ = toy_emulator(many)
    alone, _ = toy_emulator(stars[0][2:3])
    assert len(whole) == 600
    np.testing.assert_allclose(whole[-1], alone[0], atol=2e-6)


@given(st.floats(0, 1), st.integers(0, 60))
@settings(max_examples=15, deadline=None)
def test_flux_is_never_negative(toy_emulator, share, row):
    """Far beyond the labels of the grid, too."""
    labels = toy_emulator.labels
    far = labels[row] + 30 * share * (labels[row + 1] - labels[row])
    far[[0, 7, 8]] = labels[row, [0, 7, 8]]
    normalised, continuum = toy_emulator(far[None])
    assert np.all(normalised >= 0)
    assert np.all(continuum > 0)


def test_carbon_and_iron_count_by_hydrogen():
    star = np.array([[5000, 2.5, -2.0, 1.0, 0.4, 0.2, 0.5, 20, 1.5]])
    found = features(star)[0]
    expected = [1.008, 2.5, -2, -1, -1.6, -1.8, -1.5, np.log(20), 1.5]
    np.testing.assert_allclose(found[:9], expected)
    # C/O of the Sun is 10**-0.26; here 0.6 dex more
    assert found[9] == pytest.approx(10**0.34)
    assert np.isfinite(found).all()


def test_free_carbon_comes_with_a_step_at_equal_carbon_and_oxygen():
    stars = np.tile([5000, 2.5, -2.0, 0, 0.4, 0.2, 0.5, 20, 1.5], (5, 1))
    stars[:, 3] = 0.4 + 0.26 + np.array([-3, -0.2, 0, 0.2, 3])
    step = features(stars)[:, 10]
    np.testing.assert_allclose(step, -step[::-1], atol=1e-12)
    assert step[0] == pytest.approx(-1, abs=1e-6)
    assert 0.4 < step[3] < 0.8


def test_saved_and_loaded_it_gives_the_same_spectra(toy_emulator, stars, tmp_path):
    path = tmp_path / "emulator.safetensors"
    toy_emulator.save(path, "a card")
    again = StellarEmulator.load(path=path)
    for ours, theirs in zip(
        toy_emulator(stars[0][:5]), again(stars[0][:5]), strict=True
    ):
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(again.labels, toy_emulator.labels)
    assert again.fwhm == toy_emulator.fwhm == 1.0


def test_a_smoothed_emulator_knows_its_resolution_when_it_is_loaded(
    toy_emulator, stars, tmp_path
):
    smooth = toy_emulator.smoothed(2.5)
    smooth.save(tmp_path / "smooth.safetensors")
    assert StellarEmulator.load(path=tmp_path / "smooth.safetensors").fwhm == 2.5
    sharp, seen = (emulator(stars[0][:3])[0] for emulator in (toy_emulator, smooth))
    # a line of FWHM 14 angstrom becomes a little shallower, and keeps its area
    assert np.all(seen.min(axis=1) > sharp.min(axis=1))
    np.testing.assert_allclose(
        (1 - seen).sum(axis=1), (1 - sharp).sum(axis=1), rtol=1e-3
    )


def test_a_damaged_file_is_refused(toy_emulator, tmp_path):
    path = tmp_path / "emulator.safetensors"
    toy_emulator.save(path)
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 1
    path.write_bytes(content)
    with pytest.raises(WeightsError, match="damaged"):
        StellarEmulator.load(path=path)
    path.write_bytes(content[:1000])
    with pytest.raises(WeightsError):
        StellarEmulator.load(path=path)


def test_a_file_of_something_else_is_refused(tmp_path):
    path = tmp_path / "other.safetensors"
    write_bundle(path, {"0.weight": np.zeros(3)}, {"estimator": "gas-metallicity"})
    with pytest.raises(WeightsError, match="emulator"):
        StellarEmulator.load(path=path)


def test_an_emulator_that_does_not_exist():
    with pytest.raises(WeightsError, match="stellar-emulator has no weights 'nowhere'"):
        StellarEmulator.load("nowhere", offline=True)
