"""Classes in the diagram of Baldwin, Phillips & Terlevich."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.baselines.bpt import BPT_CLASSES, bpt_class, bpt_table
from galspec.line_ratios import is_star_forming


@pytest.mark.parametrize(
    ("log_o3hb", "log_n2ha", "expected"),
    [
        (0.0, -0.5, "star-forming"),
        (0.9, -2.0, "star-forming"),
        (0.0, -0.1, "composite"),
        (-0.5, 0.04, "composite"),
        (0.9, 0.0, "AGN"),
        (-0.5, 0.6, "AGN"),
        (np.nan, -0.5, ""),
    ],
)
def test_classes(log_o3hb, log_n2ha, expected):
    assert bpt_class(log_o3hb, log_n2ha)[0] == expected


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_every_ratio_has_one_class(y, x):
    label = bpt_class(y, x)[0]
    assert label in BPT_CLASSES
    assert (label == "star-forming") == is_star_forming(y, x)


@given(st.floats(-1.2, 0.4), st.floats(-2, 2), st.floats(0, 2))
def test_more_ionised_gas_is_never_nearer_to_star_forming(x, y, more):
    first, second = bpt_class([y, y + more], x)
    assert BPT_CLASSES.index(second) >= BPT_CLASSES.index(first)


def test_weak_lines_have_no_class():
    lines = {"OIII_5007": [1.0, 1.0], "Hbeta": [1.0, 1.0]}
    lines |= {"NII_6584": [1.0, 1.0], "Halpha": [3.0, 3.0]}
    errors = {name + "_err": [0.1, 0.5] for name in lines}
    assert bpt_table(lines | errors)["bpt"].tolist() == ["star-forming", ""]
