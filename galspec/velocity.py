"""Radial velocities of stars: cross-correlation with a few templates.

A spectrum and its templates are divided by their continua. Over a thousand km/s there
are so few shifts by a pixel that all of them, of all templates, are columns of one
matrix, and cross-correlations are products with it: nothing wraps around, and weights
are exact. The variance is that of a maximum of the likelihood (Zucker 2003, MNRAS 342,
1291): (1 - C**2) / (-N C C'') for the height C and curvature C'' of the peak, and N
pixels.
"""

import dataclasses
import functools

import numpy as np

from galspec.constants import SPEED_OF_LIGHT
from galspec.flags import WITHOUT_VALUE, Flags
from galspec.transforms import GaussianContinuum, Normalise, Resample, log_grid

__all__ = ["GRID", "VelocityTemplates", "radial_velocity", "with_velocities"]

_STEP = 1e-4
#: Wavelengths of templates: vacuum, in step with the pixels of SDSS and LAMOST.
GRID = log_grid(10**3.5778, 6720, _STEP)

#: Under which the store of weights knows templates.
_NAME = "velocity-templates"
#: Pixels that a spectrum may be shifted by: 1036 km/s.
_REACH = 15
_N_LAGS = 2 * _REACH + 1
_KM_S_PER_PIXEL = SPEED_OF_LIGHT * np.log(10) * _STEP
#: Angstrom, in the observed frame. Between them lie the join of the arms of LAMOST, the
#: sodium of the interstellar medium and water of the atmosphere; red arms have zero
#: points of their own: up to 40 km/s in 15 spectra of LAMOST DR10.
_RANGES = ((3800, 5750), (6450, 6650))
#: How well a template describes a star, relative to the continuum.
_MISMATCH = 0.03
#: Of the depth of lines, against cosmic rays and emission.
_DEPTHS = (-1.0, 1.5)
#: Scatter over a spectrum below which it is constant.
_CONSTANT = 1e-4
#: What templates that differ from the star add to the error, as a factor and in km/s:
#: calibrated on simulated spectra of LAMOST with S/N 10-50.
_FACTOR, _FLOOR = 1.1, 2.5
#: Spectra at a time: the correlations of a chunk stay within a few megabytes.
_CHUNK = 128


@dataclasses.dataclass(frozen=True, eq=False)
class VelocityTemplates:
    """Spectra of stars at rest, divided by their continua.

    Parameters
    ----------
    spectra : `numpy.ndarray`, shape (n, n_pix), float32
        On `GRID`.
    card : str
        What they are.

    Raises
    ------
    ValueError
        If they are on another grid.
    """

    spectra: np.ndarray
    card: str = ""

    def __post_init__(self):
        shape, n_pix = np.shape(self.spectra), len(GRID.wavelength)
        if len(shape) != 2 or shape[1] != n_pix:
            raise ValueError(
                f"templates have the shape {shape}; it has to be (n, {n_pix}), on "
                "galspec.velocity.GRID: see VelocityTemplates.from_batch"
            )

    @classmethod
    def from_batch(cls, batch, card=""):
        """Make templates of spectra.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`
            Stars at rest, without noise, at the resolution of the spectra that will
            be measured, from 3785 to 6720 angstrom.
        card : str
            What they are.

        Returns
        -------
        VelocityTemplates
        """
        return cls(_normalised(batch, GRID)[1].flux, card)

    @classmethod
    def load(cls, tag="default", *, path=None, offline=False):
        """Read templates, as weights are read.

        Parameters
        ----------
        tag : str
            Which of the published ones.
        path : str or pathlib.Path, optional
            A file of `save` instead.
        offline : bool
            Never touch the network.

        Returns
        -------
        VelocityTemplates

        Raises
        ------
        galspec.weights.WeightsError
            If there are none, or their file is damaged or holds something else.
        """
        from galspec import weights

        bundle = weights.load(_NAME, tag, path=path, offline=offline)
        bundle.require("templates")
        return cls(bundle.tensors["spectra"], bundle.card)

    def save(self, path):
        """Write the templates.

        Parameters
        ----------
        path : str or pathlib.Path
            Ends in ``.safetensors``.
        """
        from galspec.weights import write_bundle

        config = {"format": 1, "templates": _NAME}
        write_bundle(path, {"spectra": np.asarray(self.spectra)}, config, self.card)

    @functools.cached_property
    def _shifted(self):
        """Depths of lines at every shift, and their squares: (n_pix, n * n_lags)."""
        depths = 1 - np.asarray(self.spectra, np.float32)
        windows = np.lib.stride_tricks.sliding_window_view(depths, _N_LAGS, axis=1)
        shifted = np.concatenate([rows[_used()] for rows in windows], axis=1)
        return shifted, np.square(shifted)


_default_templates = functools.cache(VelocityTemplates.load)


def radial_velocity(batch, templates):
    """Measure radial velocities, as far as +-1000 km/s.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        In the observed frame; a redshift that it states is not looked at.
    templates : VelocityTemplates

    Returns
    -------
    velocity, error : `numpy.ndarray`, shape (n,)
        The velocity, which is the redshift times the speed of light, and its 68 %
        error in km/s. NaN where there are no data or no line.
    height : `numpy.ndarray`, shape (n,)
        Of the peak: the coefficient of correlation with the best template.
    """
    starts = range(0, max(len(batch), 1), _CHUNK)
    parts = [_measured(batch[start : start + _CHUNK], templates) for start in starts]
    return tuple(map(np.concatenate, zip(*parts, strict=True)))


