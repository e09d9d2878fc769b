"""Sources of labelled spectra: what a fit draws its epochs from.

A source has ``epoch(number)``, ``validation()`` and ``calibration()``. Each returns a
list of (`~galspec.SpectrumBatch`, labels of shape (n, n_targets)) pairs; spectra with
different wavelength axes stay in pairs of their own.
"""

import numpy as np

from galspec.training import balancing
from galspec.training.splits import split_by_object

__all__ = ["ArraySource", "augmented"]

#: A user's own labels: everything serves, since the user keeps the test set.
FRACTIONS = {"train": 0.75, "validation": 0.10, "calibration": 0.15}


def augmented(pairs, augmentation, seed):
    """Change the spectra of pairs at random; without augmentation, the very same list.

    Parameters
    ----------
    pairs : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
    augmentation : `~galspec.training.augmentation.Augmentation` or None
    seed : tuple of int

    Returns
    -------
    list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
    """
    if augmentation is None:
        return pairs
    return [(augmentation(batch, seed), labels) for batch, labels in pairs]


class ArraySource:
    """A fixed set of labelled spectra, split by object.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        The spectra.
    labels : `numpy.ndarray`, shape (n, n_targets)
        NaN where a label is not known; rows without any are left out.
    groups : array_like, shape (n,), optional
        Identifier of the object that each spectrum shows; all spectra of an object
        fall in the same part. Each spectrum is its own object when not given.
    seed : int
        Of the split and of the augmentation.
    augmentation : `~galspec.training.augmentation.Augmentation`, optional
        Changes the training part anew in every epoch; the other parts stay as they
        are.
    balance : array_like, shape (n,), optional
        A quantity in which the training part is balanced, and no other: see
        `~galspec.training.balancing.balance`. With an augmentation, rows of poor bins
        are repeated.

    Raises
    ------
    ValueError
        If lengths differ, or a part of the split is left without spectra.
    """

    def __init__(
        self, batch, labels, groups=None, seed=0, augmentation=None, balance=None
    ):
        if len(labels) != len(batch):
            raise ValueError(f"{len(labels)} labels for {len(batch)} spectra")
        groups = np.arange(len(batch)) if groups is None else np.asarray(groups)
        if groups.shape != (len(batch),):
            raise ValueError(f"groups has shape {groups.shape}; need ({len(batch)},)")
        self.seed, self.augmentation = seed, augmentation
        part = split_by_object(groups, FRACTIONS, seed)
        known = np.isfinite(labels).any(axis=1)
        self._parts = {}
        for name in FRACTIONS:
            rows = np.flatnonzero((part == name) & known)
            if not len(rows):
                raise ValueError(
                    f"{len(batch)} spectra of {len(np.unique(groups))} objects leave "
                    f"none for the {name} part: more labelled objects are needed"
                )
            if name == "train" and balance is not None:
                rows = rows[self._balanced(np.asarray(balance)[rows])]
            self._parts[name] = [(batch[rows], labels[rows])]

    def _balanced(self, values):
        repeats = self.augmentation is not None
        return balancing.balance(values, seed=self.seed, oversample=repeats)

    def epoch(self, number):
        """The training part: without augmentation the very same in every epoch."""
        return augmented(self._parts["train"], self.augmentation, (self.seed, number))

    def validation(self):
        """The part that chooses the best epoch."""
        return self._parts["validation"]

    def calibration(self):
        """The part that calibrates the errors and serves for nothing else."""
        return self._parts["calibration"]
