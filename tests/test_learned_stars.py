"""What follows of the labels of stars and their errors, by a network that is told."""

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import multivariate_normal, norm

from galspec import CEMPParams, Flags
from galspec.carbon_enhancement import CRITERIA
from galspec.engines.torch_ensemble import TorchEnsemble
from galspec.learned_stars import CORRELATION, LearnedStars
from galspec.training.calibration import LEVELS, Calibration

MEAN = np.array([5200.0, 2.5, -1.5, 0.5, -1.0])
SCATTER = np.array([600.0, 1.2, 0.8, 0.6, 0.7])
#: Errors of a Gaussian, as they are predicted.
HONEST = Calibration((), ((tuple(norm.ppf(0.5 + np.array(LEVELS) / 2)),),) * 5)


class Told(torch.nn.Module):
    """Its input is its output."""

    def __init__(self):
        super().__init__()
        self.register_buffer("device", torch.zeros(1))

    def forward(self, x):
        return x[:, 0]


LEARNED = LearnedStars(
    TorchEnsemble([Told()]),
    n_pix=10,
    domain={},
    snr_range=(5.0, 100.0),
    redshift_range=(np.nan, np.nan),
    label_mean=MEAN,
    label_std=SCATTER,
    calibration=HONEST,
)


def result(labels, errors, interval=None, **options):
    """Columns and flags of stars whose labels and errors the network gives."""
    labels, errors = np.atleast_2d(labels), np.atleast_2d(errors)
    outputs = np.concatenate(
        [(labels - MEAN) / SCATTER, np.log(errors / SCATTER)], axis=1
    )
    inputs = outputs[:, None].astype(np.float32)
    snr = np.full(len(labels), 50.0)
    columns, _, flags = LEARNED.columns(inputs, snr, CEMPParams(), interval, **options)
    return columns, flags


def star(feh=-2.5, cfe=1.0, ch=-1.5, teff=5000.0, logg=2.5):
    return [teff, logg, feh, cfe, ch]


def errors(feh=0.2, cfe=0.25, ch=0.3):
    return [80.0, 0.3, feh, cfe, ch]


ERRORS = st.floats(0.05, 0.8)


def test_the_network_is_understood():
    columns, flags = result(star(), errors(), interval=0.95)
    for name, error in zip(("teff", "logg", "feh", "cfe", "ch"), errors(), strict=True):
        assert columns[name + "_err"][0] == pytest.approx(error, rel=1e-3)
    assert columns["teff"][0] == pytest.approx(5000, abs=0.01)
    assert columns["cfe"][0] == pytest.approx(1.0, abs=1e-6)
    assert flags[0] == 0


@given(st.floats(-4, 0.5), st.floats(-1, 3.5), st.floats(-5, 1))
@settings(max_examples=30, deadline=None)
def test_ch_is_the_sum_whatever_the_network_says_of_it(feh, cfe, ch):
    columns, _ = result(star(feh, cfe, ch), errors(), interval=0.9)
    total = columns["feh"] + columns["cfe"]
    np.testing.assert_array_equal(columns["ch"], total)
    np.testing.assert_array_equal(columns["a_c"], total + 8.43)
    middle = (columns["ch_lo"] + columns["ch_hi"]) / 2
    np.testing.assert_allclose(middle, total, atol=1e-9)


@given(ERRORS, ERRORS, ERRORS)
@settings(max_examples=50, deadline=None)
def test_the_three_errors_tell_the_covariance(feh, cfe, ch):
    columns, _ = result(star(), errors(feh, cfe, ch))
    feh, cfe, ch = (columns[name + "_err"][0] for name in ("feh", "cfe", "ch"))
    assert columns["a_c_err"][0] == ch
    across = columns["cov_feh_ch"][0] - feh**2  # of [Fe/H] and [C/Fe]
    told = (ch**2 - feh**2 - cfe**2) / 2
    if abs(told) <= CORRELATION * feh * cfe:
        # the variance of [C/Fe] = [C/H] - [Fe/H]
        variance = feh**2 + ch**2 - 2 * columns["cov_feh_ch"][0]
        assert variance == pytest.approx(cfe**2, abs=1e-12)
    else:
        assert across == pytest.approx(np.sign(told) * CORRELATION * feh * cfe)


@given(st.floats(-3, -1), st.floats(-0.5, 2), ERRORS, ERRORS, st.floats(-0.9, 0.9))
@settings(max_examples=40, deadline=None)
def test_p_cemp_is_of_the_joint_gaussian(feh, cfe, sigma_feh, sigma_cfe, rho):
    across = rho * sigma_feh * sigma_cfe
    ch = np.sqrt(sigma_feh**2 + sigma_cfe**2 + 2 * across)
    columns, _ = result(star(feh, cfe), errors(sigma_feh, sigma_cfe, ch))
    unit = multivariate_normal([0, 0], [[1, -rho], [-rho, 1]])
    expected = unit.cdf([(-2 - feh) / sigma_feh, (cfe - 0.7) / sigma_cfe])
    assert columns["p_cemp"][0] == pytest.approx(expected, abs=2e-3)


@given(st.floats(-3.5, -1), st.floats(-0.5, 2), st.floats(0.3, 4.5), ERRORS)
@settings(max_examples=40, deadline=None)
def test_a_lower_limit_of_carbon_is_more_probable(feh, cfe, logg, error):
    told = star(feh, cfe, logg=logg, teff=4700)
    p = {
        name: result(told, errors(cfe=error), criterion=name)[0]["p_cemp"][0]
        for name in CRITERIA
    }
    assert all(0 <= value <= 1 for value in p.values())
    assert p["beers2005"] <= p["default"] <= p["aoki2007"]


def test_luminous_giants_need_less_carbon_by_aoki():
    stars = [star(-3, 0.5, logg=logg, teff=4500) for logg in (0.9, 3.0)]
    labels, sigma = np.array(stars), np.array([errors()] * 2)
    default, aoki = (
        result(labels, sigma, criterion=name)[0]["p_cemp"]
        for name in ("default", "aoki2007")
    )
    assert aoki[0] > default[0] + 0.2
    assert aoki[1] == default[1]


def test_the_flag_of_upper_limits_goes_by_the_error_of_carbon():
    sigma = np.array([errors(cfe=cfe) for cfe in (0.1, 0.39, 0.41, 1.0)])
    columns, flags = result(np.array([star()] * 4), sigma)
    flagged = (flags & int(Flags.UPPER_LIMIT)) != 0
    assert flagged.tolist() == [False, False, True, True]
    np.testing.assert_array_equal(flagged, columns["cfe_err"] > 0.4)


def test_classes_follow_the_iron():
    labels = np.array([star(feh) for feh in (-0.5, -1.5, -2.5, -3.5, -4.5)])
    columns, flags = result(labels, np.array([errors()] * 5))
    assert columns["metal_class"].tolist() == ["", "MP", "VMP", "EMP", "UMP"]
    assert flags[4] & int(Flags.OUT_OF_RANGE)


def test_no_star_at_all():
    columns, flags = result(np.empty((0, 5)), np.empty((0, 5)))
    assert all(len(values) == 0 for values in columns.values())
    assert columns["metal_class"].dtype.kind == "U"
    assert len(flags) == 0
