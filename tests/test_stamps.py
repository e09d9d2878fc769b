"""Stamps as arrays: apertures measured on them, and their size."""

import sys

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import read_photometry
from galspec.stamps import aperture_fluxes, cropped
from galspec.surveys import SURVEYS

RADII = np.array(SURVEYS["ls-dr10"].apertures["g"])


def flat(n=1, bands=1, size=64):
    return np.ones((n, bands, size, size))


def test_apertures_have_their_exact_area():
    fluxes = aperture_fluxes(flat(), survey="ls-dr10", bands=["g"])["g"]
    np.testing.assert_allclose(fluxes[0], np.pi * (RADII / 0.262) ** 2, rtol=1e-5)


def test_a_circle_that_does_not_fit_is_not_measured():
    fluxes = aperture_fluxes(flat(size=24), survey="ls-dr10", bands=["g"])["g"]
    np.testing.assert_array_equal(np.isfinite(fluxes[0]), RADII < 12 * 0.262)
    far = aperture_fluxes(flat(), survey="ls-dr10", bands=["g"], centres=[[10, 31.5]])
    np.testing.assert_array_equal(np.isfinite(far["g"][0]), RADII < 10.5 * 0.262)


def test_few_pixels_without_data_count_as_nothing_and_many_are_told():
    images = flat(2)
    images[0, 0, 31, 31:33] = np.nan
    images[1, 0, :33] = np.nan
    fluxes = aperture_fluxes(images, survey="ls-dr10", bands=["g"])["g"]
    area = np.pi * (RADII / 0.262) ** 2
    assert np.isfinite(fluxes[0]).tolist() == [False, *[True] * 7]
    np.testing.assert_allclose(fluxes[0, 1:], area[1:] - 2, rtol=1e-4)
    assert np.isnan(fluxes[1]).all()


@settings(deadline=None, max_examples=50)
@given(st.floats(-5, 5), st.floats(0.1, 10))
def test_apertures_are_linear(one, other):
    rng = np.random.default_rng(1)
    images = rng.normal(size=(2, 1, 64, 64))
    options = {"survey": "ls-dr10", "bands": ["z"]}
    first, second = (aperture_fluxes(i[None], **options)["z"] for i in images)
    both = aperture_fluxes((one * images[0] + other * images[1])[None], **options)["z"]
    np.testing.assert_allclose(both, one * first + other * second, rtol=1e-3, atol=2e-3)


def test_the_middle_is_the_default_centre():
    images = np.random.default_rng(2).normal(size=(3, 2, 64, 64))
    options = {"survey": "ls-dr10", "bands": ["g", "W1"]}
    one = aperture_fluxes(images, **options)
    other = aperture_fluxes(images, centres=np.full((3, 2), 31.5), **options)
    assert list(one) == ["g", "W1"]
    for band in one:
        np.testing.assert_allclose(one[band], other[band], rtol=1e-4, atol=1e-4)


def test_wrong_shapes_are_named():
    with pytest.raises(ValueError, match=r"\(1, 1, 64, 64\): with bands g, r"):
        aperture_fluxes(flat(), survey="ls-dr10", bands=["g", "r"])
    with pytest.raises(ValueError, match=r"centres have shape \(2,\); 1 stamps"):
        aperture_fluxes(flat(), survey="ls-dr10", bands=["g"], centres=[1, 2])
    with pytest.raises(ValueError, match=r"\(2, 3\): they have to be square"):
        cropped(np.ones((2, 3)))


def test_a_missing_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "photutils.aperture", None)
    with pytest.raises(ImportError, match=r"pip install 'astro-galspec\[cutouts\]'"):
        aperture_fluxes(flat(), survey="ls-dr10", bands=["g"])


@pytest.mark.parametrize(
    ("have", "size"), [(23, 9), (9, 23), (64, 32), (32, 64), (8, 8)]
)
def test_the_centre_stays_the_centre(have, size):
    image = np.arange(float(have * have)).reshape(have, have)
    out = cropped(image[None], size)[0]
    assert out.shape == (size, size)
    smaller = min(have, size)
    np.testing.assert_array_equal(cropped(out, smaller), cropped(image, smaller))
    assert np.nanmean(out) == pytest.approx(image.mean())
    assert np.isfinite(out).sum() == smaller**2


@pytest.mark.shared
def test_apertures_of_real_images_are_those_of_the_catalogue(shared_data):
    folder = shared_data / "photoz/ls10_sample"
    batch = read_photometry(folder / "catalog_with_z.fits", survey="ls-dr10")
    table = Table.read(folder / "catalog_with_z.fits")
    # 23 pixels on a side, without the Milky Way
    images = np.load(folder / "images_with_z/processed_dered_griz_images.npy")
    bands = ("g", "r", "i", "z")
    through = np.array([table[f"mw_transmission_{band}"] for band in bands])
    stamps = np.moveaxis(images * through[:, :, None, None], 0, 1)
    fluxes = aperture_fluxes(stamps, survey="ls-dr10", bands=bands)
    for band in bands:
        ratio = fluxes[band][:, :5] / batch.aperture_flux[band][:, :5]
        middle = np.median(ratio, axis=0)
        np.testing.assert_allclose(middle, 1, atol=0.002)
        assert (1.4826 * np.median(np.abs(ratio - middle), axis=0) < 0.003).all()
        assert np.isnan(fluxes[band][:, 5:]).all()  # radii of 3.5 arcsec and more
