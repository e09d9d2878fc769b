"""Train the weights of ELGPhotoZ that learn from real galaxies, and judge them.

    python scripts/train_elg_photoz_real.py cosmos --photoz photoz --run runs/elg-cosmos
    python scripts/train_elg_photoz_real.py cosmos-griz --photoz photoz \\
        --start runs/elg-cosmos-start/weights.safetensors --run runs/elg-cosmos-griz

With ``--start`` the networks go on from other weights, which have learned from
simulated galaxies (``scripts/start_elg_photoz.py``). RUN/weights.safetensors is the
result, RUN/test.fits what it says of the test part.
"""

import argparse
import dataclasses
import logging
import pathlib

import numpy as np
import torch
from elg_photoz_galaxies import REAL

from galspec import ELGPhotoZ
from galspec.evaluation.photoz_scores import redshift_scores, redshift_summary

__all__ = ["fitted", "judged"]

#: Folds of the sky, and networks of each.
FOLDS, MEMBERS = 5, 2


def fitted(galaxies, tag, start=None, *, seed=0, checkpoint=None):
    """An estimator that has learned from galaxies, from scratch or from weights.

    Networks learn without one of five folds of the sky each; what they say of that one
    calibrates all.
    """
    data = galaxies.batch, galaxies.redshift
    how = {"groups": galaxies.groups, "seed": seed, "progress_bar": False}
    # so that few galaxies make enough steps
    batch = int(np.clip(len(galaxies.redshift) // 30, 16, 256))
    if start is None:
        form = ELGPhotoZ.variant(tag)
        network = dataclasses.replace(form.network, members=MEMBERS)
        estimator = ELGPhotoZ(recipe=form.recipe, network=network)
        options = form.fit_options(batch_size=batch)
        # columns are standardised, a start for each fold, and nothing is learned yet
        nothing = dataclasses.replace(options, epochs=1, learning_rate=1e-12)
        estimator.fit(*data, options=nothing, members=FOLDS, **how)
    else:
        estimator = ELGPhotoZ.pretrained(path=start)
        options = estimator.tuning_options(
            learning_rate=5e-4, batch_size=min(batch, 128), weight_decay=1e-2
        )
    return estimator.fine_tune(
        *data,
        layers="all",
        folds=FOLDS,
        options=options,
        checkpoint=checkpoint,
        **how,
    )


def judged(estimator, galaxies):
    """Predictions for galaxies, and how good they are."""
    table = estimator.predict(galaxies.batch)
    table["z_spec"] = galaxies.redshift
    return table, redshift_summary(redshift_scores(table, galaxies.redshift))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=REAL)
    parser.add_argument("--photoz", type=pathlib.Path, required=True)
    parser.add_argument("--start", type=pathlib.Path)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    run = arguments.run
    run.mkdir(parents=True, exist_ok=True)
    logging.basicConfig(filename=run / "log.txt", level=logging.INFO)
    torch.set_num_threads(1)
    galaxies = REAL[arguments.tag](arguments.photoz)
    rest, test = galaxies[~galaxies.test], galaxies[galaxies.test]
    estimator = fitted(
        rest, arguments.tag, arguments.start, seed=arguments.seed, checkpoint=run
    )
    estimator.save(run / "weights.safetensors")
    table, summary = judged(estimator, test)
    table.write(run / "test.fits", overwrite=True)
    print(
        f"{len(rest.redshift)} to learn from, {np.sum(galaxies.test)} to be judged by"
    )
    for name, value in summary.items():
        print(f"{name}: {value:.4f}")


if __name__ == "__main__":
    main()
