"""What emission-line galaxies are drawn: magnitudes, redshifts, colours, dust."""

import dataclasses
import functools

import numpy as np

__all__ = ["ELGPrior", "Selection", "blue_sequence", "distance_modulus"]

_REDSHIFTS = np.linspace(0.003, 1.7, 1000)
_MAGNITUDES = np.linspace(13.0, 25.0, 121)


@dataclasses.dataclass(frozen=True)
class Selection:
    """Galaxies of a survey.

    Parameters
    ----------
    name : str
        What it is called in the truth.
    share : float
        Share of all galaxies.
    magnitude : tuple of float
        Range of the total r magnitude, free of Milky Way dust.
    redshift : tuple of float
        Range of the redshift.
    slope : float, optional
        Numbers grow as ``10 ** (slope * r)``; 0.6 were a static Euclidean universe.
    bluer : float, optional
        Magnitudes by which they are bluer in u - r at rest than all that form stars.

    Raises
    ------
    ValueError
        If a range is empty or beyond what galaxies are drawn of.
    """

    name: str
    share: float
    magnitude: tuple
    redshift: tuple
    slope: float = 0.4
    bluer: float = 0.0

    def __post_init__(self):
        low, high = self.redshift
        if not (low > 0 and low + 0.005 <= high <= _REDSHIFTS[-1]):
            raise ValueError(
                f"redshifts {low}-{high} of selection {self.name!r}: they lie within "
                f"0-{_REDSHIFTS[-1]:g} and span 0.005 at least"
            )
        low, high = self.magnitude
        if not _MAGNITUDES[0] <= low < high <= _MAGNITUDES[-1]:
            raise ValueError(
                f"magnitudes {low}-{high} of selection {self.name!r}: they lie within "
                f"{_MAGNITUDES[0]:g}-{_MAGNITUDES[-1]:g}, the brighter one first"
            )


