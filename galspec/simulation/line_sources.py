"""Readers that turn published line measurements and model grids into line vectors.

Abundances are those of `galspec.simulation.line_vectors.strong_line_abundance`: they
follow from the very lines that enter the spectrum, for real galaxies and for models.
"""

import numpy as np

from galspec.simulation.grids import HCM_LINES, NB_LINES, read_hcm
from galspec.simulation.line_vectors import LineVectors, complete
from galspec.simulation.lines import (
    BALMER,
    direct_abundance,
    o3n2_abundance,
    reddening,
)

__all__ = [
    "read_desi_bgs",
    "read_metal_poor_hcm",
    "read_nebulabayes",
]

_BPT = ("HBETA", "OIII_5007", "NII_6584", "HALPHA")


def read_desi_bgs(path, rng):
    """Read equivalent widths of DESI galaxies: Khederlarian et al. 2024.

    Ratios to the nearest Balmer line need no colour, so O3N2 is that of the galaxy.
    [O II], far from its reference, is brought to H-beta with a typical continuum
    and the dust that the Balmer lines ask for, and drawn towards the mean relation
    with the other lines as far as its own error is large.

    Parameters
    ----------
    path : str or pathlib.Path
        The npz file: ew (angstrom), sn, lines, targetid.
    rng : numpy.random.Generator
        Source of scatter for the lines that were not measured.

    Returns
    -------
    LineVectors
        Rows with S/N > 5 in H-beta, [N II] and H-alpha and > 3 in [O III]; the
        softer cut keeps metal-rich galaxies, whose [O III] is faint. Without the few
        whose abundances by O3N2 and by PG16 differ by more than 0.25 dex.
    """
    with np.load(path, allow_pickle=False) as data:
        names = [str(name) for name in data["lines"]]
        ew, sn = data["ew"].astype(float), data["sn"].astype(float)
        ids = data["targetid"]
    good = (ew > 0).all(axis=1)
    for name, least in zip(_BPT, (5, 3, 5, 5), strict=True):
        good &= sn[:, names.index(name)] > least
    ew = dict(zip(names, ew[good].T, strict=True))
    sn = dict(zip(names, sn[good].T, strict=True))
    ebv = _dust_of_balmer_lines(ew)
    fluxes = complete(_desi_fluxes(ew, sn, ebv), rng)
    vectors = LineVectors.from_fluxes(
        [f"desi-{target}" for target in ids[good]],
        fluxes,
        "desi-bgs",
        log_ew_ha=np.log10(ew["HALPHA"]),
        ebv=ebv,
    )
    # Where the two calibrations of the label disagree, a line is badly measured.
    odd = np.abs(vectors.oh - o3n2_abundance(fluxes)) > 0.25
    return vectors[~odd]


def _dust_of_balmer_lines(ew):
    """Return E(B-V) from the Balmer decrement, for a continuum ratio of 0.85."""
    decrement = 0.85 * ew["HALPHA"] / ew["HBETA"]
    excess = 2.5 / reddening("Hbeta", "Halpha")
    return np.clip(excess * np.log10(decrement / BALMER["Halpha"]), 0.0, 1.0)


def _desi_fluxes(ew, sn, ebv):
    """Return fluxes relative to H-beta, without dust, from equivalent widths."""
    # 0.75: continuum ratio 3727/4861 of star-forming galaxies.
    dust = 10 ** (0.4 * reddening("OII_3729", "Hbeta") * ebv)
    oii = 0.75 * ew["OII_DOUBLET"] / ew["HBETA"] * dust
    o3 = ew["OIII_5007"] / ew["HBETA"]
    n2 = ew["NII_6584"] / ew["HALPHA"]
    sii = (ew["SII_6716"] + ew["SII_6731"]) / ew["HALPHA"]
    features = np.stack([np.ones_like(o3), np.log10(o3), np.log10(n2)], axis=1)
    features = np.hstack([features, features[:, 1:] ** 2])
    sii_sn = np.hypot(sn["SII_6716"], sn["SII_6731"]) / np.sqrt(2)
    return {
        "OII": _drawn_to_trend(oii, sn["OII_DOUBLET"], features),
        "OIII_5007": o3,
        "NII_6584": n2 * BALMER["Halpha"],
        "SII": _drawn_to_trend(sii, sii_sn, features) * BALMER["Halpha"],
    }


