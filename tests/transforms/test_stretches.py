"""Blocks of rows and columns without a gap."""

import numpy as np
import pytest

from galspec.transforms.stretches import alike, stretches

LOG = 4000 * 10 ** (1e-4 * np.arange(300))


def blocks(wavelength, n):
    return [(rows.tolist(), (c.start, c.stop)) for rows, c in stretches(wavelength, n)]


@pytest.mark.parametrize("axis", [LOG, np.arange(3000.0, 9500.0)])
def test_an_even_axis_is_one_stretch(axis):
    assert blocks(axis, 2) == [([0, 1], (0, len(axis)))]


def test_a_stretch_ends_at_a_gap_but_not_at_a_missing_pixel():
    axis = np.delete(LOG, [50, *range(100, 140)])
    assert blocks(axis, 1) == [([0], (0, 99)), ([0], (99, 259))]


def test_rows_with_gaps_of_their_own():
    hole = np.delete(LOG, slice(100, 140))
    axes = np.array([LOG[:260], hole, LOG[40:] / 1.1, hole * 2])
    assert blocks(axes, 4) == [
        ([0, 2], (0, 260)),
        ([1, 3], (0, 100)),
        ([1, 3], (100, 260)),
    ]


def test_every_pixel_is_in_one_block():
    rng = np.random.default_rng(0)
    axes = np.sort(rng.uniform(4000, 5000, (75, 40)) ** 2, axis=1)
    count = np.zeros(axes.shape, int)
    for rows, columns in stretches(axes, 75):
        count[rows, columns] += 1
    assert (count == 1).all()


@pytest.mark.parametrize("n_pix", [0, 1, 2])
def test_few_pixels(n_pix):
    assert len(blocks(LOG[:n_pix], 3)) == min(n_pix, 1)
    assert blocks(LOG[:n_pix], 0) == []


def test_a_redshift_leaves_axes_alike_and_another_step_does_not():
    axes = np.array([LOG, LOG / 1.3, LOG * np.linspace(1, 1.01, 300), LOG * 2])
    groups = [(rows.tolist(), x[[0, -1]].tolist()) for rows, x in alike(axes)]
    assert groups == [([0, 1, 3], [0, 1]), ([2], [0, 1])]
