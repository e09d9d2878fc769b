"""From labelled spectra to what the fit loop takes."""

import numpy as np

from galspec.prediction import has_value

__all__ = ["Epochs", "labelled_part", "prepare_labelled"]


def prepare_labelled(estimator, parts):
    """Inputs and labels of all (batch, labels) pairs, unusable rows left out.

    A row is of use that has a value and one label or more. What is infinite of a label
    is not known either, and NaN.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Whose recipe and network are used.
    parts : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
        Or of photometry, where the estimator takes that.

    Returns
    -------
    inputs, labels, snr, redshift : `numpy.ndarray`
    """
    columns = []
    for batch, labels in parts:
        inputs, flags = estimator.prepare(batch)
        known = np.isfinite(labels)
        keep = has_value(flags) & known.any(axis=1)
        columns.append(
            (
                inputs[keep],
                np.where(known, labels, np.nan)[keep],
                estimator.signal_to_noise(batch)[keep],
                batch.redshift[keep],
            )
        )
    return tuple(np.concatenate(column) for column in zip(*columns, strict=True))


def labelled_part(estimator, parts, name):
    """As `prepare_labelled`, for a part that must not be empty.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Whose recipe and network are used.
    parts : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
    name : str
        What the part is for.

    Returns
    -------
    inputs, labels, snr, redshift : `numpy.ndarray`

    Raises
    ------
    ValueError
        If no spectrum is of use.
    """
    columns = prepare_labelled(estimator, parts)
    if not len(columns[0]):
        raise ValueError(
            f"nothing of the {name} part is left behind the recipe: " + estimator.advice
        )
    return columns


class Epochs:
    """Inputs and standardised labels of every epoch, for the fit loop.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Whose recipe and network are used.
    source : object
        See `galspec.training.sources`.

    Attributes
    ----------
    columns : tuple of `numpy.ndarray`
        What `labelled_part` gave of the first epoch.
    scale : tuple of `numpy.ndarray`
        Mean and standard deviation of the labels, to be set before the first call.
    """

    def __init__(self, estimator, source):
        self.estimator, self.source = estimator, source
        self._first = source.epoch(0)
        self.columns = labelled_part(estimator, self._first, "training")
        self.scale = (0.0, 1.0)

    def standardised(self, labels):
        """Labels as the network gives them."""
        mean, std = self.scale
        return ((labels - mean) / std).astype(np.float32)

    def __call__(self, epoch):
        parts = self._first if epoch == 0 else self.source.epoch(epoch)
        # a source of fixed spectra gives the very same list in every epoch
        columns = self.columns
        if parts is not self._first:
            columns = labelled_part(self.estimator, parts, "training")
        return columns[0], self.standardised(columns[1])
