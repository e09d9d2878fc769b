"""Shared preprocessing: transformers from batch to batch, and recipes made of them."""

from galspec.transforms.base import Recipe, Transformer
from galspec.transforms.clip import Clip
from galspec.transforms.clipped_continuum import PolynomialContinuum, SplineContinuum
from galspec.transforms.continuum import Continuum, Normalise
from galspec.transforms.coverage import Coverage
from galspec.transforms.denoise import Denoise
from galspec.transforms.grid import Grid, linear_grid, log_grid
from galspec.transforms.noise import NoiseFromScatter
from galspec.transforms.photometric import Bands, FreeOfDust
from galspec.transforms.resample import Resample
from galspec.transforms.restframe import RestFrame
from galspec.transforms.scale import Asinh, ScaleMinMax, ScaleRobust
from galspec.transforms.smooth_continuum import GaussianContinuum, MedianContinuum
from galspec.transforms.window import Window

__all__ = [
    "Asinh",
    "Bands",
    "Clip",
    "Continuum",
    "Coverage",
    "Denoise",
    "FreeOfDust",
    "GaussianContinuum",
    "Grid",
    "MedianContinuum",
    "NoiseFromScatter",
    "Normalise",
    "PolynomialContinuum",
    "Recipe",
    "Resample",
    "RestFrame",
    "ScaleMinMax",
    "ScaleRobust",
    "SplineContinuum",
    "Transformer",
    "Window",
    "linear_grid",
    "log_grid",
]
