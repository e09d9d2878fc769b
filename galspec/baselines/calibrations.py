"""Strong-line calibrations of 12 + log10(O/H), as declarations.

A number on one of these scales must not be compared with one on another: they differ
by up to 0.7 dex (Kewley & Ellison 2008, ApJ 681, 1183).
"""

import dataclasses

import numpy as np

from galspec.baselines.formulas import (
    inverse_polynomial,
    oh_d16,
    oh_kd02,
    oh_kk04,
    oh_pg16_s,
    polynomial,
)
from galspec.baselines.indices import INDICES
from galspec.line_ratios import oh_pg16_r

__all__ = ["CALIBRATIONS", "Calibration"]


@dataclasses.dataclass(frozen=True)
class Calibration:
    """How an oxygen abundance follows from line ratios.

    Parameters
    ----------
    name : str
        Of the scale, as results carry it.
    indices : tuple of str
        Names in `galspec.baselines.indices.INDICES`.
    formula : callable
        From the values of the indices to 12 + log10(O/H).
    valid : tuple of float
        Lowest and highest abundance that it gives.
    reference : str
        Bibliographic code.
    limits : dict of str to (float, float)
        Range of indices in which it holds.
    reddened : bool
        Whether it compares lines so far apart that dust matters.

    Examples
    --------
    >>> from galspec.baselines.calibrations import CALIBRATIONS
    >>> calibration = CALIBRATIONS["PP04 O3N2"]
    >>> calibration.from_indices(O3N2=[0.5, 2.5])
    array([8.57,  nan])
    """

    name: str
    indices: tuple
    formula: object
    valid: tuple
    reference: str
    limits: dict = dataclasses.field(default_factory=dict)
    reddened: bool = False

    @property
    def lines(self):
        """Names of the lines that it needs."""
        names = (n for i in self._needed for n in INDICES[i].lines)
        return tuple(dict.fromkeys(names))

    @property
    def _needed(self):
        return tuple(dict.fromkeys((*self.indices, *self.limits)))

    def __call__(self, lines):
        """12 + log10(O/H) of line fluxes.

        Parameters
        ----------
        lines : mapping of str to `numpy.ndarray`
            Fluxes, named as `galspec.line_fitting.fit_lines` names them, without dust.

        Returns
        -------
        `numpy.ndarray`
            NaN outside of the range in which the calibration holds.
        """
        return self.from_indices(**{i: INDICES[i](lines) for i in self._needed})

    def from_indices(self, **indices):
        """12 + log10(O/H) of line ratios.

        Parameters
        ----------
        **indices : array_like
            Logarithms of the ratios, those of ``limits`` too.

        Returns
        -------
        `numpy.ndarray`
            NaN outside of the range in which the calibration holds.
        """
        indices = {name: np.asarray(value, float) for name, value in indices.items()}
        with np.errstate(invalid="ignore", divide="ignore"):
            oh = self.formula(*(indices[name] for name in self.indices))
            good = (oh >= self.valid[0]) & (oh <= self.valid[1])
            for name, (low, high) in self.limits.items():
                good = good & (indices[name] > low) & (indices[name] < high)
        return np.where(good, oh, np.nan)


#: [N II]/[O II] above which R23 is on its metal-rich branch (Kewley & Ellison 2008,
#: ApJ 681, 1183, appendix A1).
_UPPER = {"N2O2": (-1.2, np.inf)}
#: [N II]/H-alpha that says the same, for calibrations without [O II] (same place).
_UPPER_N2 = {"N2": (-1.1, np.inf)}
#: Range of the fits of Curti et al. 2020 (table 2).
_C20 = {"valid": (7.6, 8.85), "reference": "2020MNRAS.491..944C"}
_PP04 = {"reference": "2004MNRAS.348L..59P"}
_M13 = {"reference": "2013A&A...559A.114M"}
_PG16 = {"reference": "2016MNRAS.457.3678P", "valid": (7.0, 8.8), "reddened": True}

