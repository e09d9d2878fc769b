"""Two estimators for bright and faint galaxies."""

import numpy as np
import pytest

from galspec import ELGPhotoZ
from galspec.photometric_split import SplitByMagnitude, magnitude_in
from galspec.redshift_table import RedshiftTable
from galspec.training.fit_options import FitOptions

BANDS = ("g", "r", "z")


def galaxies(n, seed):
    """Photometry and redshifts; three galaxies have no r."""
    rng = np.random.default_rng(seed)
    z, r = rng.uniform(0.05, 1.5, n), rng.uniform(20, 23, n)
    table = {"ebv": np.zeros(n), "objid": np.arange(n)}
    for band, magnitude in {"g": r + z, "r": r, "z": r - 0.5}.items():
        table[f"flux_{band}"] = 10 ** (0.4 * (22.5 - magnitude))
        table[f"flux_ivar_{band}"] = np.full(n, 400.0)
    table["flux_r"][:3] = np.nan
    return table, z


@pytest.fixture(scope="module")
def pair():
    """Two estimators that differ."""
    options = FitOptions(epochs=1, loss="ordered", batch_size=64)
    how = {"options": options, "progress_bar": False, "device": "cpu"}
    return [
        ELGPhotoZ.for_survey("ls-dr10", BANDS).fit(*galaxies(300, seed), **how)
        for seed in (1, 2)
    ]


def test_each_galaxy_is_of_its_estimator_in_the_order_of_the_input(pair):
    table, _ = galaxies(80, 3)
    split = SplitByMagnitude(*pair, "r", 21.5)
    result = split.predict(table, batch_size=16)
    assert isinstance(result, RedshiftTable)
    bright = table["flux_r"] > 10 ** (0.4 * (22.5 - 21.5))
    assert 10 < bright.sum() < 70
    assert np.array_equal(result["model"] == "bright", bright)
    for estimator, rows in zip(pair, (bright, ~bright), strict=True):
        expected = estimator.predict(table)[rows]
        np.testing.assert_allclose(
            result["z_phot_pdf"][rows], expected["z_phot_pdf"], rtol=1e-3, atol=1e-5
        )
    assert np.all(result["model"][:3] == "faint")
    assert (result.meta["split_band"], result.meta["split_at"]) == ("r", 21.5)


def test_all_on_one_side_is_as_without_a_split(pair):
    table, _ = galaxies(20, 3)
    result = SplitByMagnitude(*pair, "r", -5.0).predict(table)
    assert set(result["model"]) == {"faint"}
    assert result.bins == pair[0].predict(table).bins


def test_magnitudes_are_free_of_dust(pair):
    table = {"ebv": [0.0, 0.1]}
    for band in BANDS:
        table |= {f"flux_{band}": [100.0] * 2, f"flux_ivar_{band}": [100.0] * 2}
    batch = pair[0].gather(table)
    clear, dusty = magnitude_in(pair[0], batch, "r")
    assert clear == pytest.approx(17.5, abs=1e-3)
    assert dusty == pytest.approx(17.5 - 0.2165, abs=1e-3)


def test_wrong_pairs_are_refused(pair):
    with pytest.raises(ValueError, match="band is 'i'; the estimator works on g, r, z"):
        SplitByMagnitude(*pair, "i")
    other = ELGPhotoZ.variant("cosmos-griz")
    with pytest.raises(ValueError, match=r"has 220 bins up to redshift 2.*146"):
        SplitByMagnitude(pair[0], other)
