"""A labelled table of photometry as a source for a fit."""

import numpy as np

from galspec.datasets.labelled import LabelledSource
from galspec.datasets.parts import objects_of, parts_of
from galspec.evaluation.labels import labels_table
from galspec.evaluation.tables import EvaluationError, numbers, roles_of
from galspec.training.sources import FRACTIONS

__all__ = ["labelled_photometry"]


def labelled_photometry(
    estimator, labelled, batch, *, columns=None, seed=0, split=True
):
    """Deal the rows of a labelled table, apart from those of its test part.

    Parameters
    ----------
    estimator : `~galspec.PhotometricEstimator`
        Whose target the labels are of.
    labelled : path-like or `~astropy.table.Table`
        With a column called like the target; also used are ``group`` and ``split``.
    batch : `~galspec.PhotometryBatch`
        Its photometry, row by row.
    columns, seed, split
        As for `labelled_source`.

    Returns
    -------
    LabelledSource

    Raises
    ------
    galspec.evaluation.EvaluationError
        If a column is missing or not what it should be, or a part has no objects.
    """
    columns = dict(columns or {})
    table = labels_table(labelled, estimator.targets, columns)
    roles = roles_of(table, columns)
    if len(table) != len(batch):
        raise EvaluationError(f"{len(table)} labels for {len(batch)} objects")
    (target,) = estimator.targets
    labels = estimator.label_array(numbers(table, f"true_{target.name}", target.unit))
    objects = objects_of(table, roles, np.arange(len(table)).astype(str))
    part = parts_of(table, roles, objects, seed, split)
    known = np.isfinite(labels).any(axis=1)
    left_out = {
        "in no part that serves for training": int(np.sum(part == "")),
        "without a label": int(np.sum(~known & (part != ""))),
    }
    part[~known] = ""
    batch = batch.replace(ids={**batch.ids, "object": objects})
    parts = {}
    for name in FRACTIONS if split else ("train",):
        rows = np.flatnonzero(part == name)
        if not len(rows):
            raise EvaluationError(
                f"{len(table)} rows leave no object for the part {name}"
            )
        parts[name] = [(batch[rows], labels[rows])]
    left_out = {reason: count for reason, count in left_out.items() if count}
    return LabelledSource(parts, left_out, (), {})
