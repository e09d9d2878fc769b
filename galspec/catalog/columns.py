"""The columns of a catalogue: their order, units, meaning, and plain values."""

import numpy as np

__all__ = ["DESCRIPTIONS", "catalog_table", "floats", "published", "texts"]

#: Name to (unit, description), in the order of the table.
DESCRIPTIONS = {
    "file": ("", "file name"),
    "obsid": ("", "number of the observation"),
    "ra": ("deg", "right ascension"),
    "dec": ("deg", "declination"),
    "snr_r": ("", "signal-to-noise ratio in the r band, of the survey"),
    "redshift": ("", "redshift of the survey, or given"),
    "oh": ("dex", "12 + log10(O/H), of selected spectra"),
    "oh_err": ("dex", "calibrated 68 % error of oh"),
    "label": ("", "likeliest class"),
    "snr": ("", "median signal-to-noise ratio per angstrom, measured"),
    "domain": ("", "distance from the estimator's training set; 99 % lie below 1"),
    "flags": ("", "sum of galspec.flags bits, of classifier and estimator"),
    "selected": ("", "whether all criteria are fulfilled"),
    "reason": ("", "criteria that are not fulfilled"),
    "problem": ("", "why the file could not be read"),
}
#: What a published catalogue has, and the names of Feng, Wang & Li (2025).
PUBLISHED = {
    "obsid": "obsid",
    "ra": "ra",
    "dec": "dec",
    "snr_r": "snr_r",
    "redshift": "z",
    "oh": "Z_pred",
    "oh_err": "Z_pred_err",
}
#: Columns about the selection, which say nothing where every row is selected.
BOOKKEEPING = ("selected", "reason", "problem")


def floats(column):
    """A column as plain numbers, NaN where it is masked.

    Parameters
    ----------
    column : `~astropy.table.Column` or `~astropy.units.Quantity`

    Returns
    -------
    `numpy.ndarray` of float64
    """
    values = getattr(column, "value", column)
    masked = getattr(values, "mask", None)
    values = np.array(getattr(values, "unmasked", values), float)
    if masked is not None:
        values[np.asarray(masked)] = np.nan
    return values


def texts(column):
    """A column as text, empty where it is masked; FITS gives bytes, numbers are told.

    Parameters
    ----------
    column : `~astropy.table.Column`

    Returns
    -------
    `numpy.ndarray` of str
    """
    values = np.ma.asarray(column)
    plain = np.asarray(values.data)
    plain = np.char.decode(plain, "utf-8") if plain.dtype.kind == "S" else plain
    return np.where(np.ma.getmaskarray(values), "", plain.astype(str))


def catalog_table(rows, probabilities, meta):
    """The table of a catalogue.

    Parameters
    ----------
    rows : dict of str to `numpy.ndarray`
        All columns.
    probabilities : dict of str to str
        Names of the probability columns, and what they are of.
    meta : dict
        The header.

    Returns
    -------
    `~astropy.table.QTable`
    """
    import astropy.units as u
    from astropy.table import QTable

    known = dict(DESCRIPTIONS)
    described = {}
    for name in known:
        described[name] = known[name]
        if name == "oh_err":
            described |= {name: ("", words) for name, words in probabilities.items()}
    table = QTable(meta=meta)
    for name, (unit, description) in described.items():
        if name in rows:
            table[name] = rows[name] * u.Unit(unit) if unit else rows[name]
            table[name].info.description = description
    return table


def published(table, *, selected_only=False, paper_names=False):
    """The form in which a catalogue is given away.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        Of `metallicity_catalog` or `combine_duplicates`.
    selected_only : bool
        Leave out rows that are not selected, and the columns that say why.
    paper_names : bool
        Rename ``redshift`` to ``z``, ``oh`` to ``Z_pred`` and ``oh_err`` to
        ``Z_pred_err``, as in Feng, Wang & Li (2025).

    Returns
    -------
    `~astropy.table.QTable`
    """
    if selected_only:
        table = table[np.asarray(table["selected"], bool)]
        table.remove_columns([name for name in BOOKKEEPING if name in table.colnames])
    if paper_names:
        table = table.copy()
        table.rename_columns(list(PUBLISHED), list(PUBLISHED.values()))
    return table
