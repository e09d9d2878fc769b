"""Bulges and discs that together look like one galaxy."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import gammainc, gammaincinv

from galspec.simulation.bulges import bulge_light, colours_apart, components
from galspec.simulation.sersic import INDICES


def within(part, radius):
    """Return the share of the light of face-on galaxies within radii."""
    n = INDICES[part["index"]]
    scaled = gammaincinv(2 * n, 0.5) * (radius / part["half_light"]) ** (1 / n)
    return gammainc(2 * n, scaled)


def galaxies(n, index=1, ratio=0.5):
    return {
        "index": np.full(n, index),
        "half_light": np.linspace(0.1, 8.0, n),
        "axis_ratio": np.full(n, ratio),
        "angle": np.linspace(0.0, 3.0, n),
    }


@pytest.mark.parametrize("index", range(len(INDICES)))
def test_half_of_the_light_is_within_the_half_light_radius(index):
    rng = np.random.default_rng(1)
    shapes, share = galaxies(300, index), rng.random(300)
    bulge, disc = components(shapes, share, rng)
    radius = shapes["half_light"]
    light = share * within(bulge, radius) + (1 - share) * within(disc, radius)
    np.testing.assert_allclose(light, 0.5, atol=0.01)
    assert (bulge["half_light"] <= disc["half_light"]).all()
    ratios = bulge["half_light"] / disc["half_light"]
    assert 0.3 < np.median(ratios) < 0.5
    assert np.log10(ratios).std() > 0.08


@pytest.mark.parametrize("index", range(len(INDICES)))
def test_galaxies_are_about_as_concentrated_as_before(index):
    shapes, rng = galaxies(500, index), np.random.default_rng(2)
    share = bulge_light(shapes["index"], rng)
    bulge, disc = components(shapes, share, rng)

    def mean(part_of):
        return np.mean(part_of(0.5 * shapes["half_light"]))

    both = mean(lambda r: share * within(bulge, r) + (1 - share) * within(disc, r))
    one = mean(lambda r: within(shapes, r))
    assert abs(both - one) < 0.06


def test_a_galaxy_without_a_bulge_is_a_disc():
    shapes, rng = galaxies(50), np.random.default_rng(0)
    _, disc = components(shapes, np.zeros(50), rng)
    for key in shapes:
        np.testing.assert_allclose(disc[key], shapes[key], rtol=0.01)


@pytest.mark.parametrize(("index", "main"), [(1, 1), (4, 0)])
def test_bulges_are_rounder(index, main):
    shapes = galaxies(100, index) | {"axis_ratio": np.linspace(0.15, 1.0, 100)}
    parts = components(shapes, np.full(100, 0.5), np.random.default_rng(0))
    bulge, disc = (part["axis_ratio"] for part in parts)
    assert (bulge >= disc).all()
    assert disc.min() >= 0.15
    assert bulge[-1] == disc[-1] == 1.0
    np.testing.assert_array_equal(parts[main]["axis_ratio"], shapes["axis_ratio"])


def test_late_types_are_mostly_disc():
    index = np.repeat([1, 4], 1000)
    share = bulge_light(index, np.random.default_rng(0))
    assert share[:1000].max() < 0.5 < share[1000:].min()
    assert 0 <= share.min() < 0.01
    assert 0.99 < share.max() <= 1


@given(st.floats(0.0, 3.0), st.floats(-1.0, 2.0), st.floats(0.0, 1.0))
def test_colours_of_both_make_up_the_colour(colour, difference, share):
    bulge, disc = colours_apart(colour, difference, share)
    light = share * 10 ** (-0.4 * bulge) + (1 - share) * 10 ** (-0.4 * disc)
    np.testing.assert_allclose(-2.5 * np.log10(light), colour, atol=1e-9)
    np.testing.assert_allclose(bulge - disc, difference, atol=1e-9)
