"""Libraries of observed stars whose energy distributions are known.

CALSPEC tells them best: 1 % from 2400 to 10600 angstrom. MILES is as good between 3540
and 7410. STELIB is not taken: its slopes differ from those of MILES by 5 % and more for
every other star that both have. NGSL is not either: it is 2.5-5 % low at 3700-4200
angstrom against both. Some stars are kept for the test of the whole: `pair_stars`.
"""

import csv
import pathlib

import astropy.units as u
import numpy as np
from dust_extinction.parameter_averages import G23
from specutils.utils.wcs_utils import air_to_vac

from galspec import SpectrumBatch
from galspec.reddening import RV
from galspec.sed import at_r200, normalised
from galspec.simulation.sed_templates import ObservedFlux

__all__ = ["calspec", "miles_energies", "pair_stars", "pairs"]

#: Stars of 5000-10 400 K by the name of their file in CALSPEC (Bohlin, Gordon &
#: Tremblay 2014, PASP 126, 711, and its tables since) without its version, and their
#: E(B-V) by fits of BOSZ models to these distributions (Bohlin et al. 2017, AJ 153,
#: 234, and later ones in vmag.pro of the same author's public code). Left out are
#: BD+02 3375 and BD+17 4708, in whose files lines are smeared.
REDDENING = {
    "18sco": 0.0,
    "1732526": 0.036,
    "1743045": 0.026,
    "1757132": 0.036,
    "1802271": 0.017,
    "1805292": 0.034,
    "1808347": 0.024,
    "1812095": 0.008,
    "bd26d2606": 0.0,
    "bd29d2091": 0.001,
    "bd60d1753": 0.013,
    "delumi": 0.010,
    "eta1dor": 0.0,
    "hd101452": 0.030,
    "hd106252": 0.0,
    "hd115169": 0.022,
    "hd128998": 0.0,
    "hd142331": 0.005,
    "hd14943": 0.011,
    "hd158485": 0.046,
    "hd159222": 0.0,
    "hd160617": 0.002,
    "hd163466": 0.031,
    "hd165459": 0.023,
    "hd167060": 0.027,
    "hd180609": 0.037,
    "hd185975": 0.0,
    "hd200654": 0.045,
    "hd205905": 0.003,
    "hd2811": 0.007,
    "hd37725": 0.041,
    "hd37962": 0.012,
    "hd38949": 0.001,
    "hd55677": 0.049,
    "ksi2ceti": 0.0,
    "p041c": 0.022,
    "p177d": 0.045,
    "p330e": 0.036,
}
#: Stars and white dwarfs above 15 000 K.
HOT = frozenset(
    [
        "10lac",
        "agk_81d266",
        "etauma",
        "feige110",
        "g191b2b",
        "gd153",
        "gd71",
        "grw_70d5824",
        "hd93521",
        "hz44",
        "lamlep",
        "mucol",
    ]
)
#: Stars of the test, under all names that libraries have for them.
PAIRS = {
    "HD031128": ("hd031128",),
    "HD233511": ("bd54d1216", "BD+541216"),
    "HD111980": ("hd111980",),
    "HD022049": ("hd022049",),
    "HD114710": ("hd114710",),
    "HD115617": ("hd115617",),
    "HD130109": ("109vir",),
}
#: Effective temperatures that are taken of MILES, K.
TEFF = (4650.0, 11000.0)
#: Resolving powers. CALSPEC: lines of five G stars against synthetic ones; it is too
#: low for an input of SEDPredictor, so that only the energy distributions count. MILES:
#: 2.5 angstrom.
CALSPEC, MILES = 550.0, 2000.0


def pair_stars():
    """Names, in all libraries, of the stars that nothing may be trained on.

    Returns
    -------
    frozenset of str
    """
    return frozenset(PAIRS) | frozenset(n for names in PAIRS.values() for n in names)


