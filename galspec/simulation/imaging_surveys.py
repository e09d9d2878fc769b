"""Imaging surveys as simulators see them: filters, depth, seeing, pixels."""

import dataclasses

import numpy as np

from galspec.surveys import get_survey

__all__ = ["LS_DR9", "LS_DR10", "LS_NORTH", "Band", "ImagingSurvey"]

#: Width in arcsec of the pixels of stamps.
STAMP_PIXEL = 0.262


@dataclasses.dataclass(frozen=True)
class Band:
    """One band of an imaging survey.

    Parameters
    ----------
    filter : str or speclite.filters.FilterResponse
        Its name in speclite, or one of your own.
    depth : float
        Five-sigma limit for point sources, AB magnitudes.
    seeing : float
        Full width at half maximum in arcsec.
    poisson : float
        Variance of a flux over the flux itself, nanomaggies.
    pixel : float
        Width of the pixels that the light fell on, arcsec.
    offset : float
        What magnitudes of the catalogue are too faint by.
    """

    filter: object
    depth: float
    seeing: float
    poisson: float
    pixel: float = STAMP_PIXEL
    offset: float = 0.0


@dataclasses.dataclass(frozen=True)
class ImagingSurvey:
    """Bands of a survey and how they vary over the sky.

    Parameters
    ----------
    catalogue : str or galspec.surveys.Survey
        What its tables hold: extinction and apertures are from there.
    bands : dict of str to Band
        Its bands, in the order of the catalogue.
    depth_spread : float, optional
        Standard deviation of the depth from place to place, magnitudes.
    seeing_spread : float, optional
        Standard deviation of the natural logarithm of the seeing: wide enough for the
        north of the Legacy Surveys and for the fields of the Dark Energy Survey.
    calibration : float, optional
        Scatter in magnitudes of the zero points from field to field, which no error
        tells.

    Raises
    ------
    ValueError
        If a band is none of the catalogue's.
    """

    catalogue: object
    bands: dict
    depth_spread: float = 0.25
    seeing_spread: float = 0.15
    calibration: float = 0.01

    def __post_init__(self):
        survey = get_survey(self.catalogue)
        object.__setattr__(self, "catalogue", survey)
        missing = [name for name in self.bands if name not in survey.bands]
        if missing:
            raise ValueError(
                f"bands {', '.join(missing)} are none of survey {survey.name!r}, which "
                f"has {', '.join(survey.bands)}"
            )

    @property
    def extinction(self):
        """A / E(B-V) of the Milky Way in each band, (n_bands,)."""
        return np.array([self.catalogue.extinction[name] for name in self.bands])

    @property
    def offsets(self):
        """What magnitudes of the catalogue are too faint by, (n_bands,)."""
        return np.array([band.offset for band in self.bands.values()])

    def radii(self, name):
        """Radii in arcsec of the apertures of a band.

        Parameters
        ----------
        name : str
            Of the band.

        Returns
        -------
        tuple of float
            Empty where the catalogue has none.
        """
        return self.catalogue.apertures.get(name, ())

    def conditions(self, n, rng):
        """Draw where in the survey galaxies lie.

        Parameters
        ----------
        n : int
            How many.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        seeing, noise : ndarray, shape (n, n_bands)
            Full width at half maximum in arcsec; standard deviation of the flux of
            faint point sources in nanomaggies.
        """
        bands = self.bands.values()
        depth = np.array([band.depth for band in bands])
        # Passes are many or few in all bands at once, for the most part.
        common = rng.normal(0.0, 0.8, (n, 1)) + rng.normal(0.0, 0.6, (n, len(depth)))
        depth = depth + self.depth_spread * common
        seeing = np.array([band.seeing for band in bands])
        from_space = np.array([band.pixel > 1 for band in bands])
        spread = np.where(from_space, 0.0, self.seeing_spread)
        seeing = seeing * np.exp(spread * rng.standard_normal((n, len(seeing))))
        return seeing, 10 ** (0.4 * (22.5 - depth)) / 5.0


# Seeing: of exposures, Dey et al. 2019, AJ 157, 168. It is the width of the profile at
# half its height; `psfsize` of the catalogues is that of the Gaussian with the same
# noise, 1.29 times as much for our profile (legacypipe, coadds.py). Depth and noise of
# photons: medians of inverse variances within apertures in release 10, and their change
# from faint to bright galaxies; 0.4 to 0.9 deeper than two exposures in a seeing of 1.5
# arcsec were predicted to be (24.7, 23.9, 23.0 in g, r, z; description of release 10).
# North: shallower, and in g and r, of a smaller mirror, twice the noise of photons.
# WISE: Wright et al. 2010, AJ 140, 1868, with the pixels of Lang 2014, AJ 147, 108.
_WISE = {
    "W1": Band("wise2010-W1", 21.3, 6.1, 1.7e-3, 2.75),
    "W2": Band("wise2010-W2", 20.5, 6.4, 3.9e-3, 2.75),
}
_G = Band("decam2014-g", 25.1, 1.3, 2.3e-5)
_R = Band("decam2014-r", 24.8, 1.15, 2.6e-5)
_I = Band("decam2014-i", 24.4, 1.1, 3.9e-5)
_Z = Band("decam2014-z", 23.7, 1.1, 4.1e-5)

#: Legacy Survey, release 9, from the south: no i band.
LS_DR9 = ImagingSurvey("ls-dr9", {"g": _G, "r": _R, "z": _Z} | _WISE)
#: Legacy Survey, release 10: g, r, i and z of DECam.
LS_DR10 = ImagingSurvey("ls-dr10", {"g": _G, "r": _R, "i": _I, "z": _Z} | _WISE)
#: Legacy Survey, release 9, from the north: BASS and MzLS, of their own filters.
LS_NORTH = ImagingSurvey(
    "ls-dr9",
    {
        "g": Band("BASS-g", 24.3, 1.6, 4.6e-5),
        "r": Band("BASS-r", 23.7, 1.45, 5.2e-5),
        "z": Band("MzLS-z", 23.3, 1.0, 4.1e-5),
    }
    | _WISE,
)
