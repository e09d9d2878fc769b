import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from galspec import redshift_points as points
from galspec.redshift_bins import RedshiftBins

BINS = RedshiftBins(150, 2.0)
#: Probabilities of five rows, with empty bins among them.
DENSITIES = arrays(
    float, (5, BINS.n), elements=st.sampled_from([0.0, 1e-9, 0.1, 1.0, 7.0])
).map(lambda p: (p + np.eye(5, BINS.n)) / (p + np.eye(5, BINS.n)).sum(1)[:, None])


def gaussians(*peaks):
    """One row of peaks (z, sigma in ln(1 + z), weight)."""
    p = sum(
        weight * np.exp(-0.5 * ((BINS.mid - np.log1p(z)) / sigma) ** 2) / sigma
        for z, sigma, weight in peaks
    )
    return (p / p.sum())[None]


def all_points(p):
    cdf = points.cumulative(p)
    return {
        "mean": points.mean(p, BINS),
        "median": points.quantiles(cdf, [0.5], BINS)[:, 0],
        "mode": points.mode(p, BINS),
        "least_loss": points.least_loss(p, BINS),
    }


@given(st.floats(0.1, 1.6), st.sampled_from([np.float32, np.float64]))
@settings(max_examples=30, deadline=None)
def test_of_a_narrow_density_all_points_are_the_same(z, precision):
    p = gaussians((z, 0.01, 1)).astype(precision)
    for name, value in all_points(p).items():
        assert value == pytest.approx([z], abs=1e-3 * (1 + z)), name


@given(DENSITIES)
@settings(max_examples=50, deadline=None)
def test_laws_of_any_density(p):
    cdf = points.cumulative(p)
    levels = [0.0, 0.025, 0.16, 0.5, 0.84, 0.975, 1.0]
    found = points.quantiles(cdf, levels, BINS)
    assert (np.diff(found, axis=1) >= 0).all()
    for z, level in zip(found.T[1:-1], levels[1:-1], strict=True):
        assert points.cdf_at(cdf, z, BINS) == pytest.approx(level, abs=1e-9)
    for value in all_points(p).values():
        assert ((value >= 0) & (value <= BINS.z_max)).all()
    odds = points.odds(cdf, found[:, 3], BINS)
    assert ((odds >= 0) & (odds <= 1)).all()
    assert points.odds(cdf, found[:, 3], BINS, width=9.0) == pytest.approx(1)


def test_probability_below_a_redshift():
    cdf = points.cumulative(np.full((4, BINS.n), 1 / BINS.n))
    z = [-0.1, BINS.z_edges[75], 9.0, np.nan]
    np.testing.assert_allclose(points.cdf_at(cdf, z, BINS), [0, 0.5, 1, np.nan])


def test_the_mean_is_that_of_the_histogram():
    p = gaussians((0.3, 0.02, 1), (1.2, 0.1, 1))
    z = np.linspace(0, BINS.z_max, 200_001)
    z = (z[1:] + z[:-1]) / 2
    k = np.searchsorted(BINS.z_edges, z) - 1
    weight = (p[0] / BINS.z_width)[k]
    assert points.mean(p, BINS) == pytest.approx(
        [np.average(z, weights=weight)], rel=1e-4
    )


def test_least_loss_chooses_the_likelier_of_two_peaks():
    p = gaussians((0.3, 0.02, 0.6), (1.2, 0.02, 0.4))
    assert points.least_loss(p, BINS) == pytest.approx([0.3], abs=0.002)
    assert 0.5 < points.mean(p, BINS)[0] < 0.8


def test_least_loss_stands_between_peaks_that_one_estimate_can_serve():
    p = gaussians((0.5, 0.01, 0.55), (0.85, 0.01, 0.45))
    between = points.least_loss(p, BINS)[0]
    assert abs(between - 0.5) / 1.5 < 0.15
    assert abs(between - 0.85) / 1.85 < 0.15
    narrow = points.least_loss(p, BINS, threshold=0.05)
    assert narrow == pytest.approx([0.5], abs=0.005)


@given(DENSITIES)
@settings(max_examples=20, deadline=None)
def test_no_redshift_has_less_expected_loss(p):
    best = points.least_loss(p, BINS)

    def loss(z):
        r = (z[:, None] - np.expm1(BINS.mid)) / (1 + np.expm1(BINS.mid))
        far = 1 / (1 + np.exp(-np.clip((np.abs(r) - 0.15) / 0.003, -50, 50)))
        return (p * (far + 0.05 * (1 - np.exp(-0.5 * (r / 0.02) ** 2)))).sum(axis=1)

    least = loss(best)
    for z in np.linspace(0, BINS.z_max, 200):
        # the parabola misses the least loss by little
        assert (least <= loss(np.full(5, z)) + 2e-3).all()


def test_odds_of_a_gaussian():
    p = gaussians((0.7, 0.03, 1))
    odds = points.odds(points.cumulative(p), [0.7], BINS)
    assert odds == pytest.approx([0.683], abs=0.01)


@pytest.mark.parametrize(
    ("peaks", "number"),
    [
        ([(0.5, 0.02, 1)], 1),
        ([(0.5, 0.02, 0.5), (1.2, 0.02, 0.5)], 2),
        ([(0.5, 0.02, 0.96), (1.2, 0.02, 0.04)], 1),  # too small
        ([(0.5, 0.02, 0.5), (0.55, 0.02, 0.5)], 1),  # no valley
        ([(0.2, 0.02, 1), (0.7, 0.03, 1), (1.5, 0.02, 1)], 3),
        ([(0.0, 0.02, 1), (2.0, 0.02, 1)], 2),  # at both ends
        ([(0.5, 0.002, 0.9), (1.2, 0.1, 0.1)], 2),  # one low and wide
    ],
)
@pytest.mark.parametrize("precision", [np.float32, np.float64])
def test_number_of_modes(peaks, number, precision):
    p = gaussians(*peaks).astype(precision)
    assert points.count_modes(p, BINS).tolist() == [number]


def test_ripples_are_no_modes():
    p = gaussians((0.5, 0.1, 1)) * (1 + 0.2 * np.sin(np.arange(BINS.n) * 2.0))
    p /= p.sum()
    assert points.count_modes(p, BINS).tolist() == [1]


@given(DENSITIES)
@settings(max_examples=50, deadline=None)
def test_modes_are_the_same_row_by_row_and_at_least_one(p):
    together = points.count_modes(p, BINS)
    alone = np.concatenate([points.count_modes(row[None], BINS) for row in p])
    np.testing.assert_array_equal(together, alone)
    assert (together <= 1 / points.LEAST_SHARE).all()


def test_no_rows():
    p = np.zeros((0, BINS.n))
    assert points.count_modes(p, BINS).shape == (0,)
    for value in all_points(p).values():
        assert value.shape == (0,)
