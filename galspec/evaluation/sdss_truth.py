"""Abundances of real SDSS galaxies, from the line fluxes in their spectrum files."""

import numpy as np

from galspec.baselines.calibrations import CALIBRATIONS
from galspec.io import read_sdss_lines
from galspec.line_ratios import is_star_forming

__all__ = ["sdss_oh"]

LINES = ("[O_III] 5007", "H_beta", "[N_II] 6583", "H_alpha")
#: Least signal-to-noise; [O III] is weak in metal-rich galaxies.
SIGNIFICANCE = np.array([2, 3, 3, 3])


def sdss_oh(path):
    """12 + log10(O/H) of one galaxy by O3N2 of the fluxes that the SDSS measured.

    Parameters
    ----------
    path : path-like
        An SDSS spec or spec-lite file.

    Returns
    -------
    float
        On the scale PP04 O3N2 of `galspec.baselines.calibrations`; NaN unless the four
        lines are clear and those of a star-forming galaxy.
    """
    table = read_sdss_lines(path)
    rows = [list(table["line"]).index(name) for name in LINES]
    flux, error = table["flux"].value[rows], table["flux_err"].value[rows]
    if np.any(error <= 0) or np.any(flux < SIGNIFICANCE * error):
        return np.nan
    o3hb, n2ha = np.log10(flux[0] / flux[1]), np.log10(flux[2] / flux[3])
    if not is_star_forming(o3hb, n2ha):
        return np.nan
    return float(CALIBRATIONS["PP04 O3N2"].from_indices(O3N2=o3hb - n2ha))
