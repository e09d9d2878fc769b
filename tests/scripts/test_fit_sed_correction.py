"""What observed stars correct in flux: found again where it was put in."""

import numpy as np
import pytest
from fit_sed_correction import (
    common,
    corrected,
    held_out,
    labels_from_flux,
    table,
)

from galspec.sed import WAVELENGTH

RNG = np.random.default_rng(3)


def model(labels):
    """Slopes go with temperature, a break with gravity, a dip with metals."""
    teff, logg, feh = (column[:, None] for column in labels.T)
    result = -8 * (5040 / teff - 0.7) * np.log(5500 / WAVELENGTH)
    result = result - 0.2 * logg * (WAVELENGTH < 4000)
    return result - 0.1 * feh * np.exp(-((WAVELENGTH / 4300 - 1) ** 2) / 2e-4)


@pytest.fixture
def labels():
    return RNG.uniform([5000, 3.8, -2.0], [9500, 4.6, 0.3], (40, 3))


def test_labels_are_found_from_flux(labels):
    seen = model(labels)
    seen[:, WAVELENGTH > 7400] = np.nan
    found = labels_from_flux(model, seen)
    np.testing.assert_allclose(found[:, 0], labels[:, 0], rtol=5e-3)
    assert np.abs(found[:, 1] - labels[:, 1]).max() < 0.1
    assert np.abs(found[:, 2] - labels[:, 2]).max() < 0.3


def test_what_differs_is_corrected_in_stars_that_were_left_out(labels):
    ratio = 0.3 * (5040 / labels[:, :1] - 0.7) * np.sin(WAVELENGTH / 700)
    partial = ratio.copy()
    partial[:, (WAVELENGTH < 3600) | (WAVELENGTH > 7300)] = np.nan
    parts = [(labels[:25], partial[:25]), (labels[25:], ratio[25:])]
    remain = held_out(parts, [np.arange(k, 15, 3) for k in range(3)])
    inside = (WAVELENGTH > 3700) & (WAVELENGTH < 7200)
    assert np.std(remain[:, inside]) < 0.2 * np.std(ratio)
    assert np.std(remain[:, WAVELENGTH < 3500]) < 0.6 * np.std(ratio)
    factors = corrected(parts)(labels)
    assert factors.shape == (40, 574)
    np.testing.assert_allclose(np.log(factors)[:, inside], ratio[:, inside], atol=0.02)


def test_a_table_has_both_errors():
    before, after = np.full((3, 574), 0.2), np.full((3, 574), -0.05)
    found = table("MILES", before, after, WAVELENGTH, ((4000, 7000),))
    assert found == "| MILES | 4000-7000 | 20.0 | 5.0 |"


def test_what_all_stars_differ_by_is_found_where_libraries_overlap():
    curve = 0.01 * np.sin(WAVELENGTH / 300)
    found = common(curve + RNG.normal(0, 0.003, (40, 1)))
    inside = (WAVELENGTH > 3900) & (WAVELENGTH < 7200)
    expected = curve - np.interp(5500, WAVELENGTH, curve)
    np.testing.assert_allclose(found[inside], expected[inside], atol=2e-3)
    assert np.all(found[(WAVELENGTH < 3700) | (WAVELENGTH > 7500)] == 0)
