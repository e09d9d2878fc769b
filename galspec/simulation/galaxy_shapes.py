"""Sizes, profiles and axis ratios of galaxies."""

import dataclasses
from pathlib import Path

import numpy as np

from galspec.simulation.sersic import INDICES

__all__ = ["MorphologyMixtures", "draw_profiles", "draw_sizes"]

#: Kiloparsecs an arcsec at redshift 0.01-1.7 for H0 = 70 km/s/Mpc, 0.3 of matter.
_SCALE = (
    [0.003, 0.01, 0.03, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0, 1.3, 1.7],
    [0.062, 0.205, 0.601, 1.844, 3.300, 4.454, 6.104, 7.145, 8.008, 8.373, 8.463],
)
#: Sersic indices by chance for galaxies that form stars and for those that do not.
_SHARES = {"line": (0.05, 0.6, 0.2, 0.1, 0.05), "passive": (0.0, 0.1, 0.15, 0.3, 0.45)}
#: Thickness of discs: Padilla & Strauss 2008, MNRAS 388, 1321, find 0.21 +- 0.02.
_THICKNESS = 0.2


@dataclasses.dataclass(frozen=True, eq=False)
class MorphologyMixtures:
    """Sizes and ellipticities of emission-line galaxies by their g magnitude.

    Parameters
    ----------
    weights : ndarray, shape (m,)
        Weight of each Gaussian.
    means, covariances : ndarray, shape (m, 4) and (m, 4, 4)
        Of g, log10 of the half-light radius in arcsec, and both ellipticities.
    index : ndarray of int, shape (m,)
        Position of the profile of each in ``galspec.simulation.sersic.INDICES``.
    """

    weights: np.ndarray
    means: np.ndarray
    covariances: np.ndarray
    index: np.ndarray

    @classmethod
    def load(cls, folder):
        """Read the mixtures of the package desitarget.

        Parameters
        ----------
        folder : str or pathlib.Path
            Folder of ``gmm_elg_exp.fits``, ``gmm_elg_dev.fits``, ``gmm_elg_ser.fits``.

        Returns
        -------
        MorphologyMixtures
            All Gaussians: exponential profiles eight times as many as each of the two
            others, which are rare among emission-line galaxies.
        """
        from astropy.io import fits

        parts = []
        for name, share, index in (("exp", 0.8, 1), ("dev", 0.1, 4), ("ser", 0.1, 3)):
            with fits.open(Path(folder) / f"gmm_elg_{name}.fits") as mixture:
                names = [mixture[0].header[f"COL{k:02d}"].strip() for k in range(9)]
                pick = [names.index(key) for key in ("g", "reff", "e1", "e2")]
                weights = share * mixture["WEIGHTS"].data
                means = mixture["MEANS"].data[:, pick]
                covariances = mixture["COVARS"].data[:, pick][:, :, pick]
                numbers = np.full(len(weights), index)
                parts.append((weights, means, covariances, numbers))
        return cls(*(np.concatenate(part) for part in zip(*parts, strict=True)))

    def draw(self, mag_g, rng):
        """Draw shapes of galaxies of given magnitudes.

        Parameters
        ----------
        mag_g : ndarray, shape (n,)
            Magnitudes in g; those beyond 20.5-23.5 count as these.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        index, size, axis_ratio : ndarray, shape (n,)
            Position of the Sersic index, half-light radius in arcsec, minor over major
            axis.
        """
        from scipy.stats import norm

        mag_g = np.clip(mag_g, 20.5, 23.5)
        spread = np.sqrt(self.covariances[:, 0, 0])
        chance = self.weights * norm.pdf(mag_g[:, None], self.means[:, 0], spread)
        total = np.cumsum(chance, axis=1)
        drawn = rng.random((len(mag_g), 1)) * total[:, -1:]
        part = np.minimum((total < drawn).sum(axis=1), len(self.weights) - 1)
        slope = self.covariances[:, 1:, 0] / self.covariances[:, :1, 0]
        mean = self.means[part, 1:]
        mean = mean + slope[part] * (mag_g - self.means[part, 0])[:, None]
        left = self.covariances[:, 1:, 1:] - np.einsum(
            "mi,mj->mij", slope, self.covariances[:, 1:, 0]
        )
        root = np.linalg.cholesky(left + 1e-6 * np.eye(3))
        noise = rng.standard_normal((len(mag_g), 3))
        values = mean + np.einsum("nij,nj->ni", root[part], noise)
        ellipticity = np.clip(np.hypot(values[:, 1], values[:, 2]), 0.0, 0.8)
        size = 10 ** np.clip(values[:, 0], -1.5, 0.8)
        return self.index[part], size, (1 - ellipticity) / (1 + ellipticity)


