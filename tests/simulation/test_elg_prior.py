"""Which emission-line galaxies are drawn."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.simulation import ELGPrior, Selection
from galspec.simulation.elg_prior import blue_sequence, distance_modulus


def drawn(n=4000, seed=1, **changes):
    return ELGPrior(**changes).draw(n, np.random.default_rng(seed))


def test_every_galaxy_is_within_its_selection():
    prior = ELGPrior()
    galaxies = drawn()
    for part in prior.selections:
        rows = galaxies["selection"] == part.name
        assert abs(rows.mean() - part.share) < 0.03
        for name, limits in (("mag_r", part.magnitude), ("z", part.redshift)):
            values = galaxies[name][rows]
            assert values.min() >= limits[0] - 0.01
            assert values.max() <= limits[1] + 0.01


def test_proportion_of_faint_galaxies_is_that_of_the_source():
    # 0.0257 of all are outliers there: 0.0041 of those above r = 21.5, 0.0691 below.
    assert abs((drawn()["mag_r"] > 21.5).mean() - 0.33) < 0.08


@settings(deadline=None, max_examples=30)
@given(st.floats(14.0, 22.0), st.integers(0, 1000))
def test_fainter_galaxies_are_farther(magnitude, seed):
    median = [
        np.median(
            drawn(
                300,
                seed,
                selections=(Selection("one", 1.0, (m, m + 0.1), (0.003, 1.6)),),
            )["z"]
        )
        for m in (magnitude, magnitude + 1.5)
    ]
    assert median[1] > median[0]


def test_counts_grow_as_told():
    part = Selection("one", 1.0, (16.0, 20.0), (0.01, 1.0), slope=0.5)
    magnitudes = drawn(40_000, selections=(part,))["mag_r"]
    counts, _ = np.histogram(magnitudes, [16, 17, 18, 19, 20])
    np.testing.assert_allclose(np.diff(np.log10(counts)), 0.5, atol=0.1)


def test_luminous_galaxies_are_redder_and_distant_ones_bluer():
    mean, spread = blue_sequence(np.array([-18.0, -20.0, -22.0]))
    assert (np.diff(mean) > 0).all()
    assert (spread > 0.1).all()
    plain, blue = drawn(bluing=0.0), drawn(bluing=0.6)
    np.testing.assert_array_equal(plain["z"], blue["z"])
    assert (blue["ur"] <= plain["ur"]).all()


def test_shares_of_kinds():
    kinds = drawn(passive=0.3, agn=0.2)["kind"]
    assert abs((kinds == "passive").mean() - 0.3) < 0.03
    assert abs((kinds == "agn").mean() - 0.2) < 0.03
    with pytest.raises(ValueError, match=r"passive is 0.8 and agn 0.5"):
        ELGPrior(passive=0.8, agn=0.5)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"redshift": (0.3, 0.3)}, "redshifts 0.3-0.3 of selection 'one'"),
        ({"redshift": (0.3, 3.0)}, "redshifts 0.3-3.0"),
        ({"magnitude": (22.0, 20.0)}, "magnitudes 22.0-20.0"),
    ],
)
def test_empty_selections(changes, message):
    limits = {"magnitude": (20.0, 22.0), "redshift": (0.1, 0.5)} | changes
    with pytest.raises(ValueError, match=message):
        Selection("one", 1.0, **limits)


def test_distance_modulus():
    from astropy.cosmology import FlatLambdaCDM

    redshift = np.array([0.003, 0.05, 0.7, 1.6])
    expected = FlatLambdaCDM(70, 0.3).distmod(redshift).value
    np.testing.assert_allclose(distance_modulus(redshift), expected, atol=0.01)
