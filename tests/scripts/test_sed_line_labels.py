"""Labels from lines: found again, whatever the slope and the sharpness of spectra."""

import numpy as np
import pytest
from sed_line_labels import PIXELS, full_labels, labels_from_lines

from galspec.sed import convolved
from galspec.simulation.sed_templates import ObservedFlux
from galspec.simulation.stellar_layout import ENERGY

RNG = np.random.default_rng(5)


def flux_of(labels):
    """Some lines go with temperature, others with metals, wings with gravity."""
    teff, logg, feh = (column[:, None] for column in labels.T)
    flux = np.ones((len(labels), len(ENERGY.wavelength)))
    for number, line in enumerate(np.linspace(4100, 5700, 60)):
        strength = (teff / 7000, np.exp(0.5 * feh), 8 * (5040 / teff) ** 2)[number % 3]
        width = 4 + 4 * (logg - 4) * (number % 3 == 0)
        shape = np.exp(-(((ENERGY.wavelength - line) / width) ** 2) / 2)
        flux = flux * (1 - 0.1 * np.clip(strength, 0, 9) * shape)
    return flux


@pytest.fixture(scope="module")
def found():
    """Labels that were put in and found, and resolving powers."""
    labels = RNG.uniform([5000, 3.9, -1.8], [9000, 4.5, 0.3], (6, 3))
    sharp = convolved(ENERGY.wavelength, flux_of(labels), PIXELS, 550)
    slope = (PIXELS / 5000) ** RNG.uniform(-1, 1, (6, 1))
    names = np.arange(6).astype(str)
    unknown = np.full((6, 3), np.nan)
    stars = ObservedFlux(names, unknown, PIXELS, sharp * slope, 550)
    return labels, *labels_from_lines(flux_of, stars)


def test_labels_are_found_from_lines_whatever_the_slope(found):
    true, labels, _ = found
    np.testing.assert_allclose(labels[:, 0], true[:, 0], rtol=0.01)
    np.testing.assert_allclose(labels[:, 2], true[:, 2], atol=0.3)


def test_the_resolving_power_is_found(found):
    np.testing.assert_allclose(found[2], 550, rtol=0.06)


def test_labels_that_are_not_known_are_those_of_typical_stars():
    labels = full_labels(np.array([[5800.0, 4.4, -1.0]]))
    assert labels.shape == (1, len(ENERGY.labels))
    assert np.isfinite(labels).all()
    assert labels[0, :3] == pytest.approx([5800, 4.4, -1])
