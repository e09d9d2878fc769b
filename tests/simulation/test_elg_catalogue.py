"""Photometry without images: honest errors, nested apertures."""

import numpy as np
import pytest

from galspec.simulation.elg_catalogue import observe_catalogue
from galspec.simulation.imaging_surveys import LS_DR10


def shapes(n, size, ratio=0.5):
    return {
        "index": np.full(n, 1),
        "half_light": np.full(n, size),
        "axis_ratio": np.full(n, ratio),
    }


def observed(name, n=4000, flux=5.0, seed=1, light=0.3, bulge=0.4):
    band = LS_DR10.bands[name]
    return observe_catalogue(
        (shapes(n, bulge, 0.8), shapes(n, 1.0)),
        np.full(n, light),
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


def test_bulges_are_in_the_middle():
    def share(light, **given):
        return observed("r", flux=1e5, light=light, **given)[2][:, 0].mean()

    without, half, alone = (share(light) for light in (0.0, 0.5, 1.0))
    assert without < half < alone
    np.testing.assert_allclose(half, (without + alone) / 2, rtol=0.01)
    # A bulge without light may be of any size.
    np.testing.assert_allclose(share(0.0, bulge=0.1), without, rtol=0.01)
