"""Forward models that make labelled training data, and the instrument model."""

from galspec.simulation.galaxies import GalaxyPrior, GalaxySimulator
from galspec.simulation.ingredients import GalaxyIngredients
from galspec.simulation.instrument import DESI, LAMOST, SDSS, Instrument
from galspec.simulation.lamost_file import write_lamost_fits
from galspec.simulation.source import SimulatedSource

__all__ = [
    "DESI",
    "LAMOST",
    "SDSS",
    "GalaxyIngredients",
    "GalaxyPrior",
    "GalaxySimulator",
    "Instrument",
    "SimulatedSource",
    "write_lamost_fits",
]
