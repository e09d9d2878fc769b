"""What observed stars correct in flux: found again where it was put in."""

import numpy as np
import pytest
from fit_sed_correction import corrected, held_out, scale_of, table

from galspec.sed import WAVELENGTH

RNG = np.random.default_rng(3)


@pytest.fixture
def labels():
    return RNG.uniform([5000, 3.8, -2.0], [9500, 4.6, 0.3], (80, 3))


def test_what_differs_is_corrected_in_stars_that_were_left_out(labels):
    ratio = 0.3 * (5040 / labels[:, :1] - 0.7) * np.sin(WAVELENGTH / 700)
    partial = ratio.copy()
    partial[:, (WAVELENGTH < 3600) | (WAVELENGTH > 7300)] = np.nan
    parts = [(labels[:40], partial[:40]), (labels[40:], ratio[40:])]
    remain = held_out(parts, [np.arange(k, 40, 3) for k in range(3)])
    inside = (WAVELENGTH > 3700) & (WAVELENGTH < 7200)
    assert np.std(remain[:, inside]) < 0.2 * np.std(ratio)
    assert np.std(remain[:, WAVELENGTH < 3500]) < 0.6 * np.std(ratio)
    factors = corrected(parts)(labels)
    assert factors.shape == (80, 574)
    np.testing.assert_allclose(np.log(factors)[:, inside], ratio[:, inside], atol=0.02)


def test_a_table_has_both_errors():
    before, after = np.full((3, 574), 0.2), np.full((3, 574), -0.05)
    found = table("MILES", before, after, WAVELENGTH, ((4000, 7000),))
    assert found == "| MILES | 4000-7000 | 20.0 | 5.0 |"


def test_what_all_stars_differ_by_is_found_where_libraries_overlap(labels):
    curve = 0.01 * np.sin(WAVELENGTH / 300)
    curve = curve - np.interp(5500, WAVELENGTH, curve)
    expected = curve * (1 + labels[:, 2:])
    ratio = expected + RNG.normal(0, 0.003, (80, 1))
    ratio[3] += 0.3 * np.log(WAVELENGTH / 5500)  # a wrong distribution
    found = np.log(scale_of(labels, ratio)(labels))
    inside = (WAVELENGTH > 3900) & (WAVELENGTH < 7200)
    np.testing.assert_allclose(found[:, inside], expected[:, inside], atol=2e-3)
    assert np.all(found[:, (WAVELENGTH < 3530) | (WAVELENGTH > 7450)] == 0)
    jump = found[0, (WAVELENGTH > 3550) & (WAVELENGTH < 3740)]
    np.testing.assert_allclose(jump, jump[-1], atol=1e-6)
