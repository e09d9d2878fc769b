"""An estimator as a function of a partition: for Dask, LSDB, Ray and the like."""

import dataclasses

import numpy as np

from galspec.partitions.files import SpectraInFiles
from galspec.partitions.photometry import PhotometryColumns
from galspec.partitions.reference import EstimatorReference
from galspec.partitions.results import carried, columns_of, result_frame
from galspec.partitions.spectra import SpectrumColumns
from galspec.photometry import PhotometryBatch
from galspec.spectra import SpectrumBatch

__all__ = ["PartitionFunction"]

#: Rows that are worked on together, at least: what is in memory beside a partition.
ROWS = 256


@dataclasses.dataclass(frozen=True, eq=False)
class PartitionFunction:
    """What `Estimator.as_partition_function` gives: a partition in, its results out.

    It pickles as configuration, a kilobyte or two. Each process that it comes to loads
    the estimator when it is called first, once for all threads and functions, and
    refuses to work with another galspec or other weights than where it was made.

    Parameters
    ----------
    reference : `galspec.partitions.reference.EstimatorReference`
        What predicts.
    how : `galspec.partitions.spectra.SpectrumColumns` or \
`galspec.partitions.photometry.PhotometryColumns`
        Which columns hold what.
    options : dict
        Keywords for its ``predict_batches``.
    keep : tuple of str or None
        Columns of a partition that its result has too.
    threads, batch_size : int
        Threads; rows that are worked on together.
    columns : tuple
        What its results are like: see `galspec.partitions.results.columns_of`.
    provenance : dict
        What ``meta`` of a result says, which a data frame cannot keep.

    Examples
    --------
    >>> import pandas as pd
    >>> from galspec import GasMetallicity, example_spectra
    >>> predict = GasMetallicity.pretrained().as_partition_function()
    >>> names = [str(path) for path in example_spectra()]
    >>> frame = predict(pd.DataFrame({"file": names}, index=range(100, 106)))
    >>> frame.index.tolist()
    [100, 101, 102, 103, 104, 105]
    >>> predict.meta.dtypes["oh"]
    dtype('float64')
    >>> predict.units["oh"]
    'dex'
    """

    reference: EstimatorReference
    how: SpectrumColumns | PhotometryColumns
    options: dict
    keep: tuple | None
    threads: int
    batch_size: int
    columns: tuple
    provenance: dict

    @property
    def __name__(self):
        """What engines call the work in what they show."""
        return f"predict-{self.provenance['estimator']}"

    def __call__(self, partition):
        """Predict for a partition.

        Parameters
        ----------
        partition : pandas.DataFrame
            Of any number of rows, none included; nested-pandas' NestedFrame too. Or a
            `~galspec.SpectrumBatch` or `~galspec.PhotometryBatch`, whose identifiers
            are kept.

        Returns
        -------
        pandas.DataFrame
            With the index of the partition, the columns that are kept of it, and those
            of ``meta``. A row that cannot be predicted for is NaN, and its ``flags``
            say why. A row for each spectrum: a file that holds several gives several
            rows of one index.

        Raises
        ------
        TypeError, ValueError
            If it is something else, or a column is missing.
        galspec.partitions.reference.WorkerMismatchError
            If this process has another galspec, or other weights, than the one that
            made the function.
        """
        import pandas as pd

        estimator = self.reference.load()
        if isinstance(partition, SpectrumBatch | PhotometryBatch):
            return self._of_batch(partition, estimator)
        if not isinstance(partition, pd.DataFrame):
            raise TypeError(
                f"a partition is a pandas DataFrame, not a {type(partition).__name__}; "
                "gather() of SpectrumBatch or PhotometryBatch takes other tables"
            )
        reader = self.how.of(partition)
        batches = reader.batches(partition, estimator, self.batch_size)
        table = estimator.predict_batches(batches, workers=self.threads, **self.options)
        kept = partition[carried(partition, self.keep, reader)]
        of_kept, of_table = reader.rows(partition, table)
        of_files = isinstance(reader, SpectraInFiles)
        return result_frame(table[of_table], self.columns, kept.iloc[of_kept], of_files)

    @property
    def meta(self):
        """What it adds to a partition, as a data frame without rows.

        For files more, as `meta_for` tells, unless ``file=`` says that they are such.
        """
        import pandas as pd

        of_files = getattr(self.how, "file", None) is not None
        return self._empty(pd.DataFrame(), of_files)

    @property
    def units(self):
        """Units of the columns in ``meta`` that have one: dict of str to str."""
        return {name: unit for name, _, _, unit in self.columns if unit}

    def meta_for(self, partition):
        """What its results for such partitions are like: a data frame without rows.

        No weights are loaded, and nothing is predicted.

        Parameters
        ----------
        partition : pandas.DataFrame
            One of them, or what an engine knows of them: ``_meta`` of a Dask data
            frame, ``meta`` of an LSDB catalogue.

        Returns
        -------
        pandas.DataFrame

        Raises
        ------
        ValueError
            If a column is missing.
        """
        reader = self.how.of(partition)
        kept = partition.iloc[:0][carried(partition, self.keep, reader)]
        return self._empty(kept, isinstance(reader, SpectraInFiles))

    def needed(self, partition):
        """Names of the columns of such partitions that are read or kept.

        Parameters
        ----------
        partition : pandas.DataFrame
            As for `meta_for`.

        Returns
        -------
        list of str
            ``"spectrum.flux"`` for a field of a nested column.
        """
        reader = self.how.of(partition)
        kept = carried(partition, self.keep, reader)
        return list(dict.fromkeys([*kept, *reader.needed]))

    def _of_batch(self, batch, estimator):
        import pandas as pd

        starts = range(0, len(batch), self.batch_size)
        batches = (batch[at : at + self.batch_size] for at in starts)
        table = estimator.predict_batches(batches, workers=self.threads, **self.options)
        kept = pd.DataFrame(batch.ids, index=range(len(batch)))
        return result_frame(table, self.columns, kept, of_files=False)

    def _empty(self, kept, of_files):
        from astropy.table import Table

        arrays = {
            name: np.empty((0, 1)[: 1 + many], kind)
            for name, kind, many, _ in self.columns
        }
        return result_frame(Table(arrays), self.columns, kept, of_files)


def partition_function(estimator, how, options, keep, threads, batch_size):
    """Make a `PartitionFunction`, and find out whether it would work.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Ready to predict.
    how : dict
        Which columns hold what, and keywords that the estimator takes besides.
    options : dict
        Keywords that all estimators take.
    keep, threads, batch_size
        As for `PartitionFunction`.

    Returns
    -------
    PartitionFunction

    Raises
    ------
    NotFittedError, TypeError, ValueError
        As `~galspec.SpectralEstimator.as_partition_function` says.
    """
    for name, number in (("threads", threads), ("batch_size", batch_size)):
        if number is not None and number < 1:
            raise ValueError(f"{name} is {number}; it has to be 1 or more")
    own = {*estimator.options, *estimator.result_options}
    options = {**options, **{k: v for k, v in how.items() if k in own}}
    columns = {k: v for k, v in how.items() if k not in own}
    nothing = estimator.predict_batches([], workers=1, **options)
    return PartitionFunction(
        reference=EstimatorReference.of(estimator),
        how=estimator.partition_columns(**columns),
        options=options,
        keep=(keep,) if isinstance(keep, str) else keep and tuple(keep),
        threads=threads,
        batch_size=batch_size or max(estimator.batch_size, ROWS),
        columns=columns_of(nothing),
        provenance=dict(nothing.meta),
    )
