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


def test_nothing_known_is_nan():
    for metric in (metrics.bias, metrics.sigma_nmad, metrics.outlier_fraction):
        assert np.isnan(metric([np.nan], [0.1]))
