"""Fit a `StellarEmulator` to a grid of synthetic spectra."""

import itertools
import warnings

import numpy as np

from galspec.sed import convolved
from galspec.simulation.stellar_emulator import StellarEmulator, Surface
from galspec.simulation.stellar_layout import SURVEY, features

__all__ = ["fit_emulator", "read_grid"]

#: Components of the lines that share length scales: the first ones, which matter most,
#: have their own.
_LINES = (0, 1, 2, 3, 4, 5, 6, 8, 10, 14, 20, 40)
_CONTINUUM = (0, 1, 2, 4, 6)


def read_grid(path, layout=SURVEY):
    """Read a grid of synthetic spectra.

    Parameters
    ----------
    path : str or pathlib.Path
        npz file of ``scripts/synthesise_stars.py``: ``wave_air`` (angstrom), ``norm``,
        ``flux``, and the labels.
    layout : Layout
        Labels and pixels that are wanted. With a constant resolving power spectra are
        convolved to that, and continua keep their jumps; else spectra are interpolated
        and continua are polynomials.

    Returns
    -------
    labels : ndarray, shape (n, n_labels)
        In the order of the layout.
    depth : ndarray, shape (n, n_pix), float32
        One minus the normalised flux.
    log_continuum : ndarray, shape (n, n_pix), float32
        Natural logarithm, 0 at 5500 angstrom.
    """
    import astropy.units as u
    from specutils.utils.wcs_utils import air_to_vac

    with np.load(path, allow_pickle=False) as grid:
        wavelength = air_to_vac(grid["wave_air"].astype(float) * u.AA).to_value(u.AA)
        labels = np.stack([grid[name] for name in layout.labels], axis=1)
        norm, flux = grid["norm"].astype(float), grid["flux"].astype(float)
    sample = _interpolated if layout.resolution is None else _convolved
    depth, continuum = sample(wavelength, norm, flux, layout)
    middle = np.argmin(np.abs(layout.wavelength - 5500))
    return (
        labels,
        depth.astype(np.float32),
        (continuum - continuum[:, middle, None]).astype(np.float32),
    )


def _interpolated(wavelength, norm, flux, layout):
    """Depth and logarithm of the continuum on the pixels, as sharp as they were."""
    from scipy.interpolate import CubicSpline

    depth = CubicSpline(wavelength, 1 - norm, axis=1)(layout.wavelength)
    return depth, _smooth(wavelength, np.log(flux / norm), norm, layout.wavelength)


def _convolved(wavelength, norm, flux, layout):
    """The same at a constant resolving power: their product is the convolved flux."""
    seen, continuum = (
        convolved(wavelength, values, layout.wavelength, layout.resolution)
        for values in (flux, flux / norm)
    )
    return 1 - seen / continuum, np.log(continuum)


def _smooth(wavelength, values, weights, pixels):
    """A polynomial of order 9 through every row, on other pixels."""
    from numpy.polynomial import chebyshev

    low, high = wavelength[0], wavelength[-1]
    basis = chebyshev.chebvander(2 * (wavelength - low) / (high - low) - 1, 9)
    target = chebyshev.chebvander(2 * (pixels - low) / (high - low) - 1, 9)
    normal = np.einsum("np,pi,pj->nij", weights, basis, basis, optimize=True)
    moment = (weights * values) @ basis
    return np.linalg.solve(normal, moment[..., None])[..., 0] @ target.T


def fit_emulator(labels, depth, log_continuum, layout=SURVEY):
    """Fit an emulator.

    Parameters
    ----------
    labels, depth, log_continuum
        As `read_grid` gives them.
    layout : Layout
        With which they were read.

    Returns
    -------
    StellarEmulator
    """
    x = features(labels, layout)
    middle, spread = x.mean(axis=0), x.std(axis=0)
    points = ((x - middle) / spread).astype(np.float32)
    smooth, groups = log_continuum, _CONTINUUM
    if layout.whole:
        smooth, groups = log_continuum + np.log(1 - depth), _LINES
    return StellarEmulator(
        lines=_fit_surface(points, depth, _LINES),
        continuum=_fit_surface(points, smooth, groups),
        middle=middle,
        spread=spread,
        labels=labels,
        layout=layout,
    )


def _fit_surface(points, values, groups):
    """Principal components, and a Gaussian process for the coefficients of each."""
    mean = values.mean(axis=0)
    left, singular, components = np.linalg.svd(values - mean, full_matrices=False)
    groups = [edge for edge in groups if edge < len(singular)] + [
        min(groups[-1], len(singular))
    ]
    groups = sorted(set(groups))
    coefficients = (left * singular)[:, : groups[-1]].astype(float)
    offsets, sizes = coefficients.mean(axis=0), coefficients.std(axis=0)
    lengths, weights = [], []
    for first, end in itertools.pairwise(groups):
        scaled = ((coefficients - offsets) / sizes)[:, first:end]
        length, weight = _gaussian_process(points, scaled)
        lengths += [1 / length] * (end - first)
        weights.append(weight * sizes[first:end])
    return Surface(
        mean=mean,
        components=components[: groups[-1]],
        points=points,
        inverse_lengths=np.array(lengths, np.float32),
        weights=np.concatenate(weights, axis=1),
        offsets=offsets.astype(np.float32),
    )


def _gaussian_process(points, values):
    """Length scales, and the weight of every point for every column of values."""
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.gaussian_process import GaussianProcessRegressor
    from sklearn.gaussian_process.kernels import RBF, ConstantKernel, WhiteKernel

    kernel = ConstantKernel(10, (1e-2, 1e4)) * RBF(
        np.full(points.shape[1], 5.0), (0.5, 300)
    ) + WhiteKernel(1e-3, (1e-8, 1))
    with warnings.catch_warnings():
        # a length at its upper limit means that the feature does not matter
        warnings.simplefilter("ignore", ConvergenceWarning)
        process = GaussianProcessRegressor(kernel).fit(points.astype(float), values)
    smooth = process.kernel_.k1
    weight = process.alpha_.reshape(len(points), -1) * smooth.k1.constant_value
    return smooth.k2.length_scale, weight
