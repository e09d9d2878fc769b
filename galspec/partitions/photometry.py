"""Partitions of tables with photometry."""

import dataclasses

import numpy as np

from galspec.partitions.columns import (
    has_one_value_a_row,
    lists_of,
    numbers_of,
    padded,
)
from galspec.photometry_table import columns_needed
from galspec.surveys import get_survey

__all__ = ["PhotometryColumns", "PhotometryInRows"]


@dataclasses.dataclass(frozen=True)
class PhotometryColumns:
    """What the columns of a partition are, as for `PhotometricEstimator.predict`.

    Parameters
    ----------
    survey : str or `~galspec.surveys.Survey`
        The first that the estimator knows, when not given to it.
    columns : `~galspec.surveys.Columns`, optional
        Where the table calls them differently.
    ebv : float, optional
        E(B-V) of the Milky Way, one for all, instead of what the table says.
    dust_map : str, path-like or callable, optional
        Where E(B-V) comes from for rows of which nothing else tells it.
    """

    survey: object
    columns: object = None
    ebv: float | None = None
    dust_map: object = None

    def of(self, frame):
        """How a partition is read.

        Parameters
        ----------
        frame : pandas.DataFrame
            May be empty; its columns count.

        Returns
        -------
        PhotometryInRows
        """
        return PhotometryInRows(self, tuple(map(str, frame.columns)))


@dataclasses.dataclass(frozen=True)
class PhotometryInRows:
    """An object in each row of a partition.

    Parameters
    ----------
    how : PhotometryColumns
    names : tuple of str
        Of the columns that there are.
    """

    how: PhotometryColumns
    names: tuple

    @property
    def needed(self):
        """Names of the columns that are read."""
        survey = get_survey(self.how.survey)
        if self.how.columns is not None:
            survey = dataclasses.replace(survey, columns=(self.how.columns,))
        return columns_needed(self.names, survey)

    def batches(self, frame, estimator, size):
        """The objects of a partition, some rows at a time.

        Parameters
        ----------
        frame : pandas.DataFrame
        estimator : `~galspec.PhotometricEstimator`
        size : int
            Rows a batch.

        Yields
        ------
        `~galspec.PhotometryBatch`
        """
        frame = frame[self.needed]
        how = {f.name: getattr(self.how, f.name) for f in dataclasses.fields(self.how)}
        columns = {str(name): _column(frame, name) for name in frame.columns}
        for start in range(0, max(len(frame), 1), size):
            part = {k: values[start : start + size] for k, values in columns.items()}
            yield estimator.gather(part, **how).replace(ids={})

    def rows(self, frame, table):
        """Rows of a partition and of its result that belong together: all, in order."""
        return slice(None), slice(None)


def _column(frame, name):
    """A column as an array; arrays of different lengths are filled with NaN."""
    series = frame[name]
    if has_one_value_a_row(series.dtype):
        return numbers_of(series)
    if series.dtype == object and not len(series):
        return np.empty(0)
    lengths, values = lists_of(frame, name)
    if not lengths.any():  # of dtype object, and yet a number a row
        return numbers_of(series)
    return padded(lengths, values, lengths.max())
