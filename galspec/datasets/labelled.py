"""A labelled table as a source of training spectra."""

import dataclasses
import os
import pathlib

import numpy as np

from galspec.classifier import REST, SpectralClassifier
from galspec.datasets.parts import objects_of, parts_of
from galspec.evaluation.joining import file_place
from galspec.evaluation.labelled import LabelledSet
from galspec.evaluation.labels import labels_table
from galspec.evaluation.report.classes import true_classes
from galspec.evaluation.tables import EvaluationError, numbers, roles_of, texts
from galspec.flags import Flags
from galspec.training.sources import FRACTIONS

__all__ = ["LabelledSource", "labelled_source"]

#: Files that are read together.
BATCH = 256


@dataclasses.dataclass(frozen=True, eq=False)
class LabelledSource:
    """Labelled spectra for `~galspec.SpectralEstimator.fit`.

    Parameters
    ----------
    parts : dict of str to list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
        Spectra and labels of the parts ``train``, ``validation`` and ``calibration``;
        ``ids["object"]`` tells what each spectrum shows.
    left_out : dict of str to int
        How many rows are in no part, by the reason.
    problems : tuple of (str, str)
        Files that could not be read, and why.
    meta : dict
        Of the table: ``scale`` and ``labels``, where it tells them.
    """

    parts: dict
    left_out: dict
    problems: tuple
    meta: dict

    def pooled(self):
        """All parts together, for folds.

        Returns
        -------
        pairs : list of (`~galspec.SpectrumBatch`, `numpy.ndarray`)
        objects : `numpy.ndarray`, shape (n,)
            What each spectrum shows.
        """
        pairs = [pair for part in self.parts.values() for pair in part]
        return pairs, np.concatenate([batch.ids["object"] for batch, _ in pairs])

    @property
    def sizes(self):
        """Number of spectra in each part."""
        return {
            name: sum(len(batch) for batch, _ in pairs)
            for name, pairs in self.parts.items()
        }

    def epoch(self, number):
        """The training part: the very same in every epoch."""
        return self.parts["train"]

    def validation(self):
        """The part that chooses the best epoch."""
        return self.parts["validation"]

    def calibration(self):
        """The part that calibrates the errors and serves for nothing else."""
        return self.parts["calibration"]


def labelled_source(
    estimator,
    labelled,
    *,
    columns=None,
    classes=None,
    seed=0,
    split=True,
    progress_bar=False,
):
    """Read the spectra of a labelled table, apart from those of its test part.

    A table that tells no split serves as a whole. Where it tells no part for
    validation or for calibration, these are taken from the training part, by object.
    A file that cannot be read is left out and told of. All spectra are kept in memory,
    about 40 kB each; with what the network gets, 0.12 MB.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        Whose targets, or classes, the labels are of.
    labelled : path-like or `~astropy.table.Table`
        With ``file`` and a column for each target, or for a classifier ``class``; also
        used are ``redshift``, ``group`` and ``split``. See `galspec.evaluation`.
    columns : dict of str to str, optional
        What a column is for, to its name, where it is called something else.
    classes : dict of str to str, optional
        True classes to names of the estimator's, where they do not follow. Spectra of
        classes that it does not know are left out, unless it has one for the rest.
    seed : int
        Of parts that the table does not tell.
    split : bool
        False: all but the test part is one, for `LabelledSource.pooled`.
    progress_bar : bool
        Show one.

    Returns
    -------
    LabelledSource

    Raises
    ------
    galspec.evaluation.EvaluationError
        If a column is missing or not what it should be, or a part has no spectra.
    """
    columns = dict(columns or {})
    table = labels_table(labelled, estimator.targets, columns)
    roles = roles_of(table, columns)
    if "file" not in roles:
        raise EvaluationError(
            f"column 'file' is missing; the table has {', '.join(table.colnames)}"
        )
    left_out = {}
    labels = _labels(estimator, table, roles, classes, left_out)
    files = texts(table, roles["file"])
    objects = objects_of(table, roles, files)
    part = parts_of(table, roles, objects, seed, split)
    known = np.isfinite(labels).any(axis=1)
    left_out["in no part that serves for training"] = int(np.sum(part == ""))
    left_out["without a label"] = int(np.sum(~known & (part != "")))
    part[~known] = ""
    folder = pathlib.Path(labelled).parent if _is_path(labelled) else "."
    files = np.array([file_place(name, folder) for name in files], dtype=object)
    redshift = np.full(len(table), np.nan)
    if "redshift" in roles:
        redshift = numbers(table, roles["redshift"])
    total = int(np.sum(part != ""))
    reader = _Reader(files, labels, redshift, objects, total, progress_bar)
    with reader:
        names = FRACTIONS if split else ("train",)
        parts = {name: reader.read(np.flatnonzero(part == name)) for name in names}
    _check_parts(parts, reader.problems, len(table))
    left_out["in files that cannot be read"] = len(reader.problems)
    meta = {str(key).lower(): value for key, value in table.meta.items()}
    return LabelledSource(
        parts,
        {reason: count for reason, count in left_out.items() if count},
        tuple(reader.problems),
        {key: str(meta[key]) for key in ("scale", "labels") if meta.get(key)},
    )


