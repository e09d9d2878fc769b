"""Estimators by strong lines: values, errors, flags, and the contract."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from galspec import get_estimator
from galspec.baselines import strong_lines
from galspec.baselines.strong_lines import KD02N2O2, KK04R23, PP04N2, PP04O3N2
from galspec.flags import Flags
from galspec.spectra import SpectrumBatch

ESTIMATORS = [
    getattr(strong_lines, name)
    for name in strong_lines.__all__
    if name != "StrongLineEstimator"
]
#: An H II region of about solar abundance, H-beta = 1.
REGION = {
    "OII_3728": 2.2,
    "Hbeta": 1.0,
    "OIII_5007": 0.8,
    "Halpha": 2.86,
    "NII_6584": 0.95,
    "SII_6716": 0.3,
    "SII_6731": 0.22,
}


def lines(error=0.01, n=1, **changes):
    fluxes = REGION | changes
    table = {name: np.full(n, flux, float) for name, flux in fluxes.items()}
    spread = {name + "_err": error * np.abs(flux) for name, flux in table.items()}
    return Table(table | spread)


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_every_estimator_gives_an_abundance_of_a_normal_region(cls):
    table = cls().predict_lines(lines(), interval=0.95)
    assert table["oh"].unit == u.dex
    assert 8.1 < table["oh"].value[0] < 9.1
    assert table["oh_lo"][0] < table["oh"][0] < table["oh_hi"][0]
    assert table["flags"][0] == 0
    assert table.meta["scale"] == cls.scale


@pytest.mark.parametrize("cls", ESTIMATORS)
def test_entry_points_name_the_classes(cls):
    assert get_estimator(cls.name) is cls
    assert isinstance(cls.pretrained(), cls)


def test_errors_are_those_of_gaussian_propagation():
    table = PP04N2(draws=20_000).predict_lines(lines(0.05))
    expected = 0.57 * 0.05 * np.sqrt(2) / np.log(10)
    assert table["oh_err"].value[0] == pytest.approx(expected, rel=0.03)


def test_errors_are_the_scatter_of_repeated_measurements():
    rng = np.random.default_rng(1)
    many = lines(0.05, n=2000, Halpha=4.0)
    for name in REGION:
        many[name] += many[name + "_err"] * rng.standard_normal(2000)
    scatter = np.std(KK04R23().predict_lines(many)["oh"].value)
    error = KK04R23().predict_lines(lines(0.05, Halpha=4.0))["oh_err"].value[0]
    assert error == pytest.approx(scatter, rel=0.15)


@given(st.floats(0.01, 100))
def test_only_ratios_count(factor):
    scaled = lines()
    for name in scaled.colnames:
        scaled[name] *= factor
    values = [KK04R23().predict_lines(table)["oh"].value for table in (lines(), scaled)]
    np.testing.assert_allclose(*values, rtol=1e-9)


@given(st.floats(0, 2))
def test_dust_is_taken_away(reddening):
    # extinction of the law in each line, magnitudes
    law = {"OII_3728": 4.770, "Hbeta": 3.608, "Halpha": 2.534, "NII_6584": 2.524}
    faded = {name: REGION[name] / 10 ** (0.4 * law[name] * reddening) for name in law}
    clean, dusty = (
        KD02N2O2().predict_lines(table)["oh"].value
        for table in (lines(), lines(**faded))
    )
    assert dusty == pytest.approx(clean, abs=1e-6)


def test_without_correction_dust_shows():
    dusty = lines(Halpha=4.5, NII_6584=1.5)
    values = [
        KD02N2O2(dust_correction=on).predict_lines(dusty)["oh"].value[0]
        for on in (True, False)
    ]
    assert values[1] - values[0] > 0.1


@pytest.mark.parametrize(
    ("changes", "flag"),
    [
        ({"NII_6584": np.nan}, Flags.LOW_COVERAGE),
        ({"NII_6584": -1.0}, Flags.LOW_SN),
        ({"OIII_5007": 300.0}, Flags.OUT_OF_RANGE),
    ],
)
def test_a_bad_row_says_why(changes, flag):
    table = PP04O3N2().predict_lines(lines(**changes))
    assert np.isnan(table["oh"].value[0])
    assert np.isnan(table["oh_err"].value[0])
    assert table["flags"][0] == int(flag)


def test_weak_lines_are_left_out():
    assert PP04N2().predict_lines(lines(0.4))["flags"][0] == int(Flags.LOW_SN)
    assert PP04N2(snr=2).predict_lines(lines(0.4))["flags"][0] == 0


def test_units_and_masks_of_the_table_count():
    table = lines(n=2)
    for name in table.colnames:
        table[name].unit = u.Unit("1e-17 erg / (s cm2)")
    for name in ("NII_6584", "NII_6584_err"):
        table[name] = table[name].to(u.erg / u.s / u.cm**2)
    table = Table(table, masked=True, copy=True)
    table["Halpha"].mask[1] = True
    result = PP04O3N2().predict_lines(table)
    expected = PP04O3N2().predict_lines(lines())["oh"].value[0]
    assert result["oh"].value[0] == pytest.approx(expected)
    assert result["flags"].tolist() == [0, int(Flags.LOW_COVERAGE)]


def test_results_on_another_scale():
    table = PP04O3N2().predict_lines(lines(), scale="T04")
    assert table.meta["scale"] == "T04"
    with pytest.raises(ValueError, match="no other scales"):
        PP04N2().predict_lines(lines(), scale="T04")


def test_a_missing_column_is_named():
    table = lines()
    table.remove_column("Hbeta_err")
    with pytest.raises(ValueError, match="Hbeta_err"):
        PP04O3N2().predict_lines(table)


def test_no_rows_give_no_rows():
    assert len(PP04O3N2().predict_lines(lines()[:0])) == 0


def test_a_spectrum_without_redshift_says_so():
    wavelength = np.linspace(3700, 9000, 3000)
    flux = 1 + 0.1 * np.sin(wavelength)
    batch = SpectrumBatch.from_arrays(wavelength, [flux])
    table = PP04O3N2().predict(batch)
    assert table["flags"][0] & int(Flags.REDSHIFT_MISSING)
    assert np.isnan(table["oh"].value[0])


@pytest.mark.parametrize("interval", [0, 1.5])
def test_a_wrong_interval_raises(interval):
    with pytest.raises(ValueError, match="interval"):
        PP04O3N2().predict_lines(lines(), interval=interval)
