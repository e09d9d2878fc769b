"""Ingredients of the cross-model test: another library of stars, another grid of gas.

They share nothing with the ingredients that the networks are trained on: stars are
MIUSCAT on BaSTI isochrones, not BC03 on Padova ones; lines are Cloudy models of the
gas around MIST populations, not real galaxies, nor the grids of HII-CHI-mistry and
NebulaBayes. Only the measured strength of lines and amount of dust by abundance are
common to both.
"""

import gzip

import numpy as np

from galspec.simulation.continuum import REST_LOG_WAVELENGTH, StellarLibrary, broadened
from galspec.simulation.line_vectors import LineVectors, complete
from galspec.simulation.lines import BALMER, LINES, column, o3n2_abundance

__all__ = ["parameters_of", "read_fsps_lines", "read_miuscat"]

# 12 + log10(O/H) of the gas at solar metallicity: O/H = 10**-3.07 (Anders & Grevesse
# 1989, Geochim. Cosmochim. Acta 53, 197), of which 10**-0.22 is not in grains (Dopita
# et al. 2000, ApJ 542, 224), as Byler et al. 2017 put into their models.
_SOLAR_OH = 8.71
#: Ages of the models, years, at which stars still ionise gas in full.
_AGES = (0.5e6, 4e6)
#: 12 + log10(O/H) of the gas, and of the label.
_OH, _LABEL = (7.0, 8.91), (7.2, 9.0)
#: O3N2 between -1 and 1.9, where it is calibrated (Pettini & Pagel 2004, section 3).
_O3N2_VALID = (8.73 - 0.32 * 1.9, 8.73 + 0.32)
#: Angstrom within which a line of the table is the one that is looked for.
_TOLERANCE = 0.5


def read_miuscat(path):
    """Read MIUSCAT populations: Vazdekis et al. 2012, MNRAS 424, 157.

    Parameters
    ----------
    path : str or pathlib.Path
        FITS table with AGE (Gyr), MH, WAVE (angstrom) and FLAM. The wavelengths, in air
        as published, have been brought to vacuum in the table: Ca II K and the Balmer
        lines are found at their vacuum wavelengths.

    Returns
    -------
    StellarLibrary
        3 metallicities, -0.25 to 0.40, at 26 ages of 40 Myr to 13.5 Gyr; for the ages
        from 1 to 40 Myr, which the models do not have, the youngest stands in. Below
        3466 angstrom the level of the last 50 angstrom goes on.
    """
    from astropy.table import Table

    table = Table.read(path)
    table.sort(["MH", "AGE"])
    log_metal, age = np.unique(table["MH"]), np.unique(table["AGE"])
    rest = 10**REST_LOG_WAVELENGTH
    spectra = np.stack([_on_rest_grid(row["WAVE"], row["FLAM"], rest) for row in table])
    spectra = spectra.reshape(len(log_metal), len(age), -1)
    log_age = np.log10(age.astype(float)) + 9.0
    younger = np.arange(6.0, log_age[0] - 0.05, 0.1)
    young = np.repeat(spectra[:, :1], len(younger), axis=1)
    spectra = np.concatenate([young, spectra], axis=1)
    return StellarLibrary(
        spectra=broadened(spectra.reshape(-1, len(rest))),
        log_metal=np.asarray(log_metal, dtype=float),
        log_age=np.concatenate([younger, log_age]),
    )


def _on_rest_grid(wavelength, flux, rest):
    """Return one population, unit flux at 5500 angstrom, on the rest-frame grid."""
    wavelength, flux = np.asarray(wavelength, float), np.asarray(flux, float)
    flux = flux / flux[np.abs(wavelength - 5500.0) < 50.0].mean()
    blue = flux[wavelength < wavelength[0] + 50.0].mean()
    return np.interp(rest, wavelength, flux, left=blue)


