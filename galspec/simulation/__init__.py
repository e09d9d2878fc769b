"""Forward models that make labelled training data, and the instrument model."""

from galspec.simulation.band_fluxes import BandFluxes
from galspec.simulation.cosmos_survey import ZCOSMOS, cosmos_survey
from galspec.simulation.elg import ELGSimulator
from galspec.simulation.elg_prior import ELGPrior, Selection
from galspec.simulation.galaxies import GalaxyPrior, GalaxySimulator
from galspec.simulation.galaxy_shapes import MorphologyMixtures
from galspec.simulation.galaxy_templates import GalaxyTemplates
from galspec.simulation.imaging_surveys import (
    LS_DR9,
    LS_DR10,
    LS_NORTH,
    Band,
    ImagingSurvey,
)
from galspec.simulation.ingredients import GalaxyIngredients
from galspec.simulation.instrument import DESI, LAMOST, SDSS, Instrument
from galspec.simulation.lamost_file import write_lamost_fits
from galspec.simulation.population_grids import PopulationGrids
from galspec.simulation.population_templates import population_templates
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
    "LS_DR9",
    "LS_DR10",
    "LS_NORTH",
    "SDSS",
    "ZCOSMOS",
    "Band",
    "BandFluxes",
    "CorrectedStars",
    "ELGPrior",
    "ELGSimulator",
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
    "GalaxyTemplates",
    "ImagingSurvey",
    "Instrument",
    "MorphologyMixtures",
    "ObservedFlux",
    "PopulationGrids",
    "Selection",
    "SimulatedSource",
    "StarPrior",
    "StarSimulator",
    "StellarEmulator",
    "SyntheticFlux",
    "SyntheticStars",
    "cosmos_survey",
    "population_templates",
    "write_lamost_fits",
]
