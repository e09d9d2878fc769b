"""Continua fitted to what is left when lines have been clipped away."""

import dataclasses
import functools

import numpy as np

from galspec.transforms.continuum import Continuum
from galspec.transforms.stretches import alike

__all__ = ["PolynomialContinuum", "SplineContinuum"]

#: Weight of smoothness against the data: it decides only where there are none.
SMOOTH = 1e-8


@dataclasses.dataclass(frozen=True)
class PolynomialContinuum(Continuum):
    """Chebyshev polynomial through what asymmetric clipping leaves of a spectrum.

    Weighted least squares, again and again without the pixels that lie more than
    ``low`` standard deviations below the last fit, or ``high`` above it.

    Lines of 1.6 angstrom equivalent width every 40 angstrom or more shift it by less
    than 0.05 %, and are measured to 0.3 %. Noise lifts it, because less of it is
    clipped above than below: 0.09 of its standard deviation, 0.32 with ``low=1.5``. A
    degree too low for the continuum is worse than no fit: clipping then takes away what
    the polynomial misses, more in every round.

    Parameters
    ----------
    degree : int
        Of the polynomial, in each stretch without a gap.
    low, high : float
        In standard deviations of the residuals that were left, 1 or more.
    rounds : int
        Fits, the first one to all pixels.

    Raises
    ------
    ValueError
        If a value lies outside its range.
    """

    degree: int = 7
    low: float = 2.0
    high: float = 3.0
    rounds: int = 5

    def __post_init__(self):
        self._check(degree=(self.degree >= 0, "0 or more"), **_clipping(self))

    def curve(self, wavelength, flux, weight):
        """Fit rows of alike axes together."""
        curve = np.empty(flux.shape)
        for rows, x in alike(wavelength):
            fit = _polynomial(x.tobytes(), self.degree)
            curve[rows] = _clipped(fit, flux[rows], weight[rows], self)
        return curve


@dataclasses.dataclass(frozen=True)
class SplineContinuum(Continuum):
    """Cubic spline through what asymmetric clipping leaves of a spectrum.

    As ``PolynomialContinuum``, and with the same biases, but with even knots: it
    follows what is wider than their spacing, molecular bands among it.

    Parameters
    ----------
    spacing : float
        Of the knots, angstrom; stretched a little to fit in a whole number of times.
    low, high : float
        In standard deviations of the residuals that were left, 1 or more.
    rounds : int
        Fits, the first one to all pixels.

    Raises
    ------
    ValueError
        If a value lies outside its range.
    """

    spacing: float = 250.0
    low: float = 2.0
    high: float = 3.0
    rounds: int = 5

    def __post_init__(self):
        self._check(spacing=(self.spacing > 0, "positive"), **_clipping(self))

    def curve(self, wavelength, flux, weight):
        """Fit rows of alike axes and as many knots together."""
        curve = np.empty(flux.shape)
        span = wavelength[:, -1] - wavelength[:, 0]
        pieces = np.maximum(span // self.spacing, 1).astype(int)
        for number in np.unique(pieces):
            chosen = np.flatnonzero(pieces == number)
            for rows, x in alike(wavelength[chosen]):
                rows = chosen[rows]
                fit = _spline(x.tobytes(), int(number))
                curve[rows] = _clipped(fit, flux[rows], weight[rows], self)
        return curve


@functools.lru_cache(maxsize=8)
def _polynomial(x, degree):
    """A Chebyshev polynomial over the range of ``x``, bytes of float64."""
    x = np.frombuffer(x)
    # high orders cost more, so that what is masked at an end is not filled with waves
    penalty = np.diag(np.arange(degree + 1.0) ** 4)
    return _Fit(np.polynomial.chebyshev.chebvander(2 * x - 1, degree), penalty)


@functools.lru_cache(maxsize=8)
def _spline(x, pieces):
    """A cubic spline of so many pieces between 0 and 1; ``x`` are bytes of float64."""
    from scipy.interpolate import BSpline

    knots = np.pad(np.linspace(0, 1, pieces + 1), 3, mode="edge")
    design = BSpline.design_matrix(np.frombuffer(x), knots, 3).toarray()
    bends = np.diff(np.eye(pieces + 3), 2, axis=0)
    return _Fit(design, bends.T @ bends, band=4)


class _Fit:
    """Weighted least squares of many rows on one design matrix.

    Parameters
    ----------
    design : `numpy.ndarray`, shape (n_pix, n_terms)
    penalty : `numpy.ndarray`, shape (n_terms, n_terms)
        Of the coefficients, where the data leave them open.
    band : int, optional
        Terms so far apart never overlap.
    """

    def __init__(self, design, penalty, band=None):
        self.design, terms = design, design.shape[1]
        first, second = np.triu_indices(terms)
        near = second - first < (band or terms)
        self.first, self.second = first[near], second[near]
        # the normal matrices of all rows are one product of their weights with these
        self.products = design[:, self.first] * design[:, self.second]
        self.penalty = SMOOTH * (penalty + 1e-4 * np.eye(terms))

    def __call__(self, flux, weight):
        """Fitted values, (n, n_pix); every row has a weight that is not zero."""
        normal = np.zeros((len(flux), *self.penalty.shape))
        products = weight @ self.products
        normal[:, self.first, self.second] = products
        normal[:, self.second, self.first] = products
        size = np.trace(normal, axis1=1, axis2=2) / len(self.penalty)
        normal += size[:, None, None] * self.penalty
        sums = (weight * flux) @ self.design
        return np.linalg.solve(normal, sums[..., None])[..., 0] @ self.design.T


def _clipped(fit, flux, weight, clip):
    """Fit, clip and fit again; residuals count in units of the expected noise."""
    noise, kept = np.sqrt(weight), weight
    for _ in range(clip.rounds - 1):
        residual = fit(flux, kept)
        np.subtract(flux, residual, out=residual)  # fresh memory costs more than sums
        total = np.einsum("ij,ij->i", kept * residual, residual)
        scatter = np.sqrt(total / np.count_nonzero(kept, axis=1))[:, None]
        residual *= noise
        inside = (residual >= -clip.low * scatter) & (residual <= clip.high * scatter)
        kept = weight * inside
    return fit(flux, kept)


def _clipping(clip):
    """What the options of clipping have to be."""
    # below 1 it could happen that every pixel is clipped
    names = ("low", "high", "rounds")
    return {name: (getattr(clip, name) >= 1, "1 or more") for name in names}
