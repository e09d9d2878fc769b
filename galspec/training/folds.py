"""Folds by object: every object is held out once, where they are few."""

import numpy as np

from galspec.training.sources import augmented
from galspec.training.splits import folds_by_object

__all__ = ["FoldSource", "fold_sources"]


class FoldSource:
    """A source that trains on all folds but one, and judges by that one.

    Parameters
    ----------
    others, held : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
        Spectra and labels.
    seed : int
        Of the augmentation.
    augmentation : `~galspec.training.augmentation.Augmentation` or None
        Changes the spectra to train on anew in every epoch.
    """

    def __init__(self, others, held, seed, augmentation):
        self._others, self._held = others, held
        self.seed, self.augmentation = seed, augmentation

    def epoch(self, number):
        """The other folds: without augmentation the very same in every epoch."""
        return augmented(self._others, self.augmentation, (self.seed, number))

    def validation(self):
        """The fold that is held out."""
        return self._held

    def calibration(self):
        """The fold that is held out."""
        return self._held


def fold_sources(pairs, groups, folds, seed=0, augmentation=None):
    """One source for each fold.

    Parameters
    ----------
    pairs : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
        All spectra and labels; those without any label are left out.
    groups : array_like, shape (n,)
        The object that each spectrum shows, through all pairs.
    folds : int
    seed : int
        Of the folds and of the augmentation.
    augmentation : `~galspec.training.augmentation.Augmentation`, optional

    Returns
    -------
    list of FoldSource

    Raises
    ------
    ValueError
        If there are fewer objects than folds, or less than two folds.
    """
    groups = np.asarray(groups)
    known = np.concatenate([np.isfinite(labels).any(axis=1) for _, labels in pairs])
    if groups.shape != known.shape:
        raise ValueError(f"groups has shape {groups.shape}; need {known.shape}")
    fold = np.full(len(known), -1)
    fold[known] = folds_by_object(groups[known], folds, seed)

    def taken(rows):
        ends = np.cumsum([len(batch) for batch, _ in pairs])[:-1]
        kept = zip(pairs, np.split(rows, ends), strict=True)
        return [(batch[k], labels[k]) for (batch, labels), k in kept if k.any()]

    return [
        FoldSource(
            taken(known & (fold != number)), taken(fold == number), seed, augmentation
        )
        for number in range(folds)
    ]
