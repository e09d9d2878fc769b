"""Spectra without one of their lines, to see what difference it makes."""

import numpy as np

__all__ = ["occluded", "relevance_of_windows", "sliding_windows"]

#: Sliding windows overlap by half.
_OVERLAP = 2
#: The continuum beside a window is the median over this share of its width, and at
#: least so many pixels.
_BESIDE, _LEAST_PIXELS = 0.5, 5


def occluded(batch, windows):
    """Copies of a spectrum, each with a straight line in place of one window.

    The line leads from the level on one side to that on the other, each the median of
    good pixels; beyond the end of a spectrum it continues the only level that there is.
    Errors and masks stay as they are.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Of one spectrum.
    windows : list of (float, float)
        Lowest and highest wavelength in angstrom, in the frame of the batch.

    Returns
    -------
    `~galspec.SpectrumBatch`
        One row a window. One in which nothing can be used, or that has nothing beside
        it, is masked throughout.
    """
    copies = batch[np.zeros(len(windows), int)]
    wavelength = np.broadcast_to(batch.wavelength, batch.flux.shape)[0]
    good, flux = ~batch.mask[0], copies.flux.copy()
    mask = copies.mask.copy()
    for row, (low, high) in enumerate(windows):
        inside = (wavelength >= low) & (wavelength <= high)
        levels = _levels(wavelength, batch.flux[0], good, low, high)
        if levels is None or not (inside & good).any():
            mask[row] = True
            continue
        flux[row, inside] = np.interp(wavelength[inside], (low, high), levels)
    return copies.replace(flux=flux, mask=mask)


def _levels(wavelength, flux, good, low, high):
    """Levels at both edges of a window; None where there is neither."""
    width = _BESIDE * (high - low)
    levels = []
    for near in (
        good & (wavelength < low) & (wavelength >= low - width),
        good & (wavelength > high) & (wavelength <= high + width),
    ):
        enough = np.count_nonzero(near) >= _LEAST_PIXELS
        levels.append(np.median(flux[near]) if enough else np.nan)
    known = [level for level in levels if np.isfinite(level)]
    if not known:
        return None
    return [level if np.isfinite(level) else known[0] for level in levels]


def sliding_windows(batch, width):
    """Windows of one width that cover a spectrum, each half upon the one before.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Of one spectrum.
    width : `~astropy.units.Quantity`
        In the frame of the batch.

    Returns
    -------
    list of (str, (float, float))
        Middle and limits, angstrom.

    Raises
    ------
    ValueError
        If the width is not positive, no wavelength, or too small or large.
    """
    import astropy.units as u

    width = float(width.to_value(u.AA))
    wavelength = np.broadcast_to(batch.wavelength, batch.flux.shape)[~batch.mask]
    reach = np.ptp(wavelength) if wavelength.size else 0.0
    pixel = reach / max(wavelength.size, 1)
    if not 2 * _LEAST_PIXELS * pixel < width < reach:
        raise ValueError(
            f"windows are {width:g} angstrom wide; {2 * _LEAST_PIXELS * pixel:.3g} to "
            f"{reach:.5g} make sense in this spectrum"
        )
    starts = np.arange(wavelength.min(), wavelength.max(), width / _OVERLAP)
    return [(f"{s + width / 2:.0f} Å", (float(s), float(s + width))) for s in starts]


def relevance_of_windows(batch, places, effects):
    """Effects of windows, spread over their pixels.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        Of one spectrum.
    places : list of (str, (float, float))
        Names and limits.
    effects : `numpy.ndarray`, shape (n_windows,)
        NaN where one is not known.

    Returns
    -------
    dict of str to `numpy.ndarray`, shape (n_pix,)
        ``wavelength``, ``flux``, ``mask``, and ``relevance`` per angstrom: the mean of
        the windows that a pixel lies in, 0 where it lies in none.
    """
    wavelength = np.broadcast_to(batch.wavelength, batch.flux.shape)[0]
    total, count = np.zeros(len(wavelength)), np.zeros(len(wavelength), int)
    for (_, (low, high)), effect in zip(places, effects, strict=True):
        if np.isfinite(effect):
            inside = (wavelength >= low) & (wavelength <= high)
            total[inside] += effect / (high - low)
            count[inside] += 1
    return {
        "wavelength": wavelength.copy(),
        "flux": batch.flux[0],
        "mask": batch.mask[0],
        "relevance": total / np.maximum(count, 1),
    }
