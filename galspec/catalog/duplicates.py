"""Several spectra of one object: which they are, and one row for all of them."""

import numpy as np

from galspec.catalog.columns import floats, texts
from galspec.positions import arcseconds, objects_at

__all__ = ["combine_duplicates"]

NEEDED = ("obsid", "ra", "dec", "snr", "oh", "oh_err", "flags", "selected")
ADDED = {
    "n_obs": "observations that oh is the mean of",
    "n_rows": "rows of the object before duplicates were combined",
    "oh_chi2": "chi-squared of the observations about their mean",
    "oh_chance": "probability that chi-squared is larger by chance",
}


def combine_duplicates(table, radius=1.0):
    """Give every object one row, with the mean of its selected observations.

    Rows belong to one object if their positions are no farther apart than ``radius``,
    or through others that are, or if they have the same ``obsid``. Rows of the same
    ``obsid`` are one observation, of which that with the highest signal-to-noise ratio
    counts: to average it with itself would make its error look smaller than it is.

    Parameters
    ----------
    table : `~astropy.table.Table`
        What `metallicity_catalog` gave, or such a table read again.
    radius : float or `~astropy.units.Quantity`
        Largest separation; arcseconds where it has no unit.

    Returns
    -------
    `~astropy.table.QTable`
        A row an object. ``oh`` is the inverse-variance mean of the selected
        observations and ``oh_err`` its error, multiplied by the square root of
        chi-squared over its degrees of freedom where they scatter more than their
        errors allow (Birge 1932, Phys. Rev. 40, 207). ``flags`` has the bits of all
        that are combined; everything else is of that with the highest
        signal-to-noise ratio. New are ``n_obs`` (0 for an object without selected
        observations), ``n_rows``, ``oh_chi2`` and ``oh_chance``: a small ``oh_chance``
        tells observations that contradict each other.

    Raises
    ------
    ValueError
        If the table lacks a column or was combined before, or the radius is not
        positive.
    astropy.units.UnitConversionError
        If the radius is no angle.

    Notes
    -----
    The errors are taken as independent. What two spectra of one galaxy share, such as
    line ratios that mislead every method, does not average out.

    Positions that are not known, or exactly (0, 0) as in headers that were never
    filled, match nothing.

    Examples
    --------
    >>> from astropy.table import QTable
    >>> from galspec.catalog import combine_duplicates
    >>> twice = QTable({"obsid": ["1", "2"], "ra": [150.0, 150.0001],
    ...                 "dec": [2.0, 2.0], "snr": [20.0, 10.0], "oh": [8.6, 8.7],
    ...                 "oh_err": [0.05, 0.1], "flags": [0, 0],
    ...                 "selected": [True, True]})
    >>> combine_duplicates(twice)["obsid", "oh", "n_obs"].pprint()
    obsid  oh  n_obs
    ----- ---- -----
        1 8.62     2
    """
    radius = arcseconds(radius)
    _check_columns(table)
    values = {name: floats(table[name]) for name in ("snr", "oh", "oh_err")}
    obsid, selected = texts(table["obsid"]), np.asarray(table["selected"], bool)
    members = objects_at(floats(table["ra"]), floats(table["dec"]), radius, obsid)
    order = _best_first(table, members, selected, values["snr"], obsid)
    used = np.zeros(len(table), bool)
    used[order] = (selected & (values["oh_err"] > 0))[order] & _once(obsid[order])
    members, first = _numbered(members[order], order)
    mean = _means(members, used[order], *(values[k][order] for k in ("oh", "oh_err")))
    bits = np.where(used, np.asarray(table["flags"], np.int64), 0)[order]
    combined = _rows(table, first, mean, _union(members, bits))
    combined.meta["radius"] = radius
    return combined[np.argsort(first)]


def _check_columns(table):
    missing = [name for name in NEEDED if name not in table.colnames]
    if missing:
        raise ValueError(
            f"the table has no column {', '.join(missing)}; duplicates are combined "
            "in what metallicity_catalog gives, before columns are dropped or renamed"
        )
    if "n_obs" in table.colnames:
        raise ValueError("the table has n_obs: its duplicates are combined already")


def _best_first(table, members, selected, snr, obsid):
    """An order of the rows that does not depend on theirs: object by object."""
    file = texts(table["file"]) if "file" in table.colnames else obsid
    quality = np.where(np.isfinite(snr), -snr, np.inf)
    # what is still equal after all these is the same file, given twice
    return np.lexsort((file, obsid, quality, ~selected, members))


def _once(obsid):
    """The first row of each observation; rows without a name are one each."""
    first = obsid == ""
    first[np.unique(obsid, return_index=True)[1]] = True
    return first


def _numbered(members, order):
    """Objects numbered in the order of the rows, and the best row of each."""
    begins = np.flatnonzero(np.diff(members, prepend=-1))
    return np.repeat(
        np.arange(len(begins)), np.diff(begins, append=len(members))
    ), order[begins]


def _means(members, used, value, error):
    """The added columns and the mean with its error, NaN where nothing is used."""
    from scipy.stats import chi2 as chi2_distribution

    n_rows = np.bincount(members)
    total, members, value, error = len(n_rows), members[used], value[used], error[used]

    def summed(weights=None):
        return np.bincount(members, weights, minlength=total)

    n_obs, weight = summed(), error**-2
    with np.errstate(invalid="ignore", divide="ignore"):
        mean = summed(weight * value) / summed(weight)
        chi2 = summed(weight * (value - mean[members]) ** 2)
        excess = np.sqrt(np.maximum(1, chi2 / (n_obs - 1)))
        mean_error = summed(weight) ** -0.5 * excess
    several = n_obs > 1
    return {
        "oh": np.where(several, mean, np.nan),
        "oh_err": np.where(several, mean_error, np.nan),
        "n_obs": n_obs,
        "n_rows": n_rows,
        "oh_chi2": np.where(several, chi2, np.nan),
        "oh_chance": np.where(
            several, chi2_distribution.sf(chi2, np.maximum(n_obs - 1, 1)), np.nan
        ),
    }


def _union(members, bits):
    """The bits of all rows of each object."""
    union = np.zeros(members.max(initial=-1) + 1, np.int64)
    np.bitwise_or.at(union, members, bits)
    return union


def _rows(table, first, mean, bits):
    """The best row of each object, with what is combined."""
    from astropy.table import QTable

    combined = QTable(table, copy=False)[first]
    several = mean["n_obs"] > 1
    for name in ("oh", "oh_err"):
        unit = getattr(table[name], "unit", None)
        fresh = mean[name] if unit is None else mean[name] * unit
        combined[name][several] = fresh[several]
    combined["flags"][several] = bits[several]
    for name, description in ADDED.items():
        combined[name] = mean[name]
        combined[name].info.description = description
    return combined
