"""Spectrographs as declarations: range, resolution and the shape of the noise."""

import dataclasses

import numpy as np

__all__ = ["LAMOST", "SDSS", "Instrument"]


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
        Resolving power, wavelength over FWHM.
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

    @property
    def wavelength(self):
        """Wavelength of the pixels, vacuum angstrom, shape (n_pixels,)."""
        return 10 ** (self.log_start + 1e-4 * np.arange(self.n_pixels))

    @property
    def dispersion(self):
        """Dispersion of the line-spread function in km/s."""
        return 299792.458 / self.resolution / 2.3548

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
# the bump of the join taken out; grid: COEFF0, COEFF1 of their headers.
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
        (9000, -0.23),
        (9090, 0.05),
    ),
    noise_scatter=0.12,
    join=(5680.0, 5920.0),
    join_noise=0.35,
    calibration=0.05,
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
