"""Dust in front of emission lines, from the Balmer decrement."""

import numpy as np

__all__ = ["BALMER", "deredden"]

#: The lines that tell how much dust there is.
BALMER = ("Halpha", "Hbeta")
#: H-alpha over H-beta without dust: case B at 10 000 K and 100 electrons per cm^3
#: (Osterbrock & Ferland 2006, Astrophysics of Gaseous Nebulae, table 4.4). Rounded
#: as in most of the literature, so that results compare to the last digit; the 2.863 of
#: the table, by which the simulator draws, makes a difference of 0.001 mag in E(B-V).
_DECREMENT = 2.86
#: A(lambda) / E(B-V) at each line by the law of Cardelli, Clayton & Mathis (1989,
#: ApJ 345, 245, eqs. 2 and 3) with R_V = 3.1.
_EXTINCTION = {
    "OII_3728": 4.770,
    "OIII_4363": 4.147,
    "Hbeta": 3.608,
    "OIII_4959": 3.515,
    "OIII_5007": 3.472,
    "NII_6548": 2.541,
    "Halpha": 2.534,
    "NII_6584": 2.524,
    "SII_6716": 2.461,
    "SII_6731": 2.454,
}


def deredden(lines):
    """Fluxes as they would be without dust.

    Parameters
    ----------
    lines : mapping of str to `numpy.ndarray`
        Fluxes, named as `galspec.line_fitting.fit_lines` names them; H-alpha and
        H-beta must be among them.

    Returns
    -------
    dict of str to `numpy.ndarray`
        Corrected for the reddening E(B-V) that makes H-alpha/H-beta 2.86, by the law
        of Cardelli, Clayton & Mathis (1989) with R_V = 3.1. No correction where the
        ratio is lower than that; NaN where it is not known.

    Raises
    ------
    KeyError
        If a line has no known extinction, or a Balmer line is missing.

    Examples
    --------
    >>> from galspec.baselines.dust import deredden
    >>> clean = deredden({"Halpha": 4.0, "Hbeta": 1.0, "OII_3728": 1.0})
    >>> round(float(clean["OII_3728"]), 2)
    4.44
    """
    above, below = (np.asarray(lines[name], float) for name in BALMER)
    with np.errstate(invalid="ignore", divide="ignore"):
        positive = (above > 0) & (below > 0)
        excess = np.log10(np.where(positive, above / below, np.nan) / _DECREMENT)
    per_reddening = 0.4 * (_EXTINCTION["Hbeta"] - _EXTINCTION["Halpha"])
    reddening = np.maximum(excess / per_reddening, 0)
    return {
        name: flux * 10 ** (0.4 * _EXTINCTION[name] * reddening)
        for name, flux in lines.items()
    }
