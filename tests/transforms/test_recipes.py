"""Configurations survive JSON, and wrong ones say what is wrong."""

import dataclasses
import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.transforms import (
    Asinh,
    Bands,
    Clip,
    Coverage,
    Denoise,
    FreeOfDust,
    GaussianContinuum,
    Grid,
    MedianContinuum,
    NoiseFromScatter,
    Normalise,
    PolynomialContinuum,
    Recipe,
    Resample,
    RestFrame,
    ScaleMinMax,
    ScaleRobust,
    SplineContinuum,
    Transformer,
    Window,
    linear_grid,
    log_grid,
)

EVERY = (
    Asinh(),
    Bands(("g", "r"), ("sdss",)),
    Clip(-0.1, 2.5),
    Coverage(0.3),
    Denoise("sym8", 3),
    FreeOfDust(),
    NoiseFromScatter(64),
    Normalise(GaussianContinuum(30.5)),
    Normalise(MedianContinuum(75)),
    Normalise(PolynomialContinuum(4, low=1.5)),
    Normalise(SplineContinuum(200.0, rounds=3)),
    Resample(linear_grid(4000, 5000, 0.5)),
    Resample(log_grid(4000, 5000, 1e-4), "flux-conserving"),
    RestFrame(),
    ScaleMinMax(),
    ScaleRobust(5, 90.5),
    Window(((4000, 4400), (4800.5, 5300))),
)


def through_json(config):
    return json.loads(json.dumps(config))


@pytest.mark.parametrize("transformer", EVERY, ids=repr)
def test_json_round_trip(transformer):
    again = Transformer.from_config(through_json(transformer.to_config()))
    assert again == transformer
    assert type(again) is type(transformer)
    assert hash(again) == hash(transformer)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.sampled_from(EVERY), max_size=6), st.text())
def test_recipe_round_trip(transformers, name):
    recipe = Recipe(name, *transformers)
    again = Recipe.from_config(through_json(recipe.to_config()))
    assert again == recipe
    assert hash(again) == hash(recipe)


def test_every_transformer_is_tested_here():
    import galspec.transforms as module

    classes = {getattr(module, name) for name in module.__all__}
    classes = {c for c in classes if isinstance(c, type) and issubclass(c, Transformer)}
    assert classes - {Transformer} == {type(t) for t in EVERY}


def test_a_recipe_applies_its_transformers_in_order():
    axis = np.linspace(3900, 5100, 600)
    batch = SpectrumBatch.from_arrays(axis, np.sin(axis)[None] + 2)
    first, second = Resample(linear_grid(4000, 5000, 2)), ScaleMinMax()
    result = Recipe("both", first, second)(batch)
    assert np.array_equal(result.flux, second(first(batch)).flux)
    assert Recipe("none")(batch) is batch


def test_unknown_type():
    with pytest.raises(ValueError, match=r"'Sharpen'.*Resample"):
        Transformer.from_config({"type": "Sharpen"})
    with pytest.raises(ValueError, match="None"):
        Transformer.from_config({})


@pytest.mark.parametrize(
    "config",
    [
        {"type": "ScaleRobust", "middle": 3},
        {"type": "Coverage", "minimum": "much"},
        {"type": "Window"},
        {"type": "Resample", "grid": {"start": 4000}},
        {"type": "Resample", "grid": 7},
        {"type": "Window", "segments": 4000},
        {"type": "Window", "segments": [4000, 5000]},
        {"type": "Normalise"},
        {"type": "Normalise", "continuum": {"type": "Coverage", "minimum": 0.5}},
        {"type": "Normalise", "continuum": {"type": "SplineContinuum", "knots": 3}},
    ],
)
def test_wrong_fields(config):
    names = f"{config['type']}|segments|minimum|continuum|knots"
    with pytest.raises(ValueError, match=names):
        Transformer.from_config({**config})


def test_two_transformers_cannot_share_a_name():
    with pytest.raises(TypeError, match=r"ScaleMinMax.*galspec"):

        @dataclasses.dataclass(frozen=True)
        class ScaleMinMax(Transformer):
            pass


def test_grids():
    assert len(linear_grid(3800, 8000, 1).wavelength) == 4201
    assert linear_grid(4000, 4001, 0.1).wavelength[-1] == pytest.approx(4001)
    log = log_grid(3800, 8000, 1e-4).wavelength
    np.testing.assert_allclose(np.diff(np.log10(log)), 1e-4, rtol=1e-6)
    assert log[0] == pytest.approx(3800)
    assert 8000 / 10**1e-4 < log[-1] <= 8000 * (1 + 1e-9)


@pytest.mark.parametrize(
    "limits", [(5, 4, 1), (4, 5, 0), (4, 5, -1), (0, 5, 1), (np.nan, 5, 1)]
)
def test_wrong_grids(limits):
    with pytest.raises(ValueError, match="ascend"):
        linear_grid(*limits)
    with pytest.raises(ValueError, match="kind"):
        Grid(4000.0, 5000.0, 1.0, "cubic")
