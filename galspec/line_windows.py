"""Stretches of spectra around the strong lines, as linear least-squares problems."""

import dataclasses

import numpy as np

from galspec.constants import NII_RATIO, OIII_RATIO, SPEED_OF_LIGHT
from galspec.constants import WAVELENGTHS as _AT
from galspec.quantiles import good_median

__all__ = ["AURORAL", "LINES", "WINDOWS", "LineProblem"]

#: Vacuum wavelengths in angstrom and shares of the components of what is fitted as
#: one. [O II]: 3729/3726 of 1.3, typical of H II regions.
LINES = {
    "OII_3728": ((_AT["OII_3726"], 1 / 2.3), (_AT["OII_3729"], 1.3 / 2.3)),
    "Hbeta": ((_AT["Hbeta"], 1.0),),
    "OIII_5007": ((_AT["OIII_5007"], 1.0), (_AT["OIII_4959"], 1 / OIII_RATIO)),
    "Halpha": ((_AT["Halpha"], 1.0),),
    "NII_6584": ((_AT["NII_6584"], 1.0), (_AT["NII_6548"], 1 / NII_RATIO)),
    "SII_6716": ((_AT["SII_6716"], 1.0),),
    "SII_6731": ((_AT["SII_6731"], 1.0),),
}
_FAINT = {name: ((_AT[name], 1.0),) for name in ("Hgamma", "OIII_4363")}
_PARTS = LINES | _FAINT
# Widths in angstrom and shares of the two Gaussians that Balmer absorption is made of.
_BALMER = ((4.0, 0.6), (14.0, 0.4))


@dataclasses.dataclass(frozen=True)
class _Window:
    """A stretch of the rest frame (angstrom) whose continuum is one polynomial.

    Each absorption: centre, Gaussians of the profile, and expected equivalent width
    with its scatter. Those of H-beta and H-alpha are what starlight of star-forming
    galaxies has in `galspec.simulation`, as is the dip at 5007 (Fe I, Ti I).
    """

    lines: tuple
    span: tuple
    degree: int
    absorption: tuple = ()


WINDOWS = (
    _Window(("OII_3728",), (3680.0, 3780.0), 1),
    _Window(
        ("Hbeta", "OIII_5007"),
        (4800.0, 5070.0),
        4,
        ((_AT["Hbeta"], _BALMER, 3.5, 1.0), (5007.5, ((2.5, 1.0),), 0.2, 0.1)),
    ),
    _Window(
        ("Halpha", "NII_6584", "SII_6716", "SII_6731"),
        (6450.0, 6800.0),
        3,
        ((_AT["Halpha"], _BALMER, 2.2, 1.0),),
    ),
)

#: Where the line is that tells the temperature; too faint to help with width and shift.
#: Starlight absorbs about as much in H-gamma as in H-beta, less certainly so because of
#: the G band beside it.
AURORAL = _Window(
    tuple(_FAINT),
    (4315.0, 4450.0),
    2,
    ((_AT["Hgamma"], _BALMER, 3.5, 1.5),),
)

#: Pixels this many times the noise and the scatter off their surroundings are no light
#: of the galaxy, unless within this distance from a line (relative; 600 km/s).
_CLIP, _LINE_REACH = 6.0, 0.002
#: A line of which less than this share was measured has no flux.
_LEAST_COVERAGE = 0.7


