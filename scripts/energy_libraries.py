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
from specutils.utils.wcs_utils import air_to_vac

from galspec import SpectrumBatch
from galspec.sed import at_r200, normalised
from galspec.simulation.sed_templates import ObservedFlux

__all__ = ["calspec", "miles_energies", "pair_stars", "pairs"]

#: Stars of types A to G, by the name of their file in CALSPEC (Bohlin, Gordon &
#: Tremblay 2014, PASP 126, 711, and its tables since) without its version. Within 150
#: pc by the brightness of their type, inside the Local Bubble (Lallement et al. 2019,
#: A&A 625, A135), E(B-V) is 0.01 or less: no more than 2.5 % at 3000 angstrom.
NEARBY = {
    "delumi": "A1Van",
    "hd128998": "A1V",
    "hd14943": "A5V",
    "hd158485": "A4V",
    "hd163466": "A2",
    "hd165459": "A4V",
    "hd2811": "A3V",
    "hd101452": "A9m",
    "bd02d3375": "sdF",
    "bd26d2606": "sdF",
    "bd29d2091": "sdF",
    "bd_17d4708": "sdF8",
    "hd160617": "sdF",
    "18sco": "G2V",
    "hd106252": "G0",
    "hd115169": "G3V",
    "hd142331": "G5V",
    "hd159222": "G1V",
    "hd167060": "G3V",
    "hd185975": "G3V",
    "hd205905": "G1.5IV-V",
    "hd37962": "G2V",
    "hd38949": "G1V",
}
#: Stars of the same types beyond 150 pc, which may be reddened by 0.01-0.06 mag.
DISTANT = {
    "1732526": "A4V",
    "1740346": "A6V",
    "1743045": "A8III",
    "1757132": "A3V",
    "1802271": "A2V",
    "1805292": "A4V",
    "1808347": "A3V",
    "1812095": "A5V",
    "bd60d1753": "A1V",
    "hd180609": "A3V",
    "hd37725": "A3V",
    "hd55677": "A4V",
    "hd200654": "G",
    "p041c": "G0V",
    "p177d": "G0V",
    "p330e": "G2V",
}
#: Stars and white dwarfs above 15 000 K.
HOT = {
    "10lac": "O9V",
    "agk_81d266": "sdO",
    "etauma": "B3V",
    "feige110": "DOp",
    "g191b2b": "DA0",
    "gd153": "DA1",
    "gd71": "DA1",
    "grw_70d5824": "DA3",
    "hd93521": "O9Vp",
    "hz44": "sdO",
    "lamlep": "B0.5V",
    "mucol": "O9.5V",
}
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


def calspec(path, *, distant=False, hot=False):
    """Stars of CALSPEC of types A to G, without those of the pairs.

    Energy distributions are as observed: they are not corrected for reddening. Their
    wavelengths are at rest, to 3 km/s.

    Parameters
    ----------
    path : path-like
        npz file with ``wave_vac`` (angstrom), ``flux`` and ``name``.
    distant : bool
        Those of `DISTANT` too.
    hot : bool
        Those of `HOT` instead.

    Returns
    -------
    ObservedFlux
        Teff, log g and [Fe/H] are not known.
    """
    wanted = HOT if hot else NEARBY | (DISTANT if distant else {})
    with np.load(path, allow_pickle=False) as library:
        names = np.array([_star(name) for name in library["name"]])
        rows = np.flatnonzero(np.isin(names, list(wanted)))
        wavelength = library["wave_vac"].astype(float)
        flux = library["flux"][rows].astype(float)
    flux = np.where(flux > 0, flux, np.nan)
    labels = np.full((len(rows), 3), np.nan)
    return ObservedFlux(names[rows], labels, wavelength, flux, CALSPEC)


def miles_energies(path, teff=TEFF):
    """Stars of MILES, between 4650 and 11 000 K unless told, without those of the pairs.

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
