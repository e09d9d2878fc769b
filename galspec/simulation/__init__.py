"""Forward models that make labelled training data, and the instrument model."""

from .galaxies import GalaxyPrior, GalaxySimulator
from .ingredients import GalaxyIngredients
from .instrument import LAMOST, SDSS, Instrument

__all__ = [
    "LAMOST",
    "SDSS",
    "GalaxyIngredients",
    "GalaxyPrior",
    "GalaxySimulator",
    "Instrument",
]
