import astropy.units as u
import numpy as np
import pytest

from galspec import Flags, Target
from galspec.metallicity_scales import convert_oh
from galspec.results import result_table, to_scale

TARGETS = (Target("oh", u.dex, "12 + log10(O/H)", valid=(7.0, 9.4)),)


@pytest.fixture
def table():
    rows = {
        "oh": np.array([8.5, 8.0, np.nan]),
        "oh_err": np.array([0.05, 0.05, np.nan]),
        "oh_lo": np.array([8.4, 7.9, np.nan]),
        "oh_hi": np.array([8.6, 8.1, np.nan]),
        "flags": np.zeros(3, np.int64),
    }
    return result_table(TARGETS, [rows], {"scale": "PP04 O3N2"})


def test_another_scale_changes_values_alone(table):
    described = {name: table[name].info.description for name in table.colnames}
    to_scale(table, TARGETS, convert_oh, "T04")
    assert table.meta["scale"] == "T04"
    assert table["oh"].unit == u.dex
    assert table["oh"][0].value == pytest.approx(8.740, abs=1e-3)
    assert {k: table[k].info.description for k in table.colnames} == described


def test_only_values_that_a_conversion_loses_are_flagged(table):
    to_scale(table, TARGETS, convert_oh, "T04")
    assert np.isnan(table["oh"].value).tolist() == [False, True, True]
    assert table["flags"].tolist() == [0, int(Flags.OUT_OF_RANGE), 0]