def _drawn_to_trend(values, sn, features):
    """Return values shrunk, in log, towards their regression on the features."""
    log = np.log10(values)
    secure = sn > 5
    coefficients = np.linalg.lstsq(features[secure], log[secure], rcond=None)[0]
    residual = log - features @ coefficients
    noise = (0.434 / np.clip(sn, 0.5, None)) ** 2
    intrinsic = 0.12**2
    trust = intrinsic / (intrinsic + noise)
    return 10 ** (features @ coefficients + trust * residual)


def _jitter_nodes(axes, values, nodes, copies, rng):
    """Interpolate log fluxes at random places in the cells around grid nodes.

    Returns positions (k, n_axes) and log10 fluxes (k, n_lines), k = copies * nodes;
    values is (n_1, ..., n_axes, n_lines), nodes (m, n_axes) integer indices.
    """
    from scipy.interpolate import RegularGridInterpolator

    index_axes = [np.arange(len(axis)) for axis in axes]
    places = np.repeat(nodes, copies, axis=0)
    places = places + rng.uniform(-0.5, 0.5, places.shape)
    places = np.clip(places, 0, [len(axis) - 1 for axis in axes])
    log = RegularGridInterpolator(index_axes, np.log10(values + 1e-5))(places)
    pairs = zip(places.T, index_axes, axes, strict=True)
    positions = np.stack([np.interp(p, i, axis) for p, i, axis in pairs], axis=1)
    return positions, log


def _metal_poor_weight(log_u, oh, log_no=None):
    """Return weights by ionisation and N/O, for metal-poor H II regions.

    log U is -2.5 with 0.35 dex of scatter and N/O sits on its primary plateau,
    rising beyond 8.1: with these the models follow [O III], [N II] and [O II] of
    the H II regions with direct temperatures in Pilyugin & Grebel 2016.
    """
    weight = np.exp(-0.5 * ((log_u + 2.5) / 0.35) ** 2)
    if log_no is not None:
        plateau = -1.4 + 1.0 * np.clip(oh - 8.1, 0.0, None)
        weight *= np.exp(-0.5 * ((log_no - plateau) / 0.17) ** 2)
    return weight


def read_metal_poor_hcm(path, rng, copies=8):
    """Read metal-poor H II regions of HII-CHI-mistry (Cloudy, POPSTAR, 1 Myr).

    Parameters
    ----------
    path : str or pathlib.Path
        The gzipped text grid: O/H, N/O, log U and lines relative to H-beta.
    rng : numpy.random.Generator
        Places the copies inside the cells.
    copies : int, optional
        Number of interpolated vectors per grid node.

    Returns
    -------
    LineVectors
        Star-forming models; an object is a grid node.
    """
    table = read_hcm(path)
    # The grid writes a few N/O values of -1.75 and -1.625 slightly off: the order
    # is regular all the same, so that the nominal axis is used.
    oh, log_u = np.unique(table[:, 0]), np.unique(table[:, 2])
    axes = (oh, np.arange(-2.0, 0.01, 0.125), log_u)
    lines = table[:, list(HCM_LINES.values())]
    values = lines.reshape(*(len(axis) for axis in axes), -1)
    nodes = np.argwhere(np.ones(values.shape[:3], dtype=bool))
    at = [axis[nodes[:, k]] for k, axis in enumerate(axes)]
    near = (at[0] > 7.15) & (at[0] < 8.45) & (at[1] > -1.9) & (at[1] < -0.9)
    nodes = nodes[near & (at[2] > -3.8) & (at[2] < -1.9)]
    where, log = _jitter_nodes(axes, values, nodes, copies, rng)
    fluxes = complete(dict(zip(HCM_LINES, 10.0**log.T, strict=True)), rng)
    weight = _metal_poor_weight(where[:, 2], where[:, 0], where[:, 1])
    return _metal_poor("hcm-popstar", nodes, copies, fluxes, where[:, 0], weight)


