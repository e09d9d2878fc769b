"""Which rows of two tables show one object, by position."""

import numpy as np

from galspec.evaluation.tables import numbers
from galspec.positions import arcseconds, known_positions

__all__ = ["RADIUS", "match_positions", "nearest_positions"]

#: Largest separation, in arcseconds, as in Feng, Wang & Li (2025).
RADIUS = 1.0


def match_positions(first, second, radius=RADIUS):
    """Match two tables by position, one to one.

    Each row looks for the nearest row of the other table; where several have the same
    one in mind, the nearest gets it, and the others get none.

    Parameters
    ----------
    first, second : `~astropy.table.Table`
        With ``ra`` and ``dec``, in degrees where they have no unit. Positions that are
        not known, or exactly (0, 0), match nothing.
    radius : float or `~astropy.units.Quantity`
        Largest separation; arcseconds where it has no unit.

    Returns
    -------
    rows_first, rows_second : `numpy.ndarray` of int
        The pairs, in the order of ``first``.
    separation : `numpy.ndarray`
        In arcseconds.

    Raises
    ------
    ValueError
        If a position is missing or no number, or the radius not positive.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from galspec.datasets import match_positions
    >>> ours = Table({"ra": [10.0, 20.0], "dec": [0.0, 0.0]})
    >>> theirs = Table({"ra": [20.0001, 20.0002], "dec": [0.0, 0.0]})
    >>> match_positions(ours, theirs)
    (array([1]), array([0]), array([0.36]))
    """
    rows, others, separation = nearest_positions(first, second, radius)
    # the nearest comes first; of equal ones the earlier row
    order = np.lexsort((rows, separation))
    _, chosen = np.unique(others[order], return_index=True)
    pairs = np.sort(order[chosen])
    return rows[pairs], others[pairs], separation[pairs]


def nearest_positions(first, second, radius=RADIUS):
    """Match each row of a table to the nearest of another, which may serve several.

    Parameters
    ----------
    first, second, radius
        As for `match_positions`.

    Returns
    -------
    rows_first, rows_second, separation : `numpy.ndarray`
        As of `match_positions`.

    Raises
    ------
    ValueError
        If a position is missing or no number, or the radius not positive.
    """
    import astropy.units as u
    from astropy.coordinates import SkyCoord

    radius = arcseconds(radius)
    (rows, here), (others, there) = _positions(first), _positions(second)
    if not len(rows) or not len(others):
        return np.empty(0, int), np.empty(0, int), np.empty(0)
    sky = SkyCoord(*here, unit="deg")
    index, separation, _ = sky.match_to_catalog_sky(SkyCoord(*there, unit="deg"))
    separation = separation.to_value(u.arcsec)
    near = separation <= radius
    return rows[near], others[index[near]], separation[near]


def _positions(table):
    """Rows with a known position, and the positions."""
    import astropy.units as u
    from astropy.table import Table

    plain = Table(table, copy=False)
    ra, dec = (numbers(plain, name, u.deg) for name in ("ra", "dec"))
    rows = np.flatnonzero(known_positions(ra, dec))
    return rows, (ra[rows], dec[rows])
