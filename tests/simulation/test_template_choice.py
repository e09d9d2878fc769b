"""Which template a galaxy gets."""

import dataclasses

import numpy as np
import pytest

from galspec.simulation.template_choice import TemplateChoice, age_of_universe
from galspec.training.splits import FRACTIONS

COLOURS = np.linspace(0.6, 2.6, 120)


def choose(choice, n=500, ur=1.5, z=0.1, kind="line"):
    rng = np.random.default_rng(1)
    return choice.choose(np.full(n, kind), np.full(n, ur), np.full(n, z), rng)


def test_colour_and_kind_are_those_wanted(toy_galaxies):
    choice = TemplateChoice(toy_galaxies, COLOURS, None)
    chosen = choose(choice)
    assert np.abs(COLOURS[chosen] - 1.5).max() < 0.06
    assert len(set(chosen)) >= 3
    assert set(toy_galaxies.kinds[choose(choice, kind="agn")]) == {"agn"}
    assert toy_galaxies.kinds[choose(choice, ur=-5.0)[0]] != "agn"


def test_parts_share_no_template(toy_galaxies):
    parts = [TemplateChoice(toy_galaxies, COLOURS, name) for name in FRACTIONS]
    pools = [set(np.concatenate(list(part.pools.values()))) for part in parts]
    assert sum(len(pool) for pool in pools) == len(toy_galaxies)
    assert len(set.union(*pools)) == len(toy_galaxies)


def test_variants_of_one_galaxy_stay_together(toy_galaxies):
    groups = np.array([f"galaxy {number // 4}" for number in range(120)])
    variants = dataclasses.replace(toy_galaxies, groups=groups)
    for name in FRACTIONS:
        pools = TemplateChoice(variants, COLOURS, name).pools
        kept = groups[np.concatenate(list(pools.values()))]
        assert all((kept == group).sum() == 4 for group in set(kept))


def test_no_template_is_older_than_the_universe(toy_galaxies):
    age = np.where(np.arange(120) % 2, 12.0, 2.0)
    aged = dataclasses.replace(toy_galaxies, age=age)
    choice = TemplateChoice(aged, COLOURS, None)
    # Eight tries, of which half fail: one in 256 stays.
    assert (age[choose(choice, z=1.0)] == 12.0).mean() < 0.02
    assert 0.3 < (age[choose(choice, z=0.01)] == 12.0).mean() < 0.7


def test_age_of_the_universe():
    from astropy.cosmology import FlatLambdaCDM

    redshift = np.array([0.0, 0.5, 1.5])
    expected = FlatLambdaCDM(70, 0.3).age(redshift).value
    np.testing.assert_allclose(age_of_universe(redshift), expected, rtol=2e-3)


def test_wrong_calls(toy_galaxies):
    with pytest.raises(ValueError, match="no split 'trian': it is one of train"):
        TemplateChoice(toy_galaxies, COLOURS, "trian")
    choice = TemplateChoice(toy_galaxies[:30], COLOURS[:30], None)
    with pytest.raises(ValueError, match="no template of kind 'passive'"):
        choose(choice, kind="passive")
