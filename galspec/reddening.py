"""Reddening of energy distributions by dust between the star and us."""

import astropy.units as u
import numpy as np

from galspec.sed import WAVELENGTH, normalised
from galspec.sed_spectrum import flux_columns, unmasked

__all__ = ["LAWS", "check", "redden", "transmission"]

#: Extinction laws of dust_extinction that hold from 2500 to 10500 angstrom; the first
#: is what serves unless told (Gordon et al. 2023, ApJ 950, 86).
LAWS = ("G23", "F19", "F04", "F99", "O94", "CCM89")
#: Ratio of total to selective extinction of the diffuse Galaxy.
RV = 3.1


def check(ebv, law):
    """Refuse reddening that makes no sense.

    Parameters
    ----------
    ebv : float, array_like or `~astropy.units.Quantity`
        E(B-V), magnitudes; of one star among several it may be NaN or masked.
    law : str
        One of `LAWS`.

    Returns
    -------
    `numpy.ndarray`
        E(B-V), NaN where it is not known.

    Raises
    ------
    ValueError
        If the law is not known, or E(B-V) is no number, negative or infinite.
    """
    if law not in LAWS:
        raise ValueError(f"law is {law!r}; it can be one of {', '.join(LAWS)}")
    try:
        values = u.Quantity(unmasked(ebv), u.mag, dtype=float).value
    except (TypeError, ValueError) as error:
        raise ValueError(
            f"ebv is {ebv!r}; E(B-V) in magnitudes is needed, one for all or one a star"
        ) from error
    unknown = np.isnan(values) & (values.ndim > 0)
    wrong = values[~((values >= 0) & (values < np.inf) | unknown)]
    if wrong.size:
        raise ValueError(f"ebv is {wrong[0]}; E(B-V) has to be 0 or more")
    return values


def transmission(ebv, law=LAWS[0]):
    """Share of the light that dust lets through.

    Parameters
    ----------
    ebv : float, array_like or `~astropy.units.Quantity`, shape (n,)
        E(B-V), magnitudes; NaN gives NaN.
    law : str
        One of `LAWS`; with R(V) = 3.1.

    Returns
    -------
    `numpy.ndarray`, shape (574,) or (n, 574)
        On ``galspec.sed.WAVELENGTH``.

    Raises
    ------
    ValueError
        As `check`.
    ImportError
        If dust_extinction is not installed.
    """
    ebv = check(ebv, law)
    try:
        from dust_extinction import parameter_averages
    except ImportError as error:
        raise ImportError(
            "reddening needs dust_extinction: pip install 'astro-galspec[photometry]'"
        ) from error
    model = getattr(parameter_averages, law)(Rv=RV)
    relative = np.asarray(model(WAVELENGTH * u.AA))
    return 10 ** (-0.4 * RV * np.multiply.outer(ebv, relative))


def redden(table, ebv, law=LAWS[0]):
    """Redden the energy distributions of a result, in place; they stay 1 at 5500.

    Parameters
    ----------
    table : `~astropy.table.QTable`
        With ``sed`` and ``sed_err``; it gets a column ``ebv``.
    ebv : float, array_like or `~astropy.units.Quantity`, shape (n,)
        E(B-V), magnitudes; NaN leaves nothing of that row.
    law : str
        One of `LAWS`; ``meta["law"]`` names it.

    Raises
    ------
    ValueError
        As `check`, or if there is not one E(B-V) a row.
    """
    ebv = check(ebv, law)
    if ebv.ndim and ebv.size != len(table):
        raise ValueError(f"ebv has {ebv.size} values for {len(table)} spectra")
    ebv = ebv.ravel()
    factor = normalised(transmission(ebv, law))
    for name in flux_columns(table):
        table[name] *= factor
    table["ebv"] = np.broadcast_to(ebv, (len(table),)).copy()
    table["ebv"].info.description = "E(B-V) that the result was reddened by"
    table.meta["law"] = law
