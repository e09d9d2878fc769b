"""What counts as carbon-enhanced, and how probable it is."""

import dataclasses

import numpy as np

__all__ = [
    "CRITERIA",
    "SOLAR_CARBON",
    "Criterion",
    "joint_probability",
    "luminosity",
    "metal_class",
]

#: A(C) = log10(C/H) + 12 of the Sun: Asplund et al. 2009, ARA&A 47, 481, table 1.
SOLAR_CARBON = 8.43
#: Effective temperature (K) and log g of the Sun: IAU 2015 resolution B3 (Prsa et al.
#: 2016, AJ 152, 41).
_SOLAR_TEFF, _SOLAR_LOGG = 5772.0, 4.438
#: Mass of an old star that has left the main sequence, in suns.
_MASS = 0.8
#: Classes by [Fe/H] below a limit: Beers & Christlieb 2005, ARA&A 43, 531, table 1.
_METAL_CLASSES = {"MP": -1.0, "VMP": -2.0, "EMP": -3.0, "UMP": -4.0}
#: Points at which the joint probability is summed up.
_NODES = 24


@dataclasses.dataclass(frozen=True)
class Criterion:
    """A definition of carbon-enhanced metal-poor stars.

    Parameters
    ----------
    feh : float
        [Fe/H] has to be below.
    cfe : float
        [C/Fe] has to be above.
    giants : float, optional
        Where it is less, the limit in [C/Fe] is this minus log10 of the luminosity in
        suns: giants turn carbon into nitrogen as they climb.
    source : str
        Who defined it.
    """

    feh: float
    cfe: float
    giants: float | None
    source: str

    def carbon_limit(self, teff, logg):
        """The limit in [C/Fe] of stars.

        Parameters
        ----------
        teff, logg : `numpy.ndarray`, shape (n,)
            K, and dex of cm/s2.

        Returns
        -------
        `numpy.ndarray`, shape (n,)
        """
        if self.giants is None:
            return np.full(len(teff), self.cfe)
        return np.minimum(self.cfe, self.giants - luminosity(teff, logg))


#: Definitions by name.
CRITERIA = {
    "default": Criterion(-2.0, 0.7, None, "[C/Fe] > 0.7 below [Fe/H] = -2"),
    "beers2005": Criterion(
        -2.0, 1.0, None, "Beers & Christlieb 2005, ARA&A 43, 531, table 2"
    ),
    # for log L of 2.3 or less, 0.7; above, 3.0 - log L
    "aoki2007": Criterion(-2.0, 0.7, 3.0, "Aoki et al. 2007, ApJ 655, 492, section 5"),
}


def luminosity(teff, logg):
    """log10 of the luminosity in suns of a star of 0.8 solar masses.

    Parameters
    ----------
    teff, logg : array_like
        K, and dex of cm/s2.

    Returns
    -------
    `numpy.ndarray`
        log M + 4 log(Teff / Teff_sun) - (log g - log g_sun).
    """
    ratio = np.asarray(teff, float) / _SOLAR_TEFF
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.log10(_MASS) + 4 * np.log10(ratio) - (logg - _SOLAR_LOGG)


def joint_probability(feh, cfe, covariance, limits):
    """Probability that [Fe/H] is below, and [C/Fe] above, a limit.

    Parameters
    ----------
    feh, cfe : `numpy.ndarray`, shape (n,)
        Means of a joint Gaussian.
    covariance : `numpy.ndarray`, shape (n, 2, 2)
        Of the two.
    limits : tuple of (float, array_like)
        Of [Fe/H] and of [C/Fe].

    Returns
    -------
    `numpy.ndarray`, shape (n,)

    Notes
    -----
    Integral over the part of [Fe/H] below its limit of the probability of [C/Fe] given
    [Fe/H], by Gauss-Legendre quadrature in the cumulative probability.

    Examples
    --------
    Two limits at the means of two quantities that know nothing of each other:

    >>> import numpy as np
    >>> from galspec.carbon_enhancement import joint_probability
    >>> joint_probability(np.zeros(1), np.zeros(1), np.eye(2)[None], (0, 0)).round(6)
    array([0.25])
    """
    from scipy.special import ndtr, ndtri

    sigma = np.sqrt(covariance[:, 0, 0])
    slope = covariance[:, 0, 1] / covariance[:, 0, 0]
    rest = covariance[:, 1, 1] - slope * covariance[:, 0, 1]
    scatter = np.sqrt(np.maximum(rest, 1e-3 * covariance[:, 1, 1]))
    below = ndtr((limits[0] - feh) / sigma)
    nodes, weights = np.polynomial.legendre.leggauss(_NODES)
    share = below[:, None] * (nodes + 1) / 2
    # a share that is zero in double precision leaves no probability either
    offset = sigma[:, None] * ndtri(np.maximum(share, 1e-300))
    given = cfe[:, None] + slope[:, None] * offset
    limit = np.broadcast_to(limits[1], below.shape)[:, None]
    above = ndtr((given - limit) / scatter[:, None])
    return below * (above @ weights) / 2


def metal_class(feh):
    """The class of metal-poor stars that [Fe/H] belongs to.

    Parameters
    ----------
    feh : `numpy.ndarray`, shape (n,)
        dex.

    Returns
    -------
    `numpy.ndarray` of str, shape (n,)
        "MP" below -1, "VMP" below -2, "EMP" below -3, "UMP" below -4, else empty: Beers
        & Christlieb (2005, ARA&A 43, 531, table 1).
    """
    names = np.array(["", *_METAL_CLASSES], dtype="U3")
    edges = -np.array(list(_METAL_CLASSES.values()))
    return names[np.searchsorted(edges, -np.nan_to_num(feh, nan=np.inf), side="left")]
