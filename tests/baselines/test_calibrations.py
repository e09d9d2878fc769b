"""Calibrations: published figures again, ranges, and the shape of the relations."""

import numpy as np
import pytest
from astropy.table import Table

from galspec.baselines.calibrations import CALIBRATIONS
from galspec.baselines.indices import INDICES
from galspec.evaluation import residual_summary

#: Calibration: number, bias and standard deviation (dex) on H II regions with direct
#: 12 + log10(O/H) above 8.2.
HII = {
    "PP04 N2": (347, -0.032, 0.158),
    "PP04 O3N2": (296, 0.022, 0.184),
    "M13 N2": (344, -0.092, 0.136),
    "KD02": (310, 0.349, 0.173),
    "T04": (310, 0.335, 0.184),
}
#: The same on the galaxies of Scholte et al. (2025).
DESI = {"PP04 N2": (738, 0.053, 0.182), "PP04 O3N2": (123, -0.047, 0.223)}


def figures(true, oh):
    summary = residual_summary(true, oh)
    return summary["n"], summary["bias"], summary["sigma"]


def matches(found, expected):
    return found[0] == expected[0] and np.allclose(found[1:], expected[1:], atol=6e-4)


@pytest.fixture(scope="module")
def hii_regions(shared_data):
    with np.load(shared_data / "galaxies/lines/hii_direct_te_1009.npz") as arrays:
        oii, oiii, nii, sii, oh = arrays["data"].astype(float).T
    lines = {"OII_3728": oii, "OIII_5007": oiii, "NII_6584": nii}
    lines |= {"SII_6716": sii / 2, "SII_6731": sii / 2, "Hbeta": np.ones(len(oh))}
    return lines | {"Halpha": np.full(len(oh), 2.86)}, oh


@pytest.mark.shared
@pytest.mark.parametrize("name", HII)
def test_figures_of_hii_regions(hii_regions, name):
    lines, oh = hii_regions
    rich = np.where(oh > 8.2, oh, np.nan)
    found = figures(rich, CALIBRATIONS[name](lines))
    assert matches(found, HII[name]), found


@pytest.mark.shared
@pytest.mark.parametrize("name", DESI)
def test_figures_of_desi_galaxies(shared_data, name):
    folder = shared_data / "galaxies/lines"
    true = Table.read(folder / "scholte2025_desi.fits")["OH_p50"]
    ratios = Table.read(folder / "scholte2025_desi_ratios.fits")
    index = name.removeprefix("PP04 ")
    values = np.ma.filled(ratios[f"log{index}_p50"].astype(float), np.nan)
    oh = CALIBRATIONS[name].from_indices(**{index: values})
    found = figures(np.asarray(true, float), oh)
    assert matches(found, DESI[name]), found


@pytest.mark.shared
@pytest.mark.parametrize("name", CALIBRATIONS)
def test_every_calibration_follows_direct_abundances(hii_regions, name):
    lines, oh = hii_regions
    n, bias, scatter = figures(
        np.where(oh > 8.2, oh, np.nan), CALIBRATIONS[name](lines)
    )
    assert n > 200
    assert abs(bias) < 0.45  # the gap between the scales
    assert scatter < 0.3


@pytest.mark.parametrize(
    ("name", "index", "value", "oh"),
    [
        ("PP04 N2", "N2", -0.8, 8.444),
        ("PP04 N2 cubic", "N2", -0.8, 8.38856),
        ("PP04 O3N2", "O3N2", 0.5, 8.57),
        ("M13 N2", "N2", -0.8, 8.3734),
        ("M13 O3N2", "O3N2", 0.5, 8.426),
        ("C20 N2", "N2", -0.489, 8.69),
        ("C20 O3N2", "O3N2", 0.281, 8.69),
        ("C20 O32", "O3O2", -0.691, 8.69),
    ],
)
def test_values_worked_out_by_hand(name, index, value, oh):
    found = CALIBRATIONS[name].from_indices(**{index: value})
    assert float(found) == pytest.approx(oh, abs=1e-4)


@pytest.mark.parametrize("name", [n for n in CALIBRATIONS if n.startswith("C20")])
def test_inverse_polynomials_ascend_or_descend(name):
    calibration = CALIBRATIONS[name]
    values = np.linspace(-4, 4, 4001)
    extra = dict.fromkeys(calibration.limits, 0.0)
    oh = calibration.from_indices(**extra | {calibration.indices[0]: values})
    steps = np.sign(np.diff(oh[np.isfinite(oh)]))
    assert len(set(steps)) == 1


@pytest.mark.parametrize("name", CALIBRATIONS)
def test_no_value_outside_the_range(name):
    calibration = CALIBRATIONS[name]
    for value in (-50.0, 50.0, np.nan):
        indices = dict.fromkeys((*calibration.indices, *calibration.limits), value)
        assert np.isnan(calibration.from_indices(**indices))


def test_kk04_agrees_with_its_ionisation_parameter():
    # eq. 17 at log q = 7.5 and log R23 = 0.5, O/[O II] chosen so that eq. 13 gives that
    # ionisation parameter at the abundance of eq. 17
    x, log_q = 0.5, 7.5
    slope = 0.0737 - 0.0713 * x - 0.141 * x**2 + 0.0373 * x**3 - 0.058 * x**4
    oh = 9.72 - 0.777 * x - 0.951 * x**2 - 0.072 * x**3 - 0.811 * x**4 - log_q * slope
    y = np.linspace(-1, 1, 20_001)
    above = 32.81 - 1.153 * y**2 + oh * (-3.396 - 0.025 * y + 0.1444 * y**2)
    below = 4.603 - 0.3119 * y - 0.163 * y**2
    below += oh * (-0.48 + 0.0271 * y + 0.02037 * y**2)
    o32 = y[np.argmin(np.abs(above / below - log_q))]
    found = CALIBRATIONS["KK04"].from_indices(R23=x, O32=o32, N2O2=-0.5)
    assert float(found) == pytest.approx(oh, abs=2e-3)


def test_indices_need_positive_fluxes():
    assert np.isnan(INDICES["N2"]({"NII_6584": -1.0, "Halpha": 1.0}))
