"""The two tables of the search: candidates by rank, and all spectra."""

import numpy as np

from galspec.catalog.cemp.rows import IDENTIFIERS

__all__ = ["candidate_table", "spectra_table"]

#: Name to (unit, description) of columns that are not the estimator's.
DESCRIPTIONS = {
    "file": ("", "file name"),
    "obsid": ("", "number of the observation"),
    "ra": ("deg", "right ascension"),
    "dec": ("deg", "declination"),
    "redshift": ("", "redshift of the survey, or given"),
    "velocity": ("km/s", "radial velocity, measured where no redshift was given"),
    "velocity_err": ("km/s", "error of velocity"),
    "snr_g": ("", "signal-to-noise ratio in g of the survey, or measured"),
    "snr_i": ("", "signal-to-noise ratio in i of the survey, or measured"),
    "rv_err": ("km/s", "error of the radial velocity, of the survey or measured"),
    "ch4300": ("AA", "equivalent width of the G band"),
    "ch4300_err": ("AA", "error of ch4300 by the inverse variances"),
    "ch4300_snr": ("", "ch4300 over its error"),
    "flags": ("", "sum of galspec.flags bits"),
    "selected": ("", "whether it is a candidate"),
    "reason": ("", "why it is none"),
    "problem": ("", "why the file could not be read"),
}
#: What is said of all spectra beside the labels that decide.
VERDICT = ("selected", "reason", "problem")
DECISIVE = ("teff", "logg", "feh", "cfe", "p_cemp")


def candidate_table(rows, template, meta):
    """The candidates, the most probable first.

    Equally probable ones, such as those at 1, stand in the order of [C/Fe] over its
    error.

    Parameters
    ----------
    rows : dict of str to `numpy.ndarray`
        Of `galspec.catalog.cemp.rows.SearchRows`, for all spectra.
    template : `~astropy.table.QTable`
        A result of the estimator, for units and meanings.
    meta : dict
        The header.

    Returns
    -------
    `~astropy.table.QTable`
    """
    chosen = np.flatnonzero(rows["selected"])
    p, cfe, error = (rows[name][chosen] for name in ("p_cemp", "cfe", "cfe_err"))
    with np.errstate(divide="ignore", invalid="ignore"):
        chosen = chosen[np.lexsort((-cfe / error, -p))]
    names = [name for name in rows if name not in VERDICT]
    table = _table({name: rows[name][chosen] for name in names}, template, meta)
    rank = np.arange(1, len(chosen) + 1)
    table.add_column(rank, name="rank", index=0)
    table["rank"].info.description = "place among the candidates, by p_cemp"
    return table


def spectra_table(rows, template, meta):
    """What became of every spectrum, in the order of the files.

    Parameters
    ----------
    rows, template, meta
        As for `candidate_table`.

    Returns
    -------
    `~astropy.table.QTable`
    """
    names = [*IDENTIFIERS[:-1], "redshift", "snr_g", "snr_i", "rv_err"]
    names += [*(name for name in DECISIVE if name in rows), "flags", *VERDICT]
    return _table({name: rows[name] for name in names}, template, meta)


def _table(columns, template, meta):
    import astropy.units as u
    from astropy.table import QTable

    table = QTable(meta=dict(meta))
    for name, values in columns.items():
        if name in DESCRIPTIONS:
            unit, description = DESCRIPTIONS[name]
            unit = u.Unit(unit) if unit else None
        else:
            unit = getattr(template[name], "unit", None)
            description = template[name].info.description
        table[name] = values if unit is None else values * unit
        table[name].info.description = description
    return table
