"""The grid on which probability densities of redshift live."""

import dataclasses
import functools

import numpy as np

__all__ = ["RedshiftBins"]


@dataclasses.dataclass(frozen=True)
class RedshiftBins:
    """Bins of redshift, equally wide in x = ln(1 + z), from z = 0 on.

    Errors of photometric redshifts grow as 1 + z: a bin in x is equally wide for them
    everywhere.

    Parameters
    ----------
    n : int
        How many, at least 3.
    z_max : float
        Redshift at which the last one ends, above 0.

    Raises
    ------
    ValueError
        If one of them is out of range.

    Examples
    --------
    >>> from galspec.redshift_bins import RedshiftBins
    >>> RedshiftBins(4, 15.0).z_edges
    array([ 0.,  1.,  3.,  7., 15.])
    """

    n: int
    z_max: float

    def __post_init__(self):
        if self.n < 3:
            raise ValueError(f"n is {self.n}; 3 or more redshift bins are needed")
        if not 0 < self.z_max < np.inf:
            raise ValueError(f"z_max is {self.z_max}; a redshift above 0 is needed")

    @property
    def x_max(self):
        """Upper edge of the last bin in x = ln(1 + z)."""
        return float(np.log1p(self.z_max))

    @property
    def width(self):
        """Width of every bin in x = ln(1 + z)."""
        return self.x_max / self.n

    @functools.cached_property
    def edges(self):
        """Edges in x = ln(1 + z), shape (n + 1,)."""
        return np.linspace(0, self.x_max, self.n + 1)

    @functools.cached_property
    def mid(self):
        """Middles in x = ln(1 + z), shape (n,)."""
        return (self.edges[1:] + self.edges[:-1]) / 2

    @functools.cached_property
    def z_edges(self):
        """Edges in redshift, shape (n + 1,)."""
        return np.expm1(self.edges)

    @functools.cached_property
    def z_mid(self):
        """Middles in redshift, shape (n,)."""
        return (self.z_edges[1:] + self.z_edges[:-1]) / 2

    @functools.cached_property
    def z_width(self):
        """Widths in redshift, shape (n,)."""
        return np.diff(self.z_edges)
