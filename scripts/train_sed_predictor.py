"""Train the weights of SEDPredictor on simulated stars.

    python scripts/train_sed_predictor.py default --emulator sed-emulator.safetensors \\
        --correction sed-correction.safetensors --lines sed-lines.safetensors \\
        --run runs/sed-default

Most spectra are of a slitless spectrograph in space, between 4000 and 7000 angstrom or
somewhat wider; some as LAMOST or SDSS would see them. As with
``scripts/train_gas_metallicity.py`` a run resumes from its checkpoints, and its result
is RUN/weights.safetensors. ``scripts/energy_libraries.py`` has the observed stars of
the second stage.
"""

import dataclasses
import pathlib

from training_run import parser_of, train

from galspec import SEDPredictor
from galspec.simulation import (
    LAMOST,
    SDSS,
    EmpiricalCorrection,
    SimulatedSource,
    StellarEmulator,
)
from galspec.simulation.sed_stars import SLITLESS, EnergySimulator, energies_of
from galspec.simulation.sed_templates import EmulatedFlux

__all__ = ["WIDE", "training_source"]

#: The slitless spectrograph, 3700-9090 angstrom.
WIDE = dataclasses.replace(SLITLESS, name="wide", log_start=3.5682, n_pixels=3905)
#: Each draws an equal share.
INSTRUMENTS = (SLITLESS,) * 5 + (WIDE,) * 2 + (LAMOST, SDSS)
#: Spectra of the validation part; ``uaranet`` takes long over each.
HELD_OUT = {"default": 8190, "uaranet": 2052}


def training_source(templates, epoch_size, held_out):
    """Spectra of the templates as all instruments see them."""
    simulators = [EnergySimulator(templates, instrument=each) for each in INSTRUMENTS]
    return SimulatedSource(
        simulators, energies_of, epoch_size=epoch_size, held_out=held_out
    )


def main():
    parser = parser_of(__doc__.splitlines()[0], HELD_OUT)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--correction", type=pathlib.Path)
    parser.add_argument("--lines", type=pathlib.Path)
    arguments = parser.parse_args()
    corrections = [
        path and EmpiricalCorrection.load(path=path)
        for path in (arguments.correction, arguments.lines)
    ]
    templates = EmulatedFlux(
        StellarEmulator.load(path=arguments.emulator), *corrections
    )
    source = training_source(templates, arguments.epoch_size, HELD_OUT[arguments.tag])
    train(SEDPredictor.variant(arguments.tag), source, arguments)


if __name__ == "__main__":
    main()
