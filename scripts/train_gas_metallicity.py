"""Train the weights of GasMetallicity on simulated galaxies.

    python scripts/train_gas_metallicity.py default --ingredients DIR --run runs/default

DIR holds the ingredients of the simulator; see `galspec.simulation.GalaxyIngredients`.
The run writes checkpoints after every epoch and a log, and resumes from them; its
result is RUN/weights.safetensors. ``scripts/card_gas_metallicity.py`` measures it on
the test split and writes its card.
"""

import pathlib

from training_run import parser_of, train

from galspec import GasMetallicity
from galspec.simulation import (
    DESI,
    LAMOST,
    SDSS,
    GalaxyIngredients,
    GalaxyPrior,
    GalaxySimulator,
    GalaxySource,
)

#: Each draws an equal share; the paper is of LAMOST spectra alone.
INSTRUMENTS = {"default": (LAMOST, LAMOST, SDSS, DESI), "feng2025": (LAMOST,)}
#: The paper's sample is of star-forming galaxies. ``default`` also learns that others
#: tell nothing of O/H; test and calibration are of star-forming galaxies alone.
KINDS = {
    "default": {"star-forming": 0.88, "agn": 0.04, "retired": 0.04, "passive": 0.04},
    "feng2025": {"star-forming": 1.0},
}


def training_source(ingredients, tag, epoch_size):
    """Spectra of the tag's kinds and instruments."""
    simulators = [
        GalaxySimulator(
            ingredients, instrument=instrument, prior=GalaxyPrior(kinds=KINDS[tag])
        )
        for instrument in INSTRUMENTS[tag]
    ]
    return GalaxySource(simulators, "oh", epoch_size=epoch_size, held_out=8192)


def main():
    parser = parser_of(__doc__.splitlines()[0], KINDS)
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    ingredients = GalaxyIngredients.load(arguments.ingredients)
    source = training_source(ingredients, arguments.tag, arguments.epoch_size)
    train(GasMetallicity.variant(arguments.tag), source, arguments)


if __name__ == "__main__":
    main()
