"""Keep values within limits."""

import dataclasses

import numpy as np

from galspec.transforms.base import Transformer

__all__ = ["Clip"]


@dataclasses.dataclass(frozen=True)
class Clip(Transformer):
    """Bring flux beyond two limits to the nearer one; errors and masks stay.

    Where a continuum is close to zero, the flux over it can be anything.

    Parameters
    ----------
    low, high : float
        In the unit that the flux has at this place of the recipe.

    Raises
    ------
    ValueError
        If they do not ascend.
    """

    low: float
    high: float

    def __post_init__(self):
        self._check(high=(self.low < self.high, f"above low = {self.low}"))

    def __call__(self, batch):
        """Clip every pixel, masked ones included."""
        return batch.replace(flux=np.clip(batch.flux, self.low, self.high))
