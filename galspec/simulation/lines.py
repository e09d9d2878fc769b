"""The emission lines of the simulator: wavelengths, ratios, dust and diagnostics."""

import functools

import numpy as np

from galspec.constants import WAVELENGTHS
from galspec.line_ratios import is_agn, is_star_forming, oh_pg16_r, oh_pp04_o3n2

__all__ = [
    "BALMER",
    "LINES",
    "case_b",
    "column",
    "direct_abundance",
    "group_attenuation",
    "log_ratios",
    "o3n2_abundance",
    "reddening",
    "spectral_class",
]

#: Vacuum wavelengths in angstrom; their order is that of every array of line fluxes.
LINES = WAVELENGTHS

# Case B at 10^4 K and 100 cm^-3, relative to H-beta: Osterbrock & Ferland 2006,
# "Astrophysics of Gaseous Nebulae and Active Galactic Nuclei", table 4.4.
BALMER = {
    "Halpha": 2.863,
    "Hbeta": 1.0,
    "Hgamma": 0.468,
    "Hdelta": 0.259,
    "Hepsilon": 0.159,
    "H8": 0.105,
    "H9": 0.0731,
    "H10": 0.0530,
}

# Lines that share the attenuation of the Balmer line beside them, so that dust
# leaves O3N2 and the BPT ratios of a simulated galaxy exactly as they were drawn.
_NEIGHBOURS = {
    "Hbeta": ("OIII_4959", "OIII_5007"),
    "Halpha": ("NII_6548", "NII_6584", "SII_6716", "SII_6731"),
}

_COLUMNS = {name: k for k, name in enumerate(LINES)}


def column(name):
    """Return the column of a line in every array of line fluxes.

    Parameters
    ----------
    name : str
        A key of `LINES`.

    Returns
    -------
    int
        Its position along the last axis.

    Raises
    ------
    KeyError
        If the simulator has no such line.
    """
    return _COLUMNS[name]


def case_b(n):
    """Return line fluxes that hold the Balmer series and zeros elsewhere.

    Parameters
    ----------
    n : int
        Number of galaxies.

    Returns
    -------
    ndarray, shape (n, len(LINES)), float64
        Fluxes relative to H-beta, case B (see `BALMER`).
    """
    fluxes = np.zeros((n, len(LINES)))
    for name, ratio in BALMER.items():
        fluxes[:, column(name)] = ratio
    return fluxes


@functools.cache
def group_attenuation():
    """Return the attenuation curve at the lines, A(line) / E(B-V); read-only.

    The law is Cardelli, Clayton & Mathis 1989, ApJ 345, 245, with R_V = 3.1.

    Returns
    -------
    ndarray, shape (len(LINES),), float64
        One value for [O III] and H-beta, one for [N II], [S II] and H-alpha.
    """
    from astropy import units as u
    from dust_extinction.parameter_averages import CCM89

    wavelength = np.array(list(LINES.values())) * u.AA
    curve = 3.1 * CCM89(Rv=3.1)(wavelength)
    for leader, followers in _NEIGHBOURS.items():
        curve[[column(name) for name in followers]] = curve[column(leader)]
    curve.flags.writeable = False
    return curve


def reddening(blue, red):
    """Return by how much more a line is dimmed than another, per E(B-V).

    Parameters
    ----------
    blue, red : str
        Keys of `LINES`.

    Returns
    -------
    float
        Difference of `group_attenuation`, magnitudes.
    """
    curve = group_attenuation()
    return float(curve[column(blue)] - curve[column(red)])


def log_ratios(fluxes):
    """Return the two ratios of the BPT diagram.

    Parameters
    ----------
    fluxes : ndarray, shape (n, len(LINES))
        Line fluxes.

    Returns
    -------
    o3, n2 : ndarray, shape (n,)
        log10([O III]5007/H-beta) and log10([N II]6584/H-alpha).
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        o3 = np.log10(fluxes[:, column("OIII_5007")] / fluxes[:, column("Hbeta")])
        n2 = np.log10(fluxes[:, column("NII_6584")] / fluxes[:, column("Halpha")])
    return o3, n2


def o3n2_abundance(fluxes):
    """Return 12 + log10(O/H) from O3N2: Pettini & Pagel 2004, MNRAS 348, L59, eq. 3.

    Parameters
    ----------
    fluxes : ndarray, shape (n, len(LINES))
        Line fluxes.

    Returns
    -------
    ndarray, shape (n,), float64
        8.73 - 0.32 O3N2. The calibration holds for -1 < O3N2 < 1.9.
    """
    return oh_pp04_o3n2(*log_ratios(fluxes))


def direct_abundance(fluxes):
    """Return 12 + log10(O/H) on the scale of direct temperatures.

    The R calibration of Pilyugin & Grebel 2016, MNRAS 457, 3678.

    Parameters
    ----------
    fluxes : ndarray, shape (n, len(LINES))
        Line fluxes without dust.

    Returns
    -------
    ndarray, shape (n,), float64
        See `galspec.line_ratios.oh_pg16_r`.
    """
    pairs = (("OII_3726", "OII_3729"), ("OIII_4959", "OIII_5007"))
    pairs += (("NII_6548", "NII_6584"),)
    beta = fluxes[:, column("Hbeta")]
    with np.errstate(divide="ignore", invalid="ignore"):
        sums = [fluxes[:, [column(a), column(b)]].sum(axis=1) / beta for a, b in pairs]
        return oh_pg16_r(*np.log10(sums))


def spectral_class(fluxes):
    """Return the BPT class of line fluxes.

    The borders are those of `galspec.line_ratios.is_star_forming` and
    `galspec.line_ratios.is_agn`.

    Parameters
    ----------
    fluxes : ndarray, shape (n, len(LINES))
        Line fluxes.

    Returns
    -------
    ndarray, shape (n,), str
        "star-forming", "composite" or "agn".
    """
    o3, n2 = log_ratios(fluxes)
    kinds = np.where(is_star_forming(o3, n2), "star-forming", "composite")
    return np.where(is_agn(o3, n2), "agn", kinds).astype("<U12")
