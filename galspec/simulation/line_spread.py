"""Convolution with a line-spread function that changes along the spectrum."""

import numpy as np

from galspec.constants import SPEED_OF_LIGHT

__all__ = ["at_resolution", "blurred", "broadened"]

#: Pixels at least between the two ends of a row that is made periodic.
_PAD = 64
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


def blurred(flux, sigma, shift):
    """Rows that are convolved with a Gaussian and shifted, each by its own.

    Both are done to the Fourier transform, so that fractions of a pixel blur nothing.

    Parameters
    ----------
    flux : ndarray, shape (n, n_pix), float32
    sigma : ndarray, shape (n,)
        Dispersion in pixels, not negative.
    shift : ndarray, shape (n,)
        Pixels to the right.

    Returns
    -------
    ndarray, shape (n, n_pix), float32
        What comes in from beyond the ends means nothing: the first and last pixels, a
        few dispersions and the shift, are to be cut off.
    """
    from scipy import fft

    n_pix = flux.shape[1]
    size = fft.next_fast_len(n_pix + _PAD, real=True)
    # the ends are joined, for a jump would ring
    share = np.linspace(0, 1, size - n_pix, dtype=np.float32)
    bridge = flux[:, -1:] * (1 - share) + flux[:, :1] * share
    wave = (2 * np.pi * fft.rfftfreq(size)).astype(np.float32)
    kernel = np.empty((len(flux), len(wave)), np.complex64)
    phase = wave * shift.astype(np.float32)[:, None]
    damping = np.exp(-0.5 * (wave * sigma.astype(np.float32)[:, None]) ** 2)
    kernel.real, kernel.imag = damping * np.cos(phase), -damping * np.sin(phase)
    kernel *= fft.rfft(np.concatenate([flux, bridge], axis=1), axis=1)
    return fft.irfft(kernel, size, axis=1)[:, :n_pix]
