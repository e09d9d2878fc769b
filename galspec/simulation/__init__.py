"""Forward models that make labelled training data, and the instrument model."""

from galspec.simulation.galaxies import GalaxyPrior, GalaxySimulator
from galspec.simulation.ingredients import GalaxyIngredients
from galspec.simulation.instrument import DESI, LAMOST, SDSS, Instrument
from galspec.simulation.lamost_file import write_lamost_fits
from galspec.simulation.sed_stars import EnergyPrior, EnergySimulator
from galspec.simulation.sed_templates import EmulatedFlux, ObservedFlux, SyntheticFlux
from galspec.simulation.source import GalaxySource, SimulatedSource
from galspec.simulation.stars import StarPrior, StarSimulator
from galspec.simulation.stellar_correction import EmpiricalCorrection
from galspec.simulation.stellar_emulator import StellarEmulator
from galspec.simulation.stellar_templates import (
    CorrectedStars,
    EmpiricalStars,
    EmulatedStars,
    SyntheticStars,
)

__all__ = [
    "DESI",
    "LAMOST",
    "SDSS",
    "CorrectedStars",
    "EmpiricalCorrection",
    "EmpiricalStars",
    "EmulatedFlux",
    "EmulatedStars",
    "EnergyPrior",
    "EnergySimulator",
    "GalaxyIngredients",
    "GalaxyPrior",
    "GalaxySimulator",
    "GalaxySource",
    "Instrument",
    "ObservedFlux",
    "SimulatedSource",
    "StarPrior",
    "StarSimulator",
    "StellarEmulator",
    "SyntheticFlux",
    "SyntheticStars",
    "write_lamost_fits",
]
