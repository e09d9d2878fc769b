"""Blocks of rows and columns without a gap."""

import numpy as np
import pytest

from galspec.transforms.stretches import alike, inside_gaps, stretches

LOG = 4000 * 10 ** (1e-4 * np.arange(300))


def blocks(wavelength, n):
    return [(rows.tolist(), (c.start, c.stop)) for rows, c in stretches(wavelength, n)]


@pytest.mark.parametrize("axis", [LOG, np.arange(3000.0, 9500.0)])
def test_an_even_axis_is_one_stretch(axis):
    assert blocks(axis, 2) == [([0, 1], (0, len(axis)))]


def test_a_stretch_ends_at_a_gap_but_not_at_a_missing_pixel():
    axis = np.delete(LOG, [50, *range(100, 140)])
    assert blocks(axis, 1) == [([0], (0, 99)), ([0], (99, 259))]


def test_where_a_coarser_sampling_begins_is_no_gap():
    axis = np.concatenate([np.arange(4000, 5000, 0.2), np.arange(5000, 6000.0)])
    assert len(blocks(axis, 1)) == 1
    repeated = np.repeat(np.arange(4000.0, 4100), 3)
    assert len(blocks(repeated, 1)) == 1


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


def test_inside_gaps():
    axis = np.delete(np.arange(4000.0, 4100), slice(40, 60))  # 4039, then 4060
    points = np.array([3990, 4000, 4039, 4039.4, 4039.6, 4050, 4059.4, 4059.6, 4200])
    wanted = [False, False, False, False, True, True, True, False, False]
    found = inside_gaps(np.array([axis, np.arange(4000.0, 4080)]), points)
    assert found.tolist() == [wanted, [False] * 9]
