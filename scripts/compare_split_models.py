"""Compare one model of all galaxies with two, of bright and of faint ones, on zCOSMOS.

    python scripts/compare_split_models.py cosmos-griz --photoz photoz --run runs/split

Wei et al. (2025, arXiv:2505.24175) split at r = 21.5. Here the split is at the median
magnitude of the galaxies to learn from, so that both models have as many. Every galaxy
is judged by models that have seen none of its strip of the sky. RUN/one-0.fits,
RUN/two-0.fits and so on hold the predictions for each strip, with which a run that was
stopped goes on; RUN/comparison.md is what is made of them.
"""

import argparse
import dataclasses
import pathlib

import numpy as np
import torch
from astropy.table import vstack
from elg_photoz_galaxies import REAL
from train_elg_photoz_real import fitted

from galspec import ELGPhotoZ
from galspec.evaluation.photoz_scores import (
    compare_redshifts,
    redshift_scores,
    summary_table,
)
from galspec.evaluation.report.cells import markdown
from galspec.io.tables import write_table
from galspec.photometric_split import SplitByMagnitude, magnitude_in
from galspec.redshift_table import RedshiftTable

__all__ = ["fit_split", "judge", "judge_strips", "report", "strips"]


def strips(galaxies, number):
    """Strips of right ascension with as many galaxies each, numbered from 0 on."""
    ra = galaxies.batch.ids["ra"]
    edges = np.quantile(ra, np.linspace(0, 1, number + 1)[1:-1])
    return np.searchsorted(edges, ra, side="right")


def fit_split(galaxies, tag, band, *, seed=0):
    """Fit two estimators, split at the median magnitude of the galaxies."""
    magnitude = magnitude_in(ELGPhotoZ.variant(tag), galaxies.batch, band)
    at = float(np.nanmedian(magnitude))
    bright = magnitude < at
    parts = (fitted(galaxies[rows], tag, seed=seed) for rows in (bright, ~bright))
    return SplitByMagnitude(*parts, band, at)


def judge(galaxies, tag, band, *, seed=0):
    """Predictions for the test part by one model and by two that know the rest of it.

    Parameters
    ----------
    galaxies : `elg_photoz_galaxies.RealGalaxies`
    tag, band : str
    seed : int

    Returns
    -------
    list of `~galspec.redshift_table.RedshiftTable`
        With columns ``z_spec`` and ``mag`` besides.
    """
    rest, test = galaxies[~galaxies.test], galaxies[galaxies.test]
    models = fitted(rest, tag, seed=seed), fit_split(rest, tag, band, seed=seed)
    tables = [model.predict(test.batch, progress_bar=False) for model in models]
    for table in tables:
        table["z_spec"] = test.redshift
        table["mag"] = magnitude_in(models[0], test.batch, band)
    return tables


def judge_strips(galaxies, folds, run, *how, seed=0):
    """As `judge`, for all strips; those that lie in ``run`` already are read."""
    strip, found = strips(galaxies, folds), []
    for fold in range(folds):
        paths = [run / f"{name}-{fold}.fits" for name in ("one", "two")]
        if not all(path.exists() for path in paths):
            part = dataclasses.replace(galaxies, test=strip == fold)
            for table, path in zip(judge(part, *how, seed=seed), paths, strict=True):
                write_table(table, path)
        found.append([RedshiftTable.read(path) for path in paths])
    one, two = zip(*found, strict=True)
    return [vstack(tables, metadata_conflicts="silent") for tables in (one, two)]


def report(one, two):
    """Markdown of how good each is by magnitude, and of what the difference is."""
    z_spec, magnitude = np.array(one["z_spec"]), np.array(one["mag"])
    bright = magnitude < np.nanmedian(magnitude)
    parts = {"all": np.full(len(z_spec), True), "bright": bright, "faint": ~bright}
    lines = []
    for name, table in {"One model": one, "Two models": two}.items():
        summary = summary_table(redshift_scores(table, z_spec), parts)
        lines += [f"## {name}", "", markdown(summary), ""]
    for name, rows in parts.items():
        pair = {"one": one[rows], "two": two[rows]}
        compared = compare_redshifts(z_spec[rows], pair)
        lines += [f"## Two models less one: {name}", "", markdown(compared), ""]
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=("cosmos-griz", "cosmos"))
    parser.add_argument("--photoz", type=pathlib.Path, required=True)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--band", default="i")
    parser.add_argument("--folds", type=int, default=4)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    arguments.run.mkdir(parents=True, exist_ok=True)
    galaxies = REAL[arguments.tag](arguments.photoz)
    one, two = judge_strips(
        galaxies,
        arguments.folds,
        arguments.run,
        arguments.tag,
        arguments.band,
        seed=arguments.seed,
    )
    text = report(one, two)
    (arguments.run / "comparison.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
