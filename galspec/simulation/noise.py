"""From a noise-free spectrum to an observed one: calibration, sky, noise, gaps."""

import numpy as np

from galspec.constants import SPEED_OF_LIGHT

__all__ = ["S_N_BAND", "observe"]

# Night-sky lines: wavelength (vacuum angstrom) and noise relative to the pixels
# beside them; Hanuschik 2003, A&A 407, 1157, and the ivar of LAMOST DR10 spectra.
_SKY_LINES = (
    (5578.9, 4.0),
    (5891.6, 1.3),
    (5897.6, 1.3),
    (6302.1, 1.8),
    (6365.5, 1.3),
    (6865.0, 1.2),
    (7278.3, 1.3),
    (7318.4, 1.4),
    (7342.9, 1.4),
    (7526.0, 1.3),
    (7718.0, 1.5),
    (7752.7, 1.6),
    (7796.2, 1.6),
    (7823.5, 1.6),
    (7915.7, 1.9),
    (7966.9, 1.8),
    (7995.6, 1.7),
    (8027.9, 1.5),
    (8290.0, 1.5),
    (8346.9, 2.2),
    (8401.5, 1.9),
    (8432.5, 1.8),
    (8467.7, 1.6),
    (8507.2, 1.5),
    (8762.1, 1.8),
    (8769.9, 1.8),
    (8780.4, 1.9),
    (8793.0, 1.7),
    (8829.5, 2.9),
    (8838.3, 1.8),
    (8852.3, 1.9),
    (8870.0, 2.2),
    (8888.3, 2.8),
    (8905.6, 2.5),
    (8922.1, 3.4),
    (8945.9, 3.2),
    (8960.5, 3.0),
    (8991.0, 2.6),
    (9003.9, 2.0),
    (9040.0, 2.2),
    (9052.0, 2.2),
)
# Telluric bands (vacuum angstrom): start, end, typical depth before correction.
_TELLURIC = ((6869.0, 6950.0, 0.25), (7595.0, 7705.0, 0.5), (8130.0, 8350.0, 0.1))
#: Stretches that are lost, and in which share of the spectra.
_LOSSES = {
    "blue arm": 0.002,
    "red arm": 0.002,
    "short runs": 0.01,
    "long run": 0.02,
    "ends": 0.01,
}
#: Where signal-to-noise in r is measured, angstrom.
S_N_BAND = (5600.0, 6900.0)


def _single(values):
    """Return values in single precision, in which the pixels are computed."""
    return np.asarray(values, dtype=np.float32)


def _waves(wavelength, n, order, rng):
    """Return smooth random curves of unit variance over the spectrum, (n, n_pix)."""
    x = np.linspace(0.0, 1.0, len(wavelength))
    modes = np.cos(np.pi * np.arange(1, order + 1)[:, None] * x)
    weights = 1.0 / np.arange(1, order + 1)
    scale = np.sqrt(2.0 / (weights**2).sum())
    amplitudes = rng.normal(size=(n, order)) * weights * scale
    return _single(amplitudes) @ _single(modes)


def _calibration(instrument, wavelength, join, rng):
    """Return the factor by which flux calibration errs, (n, n_pix)."""
    n = len(join)
    size = _single(instrument.calibration * rng.lognormal(0.0, 0.5, (n, 1)))
    log_error = size * _waves(wavelength, n, 6, rng)
    step = _single(rng.normal(0.0, 0.8 * instrument.calibration, (n, 1)))
    side = np.clip((join[:, None] - wavelength) / np.float32(120.0), -0.5, 0.5)
    log_error += step * side
    # The blue end suffers most from differential refraction and weak standards.
    blue = _single(rng.normal(0.0, 2.0 * instrument.calibration, (n, 1)))
    log_error += blue * np.exp((wavelength[0] - wavelength) / np.float32(250.0))
    return np.exp(log_error)