_ALL = (
    # Pettini & Pagel 2004, eqs. 1 and 2, both for -2.5 < N2 < -0.3; eq. 3
    Calibration(
        "PP04 N2",
        ("N2",),
        polynomial(8.90, 0.57),
        valid=(7.4, 8.8),
        limits={"N2": (-2.5, -0.3)},
        **_PP04,
    ),
    Calibration(
        "PP04 N2 cubic",
        ("N2",),
        polynomial(9.37, 2.03, 1.26, 0.32),
        valid=(7.1, 8.9),
        limits={"N2": (-2.5, -0.3)},
        **_PP04,
    ),
    Calibration(
        "PP04 O3N2",
        ("O3N2",),
        polynomial(8.73, -0.32),
        valid=(8.1, 9.1),
        limits={"O3N2": (-1.0, 1.9)},
        **_PP04,
    ),
    # Marino et al. 2013, eqs. 4 and 2: the fits to direct abundances
    Calibration(
        "M13 N2",
        ("N2",),
        polynomial(8.743, 0.462),
        valid=(8.0, 8.7),
        limits={"N2": (-1.6, -0.2)},
        **_M13,
    ),
    Calibration(
        "M13 O3N2",
        ("O3N2",),
        polynomial(8.533, -0.214),
        valid=(8.1, 8.8),
        limits={"O3N2": (-1.1, 1.7)},
        **_M13,
    ),
    # Curti et al. 2020, table 2: log ratio as a polynomial of 12 + log10(O/H) - 8.69.
    # R3 (which is O3 here) and R23 turn over near 8.0: the metal-rich branch alone.
    Calibration(
        "C20 N2",
        ("N2",),
        inverse_polynomial((-0.489, 1.513, -2.554, -5.293, -2.867), *_C20["valid"]),
        **_C20,
    ),
    Calibration(
        "C20 O3N2",
        ("O3N2",),
        inverse_polynomial((0.281, -4.765, -2.268), *_C20["valid"]),
        **_C20,
    ),
    Calibration(
        "C20 O32",
        ("O3O2",),
        inverse_polynomial((-0.691, -2.944, -1.308), *_C20["valid"]),
        reddened=True,
        **_C20,
    ),
    Calibration(
        "C20 R3",
        ("O3",),
        inverse_polynomial((-0.277, -3.549, -3.593, -0.981), *_C20["valid"]),
        limits=_UPPER_N2,
        **_C20,
    ),
    Calibration(
        "C20 R23",
        ("R23",),
        inverse_polynomial((0.527, -1.569, -1.652, -0.421), *_C20["valid"]),
        limits=_UPPER,
        reddened=True,
        **_C20,
    ),
    # Tremonti et al. 2004, eq. 1: metal-rich branch
    Calibration(
        "T04",
        ("R23",),
        polynomial(9.185, -0.313, -0.264, -0.321),
        valid=(8.0, 9.4),
        reference="2004ApJ...613..898T",
        limits=_UPPER,
        reddened=True,
    ),
    # Kewley & Dopita 2002, eq. 5; best above 8.6, where N/O follows O/H
    Calibration(
        "KD02",
        ("N2O2",),
        oh_kd02,
        valid=(8.3, 9.4),
        reference="2002ApJS..142...35K",
        limits=_UPPER,
        reddened=True,
    ),
    # Kobulnicky & Kewley 2004, eqs. 13, 16 and 17; models from 0.05 to 3 solar
    Calibration(
        "KK04",
        ("R23", "O32", "N2O2"),
        oh_kk04,
        valid=(7.6, 9.4),
        reference="2004ApJ...617..240K",
        limits={"R23": (-np.inf, 1.0)},
        reddened=True,
    ),
    # Pilyugin & Grebel 2016, eqs. 4-7
    Calibration("PG16 R", ("R2", "R3", "N2Hb"), oh_pg16_r, **_PG16),
    Calibration("PG16 S", ("S2Hb", "R3", "N2Hb"), oh_pg16_s, **_PG16),
    # Dopita et al. 2016, section 4, with the term of fifth order
    Calibration(
        "D16",
        ("N2S2", "N2"),
        oh_d16,
        valid=(7.5, 9.4),
        reference="2016Ap&SS.361...61D",
    ),
)

#: All calibrations by the name of their scale.
CALIBRATIONS = {calibration.name: calibration for calibration in _ALL}
