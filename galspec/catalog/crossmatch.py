"""What another table says of the same objects, found by position."""

import numpy as np

from galspec.datasets.matching import nearest_positions
from galspec.evaluation.tables import numbers
from galspec.positions import known_positions

__all__ = ["check_positions", "with_nearest"]

#: In front of the names of the other table's columns.
PREFIX = "match_"


def check_positions(table, name):
    """Refuse a table without positions.

    Parameters
    ----------
    table : `~astropy.table.Table`
        With ``ra`` and ``dec``, in degrees where they have no unit.
    name : str
        What the message calls it.

    Raises
    ------
    ValueError
        If it has no such columns, or no row with a known position.
    """
    import astropy.units as u
    from astropy.table import Table

    plain = Table(table, copy=False)
    try:
        ra, dec = (numbers(plain, column, u.deg) for column in ("ra", "dec"))
    except ValueError as error:
        raise ValueError(f"{name} cannot be matched by position: {error}") from error
    if not known_positions(ra, dec).any():
        raise ValueError(f"{name} cannot be matched: no row has a known ra and dec")


def with_nearest(table, other, radius):
    """A table with the columns of the nearest row of another one.

    Parameters
    ----------
    table, other : `~astropy.table.Table`
        With ``ra`` and ``dec``.
    radius : float or `~astropy.units.Quantity`
        Largest separation; arcseconds where it has no unit.

    Returns
    -------
    `~astropy.table.QTable`
        New are ``match_separation`` and the plain columns of ``other`` with ``match_``
        in front of their names; where nothing is that near, NaN, empty or masked.

    Raises
    ------
    ValueError
        If a table has no positions.

    Examples
    --------
    >>> from astropy.table import QTable
    >>> from galspec.catalog.crossmatch import with_nearest
    >>> stars = QTable({"ra": [10.0, 20.0], "dec": [5.0, 5.0]})
    >>> known = QTable({"name": ["A"], "ra": [20.0], "dec": [5.0005]})
    >>> matched = with_nearest(stars, known, 3)
    >>> matched["match_name"].tolist(), matched["match_separation"].round(1)
    (['', 'A'], <Quantity [nan, 1.8] arcsec>)
    """
    import astropy.units as u
    from astropy.table import Column, QTable, Table

    rows, nearest, separation = nearest_positions(table, other, radius)
    place, distance = np.full(len(table), -1), np.full(len(table), np.nan)
    place[rows], distance[rows] = nearest, separation
    matched = QTable(table, copy=False)
    matched[PREFIX + "separation"] = distance * u.arcsec
    matched[PREFIX + "separation"].info.description = "distance of the row matched"
    for name, column in Table(other, copy=False).columns.items():
        if not isinstance(column, Column):  # such as a SkyCoord
            continue
        matched[PREFIX + name] = _taken(column, place)
        matched[PREFIX + name].info.description = column.info.description or ""
    return matched


def _taken(column, place):
    """Values of some rows; what is not known where there is no row (-1)."""
    from astropy.table import MaskedColumn

    missing = place < 0
    # one row stands in for those that are missing
    taken = MaskedColumn(column)[np.where(missing, 0, place)]
    taken.mask |= missing.reshape(-1, *[1] * (taken.ndim - 1))
    unknown = {"f": np.nan, "U": "", "S": b""}.get(taken.dtype.kind)
    if unknown is None:
        return taken
    return taken.filled(unknown)
