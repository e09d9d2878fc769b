"""Photometry without images: honest errors, nested apertures."""

import numpy as np
import pytest

from galspec.simulation.elg_catalogue import observe_catalogue
from galspec.simulation.imaging_surveys import LS_DR10


def observed(name, n=4000, flux=5.0, seed=1):
    band = LS_DR10.bands[name]
    shapes = {
        "index": np.full(n, 1),
        "half_light": np.full(n, 0.8),
        "axis_ratio": np.full(n, 0.5),
    }
    return observe_catalogue(
        shapes,
        np.full(n, flux),
        np.full(n, 10 ** (0.4 * (22.5 - band.depth)) / 5),
        np.full(n, band.seeing),
        band,
        LS_DR10.catalogue.apertures[name],
        np.random.default_rng(seed),
    )


@pytest.mark.parametrize("name", ["g", "i", "W2"])
def test_errors_are_honest(name):
    total, ivar, aperture, aperture_ivar = observed(name)
    pull = (total - 5.0) * np.sqrt(ivar)
    assert abs(pull.mean()) < 0.08
    assert abs(pull.std() - 1) < 0.05
    share = aperture.mean(axis=0) / 5.0
    assert (np.diff(share) > 0).all()
    scatter = aperture.std(axis=0) * np.sqrt(aperture_ivar.mean(axis=0))
    np.testing.assert_allclose(scatter, 1.0, atol=0.05)


def test_apertures_share_their_noise():
    total, _, aperture, _ = observed("r")
    together = np.corrcoef(aperture.T)
    assert together[0, 1] > together[0, 4] > together[0, 7] > 0
    assert np.corrcoef(total, aperture[:, 3])[0, 1] > 0.6


def test_bright_galaxies_have_more_noise_of_photons():
    faint, bright = observed("r", flux=1.0)[1], observed("r", flux=1e4)[1]
    assert bright.mean() < 0.5 * faint.mean()
