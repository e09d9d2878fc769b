"""How redshifts of zCOSMOS g r i z improve with labels, with a simulated start or none.

    python scripts/labels_elg_photoz.py --photoz photoz \\
        --start runs/elg-cosmos-start/weights.safetensors --run runs/elg-labels

Draws some labels of the training part of the sky and judges by the test strip what is
learned from them alone, and what from them on top of simulated galaxies.
RUN/labels.ecsv has a row a fit.
"""

import argparse
import pathlib

import numpy as np
import torch
from astropy.table import Table
from elg_photoz_galaxies import REAL
from train_elg_photoz_real import fitted, judged

from galspec import ELGPhotoZ

#: Labels, and how often so many are drawn.
LABELS = {500: 2, 2000: 2, 8000: 1}
COLUMNS = ("sigma_nmad", "sigma_nmad_err", "eta15", "eta15_err", "log_likelihood")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("photoz", "start", "run"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    galaxies = REAL["cosmos-griz"](arguments.photoz)
    rest, test = galaxies[~galaxies.test], galaxies[galaxies.test]
    rows = [_row(0, 0, "simulated", ELGPhotoZ.pretrained(path=arguments.start), test)]
    for number, draws in LABELS.items():
        for draw in range(draws):
            some = np.random.default_rng((number, draw)).permutation(len(rest.redshift))
            few = rest[some[:number]]
            for start in (None, arguments.start):
                estimator = fitted(few, "cosmos-griz", start)
                kind = "scratch" if start is None else "simulated"
                rows.append(_row(len(few.redshift), draw, kind, estimator, test))
                print(rows[-1], flush=True)
    arguments.run.mkdir(parents=True, exist_ok=True)
    Table(rows).write(arguments.run / "labels.ecsv", overwrite=True)


def _row(labels, draw, start, estimator, test):
    """How good an estimator is, as a row of the table."""
    _, summary = judged(estimator, test)
    row = {"labels": labels, "draw": draw, "start": start}
    return row | {name: summary[name] for name in COLUMNS}


if __name__ == "__main__":
    main()
