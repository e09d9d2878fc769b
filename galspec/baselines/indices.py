"""The line ratios that calibrations use, each stated once."""

import dataclasses

import numpy as np

from galspec.constants import NII_RATIO, OIII_RATIO

__all__ = ["INDICES", "Index"]

_HALPHA, _HBETA = {"Halpha": 1.0}, {"Hbeta": 1.0}
_OII, _NII = {"OII_3728": 1.0}, {"NII_6584": 1.0}
_OIII = {"OIII_5007": 1.0}
_SII_BOTH = {"SII_6716": 1.0, "SII_6731": 1.0}
# The fainter lines at 4959 and 6548 angstrom stand in a fixed ratio to the brighter
# ones, so they are not measured again.
_OIII_BOTH = {"OIII_5007": 1 + 1 / OIII_RATIO}
_NII_BOTH = {"NII_6584": 1 + 1 / NII_RATIO}


@dataclasses.dataclass(frozen=True)
class Index:
    """The logarithm of a ratio of line fluxes.

    Parameters
    ----------
    above, below : tuple of dict of str to float
        Factors above and below the fraction line; each is a sum of fluxes, by line
        with its share.

    Examples
    --------
    >>> from galspec.baselines.indices import INDICES
    >>> float(INDICES["N2"]({"NII_6584": 0.286, "Halpha": 2.86}).round(3))
    -1.0
    """

    above: tuple
    below: tuple

    @property
    def lines(self):
        """Names of the lines that it needs."""
        return tuple(dict.fromkeys(n for sums in self.above + self.below for n in sums))

    def __call__(self, lines):
        """Value of the index.

        Parameters
        ----------
        lines : mapping of str to `numpy.ndarray`
            Fluxes, named as `galspec.line_fitting.fit_lines` names them.

        Returns
        -------
        `numpy.ndarray`
            log10 of the ratio; NaN where a flux is not positive.
        """
        return _log(self.above, lines) - _log(self.below, lines)


def _log(factors, lines):
    """Sum of the logarithms of some sums of fluxes."""
    total = 0.0
    for shares in factors:
        flux = sum(np.asarray(lines[name]) * share for name, share in shares.items())
        total = total + np.log10(np.where(flux > 0, flux, np.nan))
    return total


#: By name. Capitals differ between papers; what is above and below does not.
INDICES = {
    # [N II] 6584 / H-alpha, [O III] 5007 / H-beta, and the one over the other
    "N2": Index((_NII,), (_HALPHA,)),
    "O3": Index((_OIII,), (_HBETA,)),
    "O3N2": Index((_OIII, _HALPHA), (_HBETA, _NII)),
    # oxygen: [O II] 3727, [O III] 4959 + 5007 and their sum over H-beta
    "R2": Index((_OII,), (_HBETA,)),
    "R3": Index((_OIII_BOTH,), (_HBETA,)),
    "R23": Index((_OII | _OIII_BOTH,), (_HBETA,)),
    # ionisation: with both [O III] lines, and with 5007 alone
    "O32": Index((_OIII_BOTH,), (_OII,)),
    "O3O2": Index((_OIII,), (_OII,)),
    "N2O2": Index((_NII,), (_OII,)),
    "N2S2": Index((_NII,), (_SII_BOTH,)),
    # [N II] 6548 + 6584 and [S II] 6716 + 6731 over H-beta
    "N2Hb": Index((_NII_BOTH,), (_HBETA,)),
    "S2Hb": Index((_SII_BOTH,), (_HBETA,)),
}
