"""Train the weights of StarFormingClassifier on simulated galaxies of all classes.

    python scripts/train_star_forming_classifier.py default --ingredients DIR \\
        --run runs/classifier-default

See ``scripts/train_gas_metallicity.py``, which has the same options.
"""

import pathlib

import numpy as np
from training_run import parser_of, train

from galspec import StarFormingClassifier
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
#: ``default`` sees more of what is hard to tell; the paper takes one half each.
KINDS = {
    "default": {
        "star-forming": 0.36,
        "composite": 0.22,
        "agn": 0.16,
        "retired": 0.14,
        "passive": 0.12,
    },
    "feng2025": {
        "star-forming": 0.5,
        "composite": 0.18,
        "agn": 0.10,
        "retired": 0.11,
        "passive": 0.11,
    },
}
#: Share of galaxies with gas whose lines are weak: hard cases, seen on purpose.
WEAK = {"default": 0.15, "feng2025": 0.0}
#: Dex of scatter about the line ratios of measured galaxies, so that no gap between
#: them is taken for a border.
SCATTER = 0.06
#: Kinds of the simulator as classes of the estimator.
CLASSES = {
    "star-forming": "sf",
    "composite": "composite",
    "agn": "agn",
    "retired": "passive",
    "passive": "passive",
}


def training_source(ingredients, tag, epoch_size):
    """Spectra of the tag's kinds and instruments, labelled by class."""
    estimator = StarFormingClassifier.variant(tag)
    simulators = [
        GalaxySimulator(
            ingredients,
            instrument=instrument,
            prior=GalaxyPrior(kinds=KINDS[tag], weak=WEAK[tag], scatter=SCATTER),
        )
        for instrument in INSTRUMENTS[tag]
    ]

    def labels(truth):
        return estimator.label_array(
            [CLASSES[kind] for kind in np.asarray(truth["kind"])]
        )

    return GalaxySource(simulators, labels, epoch_size=epoch_size, held_out=12288)


def main():
    parser = parser_of(__doc__.splitlines()[0], KINDS)
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    ingredients = GalaxyIngredients.load(arguments.ingredients)
    source = training_source(ingredients, arguments.tag, arguments.epoch_size)
    train(StarFormingClassifier.variant(arguments.tag), source, arguments)


if __name__ == "__main__":
    main()
