"""Convolution with a line-spread function that changes along the spectrum."""

import numpy as np

from galspec.constants import SPEED_OF_LIGHT

__all__ = ["at_resolution", "broadened"]

#: Wavelengths (angstrom) at which the width is exact; spectra convolved with the widths
#: there are blended between. Arms of spectrographs meet between 5700 and 5900.
_NODES = (3800.0, 4600.0, 5700.0, 5900.0, 8800.0)


def broadened(flux, log_wavelength, dispersion):
    """Convolve spectra with a Gaussian.

    Parameters
    ----------
    flux : ndarray, shape (n, n_pix), float32
    log_wavelength : ndarray, shape (n_pix,)
        log10 of the wavelength in angstrom, evenly spaced.
    dispersion : callable
        Dispersion in km/s at a wavelength in angstrom.

    Returns
    -------
    ndarray, shape (n, n_pix), float32
    """
    from scipy.ndimage import gaussian_filter1d

    pixel = SPEED_OF_LIGHT * np.log(10) * (log_wavelength[1] - log_wavelength[0])
    place = np.interp(log_wavelength, np.log10(_NODES), np.arange(len(_NODES)))
    result = np.zeros_like(flux)
    for node, wavelength in enumerate(_NODES):
        share = np.clip(1 - np.abs(place - node), 0, None).astype(np.float32)
        used = np.flatnonzero(share)
        # as far as the Gaussian reaches beyond the pixels that it is for
        sigma = dispersion(wavelength) / pixel
        reach = int(4 * sigma) + 1
        part = slice(max(used[0] - reach, 0), used[-1] + reach + 1)
        smooth = flux[:, part]
        if sigma > 0:
            smooth = gaussian_filter1d(smooth, sigma, axis=1)
        result[:, part] += smooth * share[part]
    return result


def at_resolution(flux, log_wavelength, have, wanted):
    """Spectra of a resolution at a lower one.

    Parameters
    ----------
    flux, log_wavelength
        As for `broadened`.
    have, wanted : float
        Full widths at half maximum in angstrom, before and after.

    Returns
    -------
    ndarray, shape (n, n_pix), float32

    Raises
    ------
    ValueError
        If the resolution wanted is the better one.
    """
    if wanted < have:
        raise ValueError(f"spectra of FWHM {have} cannot be given {wanted} angstrom")
    if wanted == have:
        return flux
    width = np.sqrt(wanted**2 - have**2) / 2.3548 * SPEED_OF_LIGHT
    return broadened(flux, log_wavelength, lambda wavelength: width / wavelength)
