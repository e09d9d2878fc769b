"""Magnitudes in the bands of surveys, against what speclite says."""

import astropy.units as u
import numpy as np
import pytest
from astropy.nddata import InverseVariance, StdDevUncertainty
from speclite import filters
from specutils import Spectrum

from galspec.sed import WAVELENGTH
from galspec.synthetic_photometry import BANDS, band_names, synthetic_photometry

FLAM = u.erg / u.s / u.cm**2 / u.AA
AXIS = WAVELENGTH * u.AA


def spectrum(n=3, error=0.02, **changes):
    slopes = np.linspace(-2, 1, n)[:, None]
    flux = 1e-14 * (WAVELENGTH / 5500) ** slopes
    parts = {
        "flux": flux * FLAM,
        "spectral_axis": AXIS,
        "uncertainty": StdDevUncertainty(error * flux),
    }
    return Spectrum(**{**parts, **changes})


@pytest.mark.parametrize(
    "band", ["gaiadr3-BP", "sdss2010-u", "sdss2010-r", "bessell-B"]
)
def test_magnitudes_are_those_of_speclite(band):
    one = spectrum()
    ours = synthetic_photometry(one, [band])[band].value
    fine = np.geomspace(2500, 10470, 8000)
    flux = np.array([np.interp(fine, WAVELENGTH, row) for row in one.flux.value])
    theirs = filters.load_filter(band).get_ab_magnitude(flux * FLAM, fine * u.AA)
    np.testing.assert_allclose(ours, theirs, atol=5e-4)


def test_a_constant_flux_per_frequency_has_the_same_magnitude_everywhere():
    flux = (3631 * u.Jy).to(FLAM, u.spectral_density(AXIS))
    table = synthetic_photometry(Spectrum(flux=flux, spectral_axis=AXIS))
    assert len(table) == 1
    for band in BANDS:
        assert table[band].unit == u.ABmag
        assert table[band].value[0] == pytest.approx(0, abs=2e-3)
        assert np.isnan(table[f"{band}_err"][0])  # there was no uncertainty


def test_units_and_the_order_of_the_axis_do_not_matter():
    one = spectrum(2)
    flux = one.flux.to(u.mJy, u.spectral_density(AXIS))
    error = flux * 0.02
    other = Spectrum(
        flux=flux[:, ::-1],
        spectral_axis=AXIS.to(u.THz, u.spectral())[::-1],
        uncertainty=InverseVariance(error[:, ::-1].value ** -2),
    )
    first, second = (synthetic_photometry(s, ["sdss2010-g"]) for s in (one, other))
    for name in first.colnames:
        np.testing.assert_allclose(first[name].value, second[name].value, rtol=1e-6)


def test_errors_add_up_as_if_they_were_all_of_one_sign():
    table = synthetic_photometry(spectrum(error=0.02))
    for band in BANDS:
        error = table[f"{band}_err"].value
        np.testing.assert_allclose(error, 2.5 / np.log(10) * 0.02, rtol=1e-6)


def test_a_band_that_is_not_covered_is_nan_with_a_warning():
    short = Spectrum(flux=np.ones(400) * FLAM, spectral_axis=AXIS[:400])
    with pytest.warns(UserWarning, match="gaiadr3-G, sdss2010-i"):
        table = synthetic_photometry(short, ["sdss2010-g", "gaiadr3-G", "sdss2010-i"])
    assert np.isfinite(table["sdss2010-g"].value[0])
    assert np.isnan(table["gaiadr3-G"].value[0])


def test_what_is_masked_is_not_covered():
    mask = np.zeros((3, len(WAVELENGTH)), bool)
    mask[1, (WAVELENGTH > 6000) & (WAVELENGTH < 6200)] = True
    mask[2, :50] = True  # far from the band
    with pytest.warns(UserWarning, match="sdss2010-r"):
        table = synthetic_photometry(spectrum(mask=mask), ["sdss2010-r"])
    assert np.isnan(table["sdss2010-r"].value).tolist() == [False, True, False]
    plain = synthetic_photometry(spectrum(), ["sdss2010-r"])
    assert table["sdss2010-r"].value[2] == plain["sdss2010-r"].value[2]


def test_an_unknown_band_is_an_error_that_lists_those_there_are():
    with pytest.raises(ValueError, match=r"no band 'r'.*gaiadr3-G.*sdss2010-r"):
        synthetic_photometry(spectrum(), ["r"])


def test_the_bands_that_serve_unless_told_are_there():
    assert set(BANDS) <= set(band_names())


def test_one_band_may_be_named_alone_and_a_cube_is_taken_row_by_row():
    many = spectrum(6)
    cube = spectrum(
        flux=many.flux.reshape(2, 3, -1),
        uncertainty=StdDevUncertainty(many.uncertainty.array.reshape(2, 3, -1)),
    )
    rows = synthetic_photometry(many, ["sdss2010-r"])
    again = synthetic_photometry(cube, "sdss2010-r")
    for name in ("sdss2010-r", "sdss2010-r_err"):
        np.testing.assert_array_equal(rows[name].value, again[name].value)


def test_an_uncertainty_may_have_a_unit_of_its_own():
    one = spectrum()
    width = StdDevUncertainty(one.uncertainty.array * 1e17, unit=1e-17 * FLAM)
    first, second = (
        synthetic_photometry(s, "sdss2010-r")["sdss2010-r_err"].value
        for s in (one, spectrum(uncertainty=width))
    )
    np.testing.assert_allclose(first, second)


def test_counts_and_tables_are_no_spectra():
    counts = Spectrum(flux=np.ones(len(WAVELENGTH)) * u.ct, spectral_axis=AXIS)
    with pytest.raises(u.UnitConversionError, match="'ct': a flux density"):
        synthetic_photometry(counts)
    with pytest.raises(TypeError, match=r"Spectrum is needed, not dict.*to_spectrum"):
        synthetic_photometry({"sed": np.ones(len(WAVELENGTH))})
