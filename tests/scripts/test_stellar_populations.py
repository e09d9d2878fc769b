"""Stars of a grid: the same for the same number, and within the range that is said."""

import dataclasses

import numpy as np
import pytest
from spectral_synthesis import Star, abundances
from stellar_populations import GRIDS, Population, StellarGrid

INDICES = range(1000, 2500)


@pytest.fixture(scope="module")
def cemp():
    """Labels of many stars of the grid for stellar labels."""
    stars = [dataclasses.asdict(GRIDS["cemp"].star(index)) for index in INDICES]
    return {name: np.array([star[name] for star in stars]) for name in stars[0]}


@pytest.mark.parametrize("name", GRIDS)
def test_a_star_depends_on_its_number_alone(name):
    grid = GRIDS[name]
    later = grid.star(1007)
    assert [grid.star(index) for index in (1006, 1007)][1] == later
    assert grid.star(1008) != later


def test_grids_hold_different_stars():
    assert GRIDS["cemp"].star(5).teff != GRIDS["sed"].star(5).teff


@pytest.mark.parametrize("name", GRIDS)
def test_shares_add_up(name):
    shares = [p.share for p in GRIDS[name].populations.values()]
    assert sum(shares) == pytest.approx(1)


@pytest.mark.parametrize(
    ("label", "low", "high"),
    [
        ("teff", 4000, 7000),
        ("logg", 0.1, 4.9),
        ("feh", -4, 0.4),
        ("cfe", -0.9, 3.2),
        ("alpha", -0.15, 0.55),
        ("nfe", -0.5, 3.0),
        ("srat", 0, 2),
        ("c1213", 4, 90),
        ("vt", 0.7, 3.0),
    ],
)
def test_labels_fill_their_range_and_keep_to_it(cemp, label, low, high):
    values, tenth = cemp[label], (high - low) / 10
    assert values.min() >= low
    assert values.max() <= high
    assert values.min() < low + tenth
    assert values.max() > high - 3 * tenth


def test_stars_that_were_too_few_are_many_now(cemp):
    assert np.mean(cemp["feh"] > -1) > 0.25
    assert np.mean(cemp["cfe"] < 0.5) > 0.5
    assert np.mean((cemp["feh"] < -2) & (cemp["cfe"] > 0.7)) > 0.15


def test_no_star_has_more_carbon_than_nature(cemp):
    assert np.max(cemp["feh"] + cemp["cfe"]) <= 0.45 + 1e-12


def test_metal_rich_giants_have_more_gravity(cemp):
    giants = (cemp["logg"] < 3.5) & (abs(cemp["teff"] - 4500) < 200)
    rich, poor = (giants & (cemp["feh"] > -0.5), giants & (cemp["feh"] < -2))
    difference = np.median(cemp["logg"][rich]) - np.median(cemp["logg"][poor])
    assert 0.4 < difference < 1.6


def test_population_of_one_share_is_all_there_is():
    population = Population(1.0, (-3.0, -2.0), (0.5, 0.6), giants=0.0)
    grid = StellarGrid(
        GRIDS["cemp"].spectral_range, ("teff", "logg", "feh"), {"only": population}, 3
    )
    assert {grid.population_of(index) for index in range(20)} == {"only"}
    assert all(-3 <= grid.star(index).feh <= -2 for index in range(20))
    assert grid.star(0).cfe == Star(5000, 4, 0).cfe


def test_energy_distributions_reach_hot_stars():
    teff = [GRIDS["sed"].star(index).teff for index in range(500)]
    assert 4400 <= min(teff) < 4600
    assert 12000 < max(teff) <= 12500


def test_abundances_follow_the_labels():
    sun = abundances(Star(5777, 4.44, 0.0))
    star = abundances(Star(5000, 2.5, -2.0, cfe=1.5, alpha=0.4, nfe=0.7, srat=1.1))
    change = {name: star[name] - sun[name] for name in sun}
    assert change["Fe"] == pytest.approx(-2)
    assert change["C"] == pytest.approx(-0.5)
    assert change["N"] == pytest.approx(-1.3)
    assert change["Mg"] == pytest.approx(-1.6)
    assert change["Ba"] == pytest.approx(-0.9)
    assert change["Eu"] == pytest.approx(-2)
    assert "H" not in sun
