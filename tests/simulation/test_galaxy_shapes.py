"""Sizes, profiles and axis ratios."""

import numpy as np
import pytest
from astropy.io import fits

from galspec.simulation import MorphologyMixtures
from galspec.simulation.galaxy_shapes import draw_profiles, draw_sizes

COLUMNS = ("g", "gr", "rz", "reff", "e1", "e2", "snr_reff", "snr_e1", "snr_e2")


def galaxies(n, **given):
    values = {"z": 0.1, "mag_r": 17.0, "kind": "line"} | given
    return {name: np.full(n, value) for name, value in values.items()}


def drawn(absolute=-20.5, mixtures=None, n=2000, **given):
    rng = np.random.default_rng(3)
    sample = galaxies(n, **given)
    shapes = draw_profiles(sample, mixtures, rng)
    sizes = draw_sizes(sample, shapes, np.full(n, absolute), 1.2, rng)
    return shapes | {"half_light": sizes}


@pytest.fixture
def folder(tmp_path):
    """Mixtures of one Gaussian each, exponential ones 1, the others 3 arcsec large."""
    for name, size in (("exp", 0.0), ("dev", 0.5), ("ser", 0.5)):
        means = np.array([[22.0, 0.3, 0.6, size, 0.1, 0.0, 1.0, 1.0, 1.0]])
        covariances = np.diag([0.5, 0.1, 0.1, 0.01, 1e-4, 1e-4, 1.0, 1.0, 1.0])[None]
        # Fainter ones are smaller.
        covariances[0, 0, 3] = covariances[0, 3, 0] = -0.05
        weights = fits.PrimaryHDU(np.ones(1))
        for number, column in enumerate(COLUMNS):
            weights.header[f"COL{number:02d}"] = column
        weights.header["EXTNAME"] = "WEIGHTS"
        parts = [weights, fits.ImageHDU(means, name="MEANS")]
        parts.append(fits.ImageHDU(covariances, name="COVARS"))
        fits.HDUList(parts).writeto(tmp_path / f"gmm_elg_{name}.fits")
    return tmp_path


def test_luminous_galaxies_are_larger():
    small, large = (np.median(drawn(m)["half_light"]) for m in (-18.0, -22.0))
    assert large > 2 * small
    # Shen et al. 2003, figure 5: 3.5 kpc at -20.91, 1.844 kpc an arcsec, 2 x 0.93.
    # They are circles that hold half of the light.
    shapes = drawn(-20.91 - 0.12)
    middle = np.median(shapes["half_light"] * np.sqrt(shapes["axis_ratio"]))
    np.testing.assert_allclose(middle * 1.844, 3.5 * 1.1**-0.75, rtol=0.1)


def test_distant_galaxies_look_smaller():
    sizes = [np.median(drawn(z=z)["half_light"]) for z in (0.05, 0.2, 0.7)]
    assert sizes[0] > sizes[1] > sizes[2]


def test_discs_lie_at_random_and_spheroids_are_rounder():
    discs, spheroids = drawn(), drawn(kind="passive")
    assert 0.2 <= discs["axis_ratio"].min() < 0.25
    assert discs["axis_ratio"].max() <= 1
    assert spheroids["axis_ratio"].mean() > discs["axis_ratio"].mean()
    assert spheroids["sersic"].mean() > 2 > discs["sersic"].mean()


def test_mixtures_give_what_they_hold(folder):
    mixtures = MorphologyMixtures.load(folder)
    rng = np.random.default_rng(0)
    index, size, ratio = mixtures.draw(np.full(3000, 22.0), rng)
    exponential = index == 1
    assert abs(exponential.mean() - 0.8) < 0.03
    np.testing.assert_allclose(np.median(size[exponential]), 1.0, rtol=0.05)
    np.testing.assert_allclose(np.median(size[~exponential]), 10**0.5, rtol=0.05)
    np.testing.assert_allclose(np.median(ratio), 0.9 / 1.1, rtol=0.02)


def test_mixtures_know_magnitudes(folder):
    mixtures = MorphologyMixtures.load(folder)
    rng = np.random.default_rng(0)
    bright, faint = (
        np.median(mixtures.draw(np.full(3000, g), rng)[1]) for g in (21, 23)
    )
    # log10 of the size falls by 0.05 / 0.5 a magnitude.
    np.testing.assert_allclose(np.log10(bright / faint), 0.2, atol=0.05)


def test_half_of_the_faint_ones_follow_the_mixtures(folder):
    mixtures = MorphologyMixtures.load(folder)

    def followers(**given):
        shapes = draw_profiles(galaxies(2000, **given), mixtures, rng)
        return np.isfinite(shapes["half_light"])

    rng = np.random.default_rng(3)
    assert abs(followers(mag_r=22.0, z=1.0).mean() - 0.5) < 0.05
    assert not followers(mag_r=17.0).any()
    assert not followers(mag_r=22.0, kind="passive").any()
    sizes = drawn(mixtures=mixtures, mag_r=22.0, z=1.0)["half_light"]
    assert np.isfinite(sizes).all()


@pytest.mark.shared
def test_mixtures_of_desitarget(shared_data):
    mixtures = MorphologyMixtures.load(shared_data / "photoz" / "elg_morphology")
    rng = np.random.default_rng(0)
    _, size, ratio = mixtures.draw(rng.uniform(21, 23.5, 3000), rng)
    assert 0.3 < np.median(size) < 1.2
    assert 0.2 < np.median(ratio) < 0.8
