"""Signal-to-noise of spectra, measured on the flux itself."""

import numpy as np

from galspec.quantiles import good_median

__all__ = ["signal_to_noise"]


def signal_to_noise(batch):
    """Median signal-to-noise per angstrom, from the scatter between pixels.

    The DER_SNR estimator (Stoehr et al. 2008, ASP Conf. Ser. 394, 505): it needs no
    error spectrum, so that wrongly scaled errors cannot mislead it.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        In its native pixels.

    Returns
    -------
    `numpy.ndarray`, shape (n,)
        NaN where fewer than 10 pixels can be used; infinite without scatter.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.signal import signal_to_noise
    >>> flux = 20 + np.random.default_rng(1).normal(size=(1, 20000))
    >>> batch = SpectrumBatch.from_arrays(np.linspace(4000, 24000, 20000), flux)
    >>> bool(abs(signal_to_noise(batch)[0] - 20) < 0.5)
    True
    """
    flux, good = batch.flux, ~batch.mask
    if flux.shape[1] < 5:
        return np.full(len(flux), np.nan)
    usable = good[:, 2:-2] & good[:, :-4] & good[:, 4:]
    # every third pixel tells the median as well as all do
    left, middle, right = flux[:, :-4:3], flux[:, 2:-2:3], flux[:, 4::3]
    second = np.abs(2 * middle - left - right)
    noise = 1.482602 / np.sqrt(6) * good_median(second, usable[:, ::3])
    level = good_median(flux[:, ::3], good[:, ::3])
    width = np.diff(batch.wavelength, axis=-1)[..., ::3].astype(np.float32)
    pixel = good_median(
        np.broadcast_to(width, level.shape + width.shape[-1:]),
        (good[:, 1:] & good[:, :-1])[:, ::3],
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        snr = level / noise / np.sqrt(pixel)
    return np.where(np.count_nonzero(usable, axis=1) < 10, np.nan, snr)
