"""Tables that come out of predictions, and how far they may differ."""

import numpy as np

__all__ = ["as_table", "assert_same", "columns"]

#: Largest difference that float32 arithmetic in another order may make, in errors.
TOLERANCE = 0.02
#: The same as a share of the valid range, for errors that can be 0.
ROUNDING = 1e-4


def as_table(estimator, result):
    """The result as a table, whatever form the class gives it.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
    result : `~astropy.table.QTable` or `~specutils.Spectrum`
        What its ``predict`` gave. Of a spectrum the columns are flux, its error and
        arrays of its meta.

    Returns
    -------
    `~astropy.table.QTable`
    """
    from astropy.table import QTable

    if isinstance(result, QTable):
        return result
    (target,) = estimator.targets
    one = result.flux.ndim == 1
    error = result.uncertainty.quantity
    rows = {target.name: result.flux, target.name + "_err": error}
    rows |= {k: v for k, v in result.meta.items() if not isinstance(v, str)}
    meta = {k: v for k, v in result.meta.items() if isinstance(v, str)}
    return QTable({k: v[None] if one else v for k, v in rows.items()}, meta=meta)


def columns(estimator):
    """Names of the values and errors in a result.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`

    Returns
    -------
    list of str
    """
    return [t.name + suffix for t in estimator.targets for suffix in ("", "_err")]


def assert_same(estimator, table, expected, rows=slice(None)):
    """Two tables agree to a small part of the error, NaN where NaN.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Whose values they hold.
    table, expected : `~astropy.table.QTable`
    rows : slice or array_like
        Of the expected table, which the other one has.

    Raises
    ------
    AssertionError
        If they do not.
    """
    assert len(table) == len(expected[rows]), (
        f"{len(table)} rows where {len(expected[rows])} were expected"
    )
    for target in estimator.targets:
        error = expected[target.name + "_err"][rows].to_value(target.unit)
        allowed = TOLERANCE * error + ROUNDING * (target.valid[1] - target.valid[0])
        for name in (target.name, target.name + "_err"):
            ours = table[name].to_value(target.unit)
            theirs = expected[name][rows].to_value(target.unit)
            close = np.abs(ours - theirs) < allowed
            alike = close | (np.isnan(ours) & np.isnan(theirs))
            row = np.unravel_index(np.argmin(alike), alike.shape)
            place = ", ".join(map(str, row))
            assert alike.all(), f"{name} of row {place}: {ours[row]}, not {theirs[row]}"