def calspec(path, *, hot=False):
    """Stars of CALSPEC of 5000-10 400 K, without those of the pairs.

    Energy distributions are corrected for reddening (law of Gordon et al. 2023, ApJ
    950, 86). Their wavelengths are at rest, to 3 km/s.

    Parameters
    ----------
    path : path-like
        npz file with ``wave_vac`` (angstrom), ``flux`` and ``name``.
    hot : bool
        Those of `HOT` instead, as observed.

    Returns
    -------
    ObservedFlux
        Teff, log g and [Fe/H] are not known.
    """
    wanted = dict.fromkeys(HOT, 0.0) if hot else REDDENING
    with np.load(path, allow_pickle=False) as library:
        names = np.array([_star(name) for name in library["name"]])
        rows = np.flatnonzero(np.isin(names, list(wanted)))
        wavelength = library["wave_vac"].astype(float)
        flux = library["flux"][rows].astype(float)
    flux = np.where(flux > 0, flux, np.nan)
    ebv = np.array([wanted[name] for name in names[rows]])
    flux = flux / G23(RV).extinguish(wavelength * u.AA, Ebv=ebv[:, None])
    labels = np.full((len(rows), 3), np.nan)
    return ObservedFlux(names[rows], labels, wavelength, flux, CALSPEC)


def miles_energies(path, teff=TEFF):
    """Stars of MILES, 4650-11 000 K unless told, without those of the pairs.

    Their flux is corrected for reddening (Sanchez-Blazquez et al. 2006, MNRAS 371, 703,
    section 5).

    Parameters
    ----------
    path : path-like
        npz file with ``wave`` (air, angstrom), ``flux``, ``name``, ``teff``, ``logg``
        and ``feh``.
    teff : tuple of float
        K, in their catalogue.

    Returns
    -------
    ObservedFlux
    """
    with np.load(path, allow_pickle=False) as library:
        labels = np.stack([library[n] for n in ("teff", "logg", "feh")], axis=1)
        names, flux = library["name"], library["flux"].astype(float)
        wavelength = _vacuum(library["wave"])
    rows = (labels[:, 0] > teff[0]) & (labels[:, 0] < teff[1])
    rows &= ~np.isin(names, list(pair_stars()))
    flux = np.where(flux > 0, flux, np.nan)
    return ObservedFlux(names[rows], labels[rows], wavelength, flux[rows], MILES)


def pairs(folder):
    """The test: spectra of one library, energy distributions of another.

    Parameters
    ----------
    folder : path-like
        With ``sed_pairs.csv``, the libraries and ``ngsl``.

    Returns
    -------
    list of (str, SpectrumBatch, ndarray)
        Name, spectrum at rest (of one row), and the natural logarithm of the energy
        distribution, (574,), 0 at 5500 angstrom, NaN where not known.
    """
    folder = pathlib.Path(folder)
    with open(folder / "sed_pairs.csv", newline="") as table:
        rows = list(csv.DictReader(table))
    return [
        (
            row["star"],
            _input(folder, row["input_R2000"], row["input_id"]),
            _truth(folder, *row["sed_hst"].split()),
        )
        for row in rows
    ]


def _input(folder, library, identifier):
    """Spectrum of a star of MILES (by number) or STELIB (by name)."""
    key = {"MILES": "id", "STELIB": "name"}[library]
    with np.load(folder / f"{library.lower()}.npz", allow_pickle=False) as file:
        (row,) = np.flatnonzero(file[key].astype(str) == identifier)
        wavelength, flux = _vacuum(file["wave"]), file["flux"][row].astype(float)
    return SpectrumBatch.from_arrays(
        wavelength, flux[None], mask=~(flux > 0)[None], redshift=np.zeros(1)
    )


def _truth(folder, library, name):
    if library == "calspec":
        with np.load(folder / "calspec.npz", allow_pickle=False) as file:
            flux = file["flux"][file["name"] == name][0]
            wavelength = file["wave_vac"]
    else:
        # H-alpha lies at 6562.8 angstrom there: air
        air, flux = np.loadtxt(folder / "ngsl" / f"{name}.txtA", usecols=(0, 1)).T
        keep = air > 2000
        wavelength, flux = _vacuum(air[keep]), flux[keep]
    return np.log(normalised(at_r200(wavelength, np.where(flux > 0, flux, np.nan))))


def _star(name):
    """Name of a file of CALSPEC without what follows the name of the star."""
    return str(name).split("_stis")[0]


def _vacuum(air):
    return air_to_vac(np.asarray(air, float) * u.AA).to_value(u.AA)
