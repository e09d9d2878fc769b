"""The way in: the same spectrum, whatever it is held in, gives the same batch."""

import warnings

import astropy.units as u
import numpy as np
import pytest
from astropy.nddata import (
    InverseVariance,
    StdDevUncertainty,
    UnknownUncertainty,
    VarianceUncertainty,
)
from astropy.table import Column, MaskedColumn, QTable, Table
from astropy.utils.masked import Masked
from hypothesis import given, settings
from hypothesis import strategies as st
from specutils import Spectrum, SpectrumCollection, SpectrumList

from galspec import Flags, SpectrumBatch

FLAM = u.Unit("1e-17 erg / (s cm2 AA)")
AXIS = np.linspace(4000, 4100, 6)
FLUX = np.arange(1.0, 7.0)
UNCERTAINTIES = (StdDevUncertainty, VarianceUncertainty, InverseVariance)
AXIS_UNITS = ["AA", "nm", "um", "m", "Hz", "GHz", "THz", "eV", "keV", "1/cm", "1/um"]
FLUX_UNITS = [
    FLAM,
    "W / (m2 um)",
    "Jy",
    "erg / (s cm2 Hz)",
    "ph / (s cm2 AA)",
    "ph / (s cm2 Hz)",
    "erg / (s cm2)",
]
gather = SpectrumBatch.gather


def spectrum(flux=FLUX * FLAM, axis=AXIS * u.AA, **keywords):
    return Spectrum(flux=flux, spectral_axis=axis, **keywords)


def same(a, b, rtol=3e-7):
    np.testing.assert_allclose(a.wavelength, b.wavelength, rtol=1e-12)
    np.testing.assert_allclose(a.flux, b.flux, rtol=rtol)
    np.testing.assert_allclose(a.ivar, b.ivar, rtol=2 * rtol)
    assert np.array_equal(a.mask, b.mask)
    np.testing.assert_array_equal(a.redshift, b.redshift)
    assert np.array_equal(a.flags, b.flags)
    return True


# --- units -----------------------------------------------------------------------


@settings(max_examples=80, deadline=None)
@given(
    axis_unit=st.sampled_from(AXIS_UNITS),
    flux_unit=st.sampled_from(FLUX_UNITS),
    uncertainty=st.sampled_from(UNCERTAINTIES),
    own_unit=st.booleans(),
    backwards=st.booleans(),
)
def test_units_order_and_kind_of_error_do_not_matter(
    axis_unit, flux_unit, uncertainty, own_unit, backwards
):
    sigma = np.array([0.1, 0.2, 0.5, 0.3, 0.1, 0.2]) * FLAM
    wanted = gather(spectrum(uncertainty=StdDevUncertainty(sigma.value)))
    wave = AXIS * u.AA
    axis = wave.to(axis_unit, u.spectral())
    flux, sigma = (
        q.to(flux_unit, u.spectral_density(wave)) for q in (FLUX * FLAM, sigma)
    )
    error = StdDevUncertainty(sigma if own_unit else sigma.value, unit=None)
    error = error.represent_as(uncertainty)
    if backwards:
        axis, flux, error = axis[::-1], flux[::-1], error[::-1]
    same(gather(spectrum(flux, axis, uncertainty=error)), wanted)


def test_an_error_in_another_unit_than_the_flux():
    flux = FLUX * u.Jy
    a = spectrum(flux, uncertainty=StdDevUncertainty(np.full(6, 500) * u.mJy))
    b = spectrum(flux, uncertainty=VarianceUncertainty(np.full(6, 0.25) * u.Jy**2))
    same(gather(a), gather(b))


@pytest.mark.parametrize("unit", ["", "ct", "adu", "electron / s", "DN"])
def test_uncalibrated_fluxes_are_taken_as_they_are(unit):
    batch = gather(spectrum(FLUX * u.Unit(unit), (AXIS * u.AA).to(u.THz, u.spectral())))
    assert batch.flux[0].tolist() == FLUX[::-1].tolist()[::-1]


@pytest.mark.parametrize(
    "unit", ["Jy / beam", "MJy / sr", "W / (m2 um arcsec2)", "Lsun / AA"]
)
def test_brightness_and_luminosity_keep_their_shape(unit):
    unit = u.Unit(unit)
    batch = gather(spectrum(np.ones(6) * unit))
    nu_based = "Jy" in unit.to_string()
    wanted = AXIS**-2 if nu_based else np.ones(6)
    np.testing.assert_allclose(
        batch.flux[0] / batch.flux[0, 0], wanted / wanted[0], rtol=1e-6
    )
    assert (batch.ivar == 1).all()


