"""Bands in the order of a network, and dust that is not there."""

import numpy as np
import pytest

from galspec import PhotometryBatch
from galspec.flags import Flags
from galspec.transforms import Bands, FreeOfDust, Recipe

FEW = int(Flags.LOW_COVERAGE)


def batch(**changes):
    flux = np.array([[1, 2, 3], [np.nan, 2, np.nan], [np.nan] * 3], float)
    options = {"survey": "ls-dr10", "bands": ("g", "r", "z")} | changes
    return PhotometryBatch.from_arrays(flux, np.ones((3, 3)), **options)


def test_rows_with_too_few_bands_are_flagged():
    flags = Bands(("r", "g", "z"), ("ls-dr10",))(batch()).flags
    np.testing.assert_array_equal((flags & FEW) > 0, [False, True, True])


def test_bands_come_in_the_order_that_was_declared():
    behind = Bands(("z", "W1", "g"), ("ls-dr10",))(batch())
    np.testing.assert_array_equal(behind.flux[0], np.float32([3, np.nan, 1]))


def test_an_image_is_an_observation():
    stamps = np.full((3, 3, 8, 8), np.nan)
    stamps[1:] = 1.0
    behind = Bands(("g", "r", "z"), ("ls-dr10",))(batch(stamps=stamps))
    np.testing.assert_array_equal(behind.flags, 0)


def test_another_survey_is_an_error_that_says_which_are_known():
    with pytest.raises(ValueError, match=r"is of ls-dr10.*knows.*sdss, cosmos"):
        Bands(("g", "r"), ("sdss", "cosmos"))(batch())


def test_unknown_dust_counts_as_none_and_known_dust_stays():
    known = batch(ebv=[0.1, np.nan, 0.3])
    np.testing.assert_array_equal(FreeOfDust()(known).ebv, [0.1, 0, 0.3])


def test_a_recipe_of_them_survives_json():
    recipe = Recipe("mine", Bands(("g", "r"), ("sdss",), 1), FreeOfDust())
    assert Recipe.from_config(recipe.to_config()) == recipe