class LineProblem:
    """One window of many spectra: linear where width and shift of lines are given.

    Parameters
    ----------
    window : _Window
        One of `WINDOWS`.
    wavelength : `numpy.ndarray`, shape (n, n_pix)
        Rest frame, angstrom.
    redshift : `numpy.ndarray`, shape (n,)
        Finite; 0 where unknown.
    flux, ivar : `numpy.ndarray`, shape (n, n_pix), float64
        ``ivar`` is 0 in pixels that do not count.
    """

    def __init__(self, window, wavelength, redshift, flux, ivar):
        self.window = window
        self.wavelength, self.redshift = wavelength, redshift
        self.step = np.gradient(wavelength, axis=1)
        self.flux, self.weight = flux, np.where(self._rays(flux, ivar), 0, ivar)
        self.level = _median(flux, ivar > 0)
        self.fixed, self.expected, self.precision = self._continuum()
        self._prepare()

    @classmethod
    def cut(cls, batch, window):
        """Take the pixels of a window out of every spectrum of a batch."""
        stretch = 1 + batch.redshift
        low, high = (
            _first_beyond(batch.wavelength, edge * stretch) for edge in window.span
        )
        columns = low[:, None] + np.arange(max(np.max(high - low, initial=0), 2))
        inside = columns < high[:, None]
        columns = np.minimum(columns, batch.flux.shape[1] - 1)
        axis = np.broadcast_to(batch.wavelength, batch.flux.shape)
        axis, flux, ivar, mask = (
            np.take_along_axis(a, columns, axis=1)
            for a in (axis, batch.flux, batch.ivar, batch.mask)
        )
        stretch = np.where(np.isfinite(stretch), stretch, 1.0)
        wavelength = axis / stretch[:, None]
        ivar = np.where(inside & ~mask, ivar, 0).astype(float)
        return cls(window, wavelength, stretch - 1, flux.astype(float), ivar)

    def _rays(self, flux, ivar):
        """Cosmic rays and the like: pixels apart from their neighbours, off lines."""
        from scipy.ndimage import median_filter

        off = flux - median_filter(flux, (1, 9), mode="nearest")
        scatter = 1.5 * _median(np.abs(off), ivar > 0)[:, None]
        centres = [at for name in self.window.lines for at, _ in _PARTS[name]]
        near = [abs(self.wavelength / at - 1) < _LINE_REACH for at in centres]
        far = np.square(off) * ivar > _CLIP**2
        return far & (np.abs(off) > _CLIP * scatter) & ~np.any(near, axis=0)

    def _continuum(self):
        """Columns of continuum and absorption; mean and precision of their prior."""
        low, high = self.window.span
        x = (2 * self.wavelength - low - high) / (high - low)
        columns = [x**k for k in range(self.window.degree + 1)]
        expected = [np.zeros_like(self.level)] * len(columns)
        precision = list(expected)
        for centre, profile, strength, scatter in self.window.absorption:
            distance = self.wavelength - centre
            columns.append(-sum(p * _gauss(distance, s) for s, p in profile))
            expected.append(strength * self.level)
            spread = scatter * np.abs(self.level)
            precision.append(1 / np.where(spread > 0, spread, 1) ** 2)
        return tuple(np.stack(a, axis=-1) for a in (columns, expected, precision))

    def _prepare(self):
        """Products that do not depend on width and shift."""
        weighted = self.fixed * self.weight[..., None]
        self.weighted = np.swapaxes(weighted, 1, 2)
        self.normal = self.weighted @ self.fixed
        diagonal = np.arange(self.fixed.shape[2])
        self.normal[:, diagonal, diagonal] += self.precision
        self.right = (self.weighted @ self.flux[..., None])[..., 0]
        self.right += self.precision * self.expected
        self.total = np.sum(self.weight * self.flux**2, axis=1)
        self.total += np.sum(self.precision * self.expected**2, axis=1)

    def profiles(self, width, shift):
        """Line profiles (n, n_pix, n_lines), per angstrom of the rest frame."""
        return np.stack(
            [
                sum(
                    share * self._line(centre, width, shift)
                    for centre, share in _PARTS[name]
                )
                for name in self.window.lines
            ],
            axis=-1,
        )

    def _line(self, centre, width, shift):
        at = centre * (1 + shift / SPEED_OF_LIGHT)
        sigma = centre * width / SPEED_OF_LIGHT
        return _gauss(self.wavelength - at[:, None], sigma[:, None])

    def solve(self, width, shift):
        """Solve for lines and continuum.

        Parameters
        ----------
        width, shift : `numpy.ndarray`, shape (n,)
            Dispersion and shift of the lines, km/s.

        Returns
        -------
        solution : `numpy.ndarray`, shape (n, n_columns)
            Fluxes of the window's lines, then the continuum.
        covariance : `numpy.ndarray`, shape (n, n_columns, n_columns)
        chi2 : `numpy.ndarray`, shape (n,)
            With what the prior of the absorption adds.
        """
        lines = self.profiles(width, shift)
        weighted = np.swapaxes(lines * self.weight[..., None], 1, 2)
        cross = weighted @ self.fixed
        top = np.concatenate([weighted @ lines, cross], axis=2)
        bottom = np.concatenate([np.swapaxes(cross, 1, 2), self.normal], axis=2)
        normal = np.concatenate([top, bottom], axis=1)
        lines_right = (weighted @ self.flux[..., None])[..., 0]
        right = np.concatenate([lines_right, self.right], axis=1)
        covariance = _inverse(normal)
        solution = (covariance @ right[..., None])[..., 0]
        return solution, covariance, self.total - np.sum(solution * right, axis=1)

    def fluxes(self, width, shift):
        """Columns with fluxes and errors of the window's lines, observed frame."""
        solution, covariance, chi2 = self.solve(width, shift)
        freedom = np.count_nonzero(self.weight, axis=1) - solution.shape[1]
        raised = np.sqrt(np.maximum(chi2 / np.maximum(freedom, 1), 1))
        measured = np.sum(
            self.profiles(width, shift) * (self.step * (self.weight > 0))[..., None],
            axis=1,
        )
        rows = {}
        for index, name in enumerate(self.window.lines):
            whole = sum(share for _, share in _PARTS[name])
            enough = (measured[:, index] > _LEAST_COVERAGE * whole) & (freedom > 0)
            flux = solution[:, index] * (1 + self.redshift)
            error = np.sqrt(covariance[:, index, index]) * raised * (1 + self.redshift)
            rows[name] = np.where(enough, flux, np.nan)
            rows[name + "_err"] = np.where(enough, error, np.nan)
        return rows


def _gauss(distance, sigma):
    return np.exp(-0.5 * (distance / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)


def _first_beyond(wavelength, edges):
    """Index of the first pixel of each row that is not below its edge."""
    if wavelength.ndim == 1:
        return np.searchsorted(wavelength, edges)
    return np.count_nonzero(wavelength < edges[:, None], axis=1)


def _median(values, good):
    """Median of the good values of each row; 0 where there are none."""
    level = good_median(values, good)
    return np.where(np.isfinite(level), level, 0)


def _inverse(normal):
    """Inverse of symmetric matrices; huge, not singular, where nothing was measured."""
    diagonal = np.diagonal(normal, axis1=1, axis2=2)
    least = 1e-20 * np.max(diagonal, axis=1, keepdims=True)
    scale = np.sqrt(np.where(diagonal > least, diagonal, 1))
    scale = scale[:, :, None] * scale[:, None, :]
    return np.linalg.inv(normal / scale + 1e-12 * np.eye(normal.shape[1])) / scale