def draw_profiles(galaxies, mixtures, rng):
    """Draw profiles, axis ratios and orientations.

    Discs lie at random. Half of the galaxies fainter than r = 20.5 have the shapes of
    the mixtures instead, which were fitted to resolved galaxies.

    Parameters
    ----------
    galaxies : dict of str to ndarray, shape (n,)
        With ``mag_r`` and ``kind``, as
        `galspec.simulation.elg_prior.ELGPrior.draw` gives.
    mixtures : MorphologyMixtures or None
        Shapes of faint galaxies.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    dict of str to ndarray, shape (n,)
        ``index`` (position of the Sersic index), ``sersic``, ``axis_ratio``, ``angle``
        (radians), and ``half_light`` (arcsec, along the major axis) of those that have
        the shapes of the mixtures, NaN of others.
    """
    mag_r, passive = galaxies["mag_r"], galaxies["kind"] == "passive"
    n = len(mag_r)
    chance = np.where(passive[:, None], _SHARES["passive"], _SHARES["line"])
    index = (np.cumsum(chance, axis=1) < rng.random((n, 1)) * 0.999999).sum(axis=1)
    inclined = rng.random(n)
    thickness = np.where(passive, 0.5, _THICKNESS)
    ratio = np.sqrt(inclined**2 * (1 - thickness**2) + thickness**2)
    size = np.full(n, np.nan)
    if mixtures is not None:
        rows = np.flatnonzero((mag_r > 20.5) & (rng.random(n) < 0.5) & ~passive)
        # Emission-line galaxies have g - r = 0.5, more or less.
        index[rows], size[rows], ratio[rows] = mixtures.draw(mag_r[rows] + 0.5, rng)
    return {
        "index": index,
        "sersic": INDICES[index],
        "half_light": size,
        "axis_ratio": ratio,
        "angle": rng.uniform(0.0, np.pi, n),
    }


def draw_sizes(galaxies, profiles, absolute, brightening, rng):
    """Draw sizes of galaxies that have none of the mixtures.

    Sizes follow luminosity as in Shen et al. 2003, MNRAS 343, 978, equations 15 and 16
    with the row of table 1 for late types of figure 5, for the luminosity that a galaxy
    will have today, and shrink as (1 + z) ** -0.75, those without star formation as
    (1 + z) ** -1.48: van der Wel et al. 2014, ApJ 788, 28, abstract.

    Parameters
    ----------
    galaxies : dict of str to ndarray, shape (n,)
        With ``z`` and ``kind``, as `galspec.simulation.elg_prior.ELGPrior.draw` gives.
    profiles : dict of str to ndarray, shape (n,)
        As `draw_profiles` gives.
    absolute : ndarray, shape (n,)
        Absolute magnitudes in r.
    brightening : float
        Magnitudes by which galaxies were more luminous at redshift one.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Half-light radii in arcsec, along the major axis.
    """
    redshift, passive = galaxies["z"], galaxies["kind"] == "passive"
    faded = absolute + brightening * np.minimum(redshift, 1.2)
    size = _radius(faded, rng) / np.interp(redshift, *_SCALE)
    size = size * (1 + redshift) ** np.where(passive, -1.48, -0.75)
    size = size * np.where(passive, 0.6, 1.0)
    # Sizes up to here are of circles that hold half of the light.
    size = size / np.sqrt(profiles["axis_ratio"])
    known = profiles["half_light"]
    return np.clip(np.where(np.isnan(known), size, known), 0.02, 15.0)


def _radius(absolute, rng):
    """Return half-light radii in kpc of late-type galaxies."""
    fainter = 10 ** (-0.4 * (absolute + 20.91))
    mean = -0.4 * 0.26 * absolute + (0.51 - 0.26) * np.log10(1 + fainter) - 1.71
    spread = 0.27 + (0.45 - 0.27) / (1 + fainter**2)
    return 10**mean * np.exp(spread * rng.standard_normal(len(absolute)))
