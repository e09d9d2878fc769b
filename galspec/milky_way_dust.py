"""Reddening by the Milky Way at places on the sky, from maps of its dust."""

import os

import numpy as np

__all__ = ["milky_way_reddening"]


def milky_way_reddening(ra, dec, *, dust_map="sfd"):
    """E(B-V) on the scale of Schlegel, Finkbeiner & Davis (1998, ApJ 500, 525).

    Parameters
    ----------
    ra, dec : array_like, shape (n,)
        ICRS, in degrees.
    dust_map : str, path-like or callable
        ``"sfd"`` for the map of Schlegel, Finkbeiner & Davis (1998) where the library
        dustmaps keeps it; the folder in which ``SFD_dust_4096_ngp.fits`` and
        ``SFD_dust_4096_sgp.fits`` lie; or what gives E(B-V) for a
        `~astropy.coordinates.SkyCoord`, as every query object of dustmaps does.

    Returns
    -------
    `numpy.ndarray`, shape (n,), float64
        NaN where the place is not known.

    Raises
    ------
    ImportError
        If the library is needed and not installed.
    FileNotFoundError
        If the map is not where it should be.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec.milky_way_dust import milky_way_reddening
    >>> def plane(place):  # a Milky Way that fades towards its poles
    ...     return 0.05 / abs(np.sin(place.galactic.b))
    >>> milky_way_reddening([150.1, np.nan], [2.2, 0], dust_map=plane).round(3)
    array([0.075,   nan])
    """
    from astropy.coordinates import SkyCoord

    ra, dec = (np.atleast_1d(np.asarray(angle, np.float64)) for angle in (ra, dec))
    with np.errstate(invalid="ignore"):
        known = np.isfinite(ra) & (np.abs(dec) <= 90)
    ebv = np.full(ra.shape, np.nan)
    query = dust_map if callable(dust_map) else _sfd(dust_map)
    if known.any():
        ebv[known] = query(SkyCoord(ra[known], dec[known], unit="deg"))
    return ebv


def _sfd(dust_map):
    if dust_map == "sfd":
        folder = None
    elif isinstance(dust_map, os.PathLike) or os.path.isdir(dust_map):
        folder = os.fspath(dust_map)
    else:
        raise FileNotFoundError(
            f"dust_map is {dust_map!r}: neither 'sfd' nor a folder with its files"
        )
    try:
        from dustmaps.sfd import SFDQuery
    except ImportError as error:
        raise ImportError(
            f"maps of dust need {error.name}: pip install 'astro-galspec[dust]', or "
            "give E(B-V) by ebv= or in a column"
        ) from error
    try:
        return SFDQuery(folder)
    except OSError as error:
        raise FileNotFoundError(
            f"there is no map of dust in {folder or 'the data folder of dustmaps'}: "
            "dustmaps.sfd.fetch() downloads it"
        ) from error
