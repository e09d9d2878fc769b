"""Libraries of observed stars, as templates of the simulator."""

import astropy.units as u
import numpy as np
from specutils.utils.wcs_utils import air_to_vac

from galspec.simulation import EmpiricalStars
from galspec.simulation.stellar_emulator import LABELS

__all__ = ["miles", "stelib", "synthetic_labels"]

#: Effective temperatures that labels of stars are learned for, with some room, K.
TEFF = (3800.0, 7500.0)
#: Usual [C/Fe] by log g, for [Fe/H] of -1.5 and below and of -0.5 and above: medians of
#: metal-poor stars that MILES shares with JINAbase (Abohalima & Frebel 2018, ApJS 238,
#: 36), where giants have mixed; the Sun's in dwarfs of the disc, a little less in
#: giants behind the first dredge-up.
CARBON_LOGG = (1.5, 2.5, 3.5, 4.5)
CARBON_POOR = (-0.4, 0.0, 0.3, 0.3)
CARBON_RICH = (-0.2, -0.15, -0.05, 0.0)

#: By how much [Fe/H] of MILES exceeds that of papers at high resolution below -1.4, and
#: less and less up to -0.9: median of 18 stars that it shares with JINAbase.
IRON = 0.25


def miles(path):
    """MILES (Falcon-Barroso et al. 2011, A&A 532, A95), stars whose labels are known.

    Parameters
    ----------
    path : path-like
        npz file with ``wave`` (air, angstrom), ``flux``, ``name``, ``teff``, ``logg``
        and ``feh``, which is brought to the scale of `high_resolution`.

    Returns
    -------
    EmpiricalStars
        [C/Fe] is not known.
    """
    return _library(path, fwhm=2.5)


def stelib(path):
    """STELIB (Le Borgne et al. 2003, A&A 402, 433), stars whose labels are known.

    Parameters
    ----------
    path : path-like
        As for `miles`; labels are words.

    Returns
    -------
    EmpiricalStars
        [C/Fe] is not known; flux that is missing is not positive.
    """
    return _library(path, fwhm=3.0)


def synthetic_labels(labels):
    """All labels of stars of which Teff, log g and [Fe/H] are known: the usual ones.

    Parameters
    ----------
    labels : ndarray, shape (n, 9)

    Returns
    -------
    ndarray, shape (n, 9)
    """
    teff, logg, feh = labels[:, :3].T
    poor = np.clip((-0.5 - feh) / 1.0, 0, 1)
    carbon = poor * np.interp(logg, CARBON_LOGG, CARBON_POOR)
    carbon += (1 - poor) * np.interp(logg, CARBON_LOGG, CARBON_RICH)
    usual = {
        "cfe": carbon,
        "alpha": 0.4 * np.clip(-feh, 0, 1),
        "nfe": np.clip(-carbon, 0, None),
        "srat": 0.0,
        "c1213": np.interp(logg, (1.5, 3.5), (15.0, 60.0)),
        "vt": np.clip(
            2.2 - 0.28 * logg + 0.4 * np.clip((teff - 6000) / 1000, 0, 1), 0.7, 2.5
        ),
    }
    filled = labels.copy()
    for name, values in usual.items():
        filled[:, LABELS.index(name)] = values
    return filled


def high_resolution(feh):
    """[Fe/H] of libraries on the scale of spectroscopy at high resolution.

    Parameters
    ----------
    feh : ndarray

    Returns
    -------
    ndarray
        Less by `IRON` in metal-poor stars.
    """
    return feh - IRON * np.clip((-0.9 - feh) / 0.5, 0, 1)


def _library(path, fwhm):
    with np.load(path, allow_pickle=False) as library:
        known = {name: _floats(library[name]) for name in ("teff", "logg", "feh")}
        wavelength = air_to_vac(library["wave"].astype(float) * u.AA).to_value(u.AA)
        names, flux = library["name"], library["flux"].astype(float)
    known["feh"] = high_resolution(known["feh"])
    labels = np.full((len(names), len(LABELS)), np.nan)
    for name, values in known.items():
        labels[:, LABELS.index(name)] = values
    rows = (known["teff"] > TEFF[0]) & (known["teff"] < TEFF[1])
    rows &= np.isfinite(known["logg"] + known["feh"])
    flux = np.nan_to_num(flux[rows])
    return EmpiricalStars(names[rows], labels[rows], wavelength, flux, fwhm)


def _floats(values):
    """Numbers, NaN where a word is none."""
    if values.dtype.kind != "U":
        return values
    return np.array([float(v) if v not in ("-", "") else np.nan for v in values])
