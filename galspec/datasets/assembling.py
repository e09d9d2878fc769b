"""The labelled table that training and evaluation read: spectra with labels."""

import os
import pathlib

import numpy as np

from galspec.datasets.cuts import Cuts
from galspec.datasets.matching import RADIUS, match_positions
from galspec.datasets.service import DatasetError
from galspec.evaluation.tables import column_of, numbers, texts
from galspec.positions import arcseconds, objects_at
from galspec.training.splits import split_by_object

__all__ = ["training_set"]

DESCRIPTIONS = {
    "file": "file name",
    "ra": "right ascension",
    "dec": "declination",
    "redshift": "redshift of the survey of the spectrum, else of SDSS",
    "snr_r": "signal-to-noise ratio in r, of the survey of the spectrum",
    "mass": "log10 of the total stellar mass in solar masses",
    "class": "bptclass of MPA-JHU",
    "oh": "12 + log10(O/H) of Tremonti et al. (2004), median",
    "oh_err": "half the 68 % interval of oh",
    "group": "the object: its first SDSS spectrum",
    "split": "part of the training",
    "separation": "between spectrum and label",
}
#: Columns of the labels that go on as they are, for the cuts.
LABELS = ("bptclass", "oh_p50", "sn_median", "reliable")


def training_set(
    labels, spectra, *, cuts=None, radius=RADIUS, seed=0, output=None, overwrite=False
):
    """Put labels and spectra together, cut, and split by object.

    Parameters
    ----------
    labels : `~astropy.table.Table`
        What `fetch_mpa_jhu` or `read_mpa_jhu` gave.
    spectra : `~astropy.table.Table`
        What `fetch_spectra` gave, whose rows have their labels by ``specObjID``; or
        what `read_lamost` gave with a folder, or any table with ``file``, ``ra`` and
        ``dec``, whose objects are matched with those of the labels by position, one to
        one. Several spectra of one object share its label, which is that of its SDSS
        spectrum with the highest signal-to-noise ratio.
    cuts : Cuts, optional
        Those of Feng, Wang & Li (2025) when not given.
    radius : float or `~astropy.units.Quantity`
        Largest separation of positions of one object; arcseconds where it has no unit.
    seed : int
        Another seed gives another split.
    output : path-like, optional
        A .ecsv, .fits or .parquet file to write the table to. Names of files are then
        relative to its folder, where they lie below it.
    overwrite : bool
        Whether ``output`` may exist.

    Returns
    -------
    `~astropy.table.QTable`
        A row a spectrum that has a file, a label and fails no cut: ``file``, ``obsid``
        if known, ``ra``, ``dec``, ``redshift``, ``snr_r``, ``mass``, ``class``, ``oh``,
        ``oh_err``, ``group``, ``split`` (63 % training, 9 % validation, 10 %
        calibration, 18 % test, by object), ``separation``. ``meta`` has the scale, the
        origin of the labels, and how many rows each cut drops.

    Raises
    ------
    ValueError
        If ``output`` cannot be written, or a column is missing.
    OSError
        As `galspec.io.tables.check_output` says.
    DatasetError
        If nothing is left.
    """
    from astropy.table import Table

    from galspec.io.tables import check_output, write_table

    if output is not None:
        check_output(output, overwrite)
    cuts = Cuts() if cuts is None else cuts
    labels, spectra = Table(labels, copy=False), Table(spectra, copy=False)
    radius = arcseconds(radius)
    objects = objects_at(*_radec(labels), radius)
    rows, which, separation = _together(labels, spectra, objects, radius)
    joined = _joined(labels[which], spectra[rows], separation)
    joined["group"] = _names(labels, objects)[which].astype(str)
    chosen = cuts.select(joined)
    if not len(chosen):
        told = {k: v for k, v in chosen.meta.items() if k.startswith("dropped")}
        raise DatasetError(
            f"no spectrum is left of {len(spectra)}, of which {len(joined)} have a "
            f"file and a label: {told}"
        )
    table = _finished(chosen, labels.meta, spectra.meta, radius, seed)
    if output is not None:
        table["file"] = _relative(table["file"], output)
        write_table(table, output)
    return table


def _radec(table):
    import astropy.units as u

    return tuple(numbers(table, name, u.deg) for name in ("ra", "dec"))


