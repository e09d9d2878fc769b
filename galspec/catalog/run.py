"""The loop over all files: what is finished is kept, what is missing is made."""

import itertools
import typing

import numpy as np

from galspec.inference import ordered_map
from galspec.io.bulk import lazy_batches
from galspec.spectra import SpectrumBatch

__all__ = ["Run"]


class Run:
    """The parts of a catalogue, one after the other, several batches at a time.

    Parameters
    ----------
    maker : `galspec.catalog.rows.RowMaker` or alike
        From a batch to columns; ``more`` names identifiers that it needs.
    inputs : `galspec.catalog.inputs.Inputs`
    parts : `galspec.catalog.parts.Parts` or None
        Where finished parts are kept.
    batch_size, partition_size : int
        Spectra at once; files a part.
    """

    def __init__(self, maker, inputs, parts, batch_size, partition_size):
        self.maker, self.inputs, self.parts = maker, inputs, parts
        self.batch_size = batch_size
        edges = [*range(0, len(inputs), partition_size), len(inputs)]
        self.slices = list(itertools.starmap(slice, itertools.pairwise(edges)))

    def rows(self, workers, progress_bar):
        """All rows: those of parts that are there, and what is missing.

        Parameters
        ----------
        workers : int or None
            Threads; as many as cores when None.
        progress_bar : bool

        Returns
        -------
        dict of str to `numpy.ndarray`
            In the order of the files.
        """
        from tqdm import tqdm

        # taken before reading: a file that changes meanwhile is read again next time
        states = [self.inputs.state(part) for part in self.slices]
        found = [self._found(number, state) for number, state in enumerate(states)]
        missing = [number for number, rows in enumerate(found) if rows is None]
        done = len(self.inputs) - sum(_length(self.slices[n]) for n in missing)
        with tqdm(
            total=len(self.inputs),
            initial=done,
            disable=not progress_bar,
            unit="file",
        ) as bar:
            pieces = []
            for task, rows in ordered_map(self._work, self._tasks(missing), workers):
                pieces.append(rows)
                bar.update(_length(task.files))
                if task.is_last:
                    found[task.part] = rows = _joined(pieces)
                    self._keep(task.part, states[task.part], rows)
                    pieces = []
        return _joined(found)

    def _found(self, number, state):
        return None if self.parts is None else self.parts.load(number, state)

    def _keep(self, number, state, rows):
        if self.parts is not None:
            self.parts.store(number, state, rows)

    def _tasks(self, numbers):
        for number in numbers:
            end = self.slices[number].stop
            for start in range(self.slices[number].start, end, self.batch_size):
                stop = min(start + self.batch_size, end)
                yield _Task(number, slice(start, stop), stop == end)

    def _work(self, task):
        """Read some files and make their rows."""
        names = self.inputs.names[task.files]
        groups = lazy_batches(names, self.batch_size, self.maker.more)
        batches = itertools.chain.from_iterable(groups)
        completed = (self.inputs.completed(batch, task.files) for batch in batches)
        # tables without a row give no batch
        made = [*map(self.maker, completed)] or [
            self.maker(SpectrumBatch.concatenate([]))
        ]
        return task, _joined(made)


class _Task(typing.NamedTuple):
    """Files that a thread takes at a time."""

    part: int
    files: slice
    is_last: bool


def _length(part):
    return part.stop - part.start


def _joined(pieces):
    return {name: np.concatenate([rows[name] for rows in pieces]) for name in pieces[0]}
