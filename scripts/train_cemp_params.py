"""Train the weights of CEMPParams on simulated stars and on observed ones.

    python scripts/train_cemp_params.py default --emulator emulator.safetensors \\
        --correction correction.safetensors --miles miles.npz --run runs/cemp-default

Seven of eight spectra are emulated and corrected, with all labels; one is of MILES,
with Teff, log g and [Fe/H]. As with ``scripts/train_gas_metallicity.py`` a run resumes
from its checkpoints, and its result is RUN/weights.safetensors.
"""

import pathlib

import numpy as np
from stellar_libraries import miles
from training_run import parser_of, train

from galspec import CEMPParams
from galspec.simulation import (
    CorrectedStars,
    EmpiricalCorrection,
    EmulatedStars,
    SimulatedSource,
    StarSimulator,
    StellarEmulator,
)

__all__ = ["corrected", "labels_of", "training_source"]


def labels_of(truth):
    """Labels of the simulator as those of the estimator."""
    return np.stack([truth[target.name] for target in CEMPParams.targets], axis=1)


def corrected(emulator, correction):
    """Emulated stars as observed ones are."""
    smooth = emulator.smoothed(float(correction.fwhm))
    return CorrectedStars(EmulatedStars(smooth), correction)


def training_source(templates, library, epoch_size, held_out=8192):
    """Emulated stars and those of a library."""
    emulated = StarSimulator(templates)
    observed = StarSimulator(library)
    return SimulatedSource(
        (*[emulated] * 7, observed),
        labels_of,
        epoch_size=epoch_size,
        held_out=held_out,
    )


def main():
    parser = parser_of(__doc__.splitlines()[0], ("default", *CEMPParams.alternatives))
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--correction", type=pathlib.Path, required=True)
    parser.add_argument("--miles", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    templates = corrected(
        StellarEmulator.load(path=arguments.emulator),
        EmpiricalCorrection.load(path=arguments.correction),
    )
    source = training_source(templates, miles(arguments.miles), arguments.epoch_size)
    train(CEMPParams.variant(arguments.tag), source, arguments)


if __name__ == "__main__":
    main()