def _together(labels, spectra, objects, radius):
    """Rows of spectra that have a file, their rows of the labels, and separations."""
    if "specObjID" in spectra.colnames:
        rows, which = _by_number(labels, spectra)
        separation = np.zeros(len(rows))
    else:
        rows, which, separation = _by_position(labels, spectra, objects, radius)
    there = texts(spectra, "file")[rows] != ""
    return rows[there], which[there], separation[there]


def _by_number(labels, spectra):
    known = np.asarray(labels["specObjID"])
    order = np.argsort(known, kind="stable")
    wanted = np.asarray(spectra["specObjID"])
    place = order[
        np.minimum(np.searchsorted(known, wanted, sorter=order), len(known) - 1)
    ]
    rows = np.flatnonzero(known[place] == wanted)
    return rows, place[rows]


def _by_position(labels, spectra, objects, radius):
    """Match objects one to one; all spectra of an object have its label."""
    theirs = objects_at(*_radec(spectra), radius)
    best_label = _best(objects, _quality(labels, "sn_median"))
    best = _best(theirs, _quality(spectra, column_of(spectra, "snr_r", {})))
    one, other, separation = match_positions(spectra[best], labels[best_label], radius)
    label_of = np.full(theirs.max(initial=-1) + 1, -1)
    apart = np.full(len(label_of), np.nan)
    label_of[theirs[best[one]]] = best_label[other]
    apart[theirs[best[one]]] = separation
    rows = np.flatnonzero(label_of[theirs] >= 0)
    return rows, label_of[theirs[rows]], apart[theirs[rows]]


def _quality(table, name):
    if name is None or name not in table.colnames:
        return np.zeros(len(table))
    return np.nan_to_num(numbers(table, name), nan=-np.inf)


def _best(objects, quality):
    """The row of each object with the highest quality; the first of equal ones."""
    order = np.lexsort((-quality, objects))
    return order[np.unique(objects[order], return_index=True)[1]]


def _names(labels, objects):
    """For each row of the labels the lowest number among those of its object."""
    number = np.asarray(labels["specObjID"])
    lowest = np.full(objects.max(initial=-1) + 1, np.iinfo(number.dtype).max)
    np.minimum.at(lowest, objects, number)
    return lowest[objects]


def _joined(labels, spectra, separation):
    """The columns of both, those of the spectra first."""
    from astropy.table import Table

    z = column_of(spectra, "redshift", {})
    snr = column_of(spectra, "snr_r", {})
    label_z = numbers(labels, "z")
    redshift = label_z if z is None else numbers(spectra, z)
    unknown = np.full(len(labels), np.nan)
    ra, dec = _radec(spectra)
    columns = {
        "file": texts(spectra, "file"),
        "ra": ra,
        "dec": dec,
        "redshift": np.where(np.isfinite(redshift), redshift, label_z),
        "snr_r": unknown if snr is None else numbers(spectra, snr),
        "mass": numbers(labels, "lgm_tot_p50"),
        "oh_err": (numbers(labels, "oh_p84") - numbers(labels, "oh_p16")) / 2,
        "separation": separation,
        **{name: labels[name] for name in LABELS if name in labels.colnames},
    }
    if "obsid" in spectra.colnames:
        columns["obsid"] = texts(spectra, "obsid")
    return Table(columns)


def _finished(table, label_meta, spectra_meta, radius, seed):
    """The table in its final form."""
    import astropy.units as u
    from astropy.table import QTable

    units = {"oh": u.dex, "oh_err": u.dex, "ra": u.deg, "dec": u.deg}
    units["separation"] = u.arcsec
    table["class"], table["oh"] = table["bptclass"], numbers(table, "oh_p50")
    table["split"] = split_by_object(table["group"], seed=seed)
    meta = {key: label_meta[key] for key in ("labels", "scale") if key in label_meta}
    meta |= {key: spectra_meta[key] for key in ("spectra",) if key in spectra_meta}
    meta |= table.meta | {"match_radius": radius, "split_seed": seed}
    result = QTable(meta=meta)
    for name in ("file", "obsid", *list(DESCRIPTIONS)[1:]):
        if name in table.colnames:
            values = table[name].data
            result[name] = values * units[name] if name in units else values
            result[name].info.description = DESCRIPTIONS.get(name, "observation")
    return result


def _relative(names, output):
    """Names below the folder of the table relative to it, so that both can move."""
    folder = pathlib.Path(output).absolute().parent
    paths = [pathlib.Path(os.path.abspath(name)) for name in names]
    return np.array(
        [str(p.relative_to(folder) if p.is_relative_to(folder) else p) for p in paths],
        dtype=str,
    )