@pytest.mark.parametrize("unit", ["mag", "K", "m"])
def test_no_unit_of_flux(unit):
    with pytest.raises(u.UnitConversionError, match=rf"'{unit}'.*flux density"):
        gather(spectrum(FLUX * u.Unit(unit)))


def test_magnitudes_in_a_table():
    with pytest.raises(u.UnitConversionError, match="linear flux density"):
        gather({"wavelength": AXIS * u.AA, "flux": FLUX * u.ABmag})


@pytest.mark.parametrize("unit", ["km / s", "pix", ""])
def test_no_spectral_unit(unit):
    with pytest.raises(u.UnitConversionError, match="wavelength, frequency"):
        gather({"wavelength": AXIS * u.Unit(unit), "flux": FLUX * FLAM})


def test_air_wavelengths():
    from specutils.utils.wcs_utils import air_to_vac

    batch = gather(spectrum(), medium="air")
    wanted = air_to_vac(AXIS * u.AA).to_value(u.AA)
    np.testing.assert_allclose(batch.wavelength, wanted, rtol=1e-12)
    assert (batch.wavelength > AXIS + 1).all()
    same(gather(spectrum(axis=AXIS / 10 * u.nm), medium="air"), batch)
    same(gather(spectrum(), medium="vacuum"), gather(spectrum()))
    with pytest.raises(ValueError, match=r"THz.*medium"):
        gather(spectrum(axis=np.linspace(500, 600, 6) * u.THz), medium="air")
    with pytest.raises(ValueError, match="'water'"):
        gather(spectrum(), medium="water")


# --- containers ------------------------------------------------------------------


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("backwards", [False, True])
def test_many_dimensions_any_axis_order(place, backwards):
    rng = np.random.default_rng(0)
    cube = rng.uniform(1, 2, (2, 3, 6))
    mask, sigma = cube > 1.8, cube / 10
    one_by_one = SpectrumBatch.concatenate(
        [
            gather(
                spectrum(
                    cube[i, j] * u.Jy,
                    uncertainty=StdDevUncertainty(sigma[i, j]),
                    mask=mask[i, j],
                )
            )
            for i in range(2)
            for j in range(3)
        ]
    )
    step = -1 if backwards else 1
    cube, mask, sigma = (
        np.moveaxis(values[..., ::step], -1, place) for values in (cube, mask, sigma)
    )
    whole = Spectrum(
        flux=cube * u.Jy,
        spectral_axis=AXIS[::step] * u.AA,
        spectral_axis_index=place,
        uncertainty=StdDevUncertainty(sigma),
        mask=mask,
    )
    same(gather(whole), one_by_one)
    assert gather(whole).wavelength.ndim == 1


def test_ragged_list():
    short = spectrum(
        np.ones(4) * FLAM, np.linspace(400, 401, 4) * u.nm, meta={"obsid": 7}
    )
    batch = gather(SpectrumList([spectrum(), short, spectrum(meta={"file": "q"})]))
    assert batch.flux.shape == (3, 6)
    assert batch.mask.sum(axis=1).tolist() == [0, 2, 0]
    assert batch.ids["file"].tolist() == ["", "", "q"]
    assert batch.ids["obsid"].tolist()[1] == "7"
    same(gather([SpectrumList([spectrum()]), [short]]), gather([spectrum(), short]))


def test_collections():
    single = [
        spectrum(
            axis=(AXIS + shift) * u.AA,
            uncertainty=StdDevUncertainty(np.full(6, 2.0)),
            mask=np.arange(6) > 3 + shift,
        )
        for shift in (0, 1)
    ]
    collection = SpectrumCollection.from_spectra(single)
    same(gather(collection), gather(single))
    descending = SpectrumCollection(
        flux=np.stack([FLUX, FLUX])[:, ::-1] * FLAM,
        spectral_axis=np.stack([AXIS, AXIS + 1])[:, ::-1] * u.AA,
    )
    assert np.array_equal(gather(descending).flux, np.stack([FLUX, FLUX]))
    assert (np.diff(gather(descending).wavelength) > 0).all()


