"""Bring every spectrum to a common scale; none depends on its absolute flux."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.quantiles import sorted_quantiles
from galspec.transforms.base import Transformer

__all__ = ["Asinh", "ScaleMinMax", "ScaleRobust"]


@dataclasses.dataclass(frozen=True)
class ScaleMinMax(Transformer):
    """Scale each spectrum so that its good pixels span 0 to 1.

    Simple, and sensitive: one cosmic ray rescales a whole spectrum.
    """

    def __call__(self, batch):
        """Scale; a spectrum without contrast becomes 0 and is flagged NO_DATA."""
        # np.min(..., where=) is many times slower than a filled copy
        low = np.min(_filled(batch, np.inf), axis=1, initial=np.inf)
        high = np.max(_filled(batch, -np.inf), axis=1, initial=-np.inf)
        return _scaled(batch, low, high - low)


@dataclasses.dataclass(frozen=True)
class ScaleRobust(Transformer):
    """Subtract the median and divide by half the distance of two percentiles.

    Parameters
    ----------
    low, high : float
        The percentiles, over the good pixels of each spectrum; 16 and 84 give one
        standard deviation for Gaussian scatter.

    Raises
    ------
    ValueError
        If the percentiles do not ascend within 0 to 100.
    """

    low: float = 16.0
    high: float = 84.0

    def __post_init__(self):
        if not 0 <= self.low < self.high <= 100:
            raise ValueError(
                f"percentiles {self.low} and {self.high} do not ascend within 0 to 100"
            )

    def __call__(self, batch):
        """Scale; a spectrum without contrast becomes 0 and is flagged NO_DATA."""
        ordered = np.sort(_filled(batch, np.inf), axis=1)
        count = np.sum(~batch.mask, axis=1)
        levels = (self.low / 100, 0.5, self.high / 100)
        low, middle, high = sorted_quantiles(ordered, count, levels).T
        return _scaled(batch, middle, (high - low) / 2)


@dataclasses.dataclass(frozen=True)
class Asinh(Transformer):
    """Compress bright lines: ``asinh(flux)``, linear near zero, logarithmic far out.

    Line ratios become differences, and a cosmic ray loses its weight (Lupton, Gunn &
    Szalay 1999, AJ 118, 1406, eq. 3). Use it after a scaling.
    """

    def __call__(self, batch):
        """Apply asinh; inverse variances by the derivative."""
        return batch.replace(
            flux=np.arcsinh(batch.flux), ivar=batch.ivar * (1 + np.square(batch.flux))
        )


def _filled(batch, value):
    """The flux with ``value`` under the mask; itself where nothing is masked."""
    if not batch.mask.any():
        return batch.flux
    flux = batch.flux.copy()
    np.copyto(flux, value, where=batch.mask)
    return flux


def _scaled(batch, zero, unit):
    """``(flux - zero) / unit`` by row, with rows that cannot be scaled set to 0."""
    with np.errstate(invalid="ignore"):
        usable = np.isfinite(zero) & np.isfinite(unit) & (unit > 0)
    zero = np.where(usable, zero, 0).astype(np.float32)[:, None]
    unit = np.where(usable, unit, 1).astype(np.float32)[:, None]
    flux = batch.flux - zero
    flux /= unit
    ivar = batch.ivar * np.square(unit)
    flux[~usable], ivar[~usable] = 0, 0
    return batch.replace(
        flux=flux,
        ivar=ivar,
        flags=batch.flags | np.where(usable, 0, Flags.NO_DATA),
    )
