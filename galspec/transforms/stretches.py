"""Where wavelengths run on without a gap, and which rows are alike in that."""

import itertools

import numpy as np

__all__ = ["alike", "inside_gaps", "stretches"]

#: A step in ln(wavelength) is a gap that is so many times its neighbours on both sides,
#: where another sampling begins, only one; and the median step of its row.
GAP = 3.0
#: From so many steps of a row the median is taken.
SAMPLE = 500
#: Rows at a time: more than these fall out of the processor's cache.
CHUNK = 32


def stretches(wavelength, n):
    """Cut a batch into blocks of rows and columns without a gap in wavelength.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,) or (n, n_pix)
        Ascending.
    n : int
        Number of rows.

    Yields
    ------
    rows : `numpy.ndarray` of int
        Not more than a few at a time.
    columns : slice
        One stretch without a gap. Every pixel of every row is in one block.
    """
    n_pix = wavelength.shape[-1]
    if not n or not n_pix:
        return
    for rows, pattern in _patterns(np.atleast_2d(wavelength), n):
        edges = [0, *(np.flatnonzero(pattern) + 1), n_pix]
        for start in range(0, len(rows), CHUNK):
            for limits in itertools.pairwise(edges):
                yield rows[start : start + CHUNK], slice(*limits)


def _patterns(axes, n):
    """Rows whose gaps lie in the same places, and these places."""
    gaps, _ = _gaps(axes)
    if (gaps == gaps[0]).all():
        yield np.arange(n), gaps[0]
        return
    patterns, which = np.unique(gaps, axis=0, return_inverse=True)
    for number, pattern in enumerate(patterns):
        yield np.flatnonzero(which.ravel() == number), pattern


def _gaps(axes):
    """Which steps are gaps, (n, n_pix - 1), and the usual one of rows that have any."""
    step = np.diff(axes)
    step /= axes[:, :-1]
    gaps, usual = np.zeros(step.shape, bool), np.zeros((len(axes), 1))
    if not step.size:
        return gaps, usual
    # nearly all spectra are sampled evenly, and are done with here
    rows = np.flatnonzero(step.max(axis=1) > GAP * step.min(axis=1))
    if len(rows):
        gaps[rows], usual[rows] = _gaps_of_uneven(step[rows])
    return gaps, usual


def _gaps_of_uneven(step):
    every = max(1, step.shape[1] // SAMPLE)
    usual = np.median(step[:, ::every], axis=1, keepdims=True)
    # where most wavelengths are repeated, no step is usual
    gaps = (step > GAP * usual) & (usual > 0)
    gaps[:, 1:] &= step[:, 1:] > GAP * step[:, :-1]
    gaps[:, :-1] &= step[:, :-1] > GAP * step[:, 1:]
    return gaps, usual


def inside_gaps(axes, points):
    """Which wavelengths lie in a gap, half a usual step or more from its ends.

    Parameters
    ----------
    axes : `numpy.ndarray`, shape (n, n_pix)
        Ascending.
    points : `numpy.ndarray`, shape (n_points,)
        Ascending.

    Returns
    -------
    `numpy.ndarray` of bool, shape (n, n_points)
    """
    gaps, usual = _gaps(axes)
    row, left = np.nonzero(gaps)
    if not len(row):
        return np.zeros((len(axes), len(points)), bool)
    half = usual[row, 0] * axes[row, left] / 2
    changes = np.zeros((len(axes), len(points) + 1), np.int32)
    np.add.at(changes, (row, np.searchsorted(points, axes[row, left] + half)), 1)
    np.add.at(changes, (row, np.searchsorted(points, axes[row, left + 1] - half)), -1)
    return np.cumsum(changes, axis=1)[:, :-1] > 0


def alike(axes):
    """Group rows whose wavelengths are alike but for their zero and their unit.

    Spectra on one logarithmic grid stay alike in the rest frame, whatever their
    redshifts, and can share what a fit is made of.

    Parameters
    ----------
    axes : `numpy.ndarray`, shape (n, n_pix)
        Ascending.

    Yields
    ------
    rows : `numpy.ndarray` of int
    x : `numpy.ndarray`, shape (n_pix,)
        From 0 at the first pixel to 1 at the last one.
    """
    left = np.arange(len(axes))
    if (axes == axes[0]).all():
        axes = axes[:1]
    span = axes[:, -1:] - axes[:, :1]
    x = np.divide(axes - axes[:, :1], span, out=np.zeros(axes.shape), where=span > 0)
    if len(x) == 1:
        yield left, x[0]
        return
    while len(left):
        same = np.abs(x[left] - x[left[0]]).max(axis=1) < 1e-7
        yield left[same], x[left[0]]
        left = left[~same]
