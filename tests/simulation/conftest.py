"""Toy galaxies, for whoever simulates photometry."""

import numpy as np
import pytest

from galspec.simulation.galaxy_templates import WAVELENGTH, GalaxyTemplates


def toy_spectra(n):
    """Return spectra with a break, a slope and lines, from blue to red."""
    rng = np.random.default_rng(2)
    red = np.linspace(0.0, 1.0, n)[:, None]
    log = np.log(WAVELENGTH / 5500.0)
    slope = -2.6 + 3.2 * red + rng.normal(0.0, 0.1, (n, 1))
    flux = np.where(log < 0, np.exp(slope * log), np.exp((slope / 2 - 0.6) * log))
    flux *= 1 - (0.2 + 0.4 * red) / (
        1 + np.exp(np.minimum((WAVELENGTH - 3900.0) / 60.0, 50.0))
    )
    for centre, width in ((3728.5, 60.0), (5008.2, 80.0), (6564.6, 120.0)):
        strength = width * (1 - red) * rng.uniform(0.5, 1.5, (n, 1))
        profile = np.exp(-0.5 * ((WAVELENGTH - centre) / 8.0) ** 2) / (8 * 2.5066)
        flux += strength * profile * np.exp(slope * np.log(centre / 5500.0))
    return flux


@pytest.fixture(scope="session")
def toy_galaxies():
    """Templates of 120 galaxies, some of each kind."""
    templates = GalaxyTemplates.from_arrays(
        [f"toy {number}" for number in range(120)], toy_spectra(120)
    )
    templates.kinds[::10] = "agn"
    return templates
