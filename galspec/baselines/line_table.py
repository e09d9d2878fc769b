"""Line fluxes out of whatever table they come in."""

import numpy as np

__all__ = ["line_arrays"]


def line_arrays(table, names):
    """Fluxes and errors of some lines as plain arrays.

    Parameters
    ----------
    table : `~astropy.table.Table` or mapping
        Columns ``X`` and ``X_err`` for each line, as
        `galspec.line_fitting.fit_lines` gives them: plain, masked or with units.
    names : tuple of str
        Of the lines.

    Returns
    -------
    flux, error : `numpy.ndarray`, shape (n, n_lines)
        In one unit; NaN where masked.

    Raises
    ------
    ValueError
        If a column is missing.
    astropy.units.UnitConversionError
        If the units of columns differ in kind.
    """
    wanted = [name + suffix for suffix in ("", "_err") for name in names]
    missing = [name for name in wanted if name not in table.keys()]  # noqa: SIM118
    if missing:
        raise ValueError(
            f"the lines lack {', '.join(missing)}; columns are to be named as "
            "galspec.line_fitting.fit_lines names them"
        )
    unit = getattr(table[wanted[0]], "unit", None)
    columns = [_plain(table[name], unit) for name in wanted]
    return np.stack(np.split(np.stack(columns, axis=1), 2, axis=1))


def _plain(column, unit):
    """Values in a unit, NaN where masked."""
    mask = np.asarray(getattr(column, "mask", False))
    values = np.atleast_1d(np.ma.getdata(getattr(column, "unmasked", column)))
    if unit is not None and getattr(column, "unit", None) != unit:
        import astropy.units as u

        values = u.Quantity(values, getattr(column, "unit", None)).to(unit)
    values = np.array(getattr(values, "value", values), float)
    values[np.broadcast_to(mask, values.shape)] = np.nan
    return values
