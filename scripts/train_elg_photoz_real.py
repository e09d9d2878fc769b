"""Train the weights of ELGPhotoZ that learn from real galaxies, and judge them.

    python scripts/train_elg_photoz_real.py cosmos --photoz photoz --run runs/elg-cosmos
    python scripts/train_elg_photoz_real.py cosmos-griz --photoz photoz \\
        --start runs/elg-cosmos-start/weights.safetensors --run runs/elg-cosmos-griz

With ``--start`` the networks go on from other weights, which have learned from
simulated galaxies (``scripts/start_elg_photoz.py``), one for each of five folds of the
sky. RUN/weights.safetensors is the result, RUN/test.fits what it says of the test part.
"""

import argparse
import logging
import pathlib

import numpy as np
import torch
from elg_photoz_galaxies import REAL

from galspec import ELGPhotoZ
from galspec.evaluation.density_metrics import density_summary
from galspec.evaluation.photoz_metrics import point_summary

__all__ = ["fitted", "judged"]


def fitted(galaxies, tag, start=None, *, seed=0, checkpoint=None, progress_bar=False):
    """An estimator that has learned from galaxies, from scratch or from weights."""
    data = galaxies.batch, galaxies.redshift
    how = {"groups": galaxies.groups, "seed": seed, "checkpoint": checkpoint}
    how["progress_bar"] = progress_bar
    if start is None:
        return ELGPhotoZ.variant(tag).fit(*data, **how)
    estimator = ELGPhotoZ.pretrained(path=start)
    options = estimator.tuning_options(
        learning_rate=5e-4, batch_size=128, weight_decay=1e-2
    )
    return estimator.fine_tune(*data, layers="all", options=options, **how)


def judged(estimator, galaxies):
    """Predictions for galaxies, and how good they are."""
    table = estimator.predict(galaxies.batch)
    table["z_spec"] = galaxies.redshift
    probability = np.asarray(table["z_phot_pdf"]) * table.bins.z_width
    summary = point_summary(galaxies.redshift, table["z_phot"].value)
    density = density_summary(galaxies.redshift, probability, table.bins)
    return table, summary | density


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
