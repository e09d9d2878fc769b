"""Spectrographs as declarations: range, resolution and the shape of the noise."""

import dataclasses

import numpy as np

from galspec.constants import SPEED_OF_LIGHT

__all__ = ["DESI", "LAMOST", "SDSS", "Instrument"]

#: Wavelength in angstrom at which `Instrument.resolution` is stated.
_PIVOT = 5500.0


@dataclasses.dataclass(frozen=True)
class Instrument:
    """What a spectrograph does to a spectrum, before any random draw.

    Parameters
    ----------
    name : str
        Name of the instrument.
    log_start : float
        log10 of the vacuum wavelength of the first pixel in angstrom.
    n_pixels : int
        Number of pixels, 1e-4 dex each.
    resolution : float
        Resolving power, wavelength over FWHM, at 5500 angstrom.
    noise_knots : tuple of (float, float)
        Wavelength in angstrom and natural log of the noise per pixel relative to
        that at 6200 angstrom.
    noise_scatter : float
        Scatter of that shape from spectrum to spectrum, natural log.
    join : tuple of float
        Range of the wavelength where the arms meet, angstrom.
    join_noise : float
        Extra noise at the join, natural log.
    calibration : float
        Typical error of the flux calibration, as a fraction, on large scales.
    resolution_slope : float
        Power of the wavelength with which the resolving power grows.
    arms : tuple of (float, float)
        FWHM in each arm and where the arm ends, angstrom; instead of the resolving
        power, where it was measured so.
    blue_noise : float
        Mean excess of the noise at the blue end, natural log; it falls to zero at
        6200 angstrom and is exponentially distributed over the spectra.
    in_space : bool
        Without lines of the sky and bands of the air.
    """

    name: str
    log_start: float
    n_pixels: int
    resolution: float
    noise_knots: tuple
    noise_scatter: float
    join: tuple
    join_noise: float
    calibration: float
    resolution_slope: float = 0.0
    blue_noise: float = 0.1
    arms: tuple = ()
    in_space: bool = False

    @property
    def wavelength(self):
        """Wavelength of the pixels, vacuum angstrom, shape (n_pixels,)."""
        return 10 ** (self.log_start + 1e-4 * np.arange(self.n_pixels))

    def dispersion(self, wavelength):
        """Return the dispersion of the line-spread function.

        Parameters
        ----------
        wavelength : float or ndarray
            Observed wavelength in angstrom.

        Returns
        -------
        float or ndarray
            Dispersion in km/s.
        """
        wavelength = np.asarray(wavelength, float)
        if self.arms:
            borders = [end for _, end in self.arms[:-1]]
            fwhm = np.array([fwhm for fwhm, _ in self.arms])
            width = fwhm[np.searchsorted(borders, wavelength)]
            return SPEED_OF_LIGHT * width / wavelength / 2.3548
        power = (wavelength / _PIVOT) ** self.resolution_slope
        return SPEED_OF_LIGHT / (self.resolution * power) / 2.3548

    def noise_shape(self):
        """Return the noise per pixel relative to 6200 angstrom, without sky lines.

        Returns
        -------
        ndarray, shape (n_pixels,), float64
            Noise without the bump at the join.
        """
        from scipy.interpolate import PchipInterpolator

        wavelength, log_noise = np.array(self.noise_knots).T
        ends = np.clip(self.wavelength, wavelength[0], wavelength[-1])
        return np.exp(PchipInterpolator(wavelength, log_noise)(ends))


# Noise: medians of ivar**-0.5 of LAMOST DR10 low-resolution spectra (15 stars), with
# the bump of the join and the sky lines taken out; grid: COEFF0, COEFF1 of their
# headers. The join lies between 5690 and 5940 angstrom and is 0.3-0.7 high; two
# spectra of DR7 and DR8 are noisier by 1.6 at the blue end than those of DR10.
LAMOST = Instrument(
    name="LAMOST",
    log_start=3.5682,
    n_pixels=3909,
    resolution=1800.0,
    noise_knots=(
        (3700, 2.35),
        (3760, 2.14),
        (3850, 1.76),
        (3950, 1.56),
        (4100, 1.38),
        (4300, 1.09),
        (4600, 0.95),
        (5000, 0.71),
        (5400, 0.54),
        (5700, 0.40),
        (6000, 0.15),
        (6200, 0.00),
        (6500, -0.17),
        (7000, -0.38),
        (7500, -0.44),
        (8500, -0.40),
        (8800, -0.36),
        (9000, -0.33),
        (9090, -0.08),
    ),
    noise_scatter=0.12,
    join=(5680.0, 5950.0),
    join_noise=0.55,
    calibration=0.05,
    blue_noise=0.35,
)

# Noise: medians of ivar**-0.5 of SDSS-I spectra of galaxies (plates 266-295).
SDSS = Instrument(
    name="SDSS",
    log_start=3.5800,
    n_pixels=3836,
    resolution=1950.0,
    noise_knots=(
        (3800, 1.30),
        (3900, 0.95),
        (4000, 0.72),
        (4200, 0.46),
        (4600, 0.30),
        (5000, 0.20),
        (5500, 0.15),
        (6000, 0.07),
        (6200, 0.00),
        (6500, -0.16),
        (7000, -0.20),
        (7500, -0.17),
        (8000, 0.05),
        (8500, 0.15),
        (8700, 0.30),
        (9000, 0.48),
        (9200, 0.51),
    ),
    noise_scatter=0.12,
    join=(5850.0, 6000.0),
    join_noise=0.10,
    calibration=0.02,
)

# FWHM about 1.8 angstrom, R = 2000 at 3600 to 5500 at 9800 angstrom: DESI Collaboration
# 2022, AJ 164, 207. The power law holds for means over pixels of 1e-4 dex, which the
# resolution matrices of two coadds (FWHM 1.5-1.8 angstrom) give to 6 %. Noise: medians
# of ivar**-0.5 of the same coadds of the early data, over pixels of 1e-4 dex; the join
# of red and near-infrared (7520-7620 angstrom) is part of the shape.
DESI = Instrument(
    name="DESI",
    log_start=3.5563,
    n_pixels=4350,
    resolution=2950.0,
    resolution_slope=0.75,
    noise_knots=(
        (3600, 2.75),
        (3650, 2.51),
        (3700, 2.28),
        (3800, 1.80),
        (3900, 1.55),
        (4000, 1.31),
        (4200, 1.05),
        (4400, 0.92),
        (4700, 0.66),
        (5000, 0.48),
        (5300, 0.38),
        (5600, 0.32),
        (6000, 0.13),
        (6200, 0.00),
        (6500, -0.13),
        (7000, -0.31),
        (7480, -0.35),
        (7560, 0.09),
        (7640, -0.40),
        (7800, -0.52),
        (8000, -0.55),
        (8500, -0.70),
        (9000, -0.65),
        (9300, -0.60),
        (9500, -0.40),
        (9790, -0.30),
    ),
    noise_scatter=0.12,
    join=(5745.0, 5790.0),
    join_noise=0.20,
    calibration=0.03,
)
