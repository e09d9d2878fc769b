"""Oxygen abundances from one strong-line scale to another.

Scales differ by up to 0.7 dex, so a number means little without its scale, and numbers
of two scales must not be compared (Kewley & Ellison 2008, ApJ 681, 1183).
"""

import numpy as np

__all__ = ["SCALES", "convert_oh"]

# Kewley & Ellison 2008, ApJ 681, 1183, table 3: y = a + b x + c x^2 + d x^3 and the
# range of x. "PP04 O3N2" to "T04" and back are separate fits of the table: they undo
# each other to within 0.03 dex from 8.3 on, to 0.05 at 8.2 and 0.14 at 8.05.
_TABLE = {
    ("PP04 O3N2", "T04"): (
        (-738.1193, 258.96730, -30.05705, 1.167937),
        (8.05, 8.9),
    ),
    ("T04", "PP04 O3N2"): (
        (230.7820, -75.79752, 8.526986, -0.3162894),
        (8.05, 9.2),
    ),
    ("PP04 N2 cubic", "T04"): (
        (-1661.9380, 585.17650, -68.471750, 2.6766690),
        (8.05, 8.9),
    ),
    ("KK04", "PP04 N2 cubic"): (
        (916.7484, -309.54480, 35.051680, -1.3188000),
        (8.2, 9.2),
    ),
    # Not used over the whole range of the table, but where they are steep enough to
    # tell one abundance from another.
    ("KK04", "PP04 O3N2"): (
        (631.2766, -210.02090, 23.483050, -0.8704286),
        (8.5, 9.2),
    ),
    ("KD02", "PP04 N2 cubic"): (
        (569.4927, -192.51820, 21.918360, -0.8278840),
        (8.45, 9.2),
    ),
    ("KD02", "PP04 O3N2"): (
        (664.8453, -225.75330, 25.768880, -0.9761368),
        (8.4, 9.2),
    ),
    ("PP04 N2 cubic", "PP04 O3N2"): (
        (-8.0069, 2.74353, -0.093680, 0.0),
        (8.05, 8.8),
    ),
}

#: Names of the scales: Pettini & Pagel 2004 by O3N2 and by their cubic of N2 (the form
#: that the table was made with), Tremonti et al. 2004 (the one of the MPA-JHU
#: catalogues), Kobulnicky & Kewley 2004, Kewley & Dopita 2002.
SCALES = ("PP04 O3N2", "PP04 N2 cubic", "T04", "KK04", "KD02")

#: A relation flatter than this is not inverted: it would double any error.
_LEAST_SLOPE = 0.5


def convert_oh(oh, from_, to, *, error=None):
    """Convert 12 + log10(O/H) between strong-line scales.

    The relations are the cubic fits of Kewley & Ellison (2008, ApJ 681, 1183,
    table 3). Where the fit of one direction is at hand only, the other direction is its
    inverse, as far as its slope is at least 0.5. The galaxies of the paper scatter
    about the fits by 0.05 dex or so, which ``error`` does not include.

    Parameters
    ----------
    oh : float, array_like or `~astropy.units.Quantity`
        12 + log10(O/H); a quantity in dex.
    from_, to : str
        Two of `SCALES`.
    error : float, array_like or `~astropy.units.Quantity`, optional
        Error of ``oh``, to be propagated.

    Returns
    -------
    oh : `numpy.ndarray` or `~astropy.units.Quantity`
        A quantity if a quantity came in. NaN outside the range in which the relation
        holds: nothing is extrapolated.
    error : `numpy.ndarray` or `~astropy.units.Quantity`
        Only if an error was given: that error times the slope of the relation.

    Raises
    ------
    ValueError
        If a scale is unknown, or there is no relation between the two.

    Examples
    --------
    >>> from galspec.metallicity_scales import convert_oh
    >>> round(float(convert_oh(8.9, "T04", "PP04 O3N2")), 3)
    8.632
    """
    _check(from_, to)
    values, unit = _plain(oh)
    if from_ == to:
        new, slope = values.copy(), np.ones_like(values)
    elif (from_, to) in _TABLE:
        new, slope = _forward(values, *_TABLE[from_, to])
    else:
        new, slope = _backward(values, *_TABLE[to, from_])
    if error is None:
        return _dressed(new, unit)
    spread, error_unit = _plain(error)
    return _dressed(new, unit), _dressed(np.abs(spread * slope), error_unit)


def _check(from_, to):
    for scale in (from_, to):
        if scale not in SCALES:
            raise ValueError(f"no scale {scale!r}; known are {', '.join(SCALES)}")
    if from_ != to and not {(from_, to), (to, from_)} & set(_TABLE):
        pairs = "; ".join(" and ".join(pair) for pair in _TABLE)
        raise ValueError(
            f"no relation between {from_!r} and {to!r}; there is one between {pairs}"
        )


def _plain(values):
    """Values as floats, and the unit that they came with."""
    unit = getattr(values, "unit", None)
    if unit is None:
        return np.asarray(values, float), None
    import astropy.units as u

    return np.asarray(values.to_value(u.dex), float), u.dex


def _dressed(values, unit):
    return values if unit is None else values << unit


def _polynomial(coefficients):
    from numpy.polynomial import Polynomial

    cubic = Polynomial(coefficients)
    return cubic, cubic.deriv()


def _forward(x, coefficients, limits):
    """Value and slope of a relation; NaN outside its range."""
    cubic, slope = _polynomial(coefficients)
    x = np.where((x >= limits[0]) & (x <= limits[1]), x, np.nan)
    return cubic(x), slope(x)


def _backward(y, coefficients, limits):
    """Value and slope of the inverse of a relation, where that is steep enough."""
    cubic, slope = _polynomial(coefficients)
    x = np.linspace(*limits, 5001)
    x = x[slope(x) >= _LEAST_SLOPE]
    inverse = np.interp(y, cubic(x), x, left=np.nan, right=np.nan)
    return inverse, 1 / slope(inverse)
