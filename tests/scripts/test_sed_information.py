"""The least errors that lines allow: checked where they are known."""

import numpy as np
import pytest
from sed_information import information_table, least_errors

from galspec.simulation import EmpiricalCorrection, EmulatedFlux, StellarEmulator


def test_one_label_and_one_pixel():
    errors = least_errors(np.full((1, 1, 1), 2.0), np.full((1, 1, 1), 3.0), 10)
    assert errors[0, 0] == pytest.approx(3 / np.sqrt(20**2 + 1))


def test_labels_that_look_alike_are_told_by_their_scatter_alone():
    lines = np.ones((1, 50, 2))
    distributions = np.array([[[1.0, -1.0], [1.0, 1.0]]])
    apart, together = least_errors(lines, distributions, 1000)[0]
    assert apart == pytest.approx(np.sqrt(2), rel=1e-3)
    assert together < 1e-3


def test_less_noise_tells_more():
    templates = EmulatedFlux(
        StellarEmulator.load("energy"), EmpiricalCorrection.load("energy")
    )
    table = information_table(templates, n=12)
    values = [[float(x) for x in row.split("|")[2:-1]] for row in table.split("\n")[2:]]
    assert np.all(np.diff(values, axis=0) < 0)
    assert values[0][2] < 0.01 < values[0][0]