def with_velocities(batch):
    """Measure the radial velocities that are not known, with the default templates.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
        In the observed frame; a redshift that it states is the velocity over the speed
        of light.

    Returns
    -------
    batch : `~galspec.SpectrumBatch`
        With a redshift wherever a velocity was found, and such rows flagged
        VELOCITY_MEASURED.
    columns : dict of str to `numpy.ndarray`, shape (n,)
        ``velocity`` and, of what was measured, ``velocity_err``, in km/s.
    """
    unknown = np.flatnonzero(~np.isfinite(batch.redshift))
    velocity = batch.redshift * SPEED_OF_LIGHT
    error = np.full(len(batch), np.nan)
    flags = batch.flags.copy()
    if len(unknown):
        found = radial_velocity(batch[unknown], _default_templates())
        velocity[unknown], error[unknown], _ = found
        flags[unknown[np.isfinite(found[0])]] |= int(Flags.VELOCITY_MEASURED)
    whole = batch.replace(redshift=velocity / SPEED_OF_LIGHT, flags=flags)
    return whole, {"velocity": velocity, "velocity_err": error}


def _measured(batch, templates):
    """Velocity, error and height for a few spectra."""
    correlation, n_good = _correlation(batch, templates)
    correlation[(batch.flags & WITHOUT_VALUE) != 0] = np.nan
    with np.errstate(invalid="ignore", divide="ignore"):
        lag, offset, height, curvature = _peak(correlation)
        velocity = _velocity(lag + offset)
        variance = (1 - height**2) / (-n_good * curvature * height)
        error = _FACTOR * _KM_S_PER_PIXEL * np.sqrt(variance)
        elsewhere = _elsewhere(correlation, n_good, lag, velocity)
    error = np.sqrt(error**2 + elsewhere**2 + _FLOOR**2)
    found = np.isfinite(error) & (curvature < 0) & (height > 0)
    return tuple(np.where(found, x, np.nan) for x in (velocity, error, height))


def _peak(correlation):
    """Place of the highest value, what a parabola adds to it, height and curvature."""
    rows = np.arange(len(correlation))
    # the outermost shifts have no neighbour
    inner = np.nan_to_num(correlation[:, :, 1:-1], nan=-1)
    template = inner.max(axis=2).argmax(axis=1)
    lag = 1 + inner[rows, template].argmax(axis=1)
    before, peak, after = (correlation[rows, template, lag + i] for i in (-1, 0, 1))
    curvature = before - 2 * peak + after
    offset = (before - after) / (2 * curvature)
    return lag, offset, peak - (after - before) ** 2 / (8 * curvature), curvature


def _elsewhere(correlation, n_good, lag, velocity):
    """What other peaks, as likely as they are, add to the error: km/s."""
    clipped = np.clip(np.nan_to_num(correlation.max(axis=1)), 0, 0.999)
    likelihood = -n_good[:, None] / 2 * np.log1p(-(clipped**2))
    share = np.exp(likelihood - likelihood.max(axis=1, keepdims=True))
    share /= share.sum(axis=1, keepdims=True)
    share[np.abs(np.arange(_N_LAGS) - lag[:, None]) <= 2] = 0
    distance = _velocity(np.arange(_N_LAGS)) - velocity[:, None]
    return np.sqrt((share * distance**2).sum(axis=1))


def _velocity(lag):
    """In km/s, of the place in the list of shifts."""
    return SPEED_OF_LIGHT * np.expm1((_REACH - lag) * _STEP * np.log(10))


def _correlation(batch, templates):
    """Weighted correlation coefficients (n, n_templates, n_lags), and good pixels."""
    depth, weight = _depths(batch)
    shifted, squares = templates._shifted
    total = weight.sum(axis=1, keepdims=True)
    with np.errstate(invalid="ignore", divide="ignore"):
        weight /= total
        weighted = weight * depth
        mean = weighted.sum(axis=1, keepdims=True)
        scatter = (weighted * depth).sum(axis=1, keepdims=True) - mean**2
        means = _product(weight, shifted)
        scatters = _product(weight, squares) - means**2
        cross = _product(weighted, shifted) - mean * means
        result = cross / np.sqrt(scatter * scatters)
    result[scatter[:, 0] < _CONSTANT**2] = np.nan
    n_good = np.count_nonzero(weight > 0, axis=1)
    return result.reshape(len(batch), len(templates.spectra), _N_LAGS), n_good


def _product(a, b):
    """a @ b by torch, which keeps to one core in the threads of a prediction."""
    import torch

    a, b = (torch.from_numpy(np.asarray(x, np.float32)) for x in (a, b))
    return (a @ b).numpy()


def _depths(batch):
    """Depth of lines and weight of every pixel in the ranges that are used."""
    ivar, part = _normalised(batch, _observed_grid())
    used = _used()
    depth = np.clip(1 - part.flux[:, used], *_DEPTHS)
    ivar = np.where(part.mask, 0, ivar)[:, used]
    return depth, ivar / (1 + _MISMATCH**2 * ivar)


def _normalised(batch, grid):
    """Inverse variance and spectra over their continua, which follow good pixels alike.

    Where noise goes with the flux, weights would draw a continuum into the lines.
    """
    part = Resample(grid)(batch)
    alike = part.replace(ivar=(~part.mask).astype(np.float32))
    result = Normalise(GaussianContinuum(50.0))(alike)
    return part.ivar * np.square(result.continuum), result


def _observed_grid():
    """The grid of templates without what shifts need at its ends."""
    first, last = GRID.wavelength[[_REACH, -_REACH - 1]]
    return log_grid(first, last, _STEP)


@functools.cache
def _used():
    """Pixels of the observed grid that are correlated."""
    wavelength = _observed_grid().wavelength
    inside = [(wavelength > low) & (wavelength < high) for low, high in _RANGES]
    return np.logical_or.reduce(inside)
