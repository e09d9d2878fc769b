"""Made-up estimators and labelled sets."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table

from galspec import ELGPhotoZ, SpectralEstimator, Target
from galspec.flags import Flags
from galspec.redshift_bins import RedshiftBins
from galspec.redshift_columns import density_columns
from galspec.redshift_table import RedshiftTable
from galspec.training.fit_options import FitOptions
from galspec.training.pit_calibration import PITCalibration

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


@pytest.fixture
def predicted():
    """Redshifts, and densities of them that are right."""

    def drawn(seed=0, n=300):
        rng, bins = np.random.default_rng(seed), RedshiftBins(200, 2.0)
        middle = rng.uniform(0.3, 0.8, (n, 1))
        sigma = rng.uniform(0.02, 0.06, (n, 1))
        z_spec = np.expm1(middle[:, 0] + sigma[:, 0] * rng.normal(size=n))
        p = np.exp(-0.5 * ((bins.mid - middle) / sigma) ** 2)
        p /= p.sum(axis=1, keepdims=True)
        columns = density_columns(p, PITCalibration(), bins)
        meta = {"estimator": "elg-photoz", "z_bins": bins.n, "z_max": bins.z_max}
        return z_spec, RedshiftTable(columns, meta=meta)

    return drawn


@pytest.fixture(scope="session")
def photometric():
    """An estimator of redshifts that has learned from g - r, photometry, and truth."""
    estimator = ELGPhotoZ.for_survey("ls-dr10", ("g", "r", "z"))
    options = FitOptions(epochs=6, loss="ordered", learning_rate=5e-3, batch_size=64)
    how = {"options": options, "progress_bar": False, "device": "cpu"}
    estimator.fit(*_galaxies(700, 1), **how)
    return estimator, *_galaxies(200, 2)


def _galaxies(n, seed):
    rng = np.random.default_rng(seed)
    z, r = rng.uniform(0.05, 1.5, n), rng.uniform(20, 23, n)
    magnitudes = {"g": r + z + rng.normal(0, 0.02, n), "r": r, "z": r - 0.5}
    table = {"ebv": np.full(n, 0.01)}
    for band, magnitude in magnitudes.items():
        table[f"flux_{band}"] = 10 ** (0.4 * (22.5 - magnitude))
        table[f"flux_ivar_{band}"] = np.full(n, 400.0)
    return table, z
