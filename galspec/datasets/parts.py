"""Which rows of a labelled table train, which choose the epoch, which calibrate."""

import numpy as np

from galspec.evaluation.tables import EvaluationError, texts
from galspec.training.sources import FRACTIONS
from galspec.training.splits import split_by_object

__all__ = ["objects_of", "parts_of"]

#: What the parts of a split may be called.
PARTS = {
    "train": "train",
    "training": "train",
    "validation": "validation",
    "valid": "validation",
    "calibration": "calibration",
    "test": "",
    "": "",
}


def objects_of(table, roles, names):
    """What each row shows: what it is called where it says nothing else.

    Parameters
    ----------
    table : `~astropy.table.Table`
    roles : dict of str to str
        What `galspec.evaluation.tables.roles_of` found.
    names : `numpy.ndarray` of str, shape (n,)

    Returns
    -------
    `numpy.ndarray` of str, shape (n,)
    """
    if "group" not in roles:
        return names
    groups = texts(table, roles["group"])
    return np.where(groups == "", names, groups)


def parts_of(table, roles, objects, seed, split):
    """The part of each row.

    Where the table tells no part for validation or for calibration, these are taken
    from the training part, by object.

    Parameters
    ----------
    table, roles
        As for `objects_of`.
    objects : `numpy.ndarray` of str, shape (n,)
        What it gave.
    seed : int
    split : bool
        False: all but the test part is one.

    Returns
    -------
    `numpy.ndarray` of str, shape (n,)
        "" for those that training must not see.

    Raises
    ------
    galspec.evaluation.EvaluationError
        If the table names a part that is none.
    """
    part = np.full(len(table), "train", dtype="U11")
    if "split" in roles:
        words = np.char.lower(texts(table, roles["split"]))
        for word in np.unique(words):
            if word not in PARTS:
                raise EvaluationError(
                    f"column {roles['split']!r} has {str(word)!r}; parts of a split "
                    "are train, validation, calibration and test"
                )
            part[words == word] = PARTS[word]
    if not split:
        return np.where(part == "", "", "train").astype(part.dtype)
    missing = [name for name in FRACTIONS if name not in part]
    if missing and "train" not in missing:
        shares = {name: FRACTIONS[name] for name in ("train", *missing)}
        total = sum(shares.values())
        rows = part == "train"
        part[rows] = split_by_object(
            objects[rows], {k: v / total for k, v in shares.items()}, seed
        )
    return part