def _is_path(source):
    return isinstance(source, (str, os.PathLike))


def _labels(estimator, table, roles, classes, left_out):
    """Labels as a fit takes them; NaN where one is not known."""
    if not isinstance(estimator, SpectralClassifier):
        columns = [numbers(table, f"true_{t.name}", t.unit) for t in estimator.targets]
        return np.column_stack(columns)
    if "class" not in roles:
        raise EvaluationError(
            f"column 'class' is missing; the table has {', '.join(table.colnames)}"
        )
    data = LabelledSet(estimator.targets, table, table, roles, {})
    _, true = true_classes(data, classes)
    if REST not in estimator.classes:
        for name in set(true.tolist()) - {*estimator.classes, ""}:
            left_out[f"of class {name}"] = int(np.sum(true == name))
        true = np.where(np.isin(true, estimator.classes), true, "")
    return estimator.label_array(true)


def _check_parts(parts, problems, n_rows):
    empty = [name for name, pairs in parts.items() if not pairs]
    if empty:
        reason = f"; {problems[0][0]}: {problems[0][1]}" if problems else ""
        raise EvaluationError(
            f"{n_rows} rows leave no spectrum for the part {empty[0]}, with "
            f"{len(problems)} files that cannot be read{reason}"
        )


class _Reader:
    """Reads files in batches, and leaves out what cannot be read."""

    def __init__(self, files, labels, redshift, objects, total, progress_bar):
        from tqdm import tqdm

        self.files, self.labels, self.redshift = files, labels, redshift
        self.objects = objects
        self.problems = []
        self._bar = tqdm(
            total=total, desc="reading", disable=not progress_bar, unit="spectra"
        )

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._bar.close()

    def read(self, rows):
        """Pairs of spectra and labels of some rows."""
        starts = range(0, len(rows), BATCH)
        pairs = [self._pair(rows[start : start + BATCH]) for start in starts]
        return [pair for pair in pairs if len(pair[0])]

    def _pair(self, rows):
        from galspec.io import read_spectra

        batch = read_spectra(self.files[rows].tolist())
        if len(batch) != len(rows):
            raise EvaluationError(
                f"the files from {self.files[rows[0]]} on hold {len(batch)} spectra in "
                f"{len(rows)} files; each has to hold one"
            )
        given = self.redshift[rows]
        redshift = np.where(np.isfinite(given), given, batch.redshift)
        batch = type(batch).gather(batch, redshift=redshift)
        good = (batch.flags & int(Flags.UNREADABLE)) == 0
        for row in np.flatnonzero(~good):
            self.problems.append((batch.ids["file"][row], batch.ids["problem"][row]))
        self._bar.update(len(rows))
        batch = batch.replace(ids={**batch.ids, "object": self.objects[rows]})
        return batch[good], self.labels[rows[good]]