def test_the_old_name_of_spectrum():
    specutils = pytest.importorskip("specutils")
    if not hasattr(specutils, "Spectrum1D"):
        pytest.skip("this specutils has no Spectrum1D any more")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        old = specutils.Spectrum1D(flux=FLUX * FLAM, spectral_axis=AXIS * u.AA)
    same(gather(old), gather(spectrum()))


def test_bin_edges_and_single_pixels():
    edges = Spectrum(
        flux=np.ones(5) * FLAM, spectral_axis=AXIS * u.AA, bin_specification="edges"
    )
    assert gather(edges).wavelength[0] == 4010
    one = gather(spectrum([1.0] * FLAM, [4000.0] * u.AA))
    assert one.flux.shape == (1, 1)


@pytest.mark.parametrize("data", [[], (), SpectrumList([])])
def test_nothing(data):
    assert len(gather(data)) == 0


def test_no_rows_or_no_pixels():
    axis = AXIS * u.AA
    assert gather({"wavelength": axis, "flux": np.empty((0, 6)) * FLAM}).flux.shape == (
        0,
        6,
    )
    none = gather({"wavelength": axis[:0], "flux": np.empty((2, 0)) * FLAM})
    assert none.flux.shape == (2, 0)


@pytest.mark.parametrize("data", [None, 3, "spectrum.fits", np.ones((2, 3)), [3]])
def test_no_spectra(data):
    with pytest.raises(TypeError, match=r"cannot gather.*Spectrum"):
        gather(data)


def test_a_batch_passes_through():
    batch = gather(spectrum())
    assert gather(batch) is batch
    assert gather(batch, redshift=0.1).redshift.tolist() == [0.1]
    assert np.isnan(batch.redshift).all()


# --- tables and mappings ---------------------------------------------------------

ROWS = np.arange(12.0).reshape(2, 6) + 1


def test_tables_and_mappings_are_alike():
    sigma = np.full((2, 6), 0.5)
    columns = {
        "wavelength": np.stack([AXIS, AXIS]) * u.AA,
        "flux": ROWS * FLAM,
        "uncertainty": sigma * FLAM,
        "redshift": [0.1, np.nan],
        "obsid": [1, 2],
        "name": ["a", "b"],
        "ra": [1.0, 2.0] * u.deg,
        "coefficients": np.ones((2, 3)),
    }
    batch = gather(QTable(columns))
    same(gather(columns), batch)
    assert batch.wavelength.ndim == 1  # equal axes are one axis
    assert list(batch.ids) == ["obsid", "name", "ra"]
    assert (batch.ivar == 4).all()
    ivar = {**columns, "ivar": sigma**-2 / FLAM**2}
    same(gather({k: v for k, v in ivar.items() if k != "uncertainty"}), batch)
    bare = {**columns, "uncertainty": sigma}
    same(gather(bare), batch)
    kind = {**columns, "uncertainty": VarianceUncertainty(sigma**2)}
    same(gather(kind), batch)
    single = {k: v[0] for k, v in columns.items()}
    same(gather(single), batch[:1])


def test_a_masked_value_in_any_column_masks_the_pixel():
    hide = ROWS > 10
    wanted = {"wavelength": AXIS * u.AA, "flux": ROWS * FLAM, "mask": hide}
    wanted = gather(wanted)
    axis, ones = np.stack([AXIS, AXIS]) * u.AA, np.ones((2, 6))
    plain = {"wavelength": axis, "flux": ROWS * FLAM}
    same(
        gather(QTable({"wavelength": axis, "flux": Masked(ROWS * FLAM, hide)})), wanted
    )
    same(gather({**plain, "ivar": np.ma.array(ones, mask=hide)}), wanted)
    same(gather({**plain, "error": Masked(ones * FLAM, hide)}), wanted)
    column = MaskedColumn(ROWS, mask=hide, unit=FLAM)
    same(gather(Table({"wavelength": axis, "flux": column})), wanted)


def test_ragged_tables():
    axes, fluxes = np.empty(2, object), np.empty(2, object)
    axes[:], fluxes[:] = [AXIS, AXIS[:4]], [FLUX, FLUX[:4]]
    table = Table({"wavelength": axes, "flux": fluxes, "obsid": [5, 6]})
    table["wavelength"].unit, table["flux"].unit = u.AA, FLAM
    lists = {
        "wavelength": [AXIS * u.AA, AXIS[:4] * u.AA],
        "flux": [FLUX * FLAM, FLUX[:4] * FLAM],
        "obsid": [5, 6],
    }
    for data in (table, lists):
        batch = gather(data)
        assert batch.mask.sum(axis=1).tolist() == [0, 2]
        assert batch.flux[1, :4].tolist() == FLUX[:4].tolist()
        assert batch.ids["obsid"].tolist() == [5, 6]


