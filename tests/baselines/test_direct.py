"""Abundances by the electron temperature."""

import sys

import numpy as np
import pytest
from astropy.table import Table

from galspec import get_estimator
from galspec.baselines import direct
from galspec.baselines.direct import DirectTemperature
from galspec.evaluation import residual_summary
from galspec.flags import Flags
from galspec.line_windows import LINES
from galspec.spectra import SpectrumBatch

FLUXES = {"OIII_4363": 0.08, "OIII_5007": 5.0, "OII_3728": 1.5, "Hbeta": 1.0}
FLUXES |= {"Halpha": 2.86}


def lines(error=0.02, **changes):
    fluxes = FLUXES | changes
    errors = {name + "_err": [error * flux] for name, flux in fluxes.items()}
    return Table({name: [flux] for name, flux in fluxes.items()} | errors)


def test_it_agrees_with_pyneb():
    pyneb = pytest.importorskip("pyneb")
    hot = pyneb.Atom("O", 3).getTemDen(5 / 0.08, den=100, wave1=5007, wave2=4363)
    cold = 0.7 * hot + 3000
    ions = (
        pyneb.Atom("O", 3).getIonAbundance(500, hot, 100, wave=5007, Hbeta=100),
        pyneb.Atom("O", 2).getIonAbundance(
            150, cold, 100, to_eval="L(3726) + L(3729)", Hbeta=100
        ),
    )
    table = DirectTemperature().predict_lines(lines())
    assert table["oh"].value[0] == pytest.approx(12 + np.log10(sum(ions)), abs=1e-3)
    assert table.meta["scale"] == "direct"


def test_temperatures_agree_with_the_formula_of_osterbrock():
    # Osterbrock & Ferland 2006, eq. 5.4: (4959 + 5007)/4363 = 7.90 exp(32900/T) at
    # low density
    pytest.importorskip("pyneb")
    for temperature in (9_000, 12_000):
        ratio = 7.90 * np.exp(32_900 / temperature) / (1 + 1 / 2.98)
        found = DirectTemperature().temperature({"OIII_4363": 1.0, "OIII_5007": ratio})
        assert float(found) == pytest.approx(temperature, rel=0.05)


def test_errors_come_from_the_faint_line():
    pytest.importorskip("pyneb")
    precise = DirectTemperature().predict_lines(lines())
    noisy = lines()
    noisy["OIII_4363_err"] *= 5
    assert DirectTemperature().predict_lines(noisy)["oh_err"] > 2 * precise["oh_err"]


def test_an_impossible_temperature_is_flagged():
    pytest.importorskip("pyneb")
    table = DirectTemperature().predict_lines(lines(OIII_4363=3.0))
    assert np.isnan(table["oh"].value[0])
    assert table["flags"][0] == int(Flags.OUT_OF_RANGE)


def test_without_pyneb_the_extra_is_named(monkeypatch):
    direct._emissivities.cache_clear()
    monkeypatch.setitem(sys.modules, "pyneb", None)
    with pytest.raises(ImportError, match=r"astro-galspec\[direct\]"):
        DirectTemperature().predict_lines(lines())


def test_the_entry_point_names_the_class():
    assert get_estimator("direct-temperature") is DirectTemperature


def test_a_spectrum_with_the_faint_line_gives_an_abundance():
    pytest.importorskip("pyneb")
    wavelength, redshift = 10 ** np.arange(3.568, 3.959, 1e-4), 0.05
    parts = LINES | {"OIII_4363": ((4364.44, 1.0),)}
    flux = np.full(len(wavelength), 0.1)
    for name, strength in FLUXES.items():
        for centre, share in parts[name]:
            sigma = centre * (1 + redshift) * 100 / 299792.458
            away = (wavelength - centre * (1 + redshift)) / sigma
            flux += 50 * strength * share * np.exp(-0.5 * away**2) / sigma
    ivar = np.full((1, len(flux)), 1e4)
    batch = SpectrumBatch.from_arrays(
        wavelength, [flux], ivar=ivar, redshift=[redshift]
    )
    table = DirectTemperature(dust_correction=False).predict(batch)
    expected = DirectTemperature().predict_lines(lines())["oh"].value
    assert table["oh"].value == pytest.approx(expected, abs=0.1)


@pytest.mark.shared
def test_abundances_of_desi_galaxies_follow_from_their_temperatures(shared_data):
    pytest.importorskip("pyneb")
    folder = shared_data / "galaxies/lines"
    known = Table.read(folder / "scholte2025_desi.fits")
    ratios = Table.read(folder / "scholte2025_desi_ratios.fits")
    temperature = np.asarray(known["Te_p50"], float)
    strong, faint, *_ = direct._emissivities(100.0)
    oiii = 10 ** np.asarray(ratios["logR3_p50"], float)
    auroral = np.interp(temperature, direct._TEMPERATURES, faint / strong)
    lines = {
        "Hbeta": np.ones(len(known)),
        "OII_3728": 10 ** np.asarray(ratios["logR2_p50"], float),
        "OIII_5007": oiii,
        "OIII_4363": oiii * auroral,
    }
    found = DirectTemperature(dust_correction=False).temperature(lines)
    np.testing.assert_allclose(found, temperature, rtol=1e-3)
    oh = DirectTemperature().abundance(lines)
    summary = residual_summary(np.asarray(known["OH_p50"], float), oh)
    # the paper takes another relation between the temperatures of the zones
    assert summary["n"] == 782
    assert abs(summary["bias"]) < 0.08
    assert summary["sigma"] < 0.05
