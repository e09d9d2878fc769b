"""Train the weights of CEMPParams on simulated stars and on observed ones.

    python scripts/train_cemp_params.py default --emulator emulator.safetensors \\
        --correction correction.safetensors --miles miles.npz --run runs/cemp-default

Four of five spectra are emulated and corrected, with all labels; one is of MILES, with
Teff, log g and [Fe/H]. Most are as LAMOST would see them, others as SDSS or as some
spectrograph of lower resolution. As with ``scripts/train_gas_metallicity.py`` a run
resumes from its checkpoints, and its result is RUN/weights.safetensors.
"""

import pathlib

import numpy as np
from stellar_libraries import miles
from training_run import parser_of, train

from galspec import CEMPParams
from galspec.simulation import (
    SDSS,
    CorrectedStars,
    EmpiricalCorrection,
    EmulatedStars,
    SimulatedSource,
    StarPrior,
    StarSimulator,
    StellarEmulator,
)
from galspec.simulation.stars import LAMOST_STARS, LOW_RESOLUTION

__all__ = ["corrected", "labels_of", "training_source"]


#: How any spectrograph sees stars: resolution and range differ widely.
ANY = StarPrior(resolution=0.35, ends_early=0.5)

#: Typical errors of Teff (K), log g and [Fe/H] in MILES: Cenarro et al. 2007, MNRAS
#: 374, 664.
LIBRARY_ERRORS = (60.0, 0.12, 0.07)
#: Spectra of the validation part; ``hfsnet`` takes long over each.
HELD_OUT = {"default": 8192, "hfsnet": 2048}


def labels_of(truth):
    """Labels of the simulator as those of the estimator."""
    return np.stack([truth[target.name] for target in CEMPParams.targets], axis=1)


def corrected(emulator, correction):
    """Emulated stars as observed ones are."""
    smooth = emulator.smoothed(float(correction.fwhm))
    return CorrectedStars(EmulatedStars(smooth), correction)


class StarSource(SimulatedSource):
    """Stars of simulators, the last two of which draw from a library."""

    def epoch(self, number):
        """New stars; labels of the library err anew: none is learned by heart."""
        parts = super().epoch(number)
        rng = np.random.default_rng([self.seed, number])
        for _, labels in parts[-2:]:
            labels[:, :3] += rng.normal(0, LIBRARY_ERRORS, (len(labels), 3))
        return parts

    def validation(self):
        """Emulated stars: the library has too few to tell which epoch is best."""
        return super().validation()[:-2]


def training_source(templates, library, epoch_size, held_out):
    """Emulated stars and those of a library."""
    parts = [(templates, LAMOST_STARS, StarPrior())] * 5
    parts += [(templates, SDSS, StarPrior())]
    parts += [(templates, LOW_RESOLUTION, ANY)] * 2
    parts += [(library, LAMOST_STARS, StarPrior()), (library, LOW_RESOLUTION, ANY)]
    return StarSource(
        [StarSimulator(t, instrument=i, prior=prior) for t, i, prior in parts],
        labels_of,
        epoch_size=epoch_size,
        held_out=held_out,
    )


def main():
    parser = parser_of(__doc__.splitlines()[0], HELD_OUT)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--correction", type=pathlib.Path, required=True)
    parser.add_argument("--miles", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    templates = corrected(
        StellarEmulator.load(path=arguments.emulator),
        EmpiricalCorrection.load(path=arguments.correction),
    )
    source = training_source(
        templates, miles(arguments.miles), arguments.epoch_size, HELD_OUT[arguments.tag]
    )
    train(CEMPParams.variant(arguments.tag), source, arguments)


if __name__ == "__main__":
    main()