def test_a_masked_wavelength_masks_the_pixel():
    axis = Masked(np.stack([AXIS, AXIS]) * u.AA, ROWS > 10)
    batch = gather(QTable({"wavelength": axis, "flux": ROWS * FLAM}))
    np.testing.assert_array_equal(batch.mask, ROWS > 10)


def test_masked_identifiers_do_not_show_what_is_under_the_mask():
    columns = {"wavelength": np.stack([AXIS, AXIS]) * u.AA, "flux": ROWS * FLAM}
    columns["name"] = MaskedColumn(["a", "b"], mask=[0, 1])
    columns["plate"] = MaskedColumn([7, 8], mask=[1, 0])
    columns["ra"] = Masked([1.0, 2.0] * u.deg, [False, True])
    ids = gather(QTable(columns)).ids
    assert ids["name"].tolist() == ["a", ""]
    np.testing.assert_array_equal(ids["plate"], [np.nan, 8])
    np.testing.assert_array_equal(ids["ra"], [1, np.nan])


def test_a_mask_of_another_shape():
    with pytest.raises(ValueError, match=r"mask has shape \(3, 6\)"):
        gather({"wavelength": AXIS * u.AA, "flux": ROWS * FLAM, "mask": np.eye(3, 6)})


def test_missing_columns_are_named():
    with pytest.raises(ValueError, match=r"flux.*wave"):
        gather({"wave": AXIS * u.AA})
    with pytest.raises(ValueError, match="spectral_axis"):
        gather({})
    with pytest.raises(ValueError, match="wavelength"):
        gather({"wavelength": AXIS[:5] * u.AA, "flux": ROWS * FLAM})


# --- bad values ------------------------------------------------------------------

values = st.floats(width=32)


@settings(max_examples=60, deadline=None)
@given(
    flux=st.lists(values, min_size=6, max_size=6),
    error=st.lists(values, min_size=6, max_size=6),
    axis=st.lists(values, min_size=6, max_size=6),
    uncertainty=st.sampled_from(UNCERTAINTIES),
    unit=st.sampled_from(["AA", "GHz"]),
)
def test_bad_numbers_never_raise(flux, error, axis, uncertainty, unit):
    good = {"wavelength": AXIS * u.AA, "flux": FLUX * u.Jy}
    bad = {
        "wavelength": np.array(axis) * u.Unit(unit),
        "flux": np.array(flux) * u.Jy,
        "uncertainty": uncertainty(np.array(error)),
    }
    batch = gather([good, bad])
    assert np.isfinite(batch.wavelength).all()
    assert np.isfinite(batch.flux).all()
    assert np.isfinite(batch.ivar).all()
    assert (np.diff(batch.wavelength, axis=-1) >= 0).all()
    positive = np.sum((np.array(error) > 0) & (np.array(axis) > 0) & np.isfinite(flux))
    assert np.sum(~batch.mask[1]) <= positive
    same(batch[:1], gather([good, bad])[:1])
    np.testing.assert_array_equal(batch.flux[0], gather(good).flux[0])


@pytest.mark.parametrize("uncertainty", UNCERTAINTIES)
def test_errors_that_are_none_mask_their_pixel(uncertainty):
    error = uncertainty(np.array([2, 0, -1, np.nan, np.inf, 2]))
    batch = gather(spectrum(uncertainty=error))
    assert batch.mask[0].tolist() == [False, True, True, True, True, False]
    wanted = {"std": 0.25, "var": 0.5, "ivar": 2}[error.uncertainty_type]
    assert batch.ivar[0, [0, 5]].tolist() == [wanted] * 2


def test_unknown_errors_weigh_all_pixels_alike():
    batch = gather(spectrum(uncertainty=UnknownUncertainty(np.full(6, 3.0))))
    assert (batch.ivar == 1).all()


def test_masks():
    assert not gather(spectrum()).mask.any()
    bits = gather(spectrum(mask=np.array([0, 4, 0, 0, 1, 0])))
    assert bits.mask[0].tolist() == [False, True, False, False, True, False]
    flux = np.where(AXIS > 4050, np.nan, FLUX)
    assert np.array_equal(gather(spectrum(flux * FLAM)).mask[0], AXIS > 4050)


