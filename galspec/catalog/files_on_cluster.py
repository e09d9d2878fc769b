"""Many files on a cluster: their names go out, rows come back in order."""

import dataclasses
import functools
import itertools
import os
import typing

import numpy as np

from galspec.catalog.clusters import check_versions, connected, run_in_order
from galspec.io.bulk import lazy_batches, with_redshifts
from galspec.partitions.reference import EstimatorReference
from galspec.photometric_estimator import PhotometricEstimator

__all__ = ["predict_files"]

#: Files from which on there is a progress bar unless told.
MANY = 10_000
#: Rows that are worked on together.
ROWS = 256
#: A part of fewer files costs more to hand out than it is worth.
FEWEST = 50


def predict_files(
    estimator,
    files,
    *,
    scheduler="local",
    workers=None,
    partition_size=1000,
    batch_size=None,
    progress_bar=None,
    redshift=None,
    interval=None,
    scale=None,
    **options,
):
    """Predict for many files on a cluster of Dask; the same table as without.

    Names of files are sent to the workers, about a thousand at a time, and rows come
    back. What a worker had in hand when it died is done again by another.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator` or `~galspec.PhotometricEstimator`
        With weights that have a name, or a file that all workers can read.
    files : sequence of path-like
        Spectra, or tables of photometry; workers must see them under the same names.
    scheduler : str or distributed.Client
        ``"local"`` for processes on this machine, the address of a scheduler, or who is
        connected to one.
    workers : int, optional
        Processes on this machine; as many as cores when not given.
    partition_size : int
        Files a task; a table of photometry always is one.
    batch_size : int, optional
        Rows that are worked on together.
    progress_bar : bool, optional
        Show one; by itself from 10 000 files on.
    redshift : float or mapping of str to float, optional
        One for all, or by the names of files; files that are not in it keep what they
        state.
    interval, scale, **options
        As for ``predict_batches`` of the estimator; for photometry also ``survey``,
        ``columns``, ``ebv`` and ``dust_map`` as for its ``predict``.

    Returns
    -------
    `~astropy.table.QTable`
        What ``predict_batches`` gives, in the order of the files. One that cannot be
        read is a row with a flag.

    Raises
    ------
    ClusterError
        If no scheduler answers, or workers die again and again.
    galspec.partitions.reference.WorkerMismatchError
        If a worker has another galspec, or other weights.
    ImportError
        If Dask is not installed.
    TypeError, ValueError, OSError
        If the call itself is wrong, or a table of photometry cannot be read.

    Examples
    --------
    >>> from galspec import GasMetallicity
    >>> from galspec.catalog import predict_files
    >>> names = [line.strip() for line in open("names.txt")]  # doctest: +SKIP
    >>> table = predict_files(
    ...     GasMetallicity.pretrained(), names, scheduler="tcp://10.0.0.1:8786"
    ... )  # doctest: +SKIP
    """
    if partition_size < 1:
        raise ValueError(f"partition_size is {partition_size}; 1 or more")
    files = [files] if isinstance(files, (str, os.PathLike)) else files
    names = [os.fspath(name) for name in files]
    reading = {k: options.pop(k) for k in _reading_of(estimator) if k in options}
    estimator.check_options(interval=interval, scale=scale, **options)
    work = _Work(
        EstimatorReference.of(estimator), batch_size or ROWS, interval, options
    )
    show = len(names) >= MANY if progress_bar is None else progress_bar
    from tqdm import tqdm

    with connected(scheduler, workers) as client:
        check_versions(client)
        threads = sum(client.nthreads().values())
        size = _part_size(len(names), partition_size, threads)
        if isinstance(estimator, PhotometricEstimator):
            parts = _tables(names, reading)
            total = None
        else:
            parts = _spectra(names, size, redshift)
            total = len(names)
        with tqdm(total=total, disable=not show, unit=estimator.things) as bar:
            pieces = run_in_order(
                client,
                work,
                parts,
                lambda made: bar.update(sum(len(rows["flags"]) for rows in made)),
            )
    pieces = [*itertools.chain.from_iterable(pieces)]
    return estimator.join_pieces(pieces, interval, scale, options)


@dataclasses.dataclass(frozen=True)
class _Work:
    """What a worker does with a part."""

    reference: EstimatorReference
    batch_size: int
    interval: float | None
    options: dict

    def __call__(self, part):
        estimator = self.reference.load()
        groups = part.groups(estimator, self.batch_size)
        return estimator.predict_pieces(
            groups, False, self.interval, None, 1, self.options
        )


class _Spectra(typing.NamedTuple):
    """Some files with spectra; names are relative to a folder, and stay so."""

    folder: str
    names: list
    redshift: float | dict | None

    def groups(self, estimator, size):
        paths = [os.path.join(self.folder, name) for name in self.names]
        given = dict(zip(paths, self.names, strict=True))
        for group in lazy_batches(paths, size):
            yield map(functools.partial(self._completed, given), group)

    def _completed(self, given, batch):
        files = np.array([given[path] for path in batch.ids["file"].tolist()])
        batch = batch.replace(ids={**batch.ids, "file": files})
        return with_redshifts(batch, self.redshift)


class _Table(typing.NamedTuple):
    """A table of photometry; its name is told where there are several."""

    folder: str
    name: str
    reading: dict
    is_one_of_many: bool

    def groups(self, estimator, size):
        path = os.path.join(self.folder, self.name)
        batch = estimator.gather(path, **self.reading)
        if self.is_one_of_many:
            name = np.full(len(batch), self.name)
            batch = batch.replace(ids={"file": name, **batch.ids})
        size = max(size, estimator.batch_size)
        starts = range(0, len(batch), size)
        return ([batch[start : start + size]] for start in starts)


def _reading_of(estimator):
    if isinstance(estimator, PhotometricEstimator):
        return "survey", "columns", "ebv", "dust_map"
    return ()


def _part_size(n, largest, threads):
    """Files a task: such that every thread has something to do."""
    parts = max(-(-n // largest), min(threads, n // FEWEST), 1)
    return max(-(-n // parts), 1)


def _spectra(names, size, redshift):
    folder = os.getcwd()
    for start in range(0, len(names), size):
        part = names[start : start + size]
        own = redshift
        if not isinstance(redshift, (int, float, type(None))):
            own = {name: redshift[name] for name in part if name in redshift}
        yield _Spectra(folder, part, own)


def _tables(names, reading):
    folder = os.getcwd()
    return (_Table(folder, name, reading, len(names) > 1) for name in names)
