"""The one thing that every section of a report looks at: labels beside estimates."""

import dataclasses
import os
import pathlib

import numpy as np

from galspec.evaluation.joining import matching_rows, predict_objects, predict_rows
from galspec.evaluation.labels import holds_estimates, labels_table
from galspec.evaluation.tables import (
    EvaluationError,
    is_class,
    numbers,
    read_table,
    require,
    roles_of,
    texts,
)
from galspec.photometric_estimator import PhotometricEstimator

__all__ = ["LabelledSet", "labelled_set"]

#: The part of a split that is measured on, where there is one.
TEST = "test"
#: Parts whose labels were seen in training.
TRAINING = ("train", "training")
#: Entries of meta that tell the bins of densities.
BINS = ("z_bins", "z_max")
PROVENANCE = ("estimator", "weights", "sha256", "recipe", "scale", "galspec")


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledSet:
    """Labels and estimates, row by row.

    Parameters
    ----------
    targets : tuple of `~galspec.Target`
    table : `~astropy.table.Table`
        The rows that are measured on: ``true_X`` for each label, ``X``, ``X_err``,
        ``X_lo``, ``X_hi`` and ``flags`` as the estimator gives them, and whatever else
        the labelled table has.
    everything : `~astropy.table.Table`
        The rows of all splits, without estimates.
    columns : dict of str to str
        Roles (`~galspec.evaluation.tables.ROLES`) to columns of ``table``.
    provenance : dict of str to str
        Where the estimates come from.
    notes : tuple of str
        What a reader of the report must know of how the set came about.
    """

    targets: tuple
    table: object
    everything: object
    columns: dict
    provenance: dict
    notes: tuple = ()

    def __len__(self):
        return len(self.table)

    @property
    def values(self):
        """The targets that are quantities, not probabilities of classes."""
        return tuple(t for t in self.targets if not is_class(t))

    @property
    def classes(self):
        """The targets that are probabilities of classes."""
        return tuple(filter(is_class, self.targets))

    @property
    def densities(self):
        """The targets of which there are probability densities."""
        return tuple(t for t in self.targets if self.has(f"{t.name}_pdf"))

    def has(self, *names):
        """Whether the table has all of these columns."""
        return set(names) <= set(self.table.colnames)

    def role(self, name):
        """The column of a role as numbers, or None without it."""
        if name not in self.columns:
            return None
        return numbers(self.table, self.columns[name])

    def predicted(self, target, suffix=""):
        """Estimates of a target in its unit, or None without them."""
        return self._numbers(target.name + suffix, target)

    def true(self, target):
        """Labels of a target in its unit, or None without them."""
        return self._numbers(f"true_{target.name}", target)

    def groups(self):
        """Identifiers of objects, for the bootstrap; None without them."""
        column = self.columns.get("group")
        return None if column is None else texts(self.table, column)

    def flags(self):
        """The quality bits; None without them."""
        return self.table["flags"].data.astype(int) if self.has("flags") else None

    def training_labels(self, target):
        """Labels of the training part; None if no column tells it."""
        name = f"true_{target.name}"
        if "split" not in self.columns or name not in self.everything.colnames:
            return None
        split = np.char.lower(texts(self.everything, self.columns["split"]))
        labels = numbers(self.everything, name, target.unit)[np.isin(split, TRAINING)]
        labels = labels[np.isfinite(labels)]
        return labels if labels.size else None

    def _numbers(self, name, target):
        return numbers(self.table, name, target.unit) if self.has(name) else None


