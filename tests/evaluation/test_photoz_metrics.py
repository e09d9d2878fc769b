import numpy as np
import pytest

from galspec.evaluation import photoz_metrics as metrics


def test_points_by_hand():
    z_spec = np.array([0.0, 1.0, 1.0, 0.5, np.nan, 0.2])
    dz = np.array([0.01, -0.02, 0.12, 0.2, 0.0, np.nan])
    z_phot = z_spec + dz * (1 + z_spec)
    assert metrics.redshift_error(z_spec, z_phot) == pytest.approx(dz[:4])
    assert metrics.bias(z_spec, z_phot) == pytest.approx(0.065)
    # deviations 0.055, 0.085, 0.055, 0.135
    assert metrics.sigma_nmad(z_spec, z_phot) == pytest.approx(1.48 * 0.07)
    assert metrics.sigma_nmad(z_spec, z_phot, factor=1) == pytest.approx(0.07)
    assert metrics.outlier_fraction(z_spec, z_phot) == 0.25
    assert metrics.outlier_fraction(z_spec, z_phot, threshold=0.1) == 0.5


def test_summary_of_points_has_the_metrics_and_their_errors():
    rng = np.random.default_rng(1)
    z_spec = rng.uniform(0, 1, 2000)
    z_phot = z_spec + (0.01 + 0.03 * rng.normal(size=2000)) * (1 + z_spec)
    z_phot[:100] += 1.0
    z_phot[100] = np.nan
    summary = metrics.point_summary(z_spec, z_phot, factor=1.4826, resamples=100)
    assert summary["n"] == 1999
    assert summary["sigma_nmad"] == pytest.approx(0.032, abs=0.003)
    assert summary["outlier_fraction"] == pytest.approx(0.05, abs=0.001)
    error = np.sqrt(0.05 * 0.95 / 1999)
    assert summary["outlier_fraction_err"] == pytest.approx(error, rel=0.25)
    strict = metrics.point_summary(z_spec, z_phot, threshold=0.05, resamples=2)
    assert strict["outlier_fraction"] > 0.1


def test_nothing_known_is_nan():
    points = metrics.point_summary([np.nan], [0.1])
    assert points.pop("n") == 0
    assert all(np.isnan(value) for value in points.values())
