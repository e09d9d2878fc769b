"""Wavelength grids as declarations."""

import dataclasses

import numpy as np

__all__ = ["Grid", "linear_grid", "log_grid"]

#: More than any spectrograph has.
MAX_PIXELS = 2**20


@dataclasses.dataclass(frozen=True)
class Grid:
    """An evenly spaced grid of vacuum wavelengths.

    Parameters
    ----------
    start, stop : float
        First wavelength, and the last that the grid may reach, in angstrom.
    step : float
        Angstrom for a linear grid, dex for a logarithmic one.
    kind : {'linear', 'log'}
        Even in wavelength or in its decimal logarithm.

    Raises
    ------
    ValueError
        If the kind is unknown, the limits do not ascend, or there are more than a
        million pixels.
    """

    start: float
    stop: float
    step: float
    kind: str

    def __post_init__(self):
        if self.kind not in ("linear", "log"):
            raise ValueError(f"kind is {self.kind!r}; it can be 'linear' or 'log'")
        if not (0 < self.start < self.stop and self.step > 0):
            raise ValueError(
                f"a grid from {self.start} to {self.stop} in steps of {self.step} "
                "does not ascend from a positive wavelength"
            )
        if not self._reach() < MAX_PIXELS:
            raise ValueError(
                f"a grid from {self.start} to {self.stop} in steps of {self.step} has "
                f"more than {MAX_PIXELS} pixels"
            )

    @property
    def wavelength(self):
        """The wavelengths in angstrom, a `numpy.ndarray` of shape (n_pix,)."""
        if self.kind == "linear":
            return self.start + self.step * np.arange(
                self._count(self.start, self.stop)
            )
        start, stop = np.log10([self.start, self.stop])
        return 10 ** (start + self.step * np.arange(self._count(start, stop)))

    def _reach(self):
        """Steps from the first wavelength to the last."""
        if self.kind == "linear":
            return (self.stop - self.start) / self.step
        return np.log10(self.stop / self.start) / self.step

    def _count(self, start, stop):
        return int(np.floor((stop - start) / self.step + 1e-6)) + 1


def linear_grid(start, stop, step):
    """A grid even in wavelength: ``linear_grid(3800, 8000, 1)`` has 4201 pixels.

    Parameters
    ----------
    start, stop, step : float
        In angstrom; ``stop`` is included.

    Returns
    -------
    Grid
    """
    return Grid(float(start), float(stop), float(step), "linear")


def log_grid(start, stop, step):
    """A grid even in log10 of the wavelength, where a redshift is a shift.

    Parameters
    ----------
    start, stop : float
        In angstrom; ``stop`` is included where the step meets it.
    step : float
        In dex.

    Returns
    -------
    Grid
    """
    return Grid(float(start), float(stop), float(step), "log")
