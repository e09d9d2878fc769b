"""Keep only named stretches of the spectrum."""

import dataclasses

import numpy as np

from galspec.transforms.base import Transformer

__all__ = ["Window"]


@dataclasses.dataclass(frozen=True)
class Window(Transformer):
    """Keep the pixels inside one or more wavelength segments.

    Parameters
    ----------
    segments : tuple of (float, float)
        Lower and upper limits in vacuum angstrom, both included, given as one tuple
        of pairs: ``Window(((4000, 4400), (4800, 5300)))``.

    Raises
    ------
    ValueError
        If there is no segment, or one whose limits do not ascend.
    """

    segments: tuple

    def __post_init__(self):
        pairs = [segment for segment in self.segments if np.shape(segment) == (2,)]
        ascending = all(low < high for low, high in pairs)
        if not pairs or len(pairs) < len(self.segments) or not ascending:
            raise ValueError(
                f"segments are {self.segments}; pairs of ascending limits are needed, "
                "such as ((4000, 4400), (4800, 5300))"
            )

    def __call__(self, batch):
        """Drop pixels that are outside for every row; mask them where only for some."""
        wavelength = batch.wavelength
        inside = np.zeros(wavelength.shape, bool)
        for low, high in self.segments:
            inside |= (wavelength >= low) & (wavelength <= high)
        columns = inside if inside.ndim == 1 else inside.any(axis=0)
        known = batch.continuum is not None
        return batch.replace(
            wavelength=wavelength[..., columns],
            flux=batch.flux[:, columns],
            ivar=batch.ivar[:, columns],
            mask=(batch.mask | ~inside)[:, columns],
            continuum=batch.continuum[:, columns] if known else None,
        )