def labelled_set(
    estimator,
    labelled,
    *,
    predictions=None,
    columns=None,
    split=None,
    scale=None,
    weights=None,
    photometry=None,
    check=None,
    progress_bar=False,
):
    """Join labels and estimates.

    Parameters
    ----------
    estimator, labelled, predictions, columns, split, scale, weights, photometry, \
progress_bar
        As for `~galspec.evaluation.evaluate`.
    check : callable, optional
        Called with the set as it is without estimates before any is made, to raise
        what is wrong with the rest of the call.

    Returns
    -------
    LabelledSet

    Raises
    ------
    EvaluationError
        If a column that is needed is missing, or is not what it should be.
    """
    targets, notes, columns = tuple(estimator.targets), [], dict(columns or {})
    everything = labels_table(labelled, targets, columns)
    included = predictions is None and holds_estimates(everything, targets)
    if scale is not None and (included or predictions is not None):
        raise EvaluationError(
            f"scale is {scale!r}, but the estimates are given: predict on that scale"
        )
    roles = roles_of(everything, columns)
    table = _of_split(everything, roles, split, notes)
    if included:
        result = table
    elif predictions is not None:
        result = read_table(predictions)
    else:
        if check is not None:
            check(LabelledSet(targets, table, everything, roles, {}))
        estimator = _trained(estimator, weights, scale)
        targets = tuple(estimator.targets)
        how = {"scale": scale, "progress_bar": progress_bar}
        if isinstance(estimator, PhotometricEstimator):
            result = predict_objects(estimator, table, roles, photometry or {}, **how)
        else:
            folder = pathlib.Path(labelled).parent if _is_path(labelled) else "."
            result = predict_rows(estimator, table, roles, folder=folder, **how)
    for target in targets:
        require(result, target.name)
    if not included:
        table = _joined(table, result, targets, notes)
        _compare_scales(everything, result, notes)
    return LabelledSet(
        targets=targets,
        table=table,
        everything=everything,
        columns=roles_of(table, columns),
        provenance=_provenance(estimator, result),
        notes=tuple(notes),
    )


def _is_path(source):
    return isinstance(source, (str, os.PathLike))


def _trained(estimator, weights, scale):
    """The estimator with weights, once it is known that they are needed."""
    if isinstance(estimator, type):
        estimator = estimator.pretrained(**(weights or {}))
    if scale is not None:
        try:
            estimator.check_scale(scale)
        except ValueError as error:
            raise EvaluationError(str(error)) from error
    return estimator


def _of_split(table, roles, split, notes):
    if "split" not in roles:
        if split is not None:
            raise EvaluationError(
                f"split is {split!r}, but there is no column 'split'; the table has "
                f"{', '.join(table.colnames)}"
            )
        return table
    parts = texts(table, roles["split"])
    wanted = split if split is not None or TEST not in parts else TEST
    if wanted is None:
        notes.append("No part of the split is called test: all rows are measured on.")
        return table
    if wanted not in parts:
        raise EvaluationError(
            f"split is {wanted!r}; column {roles['split']!r} has "
            f"{', '.join(np.unique(parts))}"
        )
    notes.append(f"Measured on the part {wanted!r} of the split alone.")
    return table[parts == wanted]


def _joined(table, result, targets, notes):
    """Labels and estimates in one table; the estimates' own columns keep names."""
    from astropy.table import Table

    rows = matching_rows(table, result)
    if np.any(rows < 0):
        notes.append(
            f"{np.sum(rows < 0)} of {len(rows)} labelled rows have no estimate."
        )
    table, result = table[rows >= 0], Table(result)[rows[rows >= 0]]
    own = {"flags", "domain", "problem"}
    for target in targets:
        own |= {target.name + suffix for suffix in ("", "_err", "_lo", "_hi")}
        own |= {name for name in result.colnames if name.startswith(f"{target.name}_")}
    for name in result.colnames:
        if name in table.colnames and name in own:
            table.rename_column(name, f"input_{name}")
        if name not in table.colnames:
            table[name] = result[name]
    bins = _lower(result.meta)
    table.meta |= {key: bins[key] for key in BINS if key in bins}
    return table


def _compare_scales(labels, result, notes):
    ours, theirs = _lower(result.meta).get("scale"), _lower(labels.meta).get("scale")
    if not ours:
        return
    if theirs and theirs != ours:
        notes.append(f"The labels are on the scale {theirs}, the estimates on {ours}.")
    elif not theirs:
        notes.append(f"Estimates are on the scale {ours}; the labels do not state one.")


def _provenance(estimator, result):
    meta = _lower(result.meta)
    known = {"estimator": estimator.name, **meta}
    return {key: str(known[key]) for key in PROVENANCE if known.get(key)}


def _lower(meta):
    """FITS turns the keys of meta into upper case."""
    return {str(key).lower(): value for key, value in meta.items()}
