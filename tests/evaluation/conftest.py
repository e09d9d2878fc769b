"""Made-up estimators and labelled sets."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

from galspec import SpectralEstimator, Target
from galspec.flags import Flags

CLASSES = {
    "sf": "star-forming",
    "composite": "composite",
    "agn": "an AGN",
    "passive": "passive or retired",
}


class Gas(SpectralEstimator):
    """Abundances."""

    name = "gas"
    targets = (Target("oh", u.dex, "12 + log10(O/H)", valid=(7.2, 9.1)),)
    scale = "PP04 O3N2"


class Star(SpectralEstimator):
    """Two quantities with units."""

    name = "star"
    targets = (
        Target("teff", u.K, "effective temperature", valid=(3500, 8000)),
        Target("logg", u.dex(u.cm / u.s**2), "surface gravity", valid=(0, 5)),
    )


class Kinds(SpectralEstimator):
    """Probabilities of classes."""

    name = "kinds"
    targets = tuple(
        Target(f"p_{name}", u.one, f"probability of being {words}", valid=(0, 1))
        for name, words in CLASSES.items()
    )


@pytest.fixture
def gas():
    """An estimator of one quantity, without weights."""
    return Gas


@pytest.fixture
def star():
    """An estimator of two quantities with units."""
    return Star


@pytest.fixture
def kinds():
    """A classifier."""
    return Kinds


@pytest.fixture
def measured():
    """Labels and estimates of 600 galaxies with everything that a report can use."""
    rng = np.random.default_rng(7)
    n = 600
    mass = rng.uniform(8.6, 11.4, n)
    true = 8.1 + 0.3 * (mass - 8.6) - 0.04 * (mass - 8.6) ** 2 + rng.normal(0, 0.1, n)
    error = rng.uniform(0.05, 0.15, n)
    oh = true + rng.normal(0, error)
    return Table(
        {
            "file": [f"spectrum-{number}.fits" for number in range(n)],
            "true_oh": true,
            "oh": oh,
            "oh_err": error,
            "oh_lo": oh - 1.96 * error,
            "oh_hi": oh + 1.96 * error,
            "flags": np.where(np.arange(n) < 30, int(Flags.LOW_SN), 0),
            "redshift": rng.uniform(0, 0.3, n),
            "snr_r": rng.uniform(3, 60, n),
            "mag": rng.normal(17, 1, n),
            "mass": mass,
            "other": true + 0.3,
            "split": np.where(np.arange(n) % 3, "test", "train"),
        },
        meta={"estimator": "gas", "weights": "default", "scale": "PP04 O3N2"},
    )


@pytest.fixture
def classified():
    """Probabilities of 800 galaxies that are calibrated, and their true classes."""
    rng = np.random.default_rng(8)
    probability = rng.dirichlet([0.5] * 4, 800)
    drawn = [rng.choice(4, p=row) for row in probability]
    names = ["star-forming", "composite", "AGN", "retired"]
    table = Table({f"p_{c}": probability[:, i] for i, c in enumerate(CLASSES)})
    table["class"] = [names[number] for number in drawn]
    return table
