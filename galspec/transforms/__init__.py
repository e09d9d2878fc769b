"""Shared preprocessing: transformers from batch to batch, and recipes made of them."""

from galspec.transforms.base import Recipe, Transformer
from galspec.transforms.coverage import Coverage
from galspec.transforms.grid import Grid, linear_grid, log_grid
from galspec.transforms.resample import Resample
from galspec.transforms.restframe import RestFrame
from galspec.transforms.scale import Asinh, ScaleMinMax, ScaleRobust
from galspec.transforms.window import Window

__all__ = [
    "Asinh",
    "Coverage",
    "Grid",
    "Recipe",
    "Resample",
    "RestFrame",
    "ScaleMinMax",
    "ScaleRobust",
    "Transformer",
    "Window",
    "linear_grid",
    "log_grid",
]
