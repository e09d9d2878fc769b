"""Augmentation: the same labelled spectra, observed a little worse in every epoch."""

import dataclasses
import math

import numpy as np

from galspec.constants import SPEED_OF_LIGHT

__all__ = ["Augmentation"]

#: Runs that the masked share of a spectrum is spread over.
_RUNS = 4
#: Cosine modes of the continuum's distortion: half waves over the whole spectrum.
_MODES = 4
#: Rows at a time: the temporary arrays of a chunk stay within tens of megabytes.
_CHUNK = 256


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """Random changes to spectra that leave their labels true.

    They act on native pixels, before the recipe, in the order of the parameters; each
    has random numbers of its own, so that one switched on leaves the others as they
    were. All are off unless given.

    Parameters
    ----------
    shift : float
        Largest velocity, km/s, by which wavelengths are shifted either way; uniform.
        The redshift that a spectrum has stays: it errs by as much.
    resolution : float
        Largest dispersion, km/s, of the Gaussian that broadens a spectrum; uniform.
        White noise makes up for the noise that is smoothed away.
    continuum : float
        Scatter of ln of the smooth factor that distorts the continuum, half a wave to
        two waves over the spectrum.
    noise : float
        Largest factor by which signal-to-noise falls; uniform in its logarithm.
    masked : float
        Largest share of pixels that are masked, in a few random runs; uniform.

    Raises
    ------
    ValueError
        If a value lies outside its range.

    Examples
    --------
    >>> import numpy as np
    >>> from galspec import SpectrumBatch
    >>> from galspec.training.augmentation import Augmentation
    >>> batch = SpectrumBatch.from_arrays(
    ...     np.linspace(4000, 5000, 100), np.ones((1, 100)), ivar=np.full((1, 100), 25))
    >>> worse = Augmentation(noise=3)(batch, seed=1)
    >>> bool(1 < (batch.ivar / worse.ivar).max() ** 0.5 < 3)
    True
    """

    shift: float = 0.0
    resolution: float = 0.0
    continuum: float = 0.0
    noise: float = 1.0
    masked: float = 0.0

    def __post_init__(self):
        limits = {
            "shift": (0.0, 0.1 * SPEED_OF_LIGHT),
            "noise": (1.0, math.inf),
            "masked": (0.0, 0.9),
        }
        for field in dataclasses.fields(self):
            value = getattr(self, field.name)
            low, high = limits.get(field.name, (0.0, math.inf))
            if not (low <= value <= high and math.isfinite(value)):
                raise ValueError(
                    f"{field.name} is {value}; it can be from {low:g} to {high:g}"
                )

    def __call__(self, batch, seed):
        """Change every spectrum of a batch.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`
            In its native pixels; not changed itself.
        seed : int or sequence of int
            For example (seed, epoch). Equal seeds give equal results.

        Returns
        -------
        `~galspec.SpectrumBatch`
            The same rows in the same order, with wavelengths of their own where they
            are shifted.

        Raises
        ------
        ValueError
            If ``noise`` or ``resolution`` is wanted of spectra without errors.
        """
        self._require_errors(batch)
        streams = np.random.default_rng(seed).spawn(6)
        wavelength, n = batch.wavelength, len(batch)
        flux, ivar, mask = batch.flux.copy(), batch.ivar.copy(), batch.mask.copy()
        if self.resolution:
            sigma = streams[1].uniform(0, self.resolution, n)
            _each_chunk(_broaden, wavelength, sigma, flux, ivar, mask, streams[2])
        if self.continuum:
            _each_chunk(
                _distort, wavelength, n * [self.continuum], flux, ivar, mask, streams[3]
            )
        if self.noise > 1:
            factor = np.exp(streams[4].uniform(0, math.log(self.noise), n))
            _each_chunk(_add_noise, wavelength, factor, flux, ivar, mask, streams[4])
        if self.masked:
            share = streams[5].uniform(0, self.masked, n)
            _each_chunk(_mask_runs, wavelength, share, flux, ivar, mask, streams[5])
        if self.shift:
            velocity = streams[0].uniform(-self.shift, self.shift, n)
            wavelength = wavelength * (1 + velocity[:, None] / SPEED_OF_LIGHT)
        return batch.replace(wavelength=wavelength, flux=flux, ivar=ivar, mask=mask)

    def _require_errors(self, batch):
        """Spectra without errors have ones for them, which say nothing."""
        wanted = self.noise > 1 or self.resolution > 0
        if wanted and len(batch) and (batch.mask | (batch.ivar == 1)).all():
            raise ValueError(
                "noise and resolution need the errors of the spectra, and these have "
                "none: give ivar (or an uncertainty), or leave both out"
            )


