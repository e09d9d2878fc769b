import numpy as np
import pytest

from galspec.redshift_bins import RedshiftBins
from galspec.redshift_columns import DESCRIPTIONS, density_columns
from galspec.redshift_points import least_loss
from galspec.training.pit_calibration import PITCalibration

BINS = RedshiftBins(100, 1.5)
WIDER = PITCalibration((0.0, 0.3, 0.7, 1.0), (0.0, 0.4, 0.6, 1.0))


def probabilities(n, seed=0):
    rng = np.random.default_rng(seed)
    middle, sigma = rng.uniform(0.2, 0.7, (n, 1)), rng.uniform(0.01, 0.1, (n, 1))
    p = np.exp(-0.5 * ((BINS.mid - middle) / sigma) ** 2)
    return (p / p.sum(axis=1, keepdims=True)).astype(np.float32)


def test_columns_agree_with_each_other():
    c = density_columns(probabilities(50), WIDER, BINS)
    assert list(c) == list(DESCRIPTIONS)
    ordered = ["lo95", "lo68", "median", "hi68", "hi95"]
    assert (np.diff([c["z_phot_" + name] for name in ordered], axis=0) > 0).all()
    half = (c["z_phot_hi68"] - c["z_phot_lo68"]) / 2
    np.testing.assert_allclose(c["z_phot_err"], half)
    np.testing.assert_allclose((c["z_phot_pdf"] * BINS.z_width).sum(axis=1), 1, 1e-5)
    assert c["z_phot_modes"].dtype == np.int64


def test_the_redshift_is_of_the_densities_as_given_and_all_else_calibrated():
    p = probabilities(50)
    raw = density_columns(p, PITCalibration(), BINS)
    calibrated = density_columns(p, WIDER, BINS)
    np.testing.assert_array_equal(calibrated["z_phot"], least_loss(p, BINS))
    assert (calibrated["z_phot_err"] > raw["z_phot_err"]).all()
    assert (calibrated["z_phot_odds"] < raw["z_phot_odds"]).all()


def test_a_row_without_probabilities_spoils_no_other():
    p = probabilities(4)
    expected = density_columns(p[[0, 1, 3]], WIDER, BINS)
    p[2] = np.nan
    found = density_columns(p, WIDER, BINS)
    for name, column in found.items():
        np.testing.assert_allclose(column[[0, 1, 3]], expected[name], rtol=1e-4)
        assert column[2] == 0 if name == "z_phot_modes" else np.isnan(column[2]).all()


@pytest.mark.parametrize("n", [0, 1, 2001])
def test_any_number_of_rows(n):
    p = probabilities(n)
    found = density_columns(p, WIDER, BINS)
    assert all(len(column) == n for column in found.values())
    last = density_columns(p[-1:], WIDER, BINS)
    np.testing.assert_allclose(found["z_phot"][-1:], last["z_phot"], rtol=1e-4)


def test_another_number_of_bins_is_refused():
    with pytest.raises(ValueError, match=r"shape \(3, 99\); \(n, 100\) is needed"):
        density_columns(np.ones((3, 99)), PITCalibration(), BINS)