@pytest.mark.parametrize("dtype", [">f4", ">f8", "f2", "f4", "i4"])
def test_dtypes(dtype):
    flux = u.Quantity(FLUX.astype(dtype), FLAM, dtype=dtype)
    same(gather(spectrum(flux, AXIS.astype(">f8") * u.AA)), gather(spectrum()))


def test_wavelengths_out_of_order_are_sorted_with_their_pixels():
    axis = np.array([4000, 4003, 4002, 4002, np.nan, 4001])
    batch = gather({"wavelength": axis * u.AA, "flux": FLUX * FLAM})
    assert batch.wavelength[:5].tolist() == [4000, 4001, 4002, 4002, 4003]
    assert batch.flux[0].tolist() == [1, 6, 3, 4, 2, 0]
    assert batch.mask[0].tolist() == [False] * 5 + [True]


# --- redshifts and identifiers ---------------------------------------------------


def test_what_a_spectrum_says_of_its_redshift():
    known = [
        spectrum(redshift=0.1),
        spectrum(radial_velocity=3000 * u.km / u.s),
        spectrum(meta={"redshift": 0.3}),
    ]
    velocity = (3000 * u.km / u.s).to_value(u.one, u.doppler_redshift())
    np.testing.assert_allclose(gather(known).redshift, [0.1, velocity, 0.3])
    unknown = [spectrum(), spectrum(redshift=0)]
    unknown += [spectrum(meta={"redshift": z}) for z in (None, "?", np.nan, [1, 2])]
    assert np.isnan(gather(unknown).redshift).all()


def test_what_the_caller_says_counts_more():
    pair = [spectrum(redshift=0.1), spectrum()]
    np.testing.assert_array_equal(gather(pair, redshift=0.3).redshift, [0.3, 0.3])
    np.testing.assert_array_equal(
        gather(pair, redshift=[np.nan, 0.0]).redshift, [np.nan, 0]
    )
    np.testing.assert_array_equal(
        gather(pair, redshift=np.ma.array([1, 2], mask=[1, 0])).redshift, [np.nan, 2]
    )
    velocity = gather(pair, redshift=[0, 3000] * u.km / u.s).redshift
    np.testing.assert_allclose(velocity, [0, 0.0100575], rtol=1e-5)
    bare = gather(pair, redshift=[0.2, 0.4] * u.one)
    assert bare.redshift.tolist() == [0.2, 0.4]
    column = {"wavelength": AXIS * u.AA, "flux": ROWS * FLAM}
    column["redshift"] = [0, 3000] * u.km / u.s
    np.testing.assert_allclose(gather(column).redshift, velocity)
    table = Table({"wavelength": [AXIS] * 2, "flux": ROWS})
    table["wavelength"].unit = u.AA
    for kind in (Column, MaskedColumn):
        table["redshift"] = kind([0.0, 3000.0], unit="km / s")
        np.testing.assert_allclose(gather(table).redshift, velocity)
    masked = {**column, "redshift": Masked([0, 3000] * u.km / u.s, [True, False])}
    np.testing.assert_allclose(gather(masked).redshift, [np.nan, velocity[1]])


def test_impossible_redshifts_are_flagged():
    batch = gather([spectrum()] * 4, redshift=[-2, np.inf, np.nan, -0.01])
    bit = Flags.REDSHIFT_OUT_OF_RANGE
    assert batch.flags.tolist() == [bit, bit, 0, 0]
    np.testing.assert_array_equal(batch.redshift, [np.nan, np.nan, np.nan, -0.01])


@pytest.mark.parametrize("redshift", [[0.1], [0.1, 0.2, 0.3], [[0.1, 0.2]]])
def test_redshifts_of_another_length(redshift):
    with pytest.raises(ValueError, match="2 spectra"):
        gather([spectrum(), spectrum()], redshift=redshift)


def test_identifiers_come_from_meta():
    cube = Spectrum(
        flux=ROWS * FLAM,
        spectral_axis=AXIS * u.AA,
        meta={"file": "a", "ra": [1.0, 2.0], "dec": None, "header": {}, "obsid": [[3]]},
    )
    batch = gather(cube)
    assert {k: v.tolist() for k, v in batch.ids.items()} == {
        "file": ["a", "a"],
        "ra": [1.0, 2.0],
    }
