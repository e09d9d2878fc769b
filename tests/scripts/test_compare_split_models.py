"""One model against two: how galaxies are divided."""

import compare_split_models
import numpy as np
import pytest
from elg_photoz_galaxies import RealGalaxies

from galspec import PhotometryBatch


@pytest.fixture
def galaxies():
    """Twenty galaxies from west to east, the fainter the further east."""
    n = 20
    flux = np.tile(10 ** (0.4 * (22.5 - np.linspace(19, 22, n)))[:, None], (1, 4))
    batch = PhotometryBatch.from_arrays(
        flux,
        np.full((n, 4), 1e4),
        survey="cosmos",
        bands="griz",
        ids={"ra": np.linspace(150, 151, n)},
    )
    return RealGalaxies(batch, np.linspace(0.1, 1, n), np.arange(n), np.zeros(n, bool))


def test_strips_hold_as_many_galaxies(galaxies):
    strip = compare_split_models.strips(galaxies, 4)
    assert np.bincount(strip).tolist() == [5, 5, 5, 5]
    assert np.all(np.diff(strip) >= 0)


def test_each_model_learns_from_its_half(galaxies, monkeypatch):
    learned = []

    def fitted(part, tag, *, seed):
        learned.append(part.redshift)
        return compare_split_models.ELGPhotoZ.variant(tag)

    monkeypatch.setattr(compare_split_models, "fitted", fitted)
    split = compare_split_models.fit_split(galaxies, "cosmos-griz", "i")
    assert split.at == pytest.approx(20.5, abs=1e-3)
    bright, faint = learned
    assert bright.max() < faint.min()
    assert len(bright) == len(faint) == 10
