"""Fill masked pixels from their good neighbours, so that their values never matter."""

import numpy as np

__all__ = ["bridge_masked"]


def bridge_masked(wavelength, flux, mask):
    """Replace masked pixels by linear interpolation between the nearest good ones.

    Beyond the first and last good pixel their value is continued; a row without a
    good pixel becomes zero. Rows without masked pixels cost nothing.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,) or (n, n_pix)
    flux : `numpy.ndarray`, shape (n, n_pix)
    mask : `numpy.ndarray` of bool, shape (n, n_pix)

    Returns
    -------
    `numpy.ndarray`, shape (n, n_pix)
        ``flux`` itself where nothing is masked.
    """
    rows = np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return flux
    bad, bridged = mask[rows], flux.copy()
    n_pix = flux.shape[1]
    index = np.arange(n_pix, dtype=np.int32)
    before = np.maximum.accumulate(np.where(bad, -1, index), axis=1)
    after = np.where(bad, n_pix, index)[:, ::-1]
    after = np.minimum.accumulate(after, axis=1)[:, ::-1]
    row, pixel = np.nonzero(bad)
    left, right = before[row, pixel], after[row, pixel]
    left, right = np.where(left < 0, right, left), np.where(right == n_pix, left, right)
    empty = left == n_pix
    left, right = np.where(empty, 0, left), np.where(empty, 0, right)
    axis = np.broadcast_to(wavelength, flux.shape)
    whole = rows[row]
    span = axis[whole, right] - axis[whole, left]
    part = axis[whole, pixel] - axis[whole, left]
    weight = np.divide(part, span, out=np.zeros_like(part), where=span > 0)
    filled = flux[whole, left] * (1 - weight) + flux[whole, right] * weight
    bridged[whole, pixel] = np.where(empty, 0, filled)
    return bridged