def read_fsps_lines(path, rng, n=6000):
    """Read models of the gas around young stars: Byler et al. 2017, ApJ 840, 44.

    Metallicities are drawn evenly; the ionisation parameter falls with metallicity as
    U ~ Z**-0.8 (Carton et al. 2017, MNRAS 468, 2140, fig. 2), with 0.3 dex of scatter,
    from log U = -3.2 at the solar one, where the models lie among real galaxies in the
    BPT diagram; ages are drawn evenly from 0.5 to 4 Myr, as those of the stars that
    ionise the gas of a galaxy with steady star formation.

    Parameters
    ----------
    path : str or pathlib.Path
        The gzipped table of FSPS, MIST isochrones without dust: 166 lines at 11
        metallicities, 10 ages and 7 ionisation parameters.
    rng : numpy.random.Generator
        Chooses the models and scatters the lines that the table does not give.
    n : int, optional
        Number of models before the choice below.

    Returns
    -------
    LineVectors
        Models that are star-forming by Kauffmann et al. 2003 and, where O3N2 gives
        the label, within its calibrated range; see `parameters_of`.
    """
    axes, wavelength, values = _read_table(path)
    oh = rng.uniform(*_OH, n)
    log_z = oh - _SOLAR_OH
    log_u = rng.normal(-3.2 - 0.8 * log_z, 0.3)
    age = rng.uniform(*_AGES, n)
    places = np.stack([log_z, age, log_u], axis=1)
    lines = _interpolated(axes, wavelength, values, places)
    fluxes = _fluxes(lines, rng)
    ids = [
        f"fsps_{a:.3f}_{u:.2f}_{t / 1e6:.2f}"
        for a, u, t in zip(oh, log_u, age, strict=True)
    ]
    vectors = LineVectors.from_fluxes(ids, fluxes, "fsps", **_measured(oh, rng))
    return vectors[_usable(vectors)]


def parameters_of(object_id):
    """Return what the models of `read_fsps_lines` were computed with.

    Parameters
    ----------
    object_id : array-like, shape (n,)
        Identifiers of the line vectors.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``grid_oh``, ``log_u`` and ``age`` in Myr.
    """
    columns = np.array([str(name).split("_")[1:] for name in object_id], dtype=float)
    return dict(zip(("grid_oh", "log_u", "age"), columns.T, strict=True))


def _read_table(path):
    """Return axes (log Z, age, log U), wavelengths and values (11, 10, 7, 166)."""
    with gzip.open(path, "rt") as file:
        rows = [np.array(row.split(), float) for row in list(file)[1:] if row.strip()]
    places, values = np.stack(rows[1::2]), np.stack(rows[2::2])
    axes = [np.unique(column) for column in places.T]
    order = np.lexsort(places.T[::-1])
    shape = [len(axis) for axis in axes]
    return axes, rows[0], values[order].reshape(*shape, -1)


def _interpolated(axes, wavelength, values, places):
    """Return fluxes relative to H-beta of the lines that the simulator has, by name."""
    from scipy.interpolate import RegularGridInterpolator

    nearest = {name: np.abs(wavelength - at).argmin() for name, at in LINES.items()}
    found = {
        name: k
        for name, k in nearest.items()
        if abs(wavelength[k] - LINES[name]) < _TOLERANCE
    }
    log = np.log10(np.clip(values / values[..., [nearest["Hbeta"]]], 1e-6, None))
    limits = [(axis[0], axis[-1]) for axis in axes]
    places = np.clip(places, *np.transpose(limits))
    drawn = 10 ** RegularGridInterpolator(axes, log[..., list(found.values())])(places)
    return dict(zip(found, drawn.T, strict=True))


def _fluxes(lines, rng):
    """Return fluxes of every line, the Balmer lines those of the models."""
    fluxes = complete(lines, rng)
    for name in BALMER:
        fluxes[:, column(name)] = lines[name]
    return fluxes


def _measured(oh, rng):
    """Return equivalent widths and dust as galaxies of an abundance have them.

    Medians and scatter of the star-forming galaxies of the DESI Bright Galaxy Survey,
    Khederlarian et al. 2024, MNRAS 531, 1454.
    """
    log_ew = np.interp(
        oh, [8.05, 8.15, 8.35, 8.65, 8.85], [2.25, 2.14, 1.72, 1.56, 1.53]
    )
    return {
        "log_ew_ha": log_ew + rng.normal(0.0, 0.2, len(oh)),
        "ebv": np.clip(rng.normal(0.24, 0.14, len(oh)), 0.0, None),
    }


def _usable(vectors):
    """Return which rows are star-forming, with a label that its scale can give."""
    o3n2 = o3n2_abundance(vectors.fluxes)
    from_o3n2 = np.abs(vectors.oh - o3n2) < 1e-6
    low, high = _O3N2_VALID
    valid = (o3n2 < high) & (~from_o3n2 | (o3n2 > low))
    valid &= (vectors.oh > _LABEL[0]) & (vectors.oh < _LABEL[1])
    return valid & (vectors.kind == "star-forming")
