"""The one form of a result: a table with units, errors, flags and provenance."""

import numpy as np

from galspec.flags import Flags
from galspec.spectra import TEXT_COLUMNS

__all__ = ["result_table", "to_scale"]


SUFFIXES = {
    "": "",
    "_err": "calibrated 68 % error of ",
    "_lo": "lower limit of ",
    "_hi": "upper limit of ",
}
DESCRIPTIONS = {
    "redshift": "redshift that was given",
    "snr": "median signal-to-noise per angstrom, from the scatter between pixels",
    "domain": "distance from the training set; 99 % of it lie below 1",
    "vector": "where the spectrum stands in the eyes of the network",
    "flags": "sum of galspec.flags bits; 0 where nothing speaks against the row",
}


def result_table(targets, pieces, meta):
    """Join the results of batches into one table.

    Parameters
    ----------
    targets : tuple of `~galspec.Target`
        Their units and descriptions go with the columns.
    pieces : list of dict of str to `numpy.ndarray`
        Columns of each batch; an identifier that a batch lacks is left empty.
    meta : dict
        Provenance; flat, so that every file format can keep it.

    Returns
    -------
    `~astropy.table.QTable`
    """
    from astropy.table import QTable

    table = QTable(meta=meta)
    described = {
        target.name + suffix: (target.unit, words + target.description)
        for target in targets
        for suffix, words in SUFFIXES.items()
    }
    for name in dict.fromkeys(name for rows in pieces for name in rows):
        values = np.concatenate([_column(rows, name) for rows in pieces])
        if _says_nothing(name, values):
            continue
        unit, description = described.get(name, (None, DESCRIPTIONS.get(name, "")))
        table[name] = values if unit is None else values * unit
        table[name].info.description = description
    return table


def to_scale(table, targets, convert, scale):
    """Convert a result to another scale, in place.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        What `result_table` gave; its ``meta["scale"]`` names the present scale.
    targets : tuple of `~galspec.Target`
    convert : callable
        ``convert(value, from_, to, error=error)``, NaN where it does not hold.
    scale : str
        The new one.
    """
    old = table.meta["scale"]
    for target in targets:
        value, error = target.name, target.name + "_err"
        had = np.isfinite(table[value])
        # a new column would come without the description of the old one
        for limit in (target.name + "_lo", target.name + "_hi"):
            if limit in table.colnames:
                table[limit][:] = convert(table[limit], old, scale)
        table[value][:], table[error][:] = convert(
            table[value], old, scale, error=table[error]
        )
        lost = had & ~np.isfinite(table[value])
        table["flags"] |= np.where(lost, int(Flags.OUT_OF_RANGE), 0)
    table.meta["scale"] = scale


def _column(rows, name):
    if name in rows:
        return rows[name]
    text = name in TEXT_COLUMNS
    return np.full(len(rows["flags"]), "" if text else np.nan)


def _says_nothing(name, values):
    """No problem anywhere, or no redshift anywhere: not worth a column."""
    if name == "problem":
        return not np.any(values != "")
    return name == "redshift" and not np.isfinite(values).any()
