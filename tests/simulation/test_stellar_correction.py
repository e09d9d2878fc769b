"""What observed stars correct: found again where it was put in."""

import numpy as np
import pytest

from galspec.simulation import (
    CorrectedStars,
    EmpiricalCorrection,
    EmulatedStars,
    SyntheticStars,
)
from galspec.simulation.stellar_correction import fit_correction
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH
from galspec.simulation.stellar_emulator_fit import read_grid
from galspec.weights import WeightsError

N_PIX = 50


def stars(n, seed):
    """Labels of which three are known, and the true logarithm of the ratio."""
    rng = np.random.default_rng(seed)
    labels = np.full((n, len(LABELS)), np.nan)
    labels[:, 0] = rng.uniform(4500, 6500, n)
    labels[:, 1] = rng.uniform(1, 4.5, n)
    labels[:, 2] = rng.uniform(-2.5, 0.3, n)
    heat, logg, feh = 5040 / labels[:, 0] - 0.9, labels[:, 1] - 3, labels[:, 2] + 1
    shape = np.sin(np.arange(N_PIX) / 5)
    truth = 0.25 * (heat + 0.3 * feh * logg - 0.2 * feh**2)[:, None] * shape
    return labels, truth


@pytest.fixture(scope="module")
def fitted():
    """To ratios with noise, outliers and gaps; one pixel is known of no star."""
    labels, ratio = stars(400, 1)
    rng = np.random.default_rng(2)
    known = rng.random(ratio.shape) > 0.2
    seen = ratio + rng.normal(0, 0.02, ratio.shape)
    seen[rng.random(ratio.shape) < 0.02] = 0.45  # cosmic rays
    seen[~known] = -5
    known[:, 7] = False
    return fit_correction(labels, seen, known, 2.5)


def test_a_quadratic_ratio_is_found_in_spite_of_outliers_and_gaps(fitted):
    labels, ratio = stars(200, 3)
    error = np.log(fitted(labels)) - ratio
    told = np.arange(N_PIX) != 7
    assert np.std(error[:, told]) < 0.006
    assert np.std(ratio) > 0.03
    np.testing.assert_array_equal(fitted(labels)[:, 7], 1)


def test_beyond_the_library_the_correction_is_that_of_its_border(fitted):
    labels, _ = stars(2, 4)
    labels[:, 0] = [3000, 2500]
    labels[1, 1:3] = labels[0, 1:3]
    factors = fitted(labels)
    np.testing.assert_array_equal(factors[0], factors[1])
    assert np.all(np.abs(np.log(factors)) <= 0.5 + 1e-6)


def test_saved_and_loaded_it_is_the_same(fitted, toy_emulator, tmp_path):
    fitted.save(tmp_path / "c.safetensors", "a card")
    again = EmpiricalCorrection.load(path=tmp_path / "c.safetensors")
    labels, _ = stars(5, 5)
    np.testing.assert_array_equal(again(labels), fitted(labels))
    assert float(again.fwhm) == 2.5
    toy_emulator.save(tmp_path / "e.safetensors")
    with pytest.raises(WeightsError, match="correction"):
        EmpiricalCorrection.load(path=tmp_path / "e.safetensors")


def test_corrected_stars_are_smooth_and_multiplied(toy_emulator):
    coefficients = np.zeros((10, len(LOG_WAVELENGTH)), np.float32)
    coefficients[0] = np.log(1.1)
    limits = (np.ones(3) * value for value in (0, 1, -9, 9))
    correction = EmpiricalCorrection(coefficients, *limits, np.array(2.5))
    plain = EmulatedStars(toy_emulator)
    smooth = EmulatedStars(toy_emulator.smoothed(2.5))
    assert (plain.fwhm, smooth.fwhm) == (1.0, 2.5)
    drawn = [
        templates.draw(4, np.random.default_rng(6))
        for templates in (
            CorrectedStars(plain, correction),
            CorrectedStars(smooth, correction),
            smooth,
        )
    ]
    assert CorrectedStars(plain, correction).fwhm == 2.5
    for labels, ids, _ in drawn[1:]:
        np.testing.assert_array_equal(labels, drawn[0][0])
        np.testing.assert_array_equal(ids, drawn[0][1])
    np.testing.assert_allclose(drawn[1][2], 1.1 * drawn[2][2], rtol=1e-5)
    # whether components are smoothed or their sum times the continuum
    np.testing.assert_allclose(drawn[0][2], drawn[1][2], rtol=5e-3)


def test_corrected_synthetic_stars_keep_their_parts(star_grid):
    grid = SyntheticStars(*read_grid(star_grid))
    coefficients = np.zeros((10, len(LOG_WAVELENGTH)), np.float32)
    limits = (np.ones(3) * value for value in (0, 1, -9, 9))
    templates = CorrectedStars(
        grid, EmpiricalCorrection(coefficients, *limits, np.array(2.5))
    )
    seen = [
        set(templates.draw(40, np.random.default_rng(1), part)[1].tolist())
        for part in ("train", "test")
    ]
    assert not seen[0] & seen[1]


def test_few_stars_tell_the_mean_ratio():
    labels, _ = stars(23, 5)
    ratio = np.full((23, N_PIX), -0.3)
    found = fit_correction(labels, ratio, np.ones(ratio.shape, bool), 2.5)
    np.testing.assert_allclose(np.log(found(labels)), -0.3, atol=2e-3)
