"""The formulas of strong-line calibrations that are more than a polynomial."""

import numpy as np

__all__ = [
    "inverse_polynomial",
    "oh_d16",
    "oh_kd02",
    "oh_kk04",
    "oh_pg16_s",
    "polynomial",
]

#: What papers take for the Sun where they fit relative to it (Allende Prieto et al.
#: 2001, ApJ 556, L63).
_SUN = 8.69
#: [N II]/[O II] between the branches of R23, and abundances to start from (Kewley &
#: Ellison 2008, ApJ 681, 1183, appendix A1).
_BRANCHES, _POOR, _RICH = -1.2, 8.2, 8.7
#: Iterations, and the change (dex) that must be left of the last one.
_ITERATIONS, _TOLERANCE = 15, 1e-3


def polynomial(*coefficients):
    """An abundance that is a polynomial of one index.

    Parameters
    ----------
    *coefficients : float
        From the constant upwards.

    Returns
    -------
    callable
    """
    return np.polynomial.Polynomial(coefficients)


def inverse_polynomial(coefficients, low, high):
    """An abundance of which one index is a polynomial.

    Where the index turns over in the range, the metal-rich branch is taken.

    Parameters
    ----------
    coefficients : tuple of float
        From the constant upwards, in powers of 12 + log10(O/H) - 8.69.
    low, high : float
        Range of 12 + log10(O/H) in which the polynomial was fitted.

    Returns
    -------
    callable
        From the index to 12 + log10(O/H); NaN for an index that the branch lacks.

    Examples
    --------
    >>> from galspec.baselines.formulas import inverse_polynomial
    >>> round(float(inverse_polynomial((0.0, 2.0), 8.0, 9.0)(0.2)), 3)
    8.79
    """
    x = np.linspace(low, high, 2401) - _SUN
    relation = np.polynomial.Polynomial(coefficients)
    slope = np.sign(relation.deriv()(x))
    turns = np.flatnonzero(slope != slope[-1])
    x = x[turns[-1] + 1 :] if len(turns) else x
    index, order = relation(x), int(slope[-1])

    def invert(value):
        return _SUN + np.interp(
            value, index[::order], x[::order], left=np.nan, right=np.nan
        )

    return invert


def oh_kd02(n2o2):
    """12 + log10(O/H) by [N II]/[O II].

    Kewley & Dopita (2002, ApJS 142, 35, eq. 5).

    Parameters
    ----------
    n2o2 : `numpy.ndarray`
        log10 of [N II] 6584 over [O II] 3727 + 3729.

    Returns
    -------
    `numpy.ndarray`
    """
    return np.log10(1.54020 + 1.26602 * n2o2 + 0.167977 * n2o2**2) + 8.93


def oh_d16(n2s2, n2):
    """12 + log10(O/H) by nitrogen, sulphur and H-alpha.

    Dopita et al. (2016, Ap&SS 361, 61, section 4), with the term of fifth order.

    Parameters
    ----------
    n2s2, n2 : `numpy.ndarray`
        log10 of [N II] 6584 over [S II] 6716 + 6731 and over H-alpha.

    Returns
    -------
    `numpy.ndarray`
    """
    y = n2s2 + 0.264 * n2
    return 8.77 + y + 0.45 * (y + 0.3) ** 5


def oh_pg16_s(log_s2, log_r3, log_n2):
    """12 + log10(O/H) by the S calibration of Pilyugin & Grebel.

    Pilyugin & Grebel (2016, MNRAS 457, 3678, eqs. 6 and 7); needs no [O II].

    Parameters
    ----------
    log_s2, log_r3, log_n2 : `numpy.ndarray`
        log10 of [S II] 6716 + 6731, [O III] 4959 + 5007 and [N II] 6548 + 6584, each
        over H-beta.

    Returns
    -------
    `numpy.ndarray`

    Examples
    --------
    >>> from galspec.baselines.formulas import oh_pg16_s
    >>> round(float(oh_pg16_s(-0.2, 0.3, -0.3)), 3)
    8.296
    """
    ratio = log_r3 - log_s2
    upper = 8.424 + 0.030 * ratio + 0.751 * log_n2
    upper = upper + (-0.349 + 0.182 * ratio + 0.508 * log_n2) * log_s2
    lower = 8.072 + 0.789 * ratio + 0.726 * log_n2
    lower = lower + (1.069 - 0.170 * ratio + 0.022 * log_n2) * log_s2
    return np.where(log_n2 < -0.6, lower, upper)


def oh_kk04(r23, o32, n2o2):
    """12 + log10(O/H) by R23, and the ionisation parameter that goes with it.

    Kobulnicky & Kewley (2004, ApJ 617, 240): the ionisation parameter (eq. 13) and the
    abundance (eq. 16 on the metal-poor branch, eq. 17 on the metal-rich one) are
    iterated until they agree. [N II]/[O II] chooses the branch.

    Parameters
    ----------
    r23, o32, n2o2 : `numpy.ndarray`
        log10 of ([O II] 3727 + [O III] 4959, 5007) over H-beta, of [O III] 4959, 5007
        over [O II], and of [N II] 6584 over [O II].

    Returns
    -------
    `numpy.ndarray`
        NaN where the iteration does not settle.
    """
    rich = n2o2 >= _BRANCHES
    # everything that does not change from one iteration to the next
    constant, per_log_q = _kk04_branches(r23, rich)
    above, above_oh, below, below_oh = _kk04_ionisation(o32)
    oh = np.where(rich, _RICH, _POOR)
    for _ in range(_ITERATIONS):
        last = oh
        oh = constant - per_log_q * (above + oh * above_oh) / (below + oh * below_oh)
    settled = (np.abs(oh - last) < _TOLERANCE) & np.isfinite(n2o2)
    return np.where(settled, oh, np.nan)


def _kk04_ionisation(y):
    """Terms of the fraction that is log q (cm/s), eq. 13, by what O/H multiplies."""
    return (
        32.81 - 1.153 * y**2,
        -3.396 - 0.025 * y + 0.1444 * y**2,
        4.603 - 0.3119 * y - 0.163 * y**2,
        -0.48 + 0.0271 * y + 0.02037 * y**2,
    )


def _kk04_branches(x, rich):
    """Terms of O/H, eqs. 16 and 17: without log q, and what multiplies it."""
    poor = np.polynomial.Polynomial([9.40, 4.65, -3.17])(x)
    poor_q = np.polynomial.Polynomial([0.272, 0.547, -0.513])(x)
    top = np.polynomial.Polynomial([9.72, -0.777, -0.951, -0.072, -0.811])(x)
    top_q = np.polynomial.Polynomial([0.0737, -0.0713, -0.141, 0.0373, -0.058])(x)
    return np.where(rich, top, poor), np.where(rich, top_q, poor_q)
