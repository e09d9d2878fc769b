"""Star-formation histories: shares of light, variety, enrichment."""

import numpy as np
import pytest

from galspec.simulation.continuum import StellarLibrary
from galspec.simulation.histories import formation_histories, population_weights

LOG_AGE = 6.0 + 0.1 * np.arange(42)


@pytest.fixture
def library():
    spectra = np.ones((10, 4 * 42, 5), dtype=np.float32)
    return StellarLibrary(spectra, np.log10([0.2, 0.4, 1.0, 2.5]), LOG_AGE)


def drawn(library, young, seed=1, **options):
    rng = np.random.default_rng(seed)
    metal = np.full(len(young), -0.2)
    weights = population_weights(library, young, metal, rng, **options)
    return weights.reshape(len(young), 4, 42)


def test_young_stars_give_the_light_they_are_told_to(library):
    young = np.linspace(0.0, 0.9, 300)
    weights = drawn(library, young)
    assert (weights >= 0).all()
    np.testing.assert_allclose(weights.sum(axis=(1, 2)), 1.0)
    np.testing.assert_allclose(weights[:, :, LOG_AGE < 7.48].sum(axis=(1, 2)), young)


def test_old_galaxies_have_little_light_of_the_last_gyr(library):
    old = drawn(library, np.zeros(300), old_only=np.ones(300, dtype=bool))
    any_age = drawn(library, np.zeros(300))
    share = [w[:, :, LOG_AGE < 9.0].sum(axis=(1, 2)) for w in (old, any_age)]
    assert np.median(share[0]) < 0.1 < np.median(share[1])


def test_histories_vary(library):
    light = drawn(library, np.zeros(500)).sum(axis=1)
    mean_age = light @ LOG_AGE
    assert mean_age.std() > 0.3
    assert mean_age.min() < 8.8
    assert mean_age.max() > 9.6


def test_older_stars_are_poorer_in_metals(library):
    weights = drawn(library, np.full(300, 0.2)).sum(axis=0)
    metal = library.log_metal @ weights / weights.sum(axis=0)
    recent, late = LOG_AGE < 9.0, LOG_AGE > 9.9
    assert metal[late].mean() < metal[recent].mean() - 0.1


def test_masses_are_positive_and_reproducible():
    old = np.arange(50) % 2 == 0
    one, two = (
        formation_histories(LOG_AGE, old, np.random.default_rng(3)) for _ in range(2)
    )
    np.testing.assert_array_equal(one, two)
    assert np.isfinite(one).all()
    assert (one >= 0).all()
    # A burst adds at most a quarter of the other mass.
    assert (one.sum(axis=1) >= 1 - 1e-9).all()
    assert (one.sum(axis=1) < 1.3).all()
