"""Resample whole batches to a common wavelength grid."""

import dataclasses

import numpy as np

from galspec.transforms.base import Transformer
from galspec.transforms.bridging import bridge_masked
from galspec.transforms.grid import Grid
from galspec.transforms.linear import LinearWeights
from galspec.transforms.overlap import OverlapWeights
from galspec.transforms.stretches import inside_gaps

__all__ = ["Resample"]

METHODS = {"linear": LinearWeights, "flux-conserving": OverlapWeights}
#: Rows at a time: more than these fall out of the processor's cache.
CHUNK = 32


@dataclasses.dataclass(frozen=True)
class Resample(Transformer):
    """Resample to a grid, linearly or conserving flux; a continuum likewise.

    Masked pixels are bridged from their good neighbours first, so their values never
    matter. An output pixel is masked where at least half of its weight comes from
    masked pixels or from beyond the spectrum, and in a gap: a step in wavelength of
    more than three times the usual one, as behind ``Window``. Conserving flux, errors
    are propagated as independent; interpolating, each pixel takes the inverse variance
    of the nearest.

    Parameters
    ----------
    grid : Grid
        See `~galspec.transforms.linear_grid` and `~galspec.transforms.log_grid`.
    method : {'linear', 'flux-conserving'}
        Linear interpolation at the pixel centres, or the mean over each output pixel
        (Carnall 2017, arXiv:1705.05165, eqs. 3 and 4).

    Raises
    ------
    ValueError
        If the method is unknown.
    """

    grid: Grid
    method: str = "linear"

    def __post_init__(self):
        if self.method not in METHODS:
            raise ValueError(
                f"method is {self.method!r}; it can be one of {tuple(METHODS)}"
            )

    def __call__(self, batch):
        """Resample every spectrum of the batch; the result shares one axis."""
        target = self.grid.wavelength
        shape = (len(batch), len(target))
        flux, ivar = np.empty(shape, np.float32), np.empty(shape, np.float32)
        mask = np.empty(shape, bool)
        continuum = None if batch.continuum is None else np.zeros(shape, np.float32)
        result = batch.replace(
            wavelength=target, flux=flux, ivar=ivar, mask=mask, continuum=continuum
        )
        if not batch.flux.size:
            flux[:], ivar[:], mask[:] = 0, 0, True
            return result
        axes, shared = np.atleast_2d(batch.wavelength), batch.wavelength.ndim == 1
        weights = self._weights(axes, target) if shared else None
        masked = batch.mask.any(axis=1)
        for start in range(0, len(batch), CHUNK):
            part = slice(start, start + CHUNK)
            axis = axes if shared else axes[part]
            weights = weights if shared else self._weights(axis, target)
            bad = batch.mask[part] if masked[part].any() else None
            rows = batch.flux[part], batch.ivar[part], bad
            _resample(weights, axis, *rows, flux[part], ivar[part], mask[part])
            if continuum is not None:
                weights.mean(
                    bridge_masked(axis, batch.continuum[part], batch.mask[part]),
                    continuum[part],
                )
        return result

    def _weights(self, axes, target):
        weights = METHODS[self.method](axes, target)
        weights.covered = weights.covered * ~inside_gaps(axes, target)
        return weights


def _resample(weights, axis, flux, ivar, masked, flux_out, ivar_out, mask_out):
    """Resample a few rows, ``masked`` None for no pixel, into their places."""
    share = None
    mask_out[:] = weights.covered < 0.5
    if masked is not None:
        share = np.empty_like(flux_out)
        weights.mean((~masked).astype(np.float32), share)
        share[~masked.any(axis=1)] = 1  # to the last digit, whatever else is masked
        mask_out |= share * weights.covered <= 0.5
        flux, ivar = bridge_masked(axis, flux, masked), np.where(masked, 0, ivar)
    weights.mean(flux, flux_out)
    weights.inverse_variance(ivar, share, ivar_out)
    if mask_out.any():
        ivar_out[mask_out] = 0
