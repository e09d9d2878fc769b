"""Partitions of tables with the names of files that hold spectra."""

import dataclasses
import itertools

import numpy as np

from galspec.io.bulk import lazy_batches, with_redshifts
from galspec.partitions.columns import numbers_of

__all__ = ["SpectraInFiles"]


@dataclasses.dataclass(frozen=True)
class SpectraInFiles:
    """The name of a file in each row of a partition.

    Parameters
    ----------
    file : str
        The column.
    redshift : str, float or None
        A column that takes precedence over what files state, or one for all.
    """

    file: str
    redshift: object

    @property
    def needed(self):
        """Names of the columns that are read."""
        return [n for n in (self.file, self.redshift) if isinstance(n, str)]

    def batches(self, frame, estimator, size):
        """The spectra of the files, each file once.

        Parameters
        ----------
        frame, estimator, size
            As for `SpectraInRows.batches`.

        Yields
        ------
        `~galspec.SpectrumBatch`
            A file that cannot be read gives a masked row.
        """
        names = _names(frame[self.file])
        known = self.redshift
        if isinstance(known, str):
            pairs = dict(zip(names, numbers_of(frame[known]), strict=True))
            known = {name: z for name, z in pairs.items() if not np.isnan(z)}
        groups = lazy_batches(dict.fromkeys(names), size)
        for batch in itertools.chain.from_iterable(groups):
            yield with_redshifts(batch, known)

    def rows(self, frame, table):
        """Where each row of a partition stands in the result; some files hold several.

        Parameters
        ----------
        frame : pandas.DataFrame
        table : `~astropy.table.QTable`
            With the column ``file``.

        Returns
        -------
        of_frame, of_table : `numpy.ndarray` of int
            Pairs of rows, in the order of the partition.
        """
        places = {}
        for row, name in enumerate(table["file"].tolist() if len(frame) else ()):
            places.setdefault(name, []).append(row)
        found = [places[name] for name in _names(frame[self.file])]
        counts = [len(rows) for rows in found]
        of_table = np.array([*itertools.chain.from_iterable(found)], int)
        return np.repeat(np.arange(len(frame)), counts), of_table


def _names(series):
    """Names of files as text; empty, which is no file, where there is none."""
    missing = series.isna().to_numpy()
    return [
        "" if gone else str(name) for name, gone in zip(series, missing, strict=True)
    ]
