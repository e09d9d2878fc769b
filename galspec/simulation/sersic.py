"""Profiles of galaxies seen through the atmosphere, in Fourier space."""

import functools

import numpy as np

__all__ = ["INDICES", "moffat", "sersic", "sharpness", "within"]

#: Sersic indices that profiles are kept ready for.
INDICES = np.array([0.5, 1.0, 1.5, 2.5, 4.0])
#: Power of the wings of the seeing: Moffat 1969, A&A 3, 455. The Legacy Surveys fit
#: their own to every CCD, from 1.8 arcsec outwards, and take 2.2 where a fit fails
#: (release 9, "Modified PSFEx Profile and the Outer Wings of Stars", and its code).
#: Cores fall off faster: one power for both lies between.
BETA = 2.5

_LOG_K = np.linspace(-2.5, 2.0, 450)
_LOG_SIZE = np.linspace(-2.0, 1.3, 34)
_LOG_RADIUS = np.linspace(-1.0, 1.1, 43)
_AXIS_RATIOS = np.linspace(0.1, 1.0, 7)


@functools.cache
def _profiles():
    """Return the transform of each profile at `_LOG_K`, (n_indices, n_k)."""
    from scipy.special import gammaincinv, j0

    radius = 10 ** np.linspace(-6.0, 2.3, 8000)
    weight = np.gradient(radius) * radius
    bessel = j0(10 ** _LOG_K[:, None] * radius)
    rows = []
    for index in INDICES:
        # b such that the radius one holds half of the light.
        b = gammaincinv(2 * index, 0.5)
        light = weight * np.exp(-b * radius ** (1 / index))
        rows.append(bessel @ light / light.sum())
    return np.array(rows, dtype=np.float32)


def sersic(index, k):
    """Return the Fourier transform of round Sersic profiles of unit flux.

    Parameters
    ----------
    index : ndarray of int, shape (n,)
        Positions in `INDICES`.
    k : ndarray, shape (n, ...)
        Wave numbers times the half-light radius; from 100 on the value there is
        returned, for no seeing lets them pass.

    Returns
    -------
    ndarray, shape (n, ...), float32
        One at zero.
    """
    table = _profiles()
    step = _LOG_K[1] - _LOG_K[0]
    position = (np.log10(np.maximum(k, 1e-9)) - _LOG_K[0]) / step
    position = np.clip(position, 0.0, len(_LOG_K) - 1.001).astype(np.float32)
    lower = position.astype(np.int32)
    share = position - lower
    lower += (index * len(_LOG_K)).reshape(-1, *[1] * (k.ndim - 1)).astype(np.int32)
    below, above = table.ravel()[lower], table.ravel()[lower + 1]
    return below + share * (above - below)


def moffat(k):
    """Return the Fourier transform of the seeing.

    Parameters
    ----------
    k : ndarray
        Wave numbers times the full width at half maximum.

    Returns
    -------
    ndarray
        One at zero; of the profile ``(1 + (r / a)**2) ** -BETA``.
    """
    from scipy.special import gamma, kv

    scale = 0.5 / np.sqrt(2 ** (1 / BETA) - 1)
    x = np.maximum(scale * np.asarray(k, dtype=float), 1e-6)
    return 2 * (x / 2) ** (BETA - 1) * kv(BETA - 1, x) / gamma(BETA - 1)


def sharpness(fwhm):
    """Return the integral of the square of the seeing profile.

    Parameters
    ----------
    fwhm : array-like
        Full width at half maximum.

    Returns
    -------
    ndarray
        Inverse area, in units of the width squared: the noise of the flux of a point
        source is that of a pixel over the root of this, for pixels of unit area.
    """
    scale = 0.5 * np.asarray(fwhm) / np.sqrt(2 ** (1 / BETA) - 1)
    return (BETA - 1) ** 2 / (np.pi * scale**2 * (2 * BETA - 1))


@functools.cache
def _growth():
    """Return the light within circles, (index, size, axis ratio, radius).

    Sizes and radii are in units of the full width at half maximum of the seeing.
    """
    from scipy.special import j1

    log_k = np.linspace(-3.0, 1.6, 500)
    k = 10**log_k
    radius = 10**_LOG_RADIUS
    # Flux within R: the integral of R J1(k R) F(k) dk.
    kernel = radius * j1(k[:, None] * radius) * (np.gradient(k) * moffat(k))[:, None]
    angle = (np.arange(16) + 0.5) * np.pi / 32
    size = 10**_LOG_SIZE
    table = np.empty((len(INDICES), len(size), len(_AXIS_RATIOS), len(radius)))
    for column, ratio in enumerate(_AXIS_RATIOS):
        stretch = np.hypot(np.cos(angle), ratio * np.sin(angle))
        seen = size[:, None, None] * k[:, None] * stretch
        for row in range(len(INDICES)):
            profile = sersic(np.full(len(size), row), seen).mean(axis=2)
            table[row, :, column] = profile @ kernel
    return table


def within(index, size, axis_ratio, radius):
    """Return the share of the light of galaxies within circular apertures.

    Parameters
    ----------
    index : ndarray of int, shape (n,)
        Positions in `INDICES`.
    size : ndarray, shape (n,)
        Half-light radius along the major axis over the full width of the seeing.
    axis_ratio : ndarray, shape (n,)
        Minor over major axis, 0.1-1.
    radius : ndarray, shape (n, n_radii)
        Radii over the full width of the seeing, 0.1-12.

    Returns
    -------
    ndarray, shape (n, n_radii)
        Between zero and one.
    """
    table = _growth()
    sizes = _neighbours(np.log10(np.maximum(size, 1e-3)), _LOG_SIZE)
    ratios = _neighbours(np.asarray(axis_ratio), _AXIS_RATIOS)
    radii = _neighbours(np.log10(radius), _LOG_RADIUS)
    # Flat positions: a lookup by them takes half of the time of one by four indices.
    first = np.asarray(index) * len(_LOG_SIZE)
    flat, total = table.ravel(), np.zeros(np.shape(radius))
    for i, a in sizes:
        for j, b in ratios:
            row = ((first + i) * len(_AXIS_RATIOS) + j) * len(_LOG_RADIUS)
            both = (a * b)[:, None]
            for k, c in radii:
                total += both * c * flat.take(row[:, None] + k)
    return np.clip(total, 0.0, 1.0)


def _neighbours(values, nodes):
    """Return the nodes below and above with their weights; clipped at the ends."""
    position = (values - nodes[0]) / (nodes[1] - nodes[0])
    position = np.clip(position, 0.0, len(nodes) - 1.001)
    lower = position.astype(int)
    share = position - lower
    return (lower, 1.0 - share), (lower + 1, share)