@dataclasses.dataclass(frozen=True)
class ELGPrior:
    """Distributions of emission-line galaxies.

    The default mixes, in the proportion of bright and faint ones of Wei et al. 2025,
    arXiv:2505.24175, the main sample of SDSS (Strauss et al. 2002, AJ 124, 1810),
    deeper ones to r = 21.5 like GAMA and WiggleZ (Driver et al. 2011, MNRAS 413, 971;
    Drinkwater et al. 2010, MNRAS 401, 1429), faint ones like those of zCOSMOS, VVDS and
    DEEP2 (Lilly et al. 2007, ApJS 172, 70; Le Fevre et al. 2013, A&A 559, A14; Newman
    et al. 2013, ApJS 208, 5), and targets of eBOSS and DESI (Raichoor et al. 2017,
    MNRAS 471, 3955; 2023, AJ 165, 126).

    Parameters
    ----------
    selections : tuple of Selection
        The surveys; their shares need not sum to one.
    passive : float
        Share of galaxies without star formation; their colours are those of the red
        sequence.
    agn : float
        Share of galaxies with an active nucleus.
    brightening : float
        Magnitudes by which galaxies were more luminous at redshift one: 1.3 in B, Faber
        et al. 2007, ApJ 665, 265 (abstract), for blue galaxies and red ones.
    bluing : float
        Magnitudes by which u - r of galaxies of one luminosity was bluer at redshift
        one; so the colours of zCOSMOS come out.
    ebv : tuple of float
        Median of the E(B-V) of the Milky Way and standard deviation of its natural
        logarithm.
    gradient : float
        Magnitudes by which u - r of the bulge is redder than that of the disc in
        galaxies of M* that form stars; so the gradients of g - r come out.
    """

    selections: tuple = (
        Selection("bright", 0.40, (14.0, 17.8), (0.003, 0.4), 0.5),
        Selection("middle", 0.22, (17.8, 21.5), (0.02, 1.1)),
        Selection("deep", 0.13, (21.5, 24.0), (0.05, 1.6), 0.2),
        Selection("elg", 0.25, (21.5, 24.0), (0.6, 1.6), 0.3, bluer=0.2),
    )
    passive: float = 0.0
    agn: float = 0.07
    brightening: float = 1.2
    bluing: float = 0.6
    ebv: tuple = (0.035, 0.6)
    gradient: float = 0.9

    def __post_init__(self):
        if not 0 <= self.passive + self.agn <= 1:
            raise ValueError(
                f"passive is {self.passive} and agn {self.agn}: shares of one whole"
            )

    def draw(self, n, rng):
        """Draw galaxies before any template is chosen.

        Parameters
        ----------
        n : int
            How many.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        dict of str to ndarray, shape (n,)
            ``selection``; ``mag_r`` (total, free of Milky Way dust); ``z``; ``kind`` of
            template ("line", "agn" or "passive"); ``ur``, the wanted u - r at rest, and
            ``difference``, by how much that of the bulge is redder than the disc's;
            ``clumpy``, true of those whose colours are mixed all over; ``ebv`` of the
            Milky Way.
        """
        shares = np.array([part.share for part in self.selections])
        which = rng.choice(len(shares), n, p=shares / shares.sum())
        mag_r, redshift = np.empty(n), np.empty(n)
        for k, part in enumerate(self.selections):
            rows = which == k
            mag_r[rows] = _counts(part, rng.random(rows.sum()))
            redshift[rows] = self._redshifts(part, mag_r[rows], rng)
        kind = rng.choice(
            ["line", "agn", "passive"],
            n,
            p=[1 - self.agn - self.passive, self.agn, self.passive],
        )
        absolute = mag_r - distance_modulus(redshift) - _mean_correction(redshift)
        names = np.array([part.name for part in self.selections])
        bluer = np.array([part.bluer for part in self.selections])[which]
        return {
            "selection": names[which],
            "mag_r": mag_r,
            "z": redshift,
            "kind": kind,
            "ur": self._colours(absolute, redshift, kind, rng) - bluer,
            "difference": self._differences(absolute, redshift, kind, rng),
            "clumpy": rng.random(n)
            < np.where(kind == "passive", 0.0, _clumpy(redshift)),
            "ebv": self.ebv[0] * np.exp(self.ebv[1] * rng.standard_normal(n)),
        }

    def _colours(self, absolute, redshift, kind, rng):
        """Return the u - r at rest that galaxies of a luminosity have."""
        evolved = absolute + self.brightening * redshift
        mean, spread = blue_sequence(evolved)
        mean = mean - self.bluing * np.minimum(redshift, 1.2)
        red = kind == "passive"
        # Red sequence of Baldry et al. 2004, to within its scatter, ageing passively.
        mean = np.where(red, 2.45 - 0.04 * (evolved + 21) - 0.25 * redshift, mean)
        spread = np.where(red, 0.12, spread)
        return rng.normal(mean, spread)

    def _differences(self, absolute, redshift, kind, rng):
        """Return by how much u - r of bulges is redder than that of their discs.

        Liao & Cooper 2023, MNRAS 518, 3999 (abstract): gradients are steepest at M_r =
        -21, shallower beyond, and of dwarfs the other way round; Kennedy et al. 2016,
        MNRAS 460, 3458 (abstract): bulges and discs are closer in colour in fainter
        galaxies. Late types have steeper gradients than early ones: Tortora et al.
        2010, MNRAS 407, 144 (abstract).
        """
        evolved = absolute + self.brightening * np.minimum(redshift, 1.2)
        steep = np.interp(evolved, [-23.5, -21.0, -17.0, -15.0], [0.6, 1.0, 0.1, -0.2])
        steep = steep * np.where(kind == "passive", 0.3, 1.0)
        return self.gradient * (steep + 0.35 * rng.standard_normal(len(absolute)))

    def _redshifts(self, part, mag_r, rng):
        """Return redshifts of galaxies of given magnitudes in a survey."""
        cumulative = _cumulative(part.redshift, self.brightening)
        row = np.rint(np.interp(mag_r, _MAGNITUDES, np.arange(len(_MAGNITUDES))))
        # Row k of the table rises from k to k + 1: one search for all galaxies.
        found = np.searchsorted(cumulative.ravel(), row + rng.random(len(row)))
        inside = np.clip(found - row.astype(int) * cumulative.shape[1], 0, None)
        column = np.clip(inside.astype(int), 1, cumulative.shape[1] - 1)
        step = _REDSHIFTS[1] - _REDSHIFTS[0]
        return _REDSHIFTS[column] - step * rng.random(len(row))


