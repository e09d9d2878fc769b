"""Linear interpolation as two weighted neighbours of every output pixel."""

import numpy as np

__all__ = ["LinearWeights"]


class LinearWeights:
    """Where output pixels lie between input pixels, ready to apply to many rows.

    Two gathers along contiguous rows cost half of a sparse matrix product with the
    transpositions that it needs.

    Parameters
    ----------
    axes : `numpy.ndarray`, shape (n, n_pix)
        Ascending wavelengths: one row for all spectra, or one a spectrum.
    target : `numpy.ndarray`, shape (n_out,)
        Ascending wavelengths of the result.
    """

    def __init__(self, axes, target):
        n, n_pix = axes.shape
        position = _positions(axes, target)
        left = np.minimum(position.astype(np.intp), max(n_pix - 2, 0))
        upper = (position - left).astype(np.float32)
        self._lower, self._upper = 1 - upper, upper
        self._spare = None
        self.covered = (target >= axes[:, :1]) & (target <= axes[:, -1:])
        # one axis: columns of every row; an axis each: places in the flattened rows
        self._along = 1 if n == 1 else None
        self._left = left[0] if n == 1 else left + n_pix * np.arange(n)[:, None]
        self._right = self._left + (n_pix > 1)
        self._nearest = self._left + (n_pix > 1) * (position - left > 0.5).reshape(
            self._left.shape
        )

    def mean(self, values, out):
        """Interpolate rows of float32 values, (n, n_pix), into ``out``, (n, n_out)."""
        if self._spare is None or len(self._spare) < len(out):
            self._spare = np.empty_like(out)  # fresh memory costs more than the sums
        right = self._spare[: len(out)]
        # "clip" spares the check of every index
        np.take(values, self._left, axis=self._along, mode="clip", out=out)
        np.take(values, self._right, axis=self._along, mode="clip", out=right)
        out *= self._lower
        right *= self._upper
        out += right

    def inverse_variance(self, ivar, share, out):
        """Give every output pixel the inverse variance of the nearest input pixel.

        Between two pixels the noise of their mean is smaller than theirs, but what is
        gained there is lost to the correlation of neighbouring output pixels. The
        formal variance would promise signal-to-noise that the spectrum does not have.
        """
        np.take(ivar, self._nearest, axis=self._along, mode="clip", out=out)


def _positions(axes, points):
    """Fractional pixel indices of ``points`` on each axis, shape (n, n_points)."""
    index = np.arange(axes.shape[1], dtype=np.float64)
    return np.stack([np.interp(points, axis, index) for axis in axes])