def _sky_profiles(instrument, wavelength):
    """Return the profile of each sky line on the pixels, (n_lines, n_pix)."""
    centres = np.array([line for line, _ in _SKY_LINES])
    # Noise and residuals spread a little beyond the line itself.
    width = 1.25 * centres * instrument.dispersion(centres) / SPEED_OF_LIGHT
    distance = (wavelength - _single(centres)[:, None]) / _single(width)[:, None]
    return np.exp(-0.5 * distance**2)


def _sky_noise(profiles, n, rng):
    """Return the factor by which sky lines raise the noise, (n, n_pix)."""
    strength = np.array([peak - 1.0 for _, peak in _SKY_LINES])
    strength = strength * rng.lognormal(-0.2, 0.5, (n, 1))
    strength = strength * rng.lognormal(0.0, 0.25, (n, len(_SKY_LINES)))
    return 1.0 + _single(strength) @ profiles


def _sky_residuals(profiles, noise, rng):
    """Return imperfectly subtracted sky lines, not told by ivar, (n, n_pix)."""
    n = len(noise)
    strength = np.array([peak - 1.0 for _, peak in _SKY_LINES])
    # Heavy tails: in a few spectra the sky is subtracted badly.
    size = rng.lognormal(-0.3, 0.6, (n, 1)) * rng.standard_t(3, (n, len(_SKY_LINES)))
    return noise * (_single(strength * size) @ profiles)


def _telluric(wavelength, n, rng):
    """Return the error of the telluric correction as a factor, (n, n_pix)."""
    factor = np.ones((n, len(wavelength)), dtype=np.float32)
    for start, end, depth in _TELLURIC:
        inside = (wavelength > start) & (wavelength < end)
        shape = np.exp(-(wavelength[inside] - start) / (0.4 * (end - start)))
        missed = _single(depth * np.clip(rng.normal(0.03, 0.15, (n, 1)), -0.4, 0.9))
        factor[:, inside] -= missed * shape
    return factor


def _noise_shapes(instrument, wavelength, join, rng):
    """Return the noise of spectra without objects and sky lines, (n, n_pix)."""
    n = len(join)
    log_noise = instrument.noise_scatter * _waves(wavelength, n, 4, rng)
    distance = join[:, None] - wavelength
    bump = _single(instrument.join_noise * rng.lognormal(0.0, 0.4, (n, 1)))
    log_noise += bump * np.exp(-np.abs(distance) / np.float32(60))
    # The two arms have detectors, fibres' throughput and scattered light of their own.
    arms = _single(rng.normal(0.0, 0.1, (n, 1)))
    log_noise += arms * np.clip(distance / np.float32(60), -0.5, 0.5)
    blue = np.clip(np.log(6200.0 / wavelength) / np.log(6200.0 / 3700.0), 0.0, None)
    excess = rng.exponential(instrument.blue_noise, (n, 1)) - instrument.blue_noise
    log_noise += _single(excess) * _single(blue**2)
    return np.exp(log_noise) * _single(instrument.noise_shape())


def _noise_level(instrument, wavelength, flux, join, snr, profiles, rng):
    """Return the standard deviation of each pixel, (n, n_pix)."""
    n = len(flux)
    noise = _noise_shapes(instrument, wavelength, join, rng)
    # From sky-limited (the shape alone) to limited by the photons of the object.
    middle = np.median(flux[:, ::8], axis=1, keepdims=True)
    photons = _single(rng.uniform(0.0, 0.6, (n, 1)))
    noise *= np.sqrt(1.0 - photons + photons / middle * flux)
    if profiles is not None:
        noise *= _sky_noise(profiles, n, rng)
    band = np.flatnonzero((wavelength > S_N_BAND[0]) & (wavelength < S_N_BAND[1]))
    got = np.median(flux[:, band[::4]] / noise[:, band[::4]], axis=1)
    return noise * _single(got / snr)[:, None]


