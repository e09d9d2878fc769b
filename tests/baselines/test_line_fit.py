import numpy as np
import pytest
from astropy.table import Table

from galspec import SpectrumBatch
from galspec.baselines.line_fit import oh_from_lines, oh_line_fit

NAMES = ("OIII_5007", "Hbeta", "NII_6584", "Halpha")


def lines(fluxes, errors):
    columns = dict(zip(NAMES, np.atleast_2d(fluxes).T, strict=True))
    columns |= {f"{n}_err": np.full(len(columns[n]), errors) for n in NAMES}
    return Table(columns)


def test_o3n2_of_hand_computed_fluxes():
    # O3N2 = log10(1 / 0.1) = 1
    table = oh_from_lines(lines([10, 10, 3, 30], 0.1))
    assert table["oh"][0] == pytest.approx(8.41)
    assert table["star_forming"][0]


def test_the_error_is_that_of_redrawn_fluxes():
    rng = np.random.default_rng(0)
    drawn = rng.normal([10, 10, 3, 30], 0.3, (4000, 4))
    scatter = np.std(oh_from_lines(lines(drawn, 0.3))["oh"])
    error = oh_from_lines(lines([10, 10, 3, 30], 0.3))["oh_err"][0]
    assert error == pytest.approx(scatter, rel=0.05)


def test_weak_lines_give_no_value():
    weak = lines([[10, 10, 0.2, 30], [-1, 10, 3, 30], [np.nan, 10, 3, 30]], 0.1)
    table = oh_from_lines(weak)
    assert np.isnan(table["oh"][1:]).all()
    assert np.isnan(oh_from_lines(weak, snr=5)["oh"]).all()
    assert not table["star_forming"][1:].any()


def test_an_agn_is_not_star_forming():
    assert not oh_from_lines(lines([100, 10, 30, 30], 0.1))["star_forming"][0]


def test_without_a_redshift_there_is_no_value():
    wavelength = np.geomspace(3700, 9000, 3000)
    batch = SpectrumBatch.from_arrays(wavelength, np.ones((2, 3000)))
    assert np.isnan(oh_line_fit(batch)["oh"]).all()
