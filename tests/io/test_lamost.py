"""LAMOST files of every layout, through specutils and through the bulk reader."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.nddata import InverseVariance

from galspec.io import read_spectra, specutils_hook
from galspec.io.bulk import lazy_batches

LAYOUTS = ["dr1", "dr7", "dr10"]
GRID = 10 ** (1e-4 * (35_682 + np.arange(300)))


@pytest.fixture(autouse=True)
def _registered():
    specutils_hook.install()


def read(source):
    from specutils import Spectrum

    return Spectrum.read(source)


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_spectrum_read_recognises_the_layout(make_lamost, layout, zipped):
    spectrum = read(make_lamost(layout, zipped=zipped))
    np.testing.assert_allclose(spectrum.spectral_axis.to_value("AA"), GRID, rtol=1e-9)
    assert np.flatnonzero(spectrum.mask).tolist() == [3, 5, 6]
    assert isinstance(spectrum.uncertainty, InverseVariance)
    assert spectrum.flux.dtype.isnative
    assert 50 < np.nanmedian(spectrum.flux.value) < 150


@pytest.mark.parametrize("layout", LAYOUTS)
def test_meta_from_the_header(make_lamost, layout):
    meta = read(make_lamost(layout)).meta
    assert (meta["ra"], meta["dec"], meta["class"]) == (332.5, -2.25, "STAR")
    assert meta["redshift"] == pytest.approx(-1.387e-4)
    assert meta["snrr"] == meta["snr_r"] == 27.5
    assert np.isnan(meta["snru"])
    assert isinstance(meta["header"], fits.Header)
    numbered = layout != "dr1"
    assert meta["obsid"] == ("101001" if numbered else "spec-55859-F5902_sp01-001")


@pytest.mark.parametrize("layout", LAYOUTS)
def test_minus_9999_is_an_unknown_redshift(make_lamost, layout):
    path = make_lamost(layout, cards={"Z": -9999.0, "SNRR": -9999.0, "SN_R": -9999})
    assert np.isnan(read(path).meta["redshift"])
    batch = read_spectra([path])
    assert np.isnan(batch.redshift[0])
    assert np.isnan(batch.ids["snr_r"][0])


@pytest.mark.parametrize("zipped", [False, True])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_bulk_equals_spectrum_read(make_lamost, layout, zipped):
    path = make_lamost(layout, zipped=zipped)
    spectrum, batch = read(path), read_spectra([path])
    assert batch.ids["problem"].tolist() == [""]
    good = ~batch.mask[0]
    # the batch also masks the pixel whose flux is NaN
    assert np.flatnonzero(~good).tolist() == [3, 5, 6, 7]
    np.testing.assert_array_equal(batch.wavelength, spectrum.spectral_axis.value)
    np.testing.assert_array_equal(batch.flux[0][good], spectrum.flux.value[good])
    np.testing.assert_array_equal(batch.ivar[0][good], spectrum.uncertainty.array[good])
    assert batch.redshift[0] == spectrum.meta["redshift"]
    assert batch.ids["obsid"][0] == spectrum.meta["obsid"]


def test_spectrum_list_and_open_files(make_lamost):
    from specutils import Spectrum, SpectrumList

    path = make_lamost("dr10")
    assert [s.shape for s in SpectrumList.read(path)] == [(300,)]
    with fits.open(path) as hdus:
        assert Spectrum.read(hdus).shape == (300,)
    with open(path, "rb") as file:
        assert Spectrum.read(file).shape == (300,)


def test_five_row_image_of_another_telescope_is_refused(make_lamost):
    path = make_lamost("dr1", cards={"TELESCOP": "SDSS 2.5-M"})
    assert "SDSS 2.5-M" in read_spectra([path]).ids["problem"][0]


def test_image_without_any_wavelength_is_a_problem(make_lamost):
    path = make_lamost("dr1", cards={"COEFF1": 0.0})
    assert "COEFF0" in read_spectra([path]).ids["problem"][0]


def test_axis_off_the_survey_grid_is_kept(make_lamost):
    batch = read_spectra([make_lamost("dr1", cards={"COEFF0": 3.56825})])
    assert batch.wavelength[0] == pytest.approx(10**3.56825, rel=1e-12)


def test_wavelengths_in_air_are_refused(make_lamost):
    path = make_lamost("dr10", cards={"VACUUM": False})
    assert "air" in read_spectra([path]).ids["problem"][0]


@pytest.mark.shared
def test_real_files(shared_data):
    paths = sorted((shared_data / "stars").glob("lamost_dr*/*.fits*"))
    batch = read_spectra(paths, workers=2)
    assert len(batch) == len(paths) > 90
    assert set(batch.ids["problem"].tolist()) == {""}
    assert batch.wavelength.shape == (3909,)
    assert batch.wavelength[0] == pytest.approx(10**3.5682)
    assert np.isfinite(batch.redshift).all()
    # every layout, and a shorter spectrum inside the union of the grids
    for row in (0, 84, -2, -1):
        spectrum = read(paths[row])
        n = len(spectrum.flux)
        good = ~batch.mask[row, :n]
        assert batch.mask[row, n:].all()
        np.testing.assert_array_equal(
            batch.flux[row, :n][good], spectrum.flux.value[good]
        )


def test_more_of_the_header_is_read_where_it_is_asked_for(make_lamost, tmp_path):
    cards = {"SNRG": 31.5, "SNRI": 47.0, "Z_ERR": 2e-5}
    paths = [make_lamost("dr10", cards=cards), tmp_path / "nowhere.fits"]
    names = ("snr_g", "snr_i", "redshift_err")
    (group,) = lazy_batches(paths, 10, names)
    (batch,) = group
    found = [batch.ids[name].tolist() for name in names]
    np.testing.assert_equal(found, [[31.5, np.nan], [47.0, np.nan], [2e-5, np.nan]])
    assert not set(names) & set(read_spectra(paths).ids)
    with pytest.raises(ValueError, match="snr_y"):
        lazy_batches(paths, 10, ("snr_y",))
