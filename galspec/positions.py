"""Positions on the sky: which belong to one object."""

import numpy as np

__all__ = ["arcseconds", "known_positions", "objects_at"]


def arcseconds(radius):
    """A radius as a number of arcseconds.

    Parameters
    ----------
    radius : float or `~astropy.units.Quantity`
        Arcseconds where it has no unit.

    Returns
    -------
    float

    Raises
    ------
    ValueError
        If it is not positive.
    astropy.units.UnitConversionError
        If it is no angle.
    """
    import astropy.units as u

    has_unit = hasattr(radius, "unit")
    value = float((radius if has_unit else radius * u.arcsec).to_value(u.arcsec))
    if not 0 < value < np.inf:
        raise ValueError(f"radius is {radius}; it has to be positive")
    return value


def known_positions(ra, dec):
    """Which positions are known: (0, 0) stands in headers that were never filled.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, shape (n,)
        In degrees.

    Returns
    -------
    `numpy.ndarray` of bool, shape (n,)
    """
    return np.isfinite(ra) & (np.abs(dec) <= 90) & ((ra != 0) | (dec != 0))


def objects_at(ra, dec, radius, names=None):
    """Number the objects that spectra show.

    Rows belong to one object if their positions are no farther apart than the radius,
    or through others that are, or if they have the same name.

    Parameters
    ----------
    ra, dec : `numpy.ndarray`, shape (n,)
        In degrees. Positions that are not known, or exactly (0, 0), match nothing.
    radius : float
        In arcseconds.
    names : `numpy.ndarray` of str, shape (n,), optional
        Such as those of observations; "" where there is none.

    Returns
    -------
    `numpy.ndarray` of int, shape (n,)
        Equal for rows of one object.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    n = len(ra)
    left, right = _pairs(ra, dec, radius)
    if names is not None:
        _, first, which = np.unique(names, return_index=True, return_inverse=True)
        named = np.flatnonzero(names != "")
        left = np.concatenate([left, named])
        right = np.concatenate([right, first[which[named]]])
    links = coo_array((np.ones(len(left), bool), (left, right)), shape=(n, n))
    return connected_components(links, directed=False)[1]


def _pairs(ra, dec, radius):
    """Rows that lie close to each other; each position is looked up once."""
    import astropy.units as u
    from astropy.coordinates import SkyCoord, search_around_sky

    rows = np.flatnonzero(known_positions(ra, dec))
    if len(rows) < 2:
        return np.empty((2, 0), int)
    places, first, which = np.unique(
        np.stack([ra[rows], dec[rows]]), axis=1, return_index=True, return_inverse=True
    )
    sky = SkyCoord(*places, unit="deg")
    left, right, *_ = search_around_sky(sky, sky, radius * u.arcsec)
    # rows at one place are linked to the first there: many could make very many pairs
    same = np.stack([rows, rows[first[which.ravel()]]])
    return np.hstack([same, rows[first[np.stack([left, right])]]])