def _clumpy(redshift):
    """Return the share of clumpy galaxies among those that form stars.

    Murata et al. 2014, ApJ 786, 15, abstract: 0.05 at redshift 0.3 and 0.35 at 0.9.
    """
    return np.interp(redshift, [0.2, 0.9], [0.0, 0.35])


def _counts(part, unit):
    """Return magnitudes of number counts from uniform numbers."""
    low, high = part.magnitude
    rise = part.slope * np.log(10.0) * (high - low)
    share = np.log1p(unit * np.expm1(rise)) / rise if rise else unit
    return low + (high - low) * share


@functools.lru_cache(maxsize=32)
def _cumulative(limits, brightening):
    """Return distributions of redshift by magnitude, row k from k to k + 1.

    The luminosity function is that of blue galaxies: a faint-end slope of -1.3 (Baldry
    et al. 2004, ApJ 600, 681, abstract) and M* = -20.9 in r at redshift zero, for H0 =
    70 km/s/Mpc as theirs.
    """
    from astropy.cosmology import FlatLambdaCDM

    volume = FlatLambdaCDM(70, 0.3).differential_comoving_volume(_REDSHIFTS).value
    correction = _mean_correction(_REDSHIFTS)
    absolute = _MAGNITUDES[:, None] - distance_modulus(_REDSHIFTS) - correction
    bright = -0.4 * (absolute + brightening * np.minimum(_REDSHIFTS, 1.2) + 20.9)
    luminosity = 10 ** np.minimum(bright, 2.5)
    density = volume * luminosity ** (1 - 1.3) * np.exp(-luminosity)
    inside = (limits[0] < _REDSHIFTS) & (limits[1] >= _REDSHIFTS)
    density = np.where(inside, density + 1e-12 * density[:, inside].max(), 0.0)
    total = np.cumsum(density, axis=1)
    return total / total[:, -1:] * (1 - 1e-9) + np.arange(len(_MAGNITUDES))[:, None]


def _mean_correction(redshift):
    """Return the K correction in r of galaxies that form stars.

    The one of our templates, at the u - r that galaxies of a redshift have.
    """
    return np.interp(redshift, [0.0, 0.2, 0.5, 1.0, 1.5], [0.0, 0.13, 0.45, 1.0, 1.1])


def blue_sequence(absolute):
    """Return u - r of star-forming galaxies: Baldry et al. 2004, ApJ 600, 681, table 1.

    Parameters
    ----------
    absolute : ndarray
        Absolute magnitude in r of SDSS.

    Returns
    -------
    mean, spread : ndarray
        Mean and standard deviation of u - r at rest.
    """
    x = absolute + 20.0
    mean = 1.790 - 0.053 * x - 0.363 * np.tanh((absolute + 20.75) / 1.12)
    spread = 0.298 + 0.014 * x - 0.067 * np.tanh((absolute + 19.90) / 0.58)
    return mean, np.clip(spread, 0.15, 0.4)


@functools.cache
def _moduli():
    """Return distance moduli on a fine grid of ln(1 + z)."""
    from astropy.cosmology import FlatLambdaCDM

    ln_z = np.linspace(np.log1p(1e-4), np.log(4.0), 2000)
    return ln_z, FlatLambdaCDM(70, 0.3).distmod(np.expm1(ln_z)).value


def distance_modulus(redshift):
    """Return distance moduli for H0 = 70 km/s/Mpc and a matter density of 0.3.

    Parameters
    ----------
    redshift : ndarray
        Redshifts, 1e-4 to 3.

    Returns
    -------
    ndarray
        Magnitudes.
    """
    return np.interp(np.log1p(redshift), *_moduli())
