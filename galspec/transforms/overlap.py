"""Flux-conserving means as a sparse matrix of pixel overlaps."""

import numpy as np

__all__ = ["OverlapWeights"]


class OverlapWeights:
    """How much each input pixel overlaps each output pixel, to apply to many rows.

    Parameters
    ----------
    axes : `numpy.ndarray`, shape (n, n_pix)
        Ascending wavelengths: one row for all spectra, or one a spectrum.
    target : `numpy.ndarray`, shape (n_out,)
        Ascending wavelengths of the result.
    """

    def __init__(self, axes, target):
        edges, wanted = pixel_edges(axes), pixel_edges(target[None])[0]
        output, counts, columns, row = _overlapping(edges, wanted)
        bin_ = output % len(target)
        lower = np.maximum(edges[row, columns], wanted[bin_])
        upper = np.minimum(edges[row, columns + 1], wanted[bin_ + 1])
        overlap = np.maximum(upper - lower, 0)
        total = np.bincount(output, overlap, minlength=counts.size)
        # beyond the spectrum its end is continued; ``covered`` says what that is worth
        alone = (total == 0)[output]
        values = np.where(alone, 1 / counts[output], overlap)
        values /= np.where(total > 0, total, 1)[output]
        width, total = np.diff(wanted), total.reshape(len(axes), -1)
        share = np.divide(total, width, out=0 * total, where=width > 0)
        self.covered = share.astype(np.float32)
        self._mean = _matrix(values, columns, row, counts, axes.shape)
        self._variance = _matrix(np.square(values), columns, row, counts, axes.shape)

    def mean(self, values, out):
        """Weighted means of rows of float32 values, (n, n_pix), into ``out``."""
        out[...] = _product(self._mean, values)

    def inverse_variance(self, ivar, share, out):
        """Propagate the errors of independent pixels into ``out``.

        Parameters
        ----------
        ivar : `numpy.ndarray`, shape (n, n_pix)
            0 where masked.
        share : `numpy.ndarray`, shape (n, n_out), or None
            How much of each output pixel is not masked, as `mean` gives it; None
            where nothing is masked. The mean rests on that part.
        out : `numpy.ndarray`, shape (n, n_out)
        """
        variance = np.divide(1, ivar, out=np.zeros_like(ivar), where=ivar > 0)
        variance = _product(self._variance, variance)
        known = 1 if share is None else np.square(share)
        out[...] = known / np.where(variance > 0, variance, np.inf)


def pixel_edges(centres):
    """Pixel edges half-way between the centres; a single pixel has no width.

    Parameters
    ----------
    centres : `numpy.ndarray`, shape (n, n_pix)

    Returns
    -------
    `numpy.ndarray`, shape (n, n_pix + 1)
    """
    if centres.shape[1] < 2:
        return np.repeat(centres, 2, axis=1)
    middle = (centres[:, 1:] + centres[:, :-1]) / 2
    first = 2 * centres[:, :1] - middle[:, :1]
    last = 2 * centres[:, -1:] - middle[:, -1:]
    return np.hstack([first, middle, last])


def _overlapping(edges, wanted):
    """Every pair of an output and an input pixel that overlap, in order of output.

    Returns the output index of each pair (through all rows), the number of pairs of
    each output, and the input column and row of each pair.
    """
    n_pix = edges.shape[1] - 1
    first = np.stack([np.searchsorted(e, wanted[:-1], "right") for e in edges]) - 1
    last = np.stack([np.searchsorted(e, wanted[1:], "left") for e in edges]) - 1
    first = np.clip(first, 0, n_pix - 1)
    last = np.clip(last, first, n_pix - 1)
    counts = (last - first + 1).ravel()
    output = np.repeat(np.arange(counts.size), counts)
    starts = np.cumsum(counts) - counts
    columns = np.arange(len(output)) - np.repeat(starts - first.ravel(), counts)
    return output, counts, columns, output // first.shape[1]


def _matrix(values, columns, row, counts, shape):
    """A sparse matrix with one block for each axis."""
    from scipy.sparse import csr_array

    indptr = np.concatenate([[0], np.cumsum(counts)]).astype(np.int32)
    columns = (columns + row * shape[1]).astype(np.int32)
    shape = (counts.size, shape[0] * shape[1])
    return csr_array((values.astype(np.float32), columns, indptr), shape=shape)


def _product(matrix, values):
    """Multiply: one axis for all rows, or a block of the matrix for each row."""
    if matrix.shape[1] == values.shape[1]:
        return (matrix @ np.ascontiguousarray(values.T)).T
    return (matrix @ values.ravel()).reshape(len(values), -1)
