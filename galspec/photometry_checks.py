"""What a batch of photometry has to be like: arrays checked and cleaned."""

import numpy as np

from galspec.flags import Flags

__all__ = [
    "check_bands",
    "check_shape",
    "checked_apertures",
    "checked_reddening",
    "measured",
    "with_no_data",
]

#: What E(B-V) can be: the maps scatter about zero, and know no more in the plane.
EBV_RANGE = (-0.1, 50.0)


def measured(flux, ivar, name):
    """Fluxes and inverse variances: NaN and 0 where there is no measurement.

    Parameters
    ----------
    flux, ivar : array_like
        Of the same shape, two-dimensional.
    name : str
        What they are, for messages.

    Returns
    -------
    flux, ivar : `numpy.ndarray`, float32

    Raises
    ------
    TypeError
        If they have units.
    ValueError
        If their shapes differ.
    """
    if hasattr(flux, "unit") or hasattr(ivar, "unit"):
        raise TypeError(
            f"the {name} has a unit: from_arrays takes plain nanomaggies, gather takes "
            "tables with units"
        )
    flux, ivar = (np.atleast_2d(np.asarray(v, np.float64)) for v in (flux, ivar))
    check_shape(f"inverse variance of {name}", ivar.shape, flux.shape, name)
    limits = np.finfo(np.float32)
    with np.errstate(invalid="ignore"):
        good = (np.abs(flux) < limits.max) & np.isfinite(ivar) & (ivar > 0)
    ivar = np.clip(np.where(good, ivar, 0), 0, limits.max)
    ivar = np.where(good, np.maximum(ivar, limits.tiny), 0)
    return np.where(good, flux, np.nan).astype(np.float32), ivar.astype(np.float32)


def checked_apertures(flux, ivar, survey, bands, n):
    """Pairs of aperture fluxes and their inverse variances, by band.

    Parameters
    ----------
    flux, ivar : dict of str to array_like, shape (n, n_radii)
    survey : `~galspec.surveys.Survey`
    bands : tuple of str
        Those of the batch.
    n : int
        Number of objects.

    Returns
    -------
    dict of str to (`numpy.ndarray`, `numpy.ndarray`)

    Raises
    ------
    ValueError
        If bands or shapes do not fit.
    """
    if set(flux) != set(ivar):
        raise ValueError(
            f"aperture fluxes in {sorted(flux)}, their inverse variances in "
            f"{sorted(ivar)}: these have to be the same bands"
        )
    for band in flux:
        if band not in survey.apertures or band not in bands:
            raise ValueError(
                f"there are no aperture fluxes in {band!r}: bands with apertures are "
                f"{', '.join(b for b in bands if b in survey.apertures) or '(none)'}"
            )
    pairs = {
        band: measured(flux[band], ivar[band], f"aperture flux of {band!r}")
        for band in flux
    }
    for band, (values, _) in pairs.items():
        radii = survey.apertures[band]
        wanted = (n, len(radii))
        check_shape(
            f"aperture flux of {band!r}", values.shape, wanted, f"radii {radii}"
        )
    return pairs


def checked_reddening(ebv, n):
    """E(B-V) of each object; NaN where it is unknown or cannot be one.

    Parameters
    ----------
    ebv : float, array_like or None
    n : int
        Number of objects.

    Returns
    -------
    `numpy.ndarray`, shape (n,), float64

    Raises
    ------
    ValueError
        If its shape does not fit.
    """
    column = np.full(n, np.nan) if ebv is None else np.asarray(ebv, np.float64)
    if column.ndim and column.shape != (n,):
        raise ValueError(f"ebv has shape {column.shape}; there are {n} objects")
    column = np.broadcast_to(column, (n,)).copy()
    with np.errstate(invalid="ignore"):
        column[~((column >= EBV_RANGE[0]) & (column <= EBV_RANGE[1]))] = np.nan
    return column


def check_bands(bands, survey):
    """Raise an error unless the bands are some of the survey's, each once.

    Parameters
    ----------
    bands : tuple of str
    survey : `~galspec.surveys.Survey`

    Raises
    ------
    ValueError
    """
    unknown = [band for band in bands if band not in survey.bands]
    if unknown or not bands or len(set(bands)) < len(bands):
        raise ValueError(
            f"bands are {', '.join(bands) or '(none)'}; survey {survey.name!r} has "
            f"{', '.join(survey.bands)}, each once"
        )


def check_shape(name, shape, wanted, whose):
    """Raise an error that names an array, unless it has the shape that it should.

    Parameters
    ----------
    name : str
    shape, wanted : tuple of int
    whose : str
        What tells the shape.

    Raises
    ------
    ValueError
    """
    if shape != wanted:
        raise ValueError(
            f"{name} has shape {shape}; with {whose} it has to be {wanted}"
        )


def with_no_data(flags, flux, stamps=None):
    """Flags with ``NO_DATA`` set exactly where no band is observed, in no image either.

    Parameters
    ----------
    flags : `numpy.ndarray` of int, shape (n,)
    flux : `numpy.ndarray`, shape (n, n_bands)
    stamps : `numpy.ndarray`, shape (n, n_bands, n_pix, n_pix), optional

    Returns
    -------
    `numpy.ndarray` of int, shape (n,)
    """
    nothing = ~np.isfinite(flux).any(axis=1)
    if stamps is not None:
        nothing[nothing] = ~np.isfinite(stamps[nothing]).any(axis=(1, 2, 3))
    return np.where(nothing, flags | Flags.NO_DATA, flags & ~int(Flags.NO_DATA))
