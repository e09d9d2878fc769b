"""The basis of a smooth curve, with knots where there is something to fit."""

import numpy as np

__all__ = ["splines"]


def splines(wavelength, used, knots):
    """Basis of a cubic spline on wavelengths, of which some are fitted.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,)
        Angstrom, ascending.
    used : `numpy.ndarray` of bool, shape (n_pix,)
        Which ones are fitted.
    knots : float or array_like
        Distance of the knots, or the knots themselves, in angstrom. Those that have no
        fitted pixel between them are left out.

    Returns
    -------
    design : `numpy.ndarray`, shape (n_pix, n_splines)
        NaN before the first and behind the last fitted wavelength.
    basis : `numpy.ndarray`, shape (n_used, n_splines)
        The rows that are fitted.
    """
    from scipy.interpolate import BSpline

    places = wavelength[used]
    first, last = places[0], places[-1]
    inner = _supported(_inner_knots(knots, first, last), places)
    ends = np.repeat([first, last], 4)
    every = np.concatenate([ends[:4], inner, ends[4:]])
    inside = (wavelength >= first) & (wavelength <= last)
    design = np.full((len(wavelength), len(every) - 4), np.nan)
    rows = BSpline.design_matrix(wavelength[inside], every, 3).toarray()
    design[inside] = rows
    return design, design[used]


def _inner_knots(knots, first, last):
    knots = np.asarray(knots, float)
    if knots.ndim:
        return np.sort(knots[(knots > first) & (knots < last)])
    number = max(round((last - first) / float(knots)), 1)
    return np.linspace(first, last, number + 1)[1:-1]


def _supported(inner, places):
    """Knots with two pixels or more between them; masked gaps have none."""
    kept, before = [], 0
    for knot in inner:
        below = np.searchsorted(places, knot)
        if below - before >= 2 and len(places) - below >= 2:
            kept.append(knot)
            before = below
    return np.array(kept)
