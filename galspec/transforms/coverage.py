"""Flag spectra that leave too little of the wavelength range."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.transforms.base import Transformer

__all__ = ["Coverage"]


@dataclasses.dataclass(frozen=True)
class Coverage(Transformer):
    """Flag rows with less than a minimum share of good pixels.

    Parameters
    ----------
    minimum : float
        Share of good pixels, 0 to 1, below which LOW_COVERAGE is set; use it after
        `~galspec.transforms.Resample`, so that the share is one of the grid.

    Raises
    ------
    ValueError
        If ``minimum`` is not within 0 to 1.
    """

    minimum: float = 0.5

    def __post_init__(self):
        if not 0 <= self.minimum <= 1:
            raise ValueError(f"minimum is {self.minimum}; a share is within 0 to 1")

    def __call__(self, batch):
        """Set NO_DATA where nothing is left, LOW_COVERAGE where too little is."""
        good = np.count_nonzero(~batch.mask, axis=1)
        low = good < self.minimum * batch.flux.shape[1]
        flags = np.where(good == 0, Flags.NO_DATA, np.where(low, Flags.LOW_COVERAGE, 0))
        return batch.replace(flags=batch.flags | flags)
