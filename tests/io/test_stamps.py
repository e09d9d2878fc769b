"""Stamps from cutouts and from coadds: what is where, in which units, and what not."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.wcs import WCS

from galspec import PhotometryBatch
from galspec.io import cut_stamps, read_cutouts
from galspec.stamps import aperture_fluxes

RA, DEC = 150.1, 2.2
ARCSEC = 1 / 3600
GRIZ = ("g", "r", "i", "z")


def tangent(size, scale, ra=RA, dec=DEC, shift=(0.0, 0.0)):
    """Coordinates of an image with a place in its middle, or so many pixels beside."""
    wcs = WCS(naxis=2)
    wcs.wcs.ctype = ["RA---TAN", "DEC--TAN"]
    wcs.wcs.crval = [ra, dec]
    wcs.wcs.crpix = (size + 1) / 2 + np.array(shift)
    wcs.wcs.cdelt = [-scale * ARCSEC, scale * ARCSEC]
    return wcs


def source(wcs, size, flux, sigma, ra=RA, dec=DEC):
    """A round Gaussian of a flux and width in arcseconds, in the middle of pixels."""
    scale = abs(wcs.wcs.cdelt[0]) / ARCSEC
    x0, y0 = wcs.wcs_world2pix([[ra, dec]], 0)[0]
    y, x = np.mgrid[:size, :size]
    r2 = ((x - x0) ** 2 + (y - y0) ** 2) * scale**2
    shape = np.exp(-r2 / 2 / sigma**2) / (2 * np.pi * sigma**2)
    return flux * np.maximum(shape, 1e-20) * scale**2  # zero would be no data


def within(radii, flux, sigma):
    return flux * (1 - np.exp(-(np.array(radii) ** 2) / 2 / sigma**2))


@pytest.fixture
def cutout(tmp_path):
    """Write a cutout as the viewer does."""

    def write(name="cutout.fits", fluxes=(1.0, 2.0, 3.0, 4.0), bands="griz", **options):
        size, scale = options.get("size", 64), options.get("scale", 0.262)
        wcs = tangent(size, scale)
        sigma = options.get("sigma", 0.6)
        native = options.get("native", scale)
        planes = [source(wcs, size, f, sigma) * (native / scale) ** 2 for f in fluxes]
        header = wcs.to_header()
        header["BANDS"] = bands
        for number, band in enumerate(bands):
            header[f"BAND{number}"] = band
        data = np.array(planes if len(planes) > 1 else planes[0], np.float32)
        fits.PrimaryHDU(data, header).writeto(tmp_path / name)
        return tmp_path / name

    return write


def test_a_cutout_of_the_viewer(cutout):
    stamps = read_cutouts([cutout()], survey="ls-dr10", bands=GRIZ)
    assert stamps.images.shape == (1, 4, 64, 64)
    assert stamps.images.dtype == np.float32
    assert stamps.problems.tolist() == [""]
    np.testing.assert_allclose(stamps.centres, [[31.5, 31.5]], atol=1e-6)
    np.testing.assert_allclose(stamps.images.sum(axis=(0, 2, 3)), [1, 2, 3, 4], 1e-3)
    fluxes = aperture_fluxes(stamps.images, survey="ls-dr10", bands=GRIZ)
    for band, flux in zip(GRIZ, (1, 2, 3, 4), strict=True):
        expected = within((0.5, 0.75, 1, 1.5, 2, 3.5, 5, 7), flux, 0.6)
        # a pixel holds the flux in its middle here, not that of its area
        np.testing.assert_allclose(fluxes[band][0], expected, rtol=0.015)


def test_bands_that_a_cutout_does_not_have_or_without_data(cutout):
    paths = [cutout(bands="gzr", fluxes=(1.0, 0.0, 3.0)), cutout("r.fits", (2.0,), "r")]
    stamps = read_cutouts(paths, survey="ls-dr10", bands=GRIZ)
    there = np.isfinite(stamps.images).any(axis=(2, 3))
    np.testing.assert_array_equal(there, [[1, 1, 0, 0], [0, 1, 0, 0]])
    assert stamps.images[0, 1].sum() == pytest.approx(3, rel=1e-3)
    assert stamps.images[1, 1].sum() == pytest.approx(2, rel=1e-3)


@pytest.mark.parametrize("size", [48, 100])
def test_cutouts_of_other_sizes_keep_their_middle(cutout, size):
    stamps = read_cutouts([cutout(size=size)], survey="ls-dr10", bands=GRIZ)
    np.testing.assert_allclose(stamps.centres, [[31.5, 31.5]], atol=1e-6)
    image = stamps.images[0, 0]
    assert np.nanmax(image) == image[31, 31]
    assert np.isnan(image[0, 0]) == (size == 48)


def test_other_pixels_are_resampled_and_flux_is_kept(cutout):
    # the viewer gives values of its own pixels, however large those of a cutout are
    path = cutout(size=200, scale=0.4, native=0.262, sigma=1.5)
    stamps = read_cutouts([path], survey="ls-dr10", bands=GRIZ)
    np.testing.assert_allclose(stamps.images.sum(axis=(0, 2, 3)), [1, 2, 3, 4], 2e-3)


@pytest.mark.parametrize(("size", "scale"), [(9, 2.75), (64, 0.262)])
def test_wise_is_put_on_the_frame_and_on_the_ab_system(cutout, size, scale):
    vega = [100.0 * 10 ** (0.4 * 2.699), 50.0 * 10 ** (0.4 * 3.339)]
    options = {"size": size, "scale": scale, "native": 2.75, "sigma": 2.6}
    wise = cutout("unwise.fits", vega, "12", **options)
    stamps = read_cutouts([[cutout(), wise]], survey="ls-dr9")
    assert stamps.problems.tolist() == [""]
    flux = aperture_fluxes(
        stamps.images, survey="ls-dr9", bands=("g", "r", "z", "W1", "W2")
    )
    np.testing.assert_allclose(
        flux["W1"][0, :3], within((3, 5, 7), 100, 2.6), rtol=0.03
    )
    np.testing.assert_allclose(flux["W2"][0, :3], within((3, 5, 7), 50, 2.6), rtol=0.03)
    assert np.isnan(flux["W1"][0, 3:]).all()  # circles that are larger than a stamp


def test_one_bad_file_never_costs_the_others(cutout, tmp_path):
    (tmp_path / "broken.fits").write_text("no image")
    fits.PrimaryHDU(np.ones((4, 8, 8)), fits.Header({"BANDS": "griz"})).writeto(
        tmp_path / "nowhere.fits"
    )
    fits.PrimaryHDU(header=fits.Header({"OVERLAP": False})).writeto(
        tmp_path / "no.fits"
    )
    bad = ["broken.fits", "nowhere.fits", "no.fits", "missing.fits"]
    empty = cutout("empty.fits", (0.0,) * 4)
    other = cutout("other.fits", (1.0,), "Y")
    files = [tmp_path / name for name in bad]
    stamps = read_cutouts([*files, empty, other, cutout()], survey="ls-dr10")
    words = (
        "not a FITS file",
        "'g' has no right ascension",
        "no image in",
        "No such file",
        "no image has data",
    )
    for problem, word in zip(
        stamps.problems, [*words, "no band of 'ls-dr10'"], strict=False
    ):
        assert word in problem
    assert stamps.problems[-1] == ""
    assert np.isnan(stamps.images[:-1]).all()
    assert np.isfinite(stamps.images[-1, :4]).all()


def test_a_header_that_does_not_tell_its_bands(tmp_path):
    header = tangent(8, 0.262).to_header()
    fits.PrimaryHDU(np.ones((2, 8, 8)), header).writeto(tmp_path / "c.fits")
    stamps = read_cutouts([tmp_path / "c.fits"], survey="ls-dr10")
    assert "has 2 images and tells the bands ''" in stamps.problems[0]


def test_stamps_out_of_coadds_are_the_very_pixels(tmp_path):
    rng = np.random.default_rng(4)
    image = rng.normal(size=(300, 300)).astype(np.float32)
    image[200, 210] = 0
    wcs = tangent(300, 0.262)
    path = tmp_path / "legacysurvey-1501p022-image-g.fits.fz"
    fits.HDUList(
        [
            fits.PrimaryHDU(),
            fits.CompImageHDU(
                image, wcs.to_header(), compression_type="GZIP_1", quantize_level=0
            ),
        ]
    ).writeto(path)
    at = np.array([[100.3, 120.4], [209.9, 199.6], [2.0, 150.0], [900.0, 10.0]])
    ra, dec = wcs.wcs_pix2world(at, 0).T
    stamps = cut_stamps({"g": path, "r": (2 * image, wcs)}, ra, dec, survey="ls-dr10")
    corner = np.array([69, 89])  # 100.3 - 31.5, 120.4 - 31.5, to the nearest
    cut = image[corner[1] : corner[1] + 64, corner[0] : corner[0] + 64]
    np.testing.assert_array_equal(stamps.images[0, 0], cut)
    np.testing.assert_array_equal(stamps.images[0, 1], 2 * cut)
    np.testing.assert_allclose(stamps.centres[0], at[0] - corner, atol=1e-5)
    assert (np.abs(stamps.centres[:3] - 31.5) <= 0.5 + 1e-5).all()
    x, y = np.round(stamps.centres[1]).astype(int)
    assert np.isnan(stamps.images[1, 0, y, x])  # a pixel without data
    assert np.isnan(stamps.images[2, 0]).any()
    assert np.isfinite(stamps.images[2, 0]).any()
    assert [bool(problem) for problem in stamps.problems] == [False, False, False, True]
    assert "no image has data around" in stamps.problems[3]


def test_apertures_follow_an_object_that_is_beside_the_middle():
    wcs = tangent(200, 0.262)
    image = source(wcs, 200, 10, 0.6, *wcs.wcs_pix2world([[90.4, 80.7]], 0)[0])
    ra, dec = wcs.wcs_pix2world([[90.4, 80.7]], 0).T
    stamps = cut_stamps({"r": (image, wcs)}, ra, dec, survey="ls-dr10", bands=["r"])
    options = {"survey": "ls-dr10", "bands": ["r"], "centres": stamps.centres}
    fluxes = aperture_fluxes(stamps.images, **options)["r"][0]
    expected = within((0.5, 0.75, 1, 1.5, 2, 3.5, 5, 7), 10, 0.6)
    np.testing.assert_allclose(fluxes, expected, rtol=0.015)


def test_stamps_go_into_a_batch(cutout):
    stamps = read_cutouts([cutout()], survey="ls-dr10", bands=GRIZ)
    batch = PhotometryBatch.from_arrays(
        [[1, 2, 3, 4]],
        [[1] * 4],
        survey="ls-dr10",
        bands=GRIZ,
        stamps=stamps.images,
        ids={"problem": stamps.problems},
    )
    np.testing.assert_array_equal(batch[[0, 0]].stamps[1], stamps.images[0])


def test_wrong_calls_are_named():
    image = (np.ones((9, 9)), tangent(9, 0.262))
    with pytest.raises(ValueError, match=r"bands \['Y'\]; survey 'ls-dr10' has g"):
        cut_stamps({"Y": image}, [RA], [DEC], survey="ls-dr10")
    with pytest.raises(ValueError, match=r"image of 'g' has shape \(2, 9, 9\)"):
        cut_stamps({"g": (np.ones((2, 9, 9)), image[1])}, [RA], [DEC], survey="ls-dr10")
    with pytest.raises(ValueError, match="2 positions and 1 objects"):
        read_cutouts(["a.fits"], survey="ls-dr10", ra=[1, 2], dec=[3, 4])
    galactic = image[1].deepcopy()
    galactic.wcs.ctype = ["GLON-TAN", "GLAT-TAN"]
    with pytest.raises(ValueError, match="axes are GLON-TAN and GLAT-TAN"):
        cut_stamps({"g": (image[0], galactic)}, [RA], [DEC], survey="ls-dr10")
    stamps = cut_stamps({"g": image}, [np.nan, RA], [0, 91], survey="ls-dr10")
    assert all("no place" in problem for problem in stamps.problems)
