"""Correction for dust by the Balmer decrement."""

import astropy.units as u
import numpy as np
import pytest

from galspec.baselines.dust import _EXTINCTION, deredden
from galspec.line_windows import LINES


def test_the_law_is_that_of_cardelli():
    law = pytest.importorskip("dust_extinction.parameter_averages").CCM89(Rv=3.1)
    vacuum = {name: parts[0][0] for name, parts in LINES.items()}
    vacuum |= {"OII_3728": 3728.5, "OIII_4959": 4960.30, "NII_6548": 6549.85}
    for name, wavelength in vacuum.items():
        per_reddening = 3.1 * float(law(1e4 / wavelength / u.micron))
        assert _EXTINCTION[name] == pytest.approx(per_reddening, abs=2e-3), name


def test_the_decrement_without_dust_changes_nothing():
    clean = deredden({"Halpha": 2.86, "Hbeta": 1.0, "OII_3728": 3.0})
    assert clean["OII_3728"] == pytest.approx(3.0)


def test_no_negative_dust():
    lines = {"Halpha": 2.5, "Hbeta": 1.0, "OII_3728": 3.0}
    assert deredden(lines) == lines


def test_corrected_lines_have_the_decrement_of_case_b():
    clean = deredden({"Halpha": np.array([3.0, 6.0]), "Hbeta": np.ones(2)})
    np.testing.assert_allclose(clean["Halpha"] / clean["Hbeta"], 2.86)


def test_an_unknown_decrement_gives_no_flux():
    assert np.isnan(deredden({"Halpha": -1.0, "Hbeta": 1.0})["Hbeta"])
