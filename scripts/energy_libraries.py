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

#: Stars of 5000-10 000 K, by the name of their file in CALSPEC (Bohlin, Gordon &
#: Tremblay 2014, PASP 126, 711, and its tables since) without its version. These are as
#: bright as dwarfs of their Teff are within 13-122 pc, inside the Local Bubble
#: (Lallement et al. 2019, A&A 625, A135), where E(B-V) is 0.01 or less: no more than
#: 2.5 % at 3000 angstrom.
NEARBY = frozenset(
    [
        "delumi",
        "hd128998",
        "hd14943",
        "hd158485",
        "hd163466",
        "hd165459",
        "hd2811",
        "hd101452",
        "bd02d3375",
        "bd26d2606",
        "bd29d2091",
        "bd_17d4708",
        "hd160617",
        "18sco",
        "hd106252",
        "hd115169",
        "hd142331",
        "hd159222",
        "hd167060",
        "hd185975",
        "hd205905",
        "hd37962",
        "hd38949",
    ]
)
#: These are 190-1650 pc away, if dwarfs, or giants; E(B-V) may be 0.01-0.06.
DISTANT = frozenset(
    [
        "1732526",
        "1740346",
        "1743045",
        "1757132",
        "1802271",
        "1805292",
        "1808347",
        "1812095",
        "bd60d1753",
        "hd180609",
        "hd37725",
        "hd55677",
        "hd200654",
        "p041c",
        "p177d",
        "p330e",
    ]
)
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


def calspec(path, *, distant=False, hot=False):
    """Stars of CALSPEC of 5000-10 000 K, without those of the pairs.

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
    wanted = HOT if hot else NEARBY | (DISTANT if distant else frozenset())
    with np.load(path, allow_pickle=False) as library:
        names = np.array([_star(name) for name in library["name"]])
        rows = np.flatnonzero(np.isin(names, list(wanted)))
        wavelength = library["wave_vac"].astype(float)
        flux = library["flux"][rows].astype(float)
    flux = np.where(flux > 0, flux, np.nan)
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