def read_nebulabayes(path, rng, copies=8):
    """Read H II regions of NebulaBayes (MAPPINGS) at both ends: Thomas et al. 2018.

    The metal-rich end holds galaxies whose [O III] is too faint to be measured one by
    one, which samples of real line vectors leave out.

    Parameters
    ----------
    path : str or pathlib.Path
        The gzipped FITS grid: log U, log P/k, O/H and lines relative to H-beta.
    rng : numpy.random.Generator
        Places the copies inside the cells.
    copies : int, optional
        Number of interpolated vectors per grid node.

    Returns
    -------
    LineVectors
        Star-forming models, metal-poor and metal-rich; an object is a grid node.
    """
    from astropy.table import Table

    table = Table.read(path, 1)
    names = ("log U", "log P/k", "12 + log O/H")
    table.sort(list(names))
    axes = [np.unique(table[name]).astype(float) for name in names]
    lines = np.stack([table[column] for column in NB_LINES.values()], axis=1)
    lines = lines / np.asarray(table["Hbeta"])[:, None]
    values = lines.reshape(*(len(axis) for axis in axes), -1)
    nodes = np.argwhere(np.ones(values.shape[:3], dtype=bool))
    log_u, log_p, oh = (axis[nodes[:, k]] for k, axis in enumerate(axes))
    poor = nodes[(oh > 7.5) & (oh < 8.4) & (log_p < 6.7) & (log_u > -3.8)]
    rich = nodes[(oh > 8.6) & (log_p < 6.7) & (log_u > -3.9) & (log_u < -2.4)]

    where, log = _jitter_nodes(axes, values, poor, copies, rng)
    fluxes = complete(dict(zip(NB_LINES, 10.0**log.T, strict=True)), rng)
    weight = _metal_poor_weight(where[:, 0], where[:, 2])
    at_low_end = _metal_poor(
        "nebulabayes-hii", poor, copies, fluxes, where[:, 2], weight
    )

    where, log = _jitter_nodes(axes, values, rich, copies, rng)
    fluxes = complete(dict(zip(NB_LINES, 10.0**log.T, strict=True)), rng)
    vectors = LineVectors.from_fluxes(
        _node_ids("nebulabayes-hii", rich, copies), fluxes, "nebulabayes-rich"
    )
    wanted = (vectors.kind == "star-forming") & (vectors.oh > 8.7) & (vectors.oh < 9.05)
    # Gas as rich as this has strong [N II] (Kewley & Ellison 2008, figure 1).
    wanted &= vectors.log_ratios()[1] > -0.8
    return LineVectors.concatenate([at_low_end, vectors[wanted]])


def _node_ids(source, nodes, copies):
    """Return the object of each interpolated model: its grid node."""
    return np.repeat(
        [f"{source}-" + "-".join(map(str, node)) for node in nodes], copies
    )


def _metal_poor(source, nodes, copies, fluxes, oh, weight):
    """Return the star-forming rows of interpolated models as line vectors.

    Models whose lines contradict their abundance by more than 0.4 dex, or whose [O III]
    is weaker than that of the H II regions of the calibration (Pilyugin & Grebel 2016),
    are left out.
    """
    ids = _node_ids(source, nodes, copies)
    vectors = LineVectors.from_fluxes(ids, fluxes, source, weight=weight)
    likely = np.abs(direct_abundance(fluxes) - oh) < 0.4
    likely &= vectors.log_ratios()[0] > np.where(vectors.oh > 7.8, 0.15, -0.15)
    return vectors[likely & (vectors.kind == "star-forming")]