def _each_chunk(change, wavelength, amounts, flux, ivar, mask, rng):
    """Change the rows in place, a few at a time."""
    amounts = np.asarray(amounts)
    for start in range(0, len(flux), _CHUNK):
        rows = slice(start, start + _CHUNK)
        axis = wavelength if wavelength.ndim == 1 else wavelength[rows]
        amount = amounts[rows, None]
        change(np.atleast_2d(axis), amount, flux[rows], ivar[rows], mask[rows], rng)


def _variance(ivar, mask):
    """Variance of good pixels; zero of the others."""
    return np.divide(1.0, ivar, out=np.zeros(ivar.shape), where=~mask & (ivar > 0))


def _broaden(axis, sigma, flux, ivar, mask, rng):
    """Convolve with a Gaussian in velocity; masked pixels give and take nothing."""
    position = np.log(axis) * SPEED_OF_LIGHT
    step = np.gradient(position, axis=1)
    reach = min(int(np.ceil(4 * sigma.max() / step.min())), flux.shape[1] - 1)
    good, variance = ~mask, _variance(ivar, mask)
    total = np.zeros(flux.shape)
    light, noise = np.zeros(flux.shape), np.zeros(flux.shape)
    # below a fifth of a pixel, neighbours count for nothing, and 0 / 0 is avoided
    width = np.maximum(sigma, 0.2 * step)
    for offset in range(-reach, reach + 1):
        here, there = _overlap(flux.shape[1], offset)
        distance = (position[:, there] - position[:, here]) / width[:, here]
        weight = np.exp(-0.5 * distance**2) * step[:, there] * good[:, there]
        total[:, here] += weight
        light[:, here] += weight * flux[:, there]
        noise[:, here] += weight**2 * variance[:, there]
    share = np.divide(1.0, total, out=total, where=good)
    noise *= share**2
    light *= share
    # the spectrum keeps its noise: pixels of a coarser spectrograph are no better
    kept = np.maximum(variance, noise)
    light += np.sqrt(kept - noise) * rng.standard_normal(flux.shape)
    flux[good] = light[good]
    ivar[good] = 1 / kept[good]


def _overlap(n_pix, offset):
    """Slices of pixels, and of those ``offset`` away, where both exist."""
    here = slice(max(0, -offset), n_pix - max(0, offset))
    return here, slice(here.start + offset, here.stop + offset)


def _distort(axis, size, flux, ivar, mask, rng):
    """Multiply by a smooth curve of cosines, longer waves higher."""
    position = np.log(axis / axis[:, :1]) / np.log(axis[:, -1:] / axis[:, :1])
    heights = 1.0 / np.arange(1, _MODES + 1)
    heights /= np.sqrt(0.5 * (heights**2).sum())
    curve = np.zeros(flux.shape)
    for mode, height in enumerate(heights, 1):
        drawn = height * rng.standard_normal((len(flux), 1))
        curve += drawn * np.cos(np.pi * mode * position)
    factor = np.exp(size * curve).astype(np.float32)
    flux *= factor
    ivar /= factor**2


def _add_noise(axis, factor, flux, ivar, mask, rng):
    """Raise the noise of every pixel by a factor."""
    extra = np.sqrt(_variance(ivar, mask) * (factor**2 - 1))
    flux += (extra * rng.standard_normal(flux.shape)).astype(np.float32)
    ivar /= (factor**2).astype(np.float32)


def _mask_runs(axis, share, flux, ivar, mask, rng):
    """Mask equally long runs at random places; they may overlap."""
    n, n_pix = flux.shape
    length = (share * n_pix / _RUNS).astype(int)
    pixel = np.arange(n_pix)
    for _ in range(_RUNS):
        start = (rng.random((n, 1)) * (n_pix - length + 1)).astype(int)
        mask |= (pixel >= start) & (pixel < start + length)
    ivar[mask] = 0