def _correlated(shape, rng):
    """Return unit noise whose neighbours correlate, as resampled pixels do."""
    n, n_pix = shape
    white = rng.standard_normal((n, n_pix + 1), dtype=np.float32)
    # Lag-1 correlation 0-0.4, the range seen in LAMOST DR10 spectra.
    mixed = _single(rng.uniform(0.0, 0.5, (n, 1)))
    return (white[:, 1:] + mixed * white[:, :-1]) / np.sqrt(1.0 + mixed**2)


def _mark_bad(flux, ivar, noise, rng):
    """Spoil a few short runs of pixels in place; most, not all, get ivar = 0."""
    n, n_pix = flux.shape
    runs = rng.poisson(1.5, n)
    rows = np.repeat(np.arange(n), runs)
    starts = rng.integers(0, n_pix - 6, len(rows))
    told = rng.random(len(rows)) < 0.8
    height = rng.normal(0.0, 8.0, len(rows))
    length = rng.integers(1, 6, len(rows))
    for offset in range(5):
        on = length > offset
        at = rows[on], starts[on] + offset
        flux[at] += height[on] * noise[at]
        ivar[at] = np.where(told[on], 0.0, ivar[at])


def _mark_missing(flux, ivar, rng):
    """Take whole stretches of a few spectra away in place."""
    n, n_pix = flux.shape
    for row in np.flatnonzero(rng.random(n) < sum(_LOSSES.values())):
        shares = np.array(list(_LOSSES.values()))
        kind = rng.choice(list(_LOSSES), p=shares / shares.sum())
        lost = np.zeros(n_pix, dtype=bool)
        if kind == "blue arm":
            lost[: int(rng.uniform(0.30, 0.45) * n_pix)] = True
        elif kind == "red arm":
            lost[int(rng.uniform(0.55, 0.85) * n_pix) :] = True
        elif kind == "short runs":
            # Runs of 20 pixels, which add up to 2-10 % of the spectrum.
            runs = int(rng.uniform(0.02, 0.10) * n_pix / 20)
            starts = rng.integers(0, n_pix - 20, runs)
            lost[(starts[:, None] + np.arange(20)).ravel()] = True
        elif kind == "long run":
            length = rng.integers(40, 200)
            start = rng.integers(0, n_pix - length)
            lost[start : start + length] = True
        else:
            first, last = rng.integers(0, n_pix // 10, 2)
            lost[:first] = lost[n_pix - last :] = True
        ivar[row, lost] = 0.0
        # Pipelines leave zeros there, or whatever the detector gave.
        flux[row, lost] *= rng.choice([0.0, 1.0, 3.0])


def observe(instrument, flux, snr, rng):
    """Observe noise-free spectra with an instrument.

    Parameters
    ----------
    instrument : Instrument
        The spectrograph; spectra are already at its resolution.
    flux : ndarray, shape (n, n_pixels), float32
        Noise-free flux on the pixels of the instrument; positive.
    snr : ndarray, shape (n,)
        Median S/N per pixel wanted between 5600 and 6900 angstrom.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    flux : ndarray, shape (n, n_pixels), float32
        Observed flux.
    ivar : ndarray, shape (n, n_pixels), float32
        Inverse variance, 0 where a pixel is known to be bad.
    """
    wavelength = instrument.wavelength.astype(np.float32)
    n = len(flux)
    join = rng.uniform(*instrument.join, n).astype(np.float32)
    profiles = None if instrument.in_space else _sky_profiles(instrument, wavelength)
    noise = _noise_level(instrument, wavelength, flux, join, snr, profiles, rng)
    observed = flux * _calibration(instrument, wavelength, join, rng)
    if profiles is not None:
        observed *= _telluric(wavelength, n, rng)
        observed += _sky_residuals(profiles, noise, rng)
    # Pipelines know their noise to some ten per cent, and rather overstate it.
    real = _single(rng.lognormal(-0.08, 0.12, (n, 1)))
    observed += noise * real * _correlated(flux.shape, rng)
    ivar = 1.0 / noise**2
    _mark_bad(observed, ivar, noise, rng)
    _mark_missing(observed, ivar, rng)
    return observed, ivar
