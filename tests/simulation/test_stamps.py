"""Images of galaxies: light, shape, apertures, noise."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.simulation.imaging_surveys import LS_DR10
from galspec.simulation.sersic import BETA, INDICES, within
from galspec.simulation.stamps import (
    Frame,
    aperture_weights,
    blended,
    enlarged,
    observe_image,
    profiles,
    render,
)

RADII = (0.5, 0.75, 1.0, 1.5, 2.0, 3.5, 5.0, 7.0)
FRAME = Frame(64, 0.262, 96)


def shapes(n, **given):
    values = {"index": 1, "half_light": 0.7, "axis_ratio": 0.6, "angle": 0.4} | given
    return {name: np.full(n, value) for name, value in values.items()}


def light(n=1, seeing=1.1, frame=FRAME, **given):
    return render(frame, profiles(frame, shapes(n, **given)), np.full(n, seeing))


def moments(image, pixel=0.262):
    x = pixel * (np.arange(len(image)) - 0.5 * (len(image) - 1))
    total = image.sum()
    centre = np.array([(image * x).sum(), (image * x[:, None]).sum()]) / total
    spread = [(image * x**2).sum(), (image * x[:, None] ** 2).sum()]
    cross = (image * x * x[:, None]).sum()
    return centre, np.array(spread) / total, cross / total


def test_light_is_all_there_and_in_the_middle():
    image = light(index=0)[0]
    np.testing.assert_allclose(image.sum(), 1.0, atol=0.01)
    np.testing.assert_allclose(moments(image)[0], 0.0, atol=1e-3)
    np.testing.assert_allclose(image, image[::-1, ::-1], atol=1e-6)


def test_orientation():
    flat = light(index=0, half_light=1.5, axis_ratio=0.2, angle=0.0)[0]
    upright = light(index=0, half_light=1.5, axis_ratio=0.2, angle=np.pi / 2)[0]
    tilted = light(index=0, half_light=1.5, axis_ratio=0.2, angle=np.pi / 4)[0]
    assert moments(flat)[1][0] > 1.3 * moments(flat)[1][1]
    np.testing.assert_allclose(flat, upright.T, atol=1e-5)
    assert moments(tilted)[2] > 0.1


def test_against_astropy():
    from astropy.modeling.models import Moffat2D, Sersic2D
    from scipy.signal import fftconvolve

    image = light(index=1, half_light=2.0, axis_ratio=0.6, angle=0.4, seeing=1.1)[0]
    x = 0.262 * (np.arange(257) - 128)
    galaxy = Sersic2D(1.0, r_eff=2.0, n=1.0, ellip=0.4, theta=0.4)(
        x + 0.131, x[:, None] + 0.131
    )
    width = 0.55 / np.sqrt(2 ** (1 / BETA) - 1)
    seeing = Moffat2D(1.0, 0.0, 0.0, width, BETA)(x, x[:, None])
    model = fftconvolve(galaxy, seeing, mode="same")[96:160, 96:160]
    ratio = image / model
    close = image > 1e-2 * image.max()
    np.testing.assert_allclose(ratio[close] / np.median(ratio[close]), 1.0, atol=0.03)


def test_apertures_against_photutils():
    apertures = pytest.importorskip("photutils.aperture")
    image = light(half_light=1.2)[0]
    ours = image.ravel() @ aperture_weights(64, 0.262, RADII)
    circles = [apertures.CircularAperture((31.5, 31.5), r / 0.262) for r in RADII]
    theirs = [
        apertures.aperture_photometry(image, c)["aperture_sum"][0] for c in circles
    ]
    np.testing.assert_allclose(ours, theirs, rtol=2e-3)


def test_area_of_apertures():
    weights = aperture_weights(64, 0.262, RADII)
    areas = np.pi * (np.array(RADII) / 0.262) ** 2
    np.testing.assert_allclose(weights.sum(axis=0), areas, rtol=2e-3)
    assert weights.min() >= 0
    assert weights.max() <= 1


@settings(max_examples=20, deadline=None)
@given(
    st.integers(0, len(INDICES) - 1),
    st.floats(0.05, 2.5),
    st.floats(0.2, 1.0),
    st.floats(0.9, 1.6),
)
def test_images_and_catalogues_agree(index, size, ratio, seeing):
    image = light(index=index, half_light=size, axis_ratio=ratio, seeing=seeing)
    measured = image.reshape(1, -1) @ aperture_weights(64, 0.262, RADII)
    wide = np.hypot(seeing, 0.7 * 0.262)
    expected = within(
        np.array([index]),
        np.array([size / wide]),
        np.array([ratio]),
        np.array(RADII)[None] / wide,
    )
    assert (np.diff(measured) > 0).all()
    np.testing.assert_allclose(measured, expected, atol=0.02)


def test_bulge_and_disc_add_up():
    parts = [shapes(2, half_light=0.3, axis_ratio=0.9), shapes(2)]
    bulges, discs = (profiles(FRAME, part) for part in parts)
    both = render(FRAME, blended(bulges, discs, np.array([0.0, 0.4])), np.ones(2))
    bulge, disc = (render(FRAME, part, np.ones(2))[0] for part in (bulges, discs))
    np.testing.assert_allclose(both[0], disc, atol=1e-7)
    np.testing.assert_allclose(both[1], 0.4 * bulge + 0.6 * disc, atol=1e-6)


@pytest.mark.parametrize("name", ["g", "z", "W1"])
def test_noise_is_as_told(name):
    band = LS_DR10.bands[name]
    frame = FRAME if band.pixel < 1 else Frame(16, band.pixel, 24)
    radii = LS_DR10.catalogue.apertures[name]
    n, flux = 600, 30.0
    profile = light(n, seeing=band.seeing, frame=frame)
    rng = np.random.default_rng(4)
    noise = np.full(n, 10 ** (0.4 * (22.5 - band.depth)) / 5)
    image, total, ivar, aperture, aperture_ivar = observe_image(
        profile,
        np.full(n, flux),
        noise,
        np.full(n, band.seeing),
        band,
        radii,
        frame,
        rng,
    )
    pull = (total - flux) * np.sqrt(ivar)
    assert abs(pull.mean()) < 0.2
    assert 0.9 < pull.std() < 1.1
    clean = (flux * profile.reshape(n, -1)) @ aperture_weights(
        frame.n_pixels, frame.pixel, radii
    )
    # Pixels that a circle cuts count as photutils counts them: errors are too large.
    pulls = ((aperture - clean) * np.sqrt(aperture_ivar)).std(axis=0)
    assert (pulls > 0.8).all()
    assert (pulls < 1.08).all()
    assert image.shape == (n, frame.n_pixels, frame.n_pixels)


def test_point_sources_reach_the_depth():
    band, n = LS_DR10.bands["r"], 400
    profile = light(n, seeing=band.seeing, half_light=0.005)
    noise = np.full(n, 10 ** (0.4 * (22.5 - band.depth)) / 5)
    flux = 5 * noise
    _, _, ivar, _, _ = observe_image(
        profile,
        flux,
        noise,
        np.full(n, band.seeing),
        band,
        RADII,
        FRAME,
        np.random.default_rng(0),
    )
    np.testing.assert_allclose(flux * np.sqrt(ivar), 5.0, rtol=0.05)


def test_enlarged_images_keep_surface_brightness():
    frame = Frame(16, 2.75, 24)
    image = light(frame=frame, seeing=6.1)
    stamp = enlarged(image, frame, 64, 0.262)
    assert stamp.shape == (1, 64, 64)
    np.testing.assert_allclose(stamp[0], stamp[0, ::-1, ::-1], atol=1e-7)
    # What lies within eight arcsec is the same on both.
    wide = image.reshape(1, -1) @ aperture_weights(16, 2.75, (8.0,))
    fine = stamp.reshape(1, -1) @ aperture_weights(64, 0.262, (8.0,))
    np.testing.assert_allclose(fine, wide, rtol=0.03)
