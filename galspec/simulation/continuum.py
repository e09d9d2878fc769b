"""Stellar continua: mixtures of simple stellar populations, dust and motions.

Everything lives on one rest-frame grid, uniform in log10 wavelength with the pixel
of the survey spectrographs, so that a redshift is a shift and a velocity
dispersion a convolution with one kernel.
"""

import dataclasses

import numpy as np

from galspec.constants import SPEED_OF_LIGHT

__all__ = ["REST_LOG_WAVELENGTH", "StellarLibrary", "broadened", "calzetti"]

#: log10 of the step between pixels; 69 km/s.
LOG_STEP = 1e-4
#: log10 of the vacuum wavelength in angstrom, 2835-9120 angstrom.
REST_LOG_WAVELENGTH = 3.4525 + LOG_STEP * np.arange(5076)

_KM_S_PER_PIXEL = SPEED_OF_LIGHT * np.log(10.0) * LOG_STEP
#: Velocity dispersions, km/s, at which the populations are kept ready.
_DISPERSIONS = np.arange(0.0, 361.0, 40.0)
# Rest-frame resolution of MILES in BC03, FWHM 2.54 angstrom near 5200 angstrom:
# Beifiori et al. 2011, A&A 531, A109.
_LIBRARY_DISPERSION = 62.0


@dataclasses.dataclass(frozen=True, eq=False)
class StellarLibrary:
    """Simple stellar populations at several velocity dispersions.

    Parameters
    ----------
    spectra : ndarray, shape (n_dispersion, n_metal * n_age, n_rest), float32
        Spectra of unit flux at 5500 angstrom, broadened.
    log_metal : ndarray, shape (n_metal,)
        log10 of the metallicity over the solar one.
    log_age : ndarray, shape (n_age,)
        log10 of the age in years.
    """

    spectra: np.ndarray
    log_metal: np.ndarray
    log_age: np.ndarray

    @classmethod
    def from_bc03(cls, path):
        """Read BC03-MILES populations: Bruzual & Charlot 2003, MNRAS 344, 1000.

        Parameters
        ----------
        path : str or pathlib.Path
            npz file with ``ssp`` (4 metallicities, 42 ages, 2900-9000 angstrom by
            1 angstrom, vacuum): 0.2, 0.4, 1 and 2.5 solar, log age 6.0 to 10.1.

        Returns
        -------
        StellarLibrary
            The populations on `REST_LOG_WAVELENGTH`; constant beyond their ends.
        """
        with np.load(path, allow_pickle=False) as data:
            ssp = data["ssp"].astype(np.float64)
        wavelength = 2900.0 + np.arange(ssp.shape[-1])
        near = np.abs(wavelength - 5500.0) < 50.0
        flat = ssp.reshape(-1, ssp.shape[-1])
        flat = flat / flat[:, near].mean(axis=1, keepdims=True)
        rest = 10**REST_LOG_WAVELENGTH
        spectra = np.stack([np.interp(rest, wavelength, row) for row in flat])
        return cls(
            spectra=broadened(spectra),
            log_metal=np.log10([0.2, 0.4, 1.0, 2.5]),
            log_age=6.0 + 0.1 * np.arange(ssp.shape[1]),
        )

    def continua(self, weights, dispersion):
        """Return the spectra of mixtures.

        Parameters
        ----------
        weights : ndarray, shape (n, n_metal * n_age)
            Share of the light at 5500 angstrom of each population.
        dispersion : ndarray, shape (n,)
            Velocity dispersion as the spectrograph sees it, km/s.

        Returns
        -------
        ndarray, shape (n, n_rest), float32
            Flux per angstrom on `REST_LOG_WAVELENGTH`, one at 5500 angstrom.
        """
        missing = np.sqrt(np.clip(dispersion**2 - _LIBRARY_DISPERSION**2, 0, None))
        step = _DISPERSIONS[1] - _DISPERSIONS[0]
        bins = np.clip(np.rint(missing / step), 0, len(_DISPERSIONS) - 1).astype(int)
        continua = np.empty((len(weights), self.spectra.shape[-1]), dtype=np.float32)
        weights = weights.astype(np.float32)
        for k in np.unique(bins):
            continua[bins == k] = weights[bins == k] @ self.spectra[k]
        return continua


def broadened(spectra):
    """Return spectra convolved with each of the velocity dispersions kept ready.

    Parameters
    ----------
    spectra : ndarray, shape (n, n_rest)
        Spectra on `REST_LOG_WAVELENGTH`.

    Returns
    -------
    ndarray, shape (n_dispersion, n, n_rest), float32
        What `StellarLibrary` takes.
    """
    from scipy.ndimage import gaussian_filter1d

    pixels = _DISPERSIONS / _KM_S_PER_PIXEL
    kept = [spectra if s == 0 else gaussian_filter1d(spectra, s) for s in pixels]
    return np.stack(kept).astype(np.float32)


def calzetti(wavelength):
    """Return the starburst attenuation curve k: Calzetti et al. 2000, ApJ 533, 682.

    Parameters
    ----------
    wavelength : ndarray
        Wavelength in angstrom, 1200-22000.

    Returns
    -------
    ndarray
        k = A / E(B-V), eq. 4, with R_V = 4.05.
    """
    x = 1e4 / np.asarray(wavelength, dtype=float)
    blue = -2.156 + 1.509 * x - 0.198 * x**2 + 0.011 * x**3
    red = -1.857 + 1.040 * x
    return 2.659 * np.where(x > 1 / 0.63, blue, red) + 4.05
