"""Lines of gas that young stars do not ionise: active nuclei and old stars."""

import numpy as np

from galspec.simulation.grids import HCM_LINES, NB_LINES, read_hcm
from galspec.simulation.line_vectors import LineVectors, complete
from galspec.simulation.lines import spectral_class

__all__ = ["read_narrow_line_regions", "read_retired"]


def read_narrow_line_regions(hcm_path, nebulabayes_path, rng, most=3000):
    """Read AGN models: HII-CHI-mistry (Cloudy) and NebulaBayes (MAPPINGS).

    Parameters
    ----------
    hcm_path, nebulabayes_path : str or pathlib.Path
        The two grids.
    rng : numpy.random.Generator
        Chooses the models and scatters the lines that a grid does not give.
    most : int, optional
        Number of models kept of each grid.

    Returns
    -------
    LineVectors
        Models that lie beyond the Kewley et al. 2001 line.
    """
    from astropy.table import Table

    table = read_hcm(hcm_path)
    likely = (table[:, 0] > 8.25) & (table[:, 1] > -1.1) & (table[:, 1] < -0.2)
    table = table[likely & (table[:, 2] > -3.8) & (table[:, 2] < -1.4)]
    table = table[rng.permutation(len(table))[:most]]
    given = {name: table[:, k] + 1e-5 for name, k in HCM_LINES.items()}
    ids = ["hcm-agn-{:g}-{:g}-{:g}".format(*row[:3]) for row in table]
    first = LineVectors.from_fluxes(ids, complete(given, rng), "hcm-agn")

    grid = Table.read(nebulabayes_path, 1)
    grid = grid[(grid["12 + log O/H"] > 8.3) & (grid["log P/k"] < 7.9)]
    grid = grid[rng.permutation(len(grid))[:most]]
    beta = np.asarray(grid["Hbeta"], dtype=float)
    given = {name: np.asarray(grid[key]) / beta for name, key in NB_LINES.items()}
    given = {name: np.clip(values, 1e-5, None) for name, values in given.items()}
    keys = ("log U", "log P/k", "12 + log O/H", "log E_peak", "p_NT")
    ids = ["nb-nlr-" + "-".join(f"{row[key]:g}" for key in keys) for row in grid]
    second = LineVectors.from_fluxes(ids, complete(given, rng), "nebulabayes-nlr")

    vectors = LineVectors.concatenate([first, second])
    return vectors[vectors.kind == "agn"]


def read_retired(path, rng):
    """Read gas ionised by old stars: HII-CHI-mistry (Cloudy, post-AGB, 10^5 K).

    Parameters
    ----------
    path : str or pathlib.Path
        The gzipped text grid.
    rng : numpy.random.Generator
        Scatter of the lines that the grid does not give.

    Returns
    -------
    LineVectors
        Models outside the star-forming region of the BPT diagram, of kind "retired".
    """
    table = read_hcm(path)
    likely = (table[:, 0] > 8.35) & (table[:, 1] > -1.0) & (table[:, 1] < -0.1)
    table = table[likely & (table[:, 2] > -4.1) & (table[:, 2] < -2.9)]
    given = {name: table[:, k] + 1e-5 for name, k in HCM_LINES.items()}
    fluxes = complete(given, rng)
    ids = np.array(["hcm-pagb-{:g}-{:g}-{:g}".format(*row[:3]) for row in table])
    outside = spectral_class(fluxes) != "star-forming"
    return LineVectors.from_fluxes(
        ids[outside], fluxes[outside], "hcm-pagb", kind="retired"
    )
