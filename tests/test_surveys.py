"""Surveys: what is declared fits together, and wrong declarations say so."""

import pytest

from galspec.surveys import SURVEYS, Columns, Survey, get_survey


@pytest.mark.parametrize("name", SURVEYS)
def test_every_band_is_declared_whole(name):
    survey = get_survey(name)
    assert survey.name == name
    assert set(survey.extinction) == set(survey.softening) == set(survey.bands)
    blue_to_red = [survey.extinction[b] for b in survey.bands]
    assert blue_to_red == sorted(blue_to_red, reverse=True)
    assert all(list(radii) == sorted(radii) for radii in survey.apertures.values())


def test_a_survey_passes_through():
    survey = Survey("mine", bands=("g",), extinction={"g": 3.2})
    assert get_survey(survey) is survey
    assert survey.softening_of("g") > 0


def test_unknown_names_are_told():
    with pytest.raises(ValueError, match=r"'ls-dr8'.*ls-dr9, ls-dr10, sdss, cosmos"):
        get_survey("ls-dr8")
    with pytest.raises(TypeError, match="not 10"):
        get_survey(10)


def test_a_band_needs_an_extinction():
    with pytest.raises(ValueError, match=r"'mine' has no extinction .*\['r'\]"):
        Survey("mine", bands=("g", "r"), extinction={"g": 3.2})


def test_nothing_speaks_of_bands_that_are_none():
    with pytest.raises(ValueError, match=r"apertures of survey 'mine' names \['r'\]"):
        Survey("mine", ("g",), {"g": 3.2}, apertures={"r": (1.0,)})


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"value": "flux", "error": "ivar_{band}"}, "'flux' has no '{band}'"),
        ({"unit": "mag", "error_is": "ivar"}, "error_is is 'ivar' for values in 'mag'"),
        ({"error_is": "variance"}, "'variance'"),
        ({"apertures": "ap_{band}"}, "go together"),
        ({"dereddened": ("flux",)}, r"\('flux',\)"),
    ],
)
def test_wrong_columns_are_told(arguments, words):
    with pytest.raises(ValueError, match=words):
        Columns(**{"value": "f_{band}", "error": "e_{band}"} | arguments)


def test_names_by_pattern_or_by_band():
    pattern = Columns(
        "f_{band}", "e_{band}", "nmgy", "ivar", "a_{band}_{aperture}", "b"
    )
    assert pattern.names("W1") == ("f_W1", "e_W1")
    assert pattern.aperture_names("W1", 3) == ("a_W1_3", "b")
    by_band = Columns({"g": "gPSF"}, {"g": "e_gPSF"}, unit="mag")
    assert by_band.names("g") == ("gPSF", "e_gPSF")
    assert by_band.names("r") == (None, None)
    assert by_band.error_is == "sigma"
