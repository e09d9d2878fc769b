"""Fill masked pixels from their good neighbours, so that their values never matter."""

import numpy as np

__all__ = ["bridge_masked"]


def bridge_masked(wavelength, flux, mask):
    """Replace masked pixels by linear interpolation between the nearest good ones.

    Beyond the first and last good pixel their value is continued; a row without a
    good pixel becomes zero. The cost grows with the number of masked pixels only.

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
    bad = np.flatnonzero(mask)
    if not len(bad):
        return flux
    n_pix = flux.shape[1]
    pixel = bad % n_pix
    # stretches of masked pixels, none of which leaves its row
    starts = np.flatnonzero((np.diff(bad, prepend=-2) != 1) | (pixel == 0))
    lengths = np.diff(starts, append=len(bad))
    row, left = bad[starts] // n_pix, pixel[starts] - 1
    right = left + lengths + 1
    open_left, open_right = left < 0, right == n_pix
    left, right = np.where(open_left, right, left), np.where(open_right, left, right)
    empty = open_left & open_right
    left[empty] = right[empty] = 0
    values = flux[row, left], np.where(empty, 0, flux[row, right])
    lower, upper = np.where(empty, 0, values[0]), values[1]
    axis = np.broadcast_to(wavelength, flux.shape)
    begin, end = axis[row, left], axis[row, right]
    slope = np.divide(upper - lower, end - begin, out=begin * 0, where=end > begin)
    stretch = np.repeat(np.arange(len(starts)), lengths)
    part = axis[row[stretch], pixel] - begin[stretch]
    bridged = flux.copy()
    bridged.ravel()[bad] = lower[stretch] + slope[stretch] * part
    return bridged
