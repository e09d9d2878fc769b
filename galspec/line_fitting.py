"""Fluxes of the strong emission lines of many spectra at once, at known redshift."""

import numpy as np

from galspec.constants import NII_RATIO, OIII_RATIO
from galspec.line_windows import AURORAL, WINDOWS, LineProblem

__all__ = ["fit_lines"]

#: Fainter lines of a doublet, at a fixed ratio to the brighter one.
_TIED = {
    "OIII_4959": ("OIII_5007", 1 / OIII_RATIO),
    "NII_6548": ("NII_6584", 1 / NII_RATIO),
}

#: Search of width (factors) and shift (km/s), each stage around the best of the last.
_STAGES = (
    ((1.0,), tuple(range(-280, 281, 70))),
    ((0.33, 0.45, 0.6, 0.8, 1.0, 1.3, 1.7, 2.3), (0,)),
    ((1.0,), (-35, 0, 35)),
    ((0.87, 1.0, 1.15), (0,)),
    ((0.93, 1.0, 1.07), (-15, 0, 15)),
)
#: Refinement in each window: steps (natural log of the width) to either side.
_REFINEMENT = ((0.06, 3), (0.02, 1))
#: Step of the shift, km/s, for a unit step of the width; scatter of a window's width
#: about the common one (natural log).
_SHIFT_STEP, _OWN_SCATTER = 100.0, 0.1
#: Expected width and shift, km/s, and their scatter (natural log; km/s).
_WIDTH, _WIDTH_SCATTER, _SHIFT_SCATTER = 110.0, 0.4, 80.0
#: Spectra that are worked on together.
_ROWS = 256


def fit_lines(batch, *, auroral=False):
    """Fit the strong lines of galaxies whose redshift is known.

    Gaussians of one small velocity shift and one width (by 25 % at most another at
    another wavelength, for the resolution) over polynomials of 100-350 angstrom.
    Fluxes, continuum and stellar absorption under H-alpha and H-beta follow from
    linear least squares weighted by inverse variance, the equivalent widths of the
    absorption with a Gaussian prior; width and shift from a search for the least
    chi-squared. [O III] 5007/4959 and [N II] 6584/6548 are held at their theoretical
    ratios.

    Against simulated star-forming galaxies without noise, [O III]/H-beta comes out
    within 0.02 dex (68 %) where H-alpha has 16 angstrom or more and within 0.04 dex
    where it has 6-16, [N II]/H-alpha within half of that. In old starlight, H-beta and
    H-alpha err by 0.3 angstrom.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Any sampling; resolution of 25-250 km/s (dispersion), for example of SDSS,
        LAMOST or DESI.
    auroral : bool
        Also measure H-gamma and [O III] 4363, which tells the electron temperature
        (`galspec.baselines.direct`), with the width and shift of the other lines.

    Returns
    -------
    `~astropy.table.Table`
        One row a spectrum. ``X`` and ``X_err`` for each line: flux in units of
        ``batch.flux`` times angstrom, in the observed frame, and its error, raised
        where the fit leaves more scatter than ``batch.ivar`` tells. Fluxes may be
        negative. NaN where the redshift is unknown or the line was not measured.
        Lines: "OII_3728" (the doublet's sum), "Hbeta", "OIII_4959", "OIII_5007",
        "NII_6548", "Halpha", "NII_6584", "SII_6716", "SII_6731"; if asked for,
        "Hgamma" and "OIII_4363". ``width`` is the dispersion as observed and ``shift``
        the velocity against the redshift, km/s.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.line_fitting import fit_lines
    >>> wavelength = np.geomspace(3700, 9000, 3860)
    >>> line = 50 * np.exp(-0.5 * ((wavelength - 1.1 * 6732.67) / 2) ** 2)
    >>> batch = SpectrumBatch.from_arrays(wavelength, [10 + line], redshift=[0.1])
    >>> round(float(fit_lines(batch)["SII_6731"][0] / (100 * np.sqrt(2 * np.pi))), 1)
    1.0
    """
    from astropy.table import Table, vstack

    starts = range(0, max(len(batch), 1), _ROWS)
    parts = [_fit(batch[start : start + _ROWS], auroral) for start in starts]
    return vstack([Table(part) for part in parts])


def _fit(batch, auroral):
    """Columns of the result for some spectra."""
    problems = [LineProblem.cut(batch, window) for window in WINDOWS]
    width, shift = _search(problems, len(batch))
    if auroral:
        problems.append(LineProblem.cut(batch, AURORAL))
    rows = {}
    for problem in problems:
        rows |= problem.fluxes(*_refined(problem, width, shift))
    for name, (brighter, ratio) in _TIED.items():
        rows[name] = rows[brighter] * ratio
        rows[name + "_err"] = rows[brighter + "_err"] * ratio
    known = np.isfinite(batch.redshift)
    return rows | {
        "width": np.where(known, width, np.nan),
        "shift": np.where(known, shift, np.nan),
    }


def _search(problems, n):
    """The width and the shift of least chi-squared of each spectrum, km/s."""
    width, shift = np.full(n, _WIDTH), np.zeros(n)
    for factors, steps in _STAGES:
        grid = [(width * f, shift + s) for f in factors for s in steps]
        costs = [_cost(problems, *point) for point in grid]
        best = np.argmin(costs, axis=0)
        width = np.choose(best, [w for w, _ in grid])
        shift = np.choose(best, [s for _, s in grid])
    return width, shift


def _refined(problem, width, shift):
    """Width and shift in one window, where the resolution may be another one."""
    common = width
    for step, reach in _REFINEMENT:
        at = np.arange(-reach, reach + 1)[:, None]
        shifts = shift + at * step * _SHIFT_STEP
        shift = _lowest(shifts, [problem.solve(width, s)[2] for s in shifts])
        widths = np.log(width) + at * step
        costs = [problem.solve(np.exp(w), shift)[2] for w in widths]
        costs += ((widths - np.log(common)) / _OWN_SCATTER) ** 2
        width = np.exp(_lowest(widths, costs))
    return width, shift


def _lowest(places, costs):
    """Lowest point of the parabola through the least cost and its neighbours."""
    costs, rows = np.array(costs), np.arange(places.shape[1])
    best = np.clip(np.argmin(costs, axis=0), 1, len(costs) - 2)
    left, middle, right = (costs[best + k, rows] for k in (-1, 0, 1))
    bend = left - 2 * middle + right
    bend = np.where(bend > 0, bend, np.inf)
    step = places[1] - places[0]
    return places[best, rows] + step * np.clip(0.5 * (left - right) / bend, -1, 1)


def _cost(problems, width, shift):
    """Chi-squared with a weak expectation, so that noise is not taken for a line."""
    prior = (np.log(width / _WIDTH) / _WIDTH_SCATTER) ** 2
    prior += (shift / _SHIFT_SCATTER) ** 2
    return prior + sum(problem.solve(width, shift)[2] for problem in problems)
