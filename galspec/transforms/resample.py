"""Resample whole batches to a common wavelength grid by one sparse matrix product."""

import dataclasses

import numpy as np

from galspec.transforms.base import Transformer
from galspec.transforms.bridging import bridge_masked
from galspec.transforms.grid import Grid

__all__ = ["Resample"]

METHODS = ("linear", "flux-conserving")
#: Rows at a time: more than these fall out of the processor's cache.
CHUNK = 16


@dataclasses.dataclass(frozen=True)
class Resample(Transformer):
    """Resample to a grid, linearly or conserving flux.

    Masked pixels are bridged from their good neighbours first, so their values never
    matter. An output pixel is masked where at least half of its weight comes from
    masked pixels or from beyond the spectrum. Errors are propagated as independent.

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
            raise ValueError(f"method is {self.method!r}; it can be one of {METHODS}")

    def __call__(self, batch):
        """Resample every spectrum of the batch; the result shares one axis."""
        target = self.grid.wavelength
        shape = (len(batch), len(target))
        flux, ivar = np.zeros(shape, np.float32), np.zeros(shape, np.float32)
        mask = np.ones(shape, bool)
        result = batch.replace(wavelength=target, flux=flux, ivar=ivar, mask=mask)
        if not batch.flux.size:
            return result
        weigh, shared = _WEIGHTS[self.method], batch.wavelength.ndim == 1
        matrices = weigh(batch.wavelength[None], target) if shared else None
        for start in range(0, len(batch), CHUNK):
            part = slice(start, start + CHUNK)
            piece = batch[part]
            if not shared:
                matrices = weigh(piece.wavelength, target)
            flux[part], ivar[part], mask[part] = _resampled(piece, *matrices)
        return result


def _resampled(batch, weights, covered):
    """Flux, ivar and mask of a few rows by matrix products."""
    bad = covered < 0.5
    share = 1.0
    flux, good = batch.flux, ~batch.mask
    if batch.mask.any():
        flux = bridge_masked(batch.wavelength, flux, batch.mask)
        share = _apply(weights, good.astype(np.float32))
        bad = bad | (share * covered <= 0.5)
    variance = np.divide(1, batch.ivar, out=np.zeros_like(batch.ivar), where=good)
    variance = _apply(weights.power(2), variance)
    # where only a part of the pixel is known, its mean rests on that part
    known = np.square(share) / np.where(variance > 0, variance, np.inf)
    return _apply(weights, flux), np.where(bad, 0, known), bad


def _apply(weights, values):
    """Multiply: one axis for all rows, or a block of the matrix for each row."""
    if weights.shape[1] == values.shape[1]:
        return (weights @ np.ascontiguousarray(values.T)).T
    return (weights @ values.ravel()).reshape(len(values), -1)


def _positions(axes, points):
    """Fractional pixel indices of ``points`` on each axis, shape (n, n_points)."""
    index = np.arange(axes.shape[1], dtype=np.float64)
    return np.stack([np.interp(points, axis, index) for axis in axes])


def _linear_weights(axes, target):
    """Two neighbours a pixel. Returns the matrix and how far each pixel is covered."""
    n_pix = axes.shape[1]
    position = _positions(axes, target)
    left = np.minimum(position.astype(np.int32), max(n_pix - 2, 0))
    upper = position - left
    columns = np.stack([left, np.minimum(left + 1, n_pix - 1)], axis=-1)
    values = np.stack([1 - upper, upper], axis=-1)
    inside = (target >= axes[:, :1]) & (target <= axes[:, -1:])
    counts = np.full(position.size, 2)
    return _matrix(columns, values, counts, axes, target), inside.astype(np.float32)


def _overlap_weights(axes, target):
    """Every input pixel by its overlap with the output pixel (and their coverage)."""
    edges = np.stack([_edges(axis) for axis in axes])
    wanted = _edges(target)
    position = _positions(edges, wanted)
    n_pix = axes.shape[1]
    first = np.minimum(np.floor(position[:, :-1]).astype(np.int64), n_pix - 1)
    last = np.clip(np.ceil(position[:, 1:]).astype(np.int64) - 1, first, n_pix - 1)
    counts = (last - first + 1).ravel()
    row, bin_ = (a.ravel() for a in np.indices(first.shape))
    row, bin_ = np.repeat(row, counts), np.repeat(bin_, counts)
    starts = np.repeat(np.cumsum(counts) - counts, counts)
    columns = np.repeat(first.ravel(), counts) + np.arange(counts.sum()) - starts
    lower = np.maximum(edges[row, columns], wanted[bin_])
    upper = np.minimum(edges[row, columns + 1], wanted[bin_ + 1])
    overlap = np.maximum(upper - lower, 0)
    output = row * len(target) + bin_
    total = np.bincount(output, overlap, minlength=first.size)
    # a pixel beyond the spectrum continues its end; the coverage says that it is masked
    alone = (total == 0)[output]
    values = np.where(alone, 1 / counts[output], overlap)
    values /= np.where(total > 0, total, 1)[output]
    covered = total.reshape(first.shape) / np.diff(wanted)
    return _matrix(columns, values, counts, axes, target), covered.astype(np.float32)


_WEIGHTS = {"linear": _linear_weights, "flux-conserving": _overlap_weights}


def _edges(centres):
    """Pixel edges half-way between the centres, as specutils takes them."""
    if len(centres) < 2:
        raise ValueError("a spectrum of one pixel has no pixel width to conserve flux")
    middle = (centres[1:] + centres[:-1]) / 2
    return np.concatenate(
        [[2 * centres[0] - middle[0]], middle, [2 * centres[-1] - middle[-1]]]
    )


def _matrix(columns, values, counts, axes, target):
    """A sparse matrix with one block for each axis."""
    from scipy.sparse import csr_array

    n, n_pix = axes.shape
    indptr = np.concatenate([[0], np.cumsum(counts)])
    columns = columns.ravel()
    if n > 1:
        columns = columns + np.repeat(
            np.repeat(np.arange(n) * n_pix, len(target)), counts
        )
    shape = (n * len(target), n * n_pix)
    return csr_array((values.ravel().astype(np.float32), columns, indptr), shape=shape)
