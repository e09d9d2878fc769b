"""Splits by object: every spectrum of an object falls in the same part."""

import numbers
from hashlib import blake2b

import numpy as np

__all__ = ["FRACTIONS", "folds_by_object", "split_by_object"]

#: 7 : 1 : 2 of what remains beside a tenth for calibration.
FRACTIONS = {"train": 0.63, "validation": 0.09, "calibration": 0.10, "test": 0.18}


def _position(identifier, seed):
    """Return a number in [0, 1) that depends on nothing but the arguments."""
    digest = blake2b(f"{seed}:{identifier}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


def split_by_object(ids, fractions=None, seed=0):
    """Assign objects to the parts of a split by a stable hash of their identifier.

    The part of an object does not depend on which other objects are present, on
    their order, on the machine or on the Python process.

    Parameters
    ----------
    ids : array-like, shape (n,)
        Identifiers of the objects, strings or integers; repeated where several
        spectra show one object.
    fractions : dict of str to float, optional
        Share of each part, in order; `FRACTIONS` unless given. Must sum to one.
    seed : int, optional
        Another seed gives another split.

    Returns
    -------
    ndarray, shape (n,), str
        The part of each object.

    Raises
    ------
    ValueError
        If a fraction is negative or the fractions do not sum to one.
    """
    fractions = FRACTIONS if fractions is None else fractions
    shares = np.array(list(fractions.values()), dtype=float)
    if (shares < 0).any() or not np.isclose(shares.sum(), 1.0):
        raise ValueError(
            f"fractions must be positive and sum to 1, got {fractions} "
            f"(sum {shares.sum():g})"
        )
    unique, inverse = np.unique(np.asarray(ids), return_inverse=True)
    positions = [_position(identifier, seed) for identifier in unique]
    # The last border is dropped: rounding of the sum must not leave a gap at 1.
    parts = np.searchsorted(np.cumsum(shares)[:-1], positions, side="right")
    return np.array(list(fractions))[parts][inverse.ravel()]


def folds_by_object(ids, folds, seed=0):
    """Deal objects into folds of equal size, give or take one.

    Parameters
    ----------
    ids : array-like, shape (n,)
        As for `split_by_object`.
    folds : int
        Two or more.
    seed : int, optional
        Another seed deals otherwise.

    Returns
    -------
    ndarray, shape (n,), int
        The fold of each object, from 0 on. It depends on which other objects there
        are, not on their order.

    Raises
    ------
    ValueError
        If there are fewer objects than folds, or less than two folds.

    Examples
    --------
    >>> from galspec.training import folds_by_object
    >>> folds_by_object(["a", "b", "a", "c"], 3).tolist()
    [2, 1, 2, 0]
    """
    unique, inverse = np.unique(np.asarray(ids), return_inverse=True)
    if not isinstance(folds, numbers.Integral) or folds < 2:
        raise ValueError(f"folds is {folds!r}; a whole number from 2 on is needed")
    if len(unique) < folds:
        fewer = f", or folds={len(unique)} or less" if len(unique) > 1 else ""
        raise ValueError(
            f"{len(unique)} labelled objects cannot be dealt into {folds} folds: give "
            f"more objects{fewer}"
        )
    order = np.argsort([_position(identifier, seed) for identifier in unique])
    fold = np.empty(len(unique), int)
    fold[order] = np.arange(len(unique)) % folds
    return fold[inverse.ravel()]
