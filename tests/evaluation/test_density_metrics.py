import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.evaluation import bootstrap_error, coverage
from galspec.evaluation import density_metrics as metrics
from galspec.redshift_bins import RedshiftBins
from galspec.redshift_points import cumulative, quantiles

BINS = RedshiftBins(400, 3.0)


def drawn(seed=0, n=4000, width=1.0, offset=0.0):
    """Redshifts, and Gaussian densities of ``width`` times their scatter."""
    rng = np.random.default_rng(seed)
    middle, sigma = rng.uniform(0.4, 0.9, (n, 1)), rng.uniform(0.02, 0.06, (n, 1))
    x = middle[:, 0] + sigma[:, 0] * rng.normal(size=n)
    p = np.exp(-0.5 * ((BINS.mid - middle - offset) / (width * sigma)) ** 2)
    return np.expm1(x), p / p.sum(axis=1, keepdims=True)


def summary_of(z, p):
    """All metrics of densities."""
    pit = metrics.pit(z, p, BINS)
    pit = pit[np.isfinite(pit)]
    names = ("pit_ks", "crps", "cde_loss", "log_likelihood")
    summary = {name: getattr(metrics, name)(z, p, BINS) for name in names}
    summary["coverage68"] = coverage(pit, 0.16, 0.84)
    return summary | {"coverage95": coverage(pit, 0.025, 0.975)}


def test_right_densities_have_an_even_pit_and_hold_their_levels():
    summary = summary_of(*drawn())
    assert summary["pit_ks"] < 1.63 / np.sqrt(4000)
    assert summary["coverage68"] == pytest.approx(0.68, abs=0.025)
    assert summary["coverage95"] == pytest.approx(0.95, abs=0.012)


@pytest.mark.parametrize("wrong", [{"width": 0.6}, {"width": 1.7}, {"offset": 0.03}])
def test_wrong_densities_score_worse(wrong):
    right = summary_of(*drawn())
    other = summary_of(*drawn(**wrong))
    for name in ("pit_ks", "crps", "cde_loss"):
        assert other[name] > right[name], name
    assert other["log_likelihood"] < right["log_likelihood"]


def test_coverage_is_that_of_the_intervals():
    z, p = drawn(width=0.8)
    low, high = quantiles(cumulative(p), (0.025, 0.975), BINS).T
    summary = summary_of(z, p)
    assert summary["coverage95"] == coverage(z, low, high)


@given(st.floats(-0.2, 4.0), st.integers(0, 5))
@settings(max_examples=40, deadline=None)
def test_crps_is_the_integral_that_defines_it(z, seed):
    _, p = drawn(seed, n=1)
    fine = np.linspace(-0.3, 1.8, 210_001)
    cdf = np.interp(fine, BINS.edges, cumulative(p)[0])
    integral = np.trapezoid((cdf - (fine >= np.log1p(z))) ** 2, fine)
    assert metrics.crps([z], p, BINS) == pytest.approx(integral, abs=2e-5)


def test_log_likelihood_and_cde_loss_of_gaussians():
    z, p = drawn(n=20_000)
    sigma = np.random.default_rng(0)
    sigma.uniform(0.4, 0.9, (20_000, 1))
    sigma = sigma.uniform(0.02, 0.06, 20_000)
    entropy = np.mean(np.log(sigma)) + 0.5 * np.log(2 * np.pi * np.e)
    assert metrics.log_likelihood(z, p, BINS) == pytest.approx(-entropy, abs=0.02)
    # of right densities, the loss is minus the mean integral of the squared density
    square = ((p / BINS.z_width) * p).sum(axis=1).mean()
    assert metrics.cde_loss(z, p, BINS) == pytest.approx(-square, rel=0.02)


def test_truth_beyond_the_bins_has_the_least_likelihood():
    p = drawn(n=1)[1]
    least = np.log(metrics.DENSITY_FLOOR)
    assert metrics.log_likelihood([4.0], p, BINS) == pytest.approx(least)
    assert metrics.log_likelihood([4.0], p, BINS, floor=1e-2) == np.log(1e-2)


def test_rows_that_are_not_known_have_no_part():
    z, p = drawn(n=50)
    expected = summary_of(z, p)
    p = np.concatenate([p, p[:2]])
    p[-1] = np.nan
    found = summary_of([*z, np.nan, 0.3], p)
    assert found == pytest.approx(expected)
    assert np.isnan(metrics.pit([*z, np.nan, 0.3], p, BINS)[-2:]).all()


def test_nothing_known_is_nan():
    nothing = summary_of([np.nan], np.ones((1, BINS.n)))
    assert all(np.isnan(value) for value in nothing.values())


def test_bootstrap_error_takes_density_metrics():
    z, p = drawn(n=300)
    error = bootstrap_error(lambda z, p: metrics.crps(z, p, BINS), z, p, resamples=20)
    assert 0 < error < metrics.crps(z, p, BINS)
