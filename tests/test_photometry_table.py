"""Tables of photometry: columns, units, marks of missing values, E(B-V), errors."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import MaskedColumn, QTable, Table
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import Flags, PhotometryBatch
from galspec.magnitudes import asinh_magnitude
from galspec.surveys import SURVEYS, Columns, Survey

GRZ = ("g", "r", "z")


def gather(table, survey="ls-dr10", **options):
    return PhotometryBatch.gather(table, survey=survey, **options)


def legacy(n=3, upper=False, **more):
    """Columns of a sweep, without units."""
    rng = np.random.default_rng(1)
    table = {"ra": np.linspace(10, 20, n), "dec": np.zeros(n), "objid": np.arange(n)}
    for band in ("g", "r", "i", "z", "w1", "w2"):
        table[f"flux_{band}"] = rng.uniform(1, 20, n).astype(np.float32)
        table[f"flux_ivar_{band}"] = rng.uniform(1, 20, n).astype(np.float32)
    table |= {"ebv": np.full(n, 0.05)} | more
    return {name.upper() if upper else name: column for name, column in table.items()}


def test_a_sweep_in_upper_case():
    table = legacy(upper=True)
    batch = gather(table)
    assert batch.bands == ("g", "r", "i", "z", "W1", "W2")
    np.testing.assert_array_equal(batch.flux[:, 4], table["FLUX_W1"])
    np.testing.assert_array_equal(batch.ivar[:, 0], table["FLUX_IVAR_G"])
    np.testing.assert_array_equal(batch.ebv, 0.05)
    assert list(batch.ids) == ["objid", "ra", "dec"]
    assert batch.ids["objid"].dtype.kind == "i"
    assert batch.aperture_flux == {}


def test_bands_without_a_column_are_not_observed():
    table = {k: v for k, v in legacy().items() if k[-2:] not in ("_i", "w2")}
    batch = gather(table)
    np.testing.assert_array_equal(
        batch.observed[0], [True, True, False, True, True, False]
    )
    assert batch.flags.tolist() == [0, 0, 0]


def test_one_bad_row_never_costs_the_others():
    table = legacy(4)
    table["flux_g"] = np.ma.array(table["flux_g"], mask=[True, False, False, False])
    table["flux_ivar_r"][1] = 0
    for name in ("flux_i", "flux_z"):
        table[name][2] = np.inf
    for name in [n for n in table if n.startswith("flux_ivar")]:
        table[name][3] = np.nan
    batch = gather(table)
    expected = np.ones((4, 6), bool)
    expected[0, 0] = expected[1, 1] = expected[2, 2] = expected[2, 3] = False
    expected[3] = False
    np.testing.assert_array_equal(batch.observed, expected)
    assert batch.flags.tolist() == [0, 0, 0, Flags.NO_DATA]


@pytest.mark.parametrize("unit", ["nmgy", "uJy", "Jy", "erg / (s cm2 Hz)"])
def test_units_of_fluxes(unit):
    one = 1 * u.nmgy if unit == "nmgy" else (3.631 * u.uJy).to(unit)
    table = QTable()
    for band in GRZ:
        table[f"flux_{band}"] = [10.0, 0.5] * one
        table[f"flux_ivar_{band}"] = [4.0, 9.0] / one**2
    batch = gather(table, "ls-dr9")
    np.testing.assert_allclose(batch.flux[:, :3], [[10] * 3, [0.5] * 3], rtol=1e-5)
    np.testing.assert_allclose(batch.ivar[:, :3], [[4] * 3, [9] * 3], rtol=1e-5)


@pytest.mark.parametrize("error_is", ["ivar", "sigma"])
def test_errors_without_a_unit_are_in_that_of_their_fluxes(error_is):
    columns = Columns("f_{band}", "e_{band}", error_is=error_is)
    error = 2.0 if error_is == "sigma" else 0.25
    table = QTable({"f_g": [36.31, 36.31] * u.uJy, "e_g": [error, error]})
    batch = gather(table, columns=columns)
    np.testing.assert_allclose(batch.flux[:, 0], 10, rtol=1e-6)
    np.testing.assert_allclose(batch.signal_to_noise[:, 0], 36.31 / 2, rtol=1e-6)


def test_a_unit_that_is_none_is_named():
    table = Table(legacy())
    table["flux_z"].unit = u.Unit("parrots", parse_strict="silent")
    with pytest.raises(u.UnitConversionError, match="'flux_z' is in parrots, which"):
        gather(table)


def test_a_unit_of_something_else_is_named():
    table = Table(legacy())
    table["flux_r"].unit = "K"
    with pytest.raises(
        u.UnitConversionError, match="'flux_r' is in K: no flux density"
    ):
        gather(table)
    table = Table(legacy())
    table["flux_ivar_r"].unit = "nmgy"
    with pytest.raises(u.UnitConversionError, match="'flux_ivar_r'"):
        gather(table)
    table = Table({"mag_g": [20.0], "magerr_g": [0.1]})
    table["mag_g"].unit = "Jy"
    with pytest.raises(u.UnitConversionError, match="'mag_g' is in Jy: no AB"):
        gather(table, "sdss")


def test_magnitudes_and_their_errors():
    table = QTable({"mag_g": [20.0, 22.5] * u.ABmag, "magerr_g": [0.1, 0.2] * u.mag})
    batch = gather(table, "cosmos")
    np.testing.assert_allclose(batch.flux[:, 2], [10, 1], rtol=1e-6)
    sigma = np.array([10 * 0.1, 1 * 0.2]) * np.log(10) / 2.5
    np.testing.assert_allclose(batch.ivar[:, 2], sigma**-2, rtol=1e-5)


def test_asinh_magnitudes_of_sdss_keep_what_is_not_detected():
    flux, ivar = np.array([5.0, 0.0, -0.3, 1.0]), np.full(4, 16.0)
    value, error = asinh_magnitude(flux, ivar, SURVEYS["sdss"].softening["u"])
    error[3] = -9999
    batch = gather({"modelMag_u": value, "modelMagErr_u": error}, "sdss")
    np.testing.assert_allclose(batch.flux[:3, 0], flux[:3], rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(batch.ivar[:3, 0], ivar[:3], rtol=1e-5)
    np.testing.assert_array_equal(batch.observed[:, 0], [True, True, True, False])
    np.testing.assert_array_equal(batch.detected()[:, 0], [True, False, False, False])


@pytest.mark.parametrize("missing", [np.nan, np.inf, -99, -999, -9999, 99, 99.9])
def test_marks_of_missing_magnitudes(missing):
    batch = gather({"mag_g": [20.0, missing], "magerr_g": [0.1, 0.1]}, "cosmos")
    assert batch.observed[:, 2].tolist() == [True, False]
    batch = gather({"mag_g": [20.0, 20.0], "magerr_g": [0.1, missing]}, "cosmos")
    assert batch.observed[0, 2]
    assert batch.detected()[:, 2].tolist() == [True, False]


@pytest.mark.parametrize("error", [0.0, -0.1, np.nan])
def test_a_magnitude_without_an_error_is_no_measurement(error):
    for names in (("mag_g", "magerr_g"), ("modelmag_g", "modelmagerr_g")):
        batch = gather(dict(zip(names, ([20.0], [error]), strict=True)), "sdss")
        assert not batch.observed.any()


def test_a_limiting_magnitude_was_observed_and_not_detected():
    batch = gather({"mag_g": [99.0, 99.0], "magerr_g": [27.5, 0.3]}, "cosmos")
    assert batch.observed[:, 2].tolist() == [True, False]
    assert batch.flux[0, 2] == 0
    assert batch.ivar[0, 2] == pytest.approx((10 ** (-0.4 * 5)) ** -2, rel=1e-6)
    assert not batch.detected().any()


def test_standard_deviations_of_fluxes():
    columns = Columns("f_{band}", "e_{band}", unit="uJy", error_is="sigma")
    table = {"f_g": [3.631, 3.631], "e_g": [0.3631, 0.0]}
    batch = gather(table, columns=columns)
    assert batch.flux[0, 0] == pytest.approx(1)
    assert batch.ivar[0, 0] == pytest.approx(100)
    assert batch.observed[:, 0].tolist() == [True, False]


def test_a_plain_mapping_for_any_other_table():
    survey = Survey(
        "ps1",
        bands=("g", "y"),
        extinction={"g": 3.172, "y": 1.088},  # Schlafly & Finkbeiner (2011), table 6
        columns=(
            Columns({"g": "gKmag", "y": "yKmag"}, {"g": "e_g", "y": "e_y"}, unit="mag"),
        ),
        identifiers=("objID",),
    )
    table = {"objID": [7], "gKmag": [20.0], "e_g": [0.1], "yKmag": [19.0], "e_y": [0.1]}
    batch = gather(table | {"seeing": [1.2]}, survey, keep=["SEEING"])
    np.testing.assert_allclose(batch.flux, [[10, 10**1.4]], rtol=1e-6)
    assert {k: v.tolist() for k, v in batch.ids.items()} == {
        "objid": [7],
        "seeing": [1.2],
    }


@pytest.mark.parametrize("apart", [False, True])
def test_aperture_fluxes_in_one_column_or_in_many(apart):
    rings = np.arange(24.0).reshape(3, 8) + 1
    table = legacy()
    for name, values in (("apflux_g", rings), ("apflux_ivar_g", rings + 2)):
        if apart:
            table |= {f"{name}_{k}": v for k, v in enumerate(values.T, start=1)}
        else:
            table[name] = values
    batch = gather(table)
    assert list(batch.aperture_flux) == ["g"]
    assert batch.apertures["g"][-1] == 7.0
    np.testing.assert_array_equal(batch.aperture_flux["g"], rings)
    np.testing.assert_array_equal(batch.aperture_ivar["g"], rings + 2)


def test_apertures_of_another_number_are_named():
    table = legacy(apflux_g=np.ones((3, 5)), apflux_ivar_g=np.ones((3, 5)))
    with pytest.raises(ValueError, match=r"aperture flux of 'g' has shape \(3, 5\)"):
        gather(table)
    with pytest.raises(
        ValueError, match="'apflux_ivar_g' for the errors of 'apflux_g'"
    ):
        gather(legacy(apflux_g=np.ones((3, 8))))


def test_reddening_from_the_transmission():
    table = legacy()
    del table["ebv"]
    ebv = np.array([0.02, 0.5, -0.01])
    table["mw_transmission_g"] = 10 ** (-0.4 * 3.214 * ebv)
    table["mw_transmission_r"] = 10 ** (-0.4 * 2.165 * ebv)
    table["mw_transmission_g"][1] = np.nan
    np.testing.assert_allclose(gather(table).ebv, ebv, rtol=1e-6)
    table["mw_transmission_r"][1] = 0
    np.testing.assert_array_equal(np.isnan(gather(table).ebv), [False, True, False])


def test_reddening_from_the_extinction_columns_of_sdss():
    # Schlegel, Finkbeiner & Davis (1998), table 6: A_u = 5.155 E(B-V)
    table = {"modelFlux_r": [9.0], "modelFluxIvar_r": [1.0], "extinction_u": [0.5155]}
    assert gather(table, "sdss").ebv.tolist() == pytest.approx([0.1])


def test_reddening_that_is_given_goes_first_and_a_map_last():
    table = legacy(ebv=np.array([0.1, np.nan, 0.3]))
    assert gather(table, ebv=0.7).ebv.tolist() == [0.7] * 3
    assert gather(table, ebv=[0.4, 0.5, 0.6] * u.mag).ebv.tolist() == [0.4, 0.5, 0.6]
    asked = []

    def dust(place):
        asked.extend(place.ra.deg)
        return np.full(len(place), 0.2)

    assert gather(table, dust_map=dust).ebv.tolist() == [0.1, 0.2, 0.3]
    assert asked == [15.0]
    del table["ra"]
    with pytest.raises(ValueError, match="no column 'ra' for the place"):
        gather(table, dust_map=dust)
    assert np.isnan(gather(table).ebv[1])


def test_positions_in_other_units():
    table = QTable(legacy(ebv=np.full(3, np.nan)))
    table["ra"] = [1, 2, 3] * u.hourangle
    batch = gather(table, dust_map=lambda place: place.ra.deg / 100)
    np.testing.assert_allclose(batch.ebv, [0.15, 0.3, 0.45])


@pytest.mark.parametrize("known", [True, False])
def test_fluxes_that_are_dereddened_already(known):
    table = legacy()
    ebv = table.pop("ebv")
    clean = {
        f"dered_{name}": column / 10 ** (-0.4 * SURVEYS["ls-dr10"].extinction[b] * ebv)
        for b, name in (("g", "flux_g"), ("r", "flux_r"))
        for column in [table[name]]
    }
    errors = {name: table[name] for name in ("flux_ivar_g", "flux_ivar_r")}
    batch = gather(clean | errors, ebv=ebv if known else None)
    if known:
        np.testing.assert_allclose(batch.flux[:, 0], table["flux_g"], rtol=1e-6)
        np.testing.assert_array_equal(batch.ebv, ebv)
    else:
        np.testing.assert_allclose(batch.flux[:, 0], clean["dered_flux_g"], rtol=1e-6)
        np.testing.assert_array_equal(batch.ebv, 0)
    np.testing.assert_array_equal(batch.ivar[:, 0], table["flux_ivar_g"])


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 2), st.floats(15, 27), st.floats(0.01, 1))
def test_dereddened_magnitudes_keep_their_signal_to_noise(ebv, value, error):
    columns = Columns("m_{band}", "e_{band}", unit="mag", dereddened=("value", "error"))
    batch = gather({"m_g": [value], "e_g": [error]}, columns=columns, ebv=ebv)
    assert batch.flux[0, 0] == pytest.approx(
        10 ** (-0.4 * (value + 3.214 * ebv - 22.5)), rel=1e-5
    )
    assert batch.signal_to_noise[0, 0] == pytest.approx(
        2.5 / np.log(10) / error, rel=1e-5
    )


@settings(deadline=None, max_examples=50)
@given(st.permutations(range(5)))
def test_rows_keep_their_order(order):
    table = Table(legacy(5))
    shuffled, batch = gather(table[list(order)]), gather(table)[order]
    np.testing.assert_array_equal(shuffled.flux, batch.flux)
    np.testing.assert_array_equal(shuffled.ids["objid"], batch.ids["objid"])


def test_identifiers_that_are_masked_or_bytes():
    table = Table(legacy())
    table["objid"] = MaskedColumn([1, 2, 3], mask=[False, True, False])
    table["type"] = np.array([b"REX", b"PSF", b"SER"])
    table["z"] = MaskedColumn([0.1, 0.2, 0.3], mask=[True, False, False])
    batch = gather(table, keep="z")
    assert batch.ids["objid"].tolist() == [1, -1, 3]
    assert batch.ids["type"].tolist() == ["REX", "PSF", "SER"]
    np.testing.assert_array_equal(batch.ids["z"], [np.nan, 0.2, 0.3])


def test_an_empty_table_is_an_empty_batch():
    batch = gather(Table(legacy())[:0])
    assert len(batch) == 0
    assert batch.flux.shape == (0, 6)


@pytest.mark.parametrize(
    ("table", "words"),
    [
        (
            {"mag": [1]},
            r"no column for any band of 'ls-dr10': looked for flux_g.*among mag",
        ),
        ({}, "among no columns"),
        ({"flux_g": [1.0]}, "no column 'flux_ivar_g' for the errors of 'flux_g'"),
        (
            {"flux_g": ["a"], "flux_ivar_g": [1.0]},
            "column 'flux_g' holds no numbers: could not convert",
        ),
        (
            {"flux_g": [1.0, 2.0], "flux_ivar_g": [1.0]},
            r"different lengths: {'flux_g': 2, 'flux_ivar_g': 1}",
        ),
        (
            {"flux_g": np.ones((1, 2)), "flux_ivar_g": np.ones(1)},
            r"column 'flux_g' has shape \(1, 2\)",
        ),
    ],
)
def test_wrong_tables_say_what_is_wrong(table, words):
    with pytest.raises(ValueError, match=words):
        gather(table)


def test_wrong_calls_say_what_is_wrong():
    with pytest.raises(TypeError, match="from ndarray: pass a table or a mapping"):
        gather(np.ones(3))
    with pytest.raises(ValueError, match="no column 'z_spec' for keep="):
        gather(legacy(), keep=["z_spec"])
    with pytest.raises(ValueError, match=r"ebv has shape \(2,\); there are 3"):
        gather(legacy(), ebv=[0.1, 0.2])
    with pytest.raises(ValueError, match=r"'spectra' has shape \(3, 2\): one value"):
        gather(legacy(spectra=np.ones((3, 2))), keep=["spectra"])
