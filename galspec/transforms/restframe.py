"""From the observed frame to the rest frame."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.transforms.base import Transformer

__all__ = ["RestFrame"]


@dataclasses.dataclass(frozen=True)
class RestFrame(Transformer):
    """Divide wavelengths by 1 + z, and multiply flux densities by it.

    Rows of unknown redshift are masked and flagged REDSHIFT_MISSING. The redshift of
    the result is 0, so that a second application changes nothing.
    """

    def __call__(self, batch):
        """Shift every spectrum; each row of the result has its own axis."""
        unknown = ~np.isfinite(batch.redshift)
        stretch = np.where(unknown, 1, 1 + batch.redshift)[:, None]
        factor = stretch.astype(np.float32)
        return batch.replace(
            wavelength=np.broadcast_to(batch.wavelength, batch.flux.shape) / stretch,
            flux=batch.flux * factor,
            ivar=batch.ivar / np.square(factor),
            mask=batch.mask | unknown[:, None],
            redshift=np.where(unknown, np.nan, 0.0),
            flags=batch.flags | np.where(unknown, Flags.REDSHIFT_MISSING, 0),
        )
