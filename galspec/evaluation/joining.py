"""Estimates for the rows of a labelled table: made, or looked up in a result."""

import os
import pathlib

import numpy as np

from galspec.evaluation.tables import EvaluationError, numbers, texts
from galspec.photometric_split import magnitude_in

__all__ = ["file_place", "matching_rows", "predict_objects", "predict_rows"]

#: Columns by which rows of two tables are told to be of the same spectrum, in order.
KEYS = ("file", "obsid", "object_id")
#: Level of the wide intervals that a report checks.
LEVEL = 0.95
#: Spectra that are read and predicted together.
BATCH = 256


def predict_rows(estimator, table, columns, *, folder, scale=None, progress_bar=False):
    """Estimate the targets for the files that a table names.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    table : `~astropy.table.Table`
    columns : dict of str to str
        Roles to columns: ``file``, and where there is one ``redshift``, which the
        estimator then gets instead of what the files state.
    folder : path-like
        Where names that are relative are looked for first.
    scale, progress_bar
        As for `~galspec.SpectralEstimator.predict`.

    Returns
    -------
    `~astropy.table.QTable`
        One row a row of ``table``, with 95 % intervals where the estimator has any.

    Raises
    ------
    EvaluationError
        If there is no column of file names, or a file holds several spectra.
    """
    from galspec.io import iter_batches

    if "file" not in columns:
        raise EvaluationError(
            f"column 'file' is missing: nothing to predict from; the table has "
            f"{', '.join(table.colnames)}. Name it, or give the estimates"
        )
    names = [file_place(name, folder) for name in texts(table, columns["file"])]
    batches = iter_batches(names, BATCH)
    if "redshift" in columns:
        batches = _with_redshift(batches, numbers(table, columns["redshift"]))
    result = estimator.predict_batches(
        batches,
        interval=LEVEL if estimator.intervals else None,
        scale=scale,
        progress_bar=progress_bar,
        total=len(names),
    )
    if len(result) != len(names):
        raise EvaluationError(
            f"the {len(names)} files hold {len(result)} spectra; where a file holds "
            "several, predict first and give the result with its object_id"
        )
    return result


def predict_objects(
    estimator, table, columns, photometry, *, scale=None, progress_bar=False
):
    """Estimate the targets for the photometry that a table holds.

    Parameters
    ----------
    estimator : `~galspec.ELGPhotoZ`
    table : `~astropy.table.Table`
    columns : dict of str to str
        Roles to columns; without ``mag`` the result gets a column of magnitudes, in r
        where the estimator knows that band.
    photometry : dict
        Keywords of `galspec.ELGPhotoZ.gather`.
    scale : None
        Redshifts have no scales.
    progress_bar
        As for `~galspec.ELGPhotoZ.predict`.

    Returns
    -------
    `~galspec.redshift_table.RedshiftTable`
        One row a row of ``table``.

    Raises
    ------
    EvaluationError
        If the photometry cannot be read from the table, or a scale is given.
    """
    if scale is not None:
        raise EvaluationError(f"scale is {scale!r}, but {estimator.name} has no scales")
    try:
        batch = estimator.gather(table, **photometry)
    except ValueError as error:
        raise EvaluationError(f"photometry: {error}") from error
    result = estimator.predict(batch, progress_bar=progress_bar)
    if "mag" not in columns:
        bands = estimator.recipe.transformers[0].bands
        band = "r" if "r" in bands else bands[len(bands) // 2]
        result["mag"] = magnitude_in(estimator, batch, band)
        result["mag"].info.description = f"dereddened magnitude in {band}"
    return result


def matching_rows(table, result):
    """Find the row of a result for each row of a table.

    By ``file`` (whole names, or else their last parts), ``obsid`` or ``object_id``,
    whichever both have; without any of them row by row.

    Parameters
    ----------
    table, result : `~astropy.table.Table`

    Returns
    -------
    `numpy.ndarray` of int, shape (len(table),)
        -1 where there is none.

    Raises
    ------
    EvaluationError
        If the tables share no such column and differ in length, no row is found, or
        the result lists a spectrum twice.
    """
    key = next((k for k in KEYS if k in table.colnames and k in result.colnames), None)
    if key is None:
        if len(table) == len(result):
            return np.arange(len(table))
        raise EvaluationError(
            f"{len(table)} labelled rows and {len(result)} estimates share none of the "
            f"columns {', '.join(KEYS)}, so nothing says which belong together"
        )
    wanted, found = texts(table, key), texts(result, key)
    if key == "file" and not np.isin(wanted, found).all():
        wanted, found = _last_parts(wanted), _last_parts(found)
    rows = _positions(found, key)
    matched = np.array([rows.get(name, -1) for name in wanted])
    if np.all(matched < 0):
        raise EvaluationError(
            f"no labelled row has an estimate: the labels' {key} begin with "
            f"{str(wanted[0])!r}, those of the estimates with {str(found[0])!r}"
        )
    return matched


def file_place(name, folder):
    """Where a file is that a table names.

    Parameters
    ----------
    name : str
    folder : path-like
        That of the table, where names that are relative are looked for first.

    Returns
    -------
    str
    """
    beside = pathlib.Path(folder, name)
    return str(beside) if beside.exists() else str(name)


def _with_redshift(batches, redshift):
    """Known redshifts of a table in place of those that files state."""
    start = 0
    for batch in batches:
        given = redshift[start : start + len(batch)]
        # a file with several spectra gives more rows than names; refused afterwards
        given = np.pad(given, (0, len(batch) - len(given)), constant_values=np.nan)
        start += len(batch)
        known = np.where(np.isfinite(given), given, batch.redshift)
        yield type(batch).gather(batch, redshift=known)


def _last_parts(names):
    return np.array([os.path.basename(name) for name in names], dtype=str)


def _positions(names, key):
    unique, first, count = np.unique(names, return_index=True, return_counts=True)
    if np.any(count > 1):
        twice = unique[np.argmax(count)]
        raise EvaluationError(f"the estimates list {key} {str(twice)!r} more than once")
    return dict(zip(unique.tolist(), first.tolist(), strict=True))
