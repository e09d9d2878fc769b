"""The cuts: what they leave out, what they call it, and what they refuse."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec import Flags
from galspec.catalog import Criteria


def rows(**columns):
    """Rows that fulfil everything, but for the given columns."""
    n = max(map(len, columns.values()), default=1)
    good = {"redshift": 0.1, "snr_r": 10.0, "snr": 8.0, "p_sf": 0.99, "flags": 0}
    return {k: np.array(columns.get(k, [v] * n)) for k, v in good.items()}


def reasons(criteria, **columns):
    failed = criteria.failures(rows(**columns))
    n = len(next(iter(failed.values())))
    return [[name for name in failed if failed[name][row]] for row in range(n)]


def test_the_defaults_are_those_of_the_paper():
    criteria = Criteria()
    assert (criteria.z_min, criteria.z_max) == (0.002, 0.3)
    assert (criteria.snr_min, criteria.p_sf_min) == (3, 0.85)


def test_limits_are_included():
    assert reasons(Criteria(), redshift=[0.002, 0.3, 0.0019, 0.31]) == [
        [],
        [],
        ["redshift_low"],
        ["redshift_high"],
    ]
    assert reasons(Criteria(), snr_r=[3.0, 2.9]) == [[], ["snr_low"]]
    assert reasons(Criteria(), p_sf=[0.85, 0.84, np.nan])[1:] == [["p_sf_low"]] * 2


def test_a_row_may_fail_several():
    (found,) = reasons(Criteria(), redshift=[0.5], snr_r=[1.0], p_sf=[0.0])
    assert found == ["redshift_high", "snr_low", "p_sf_low"]


def test_an_unknown_redshift_is_left_out_unless_it_is_not_needed():
    assert reasons(Criteria(), redshift=[np.nan]) == [["redshift_unknown"]]
    assert reasons(Criteria(z_needed=False), redshift=[np.nan, 0.5]) == [
        [],
        ["redshift_high"],
    ]


def test_the_measured_snr_stands_in_for_that_of_the_survey():
    found = reasons(
        Criteria(), snr_r=[np.nan, np.nan, np.nan, 9.0], snr=[5.0, 1.0, np.nan, 1.0]
    )
    assert found == [[], ["snr_low"], ["snr_unknown"], []]


def test_flags_leave_out_what_must_not_be_trusted():
    flags = [Flags.LOW_SN, Flags.OUT_OF_DOMAIN, Flags.OUT_OF_RANGE | Flags.LOW_SN]
    assert reasons(Criteria(), flags=flags) == [[], ["out_of_domain"], ["out_of_range"]]
    strict = Criteria(bad_bits=Flags.LOW_SN)
    assert reasons(strict, flags=flags) == [["low_sn"], [], ["low_sn"]]


def test_of_a_row_without_value_only_the_cause_is_named():
    nothing = {"redshift": [np.nan], "snr_r": [np.nan], "p_sf": [np.nan]}
    found = reasons(Criteria(), flags=[int(Flags.UNREADABLE)], **nothing)
    assert found == [["unreadable"]]


@given(
    z=st.floats(allow_nan=True),
    snr=st.floats(allow_nan=True),
    p=st.floats(0, 1),
    flags=st.integers(0, 511),
)
def test_stricter_criteria_never_select_more(z, snr, p, flags):
    loose = Criteria(z_max=0.3, snr_min=3, p_sf_min=0.5, bad_bits=0)
    row = {"redshift": [z], "snr_r": [snr], "snr": [snr], "p_sf": [p], "flags": [flags]}
    (found,) = reasons(loose, **row)
    for change in ({"z_max": 0.2}, {"snr_min": 5}, {"p_sf_min": 0.9}, {"bad_bits": 48}):
        (stricter,) = reasons(dataclasses.replace(loose, **change), **row)
        assert set(found) <= set(stricter)


@pytest.mark.parametrize(
    ("change", "error", "message"),
    [
        ({"z_min": 0.4}, ValueError, "z_min is 0.4 and z_max is 0.3"),
        ({"p_sf_min": 1.5}, ValueError, "p_sf_min is 1.5; a probability"),
        ({"snr_min": float("nan")}, ValueError, "snr_min is nan"),
        ({"snr_min": "high"}, TypeError, "snr_min is 'high'"),
        ({"z_max": None}, TypeError, "z_max is None"),
        ({"z_needed": "no"}, TypeError, "z_needed is 'no'"),
        ({"bad_bits": 1 << 20}, ValueError, "bad_bits is 1048576"),
        ({"bad_bits": "LOW_SN"}, TypeError, "bad_bits is 'LOW_SN'"),
    ],
)
def test_criteria_without_sense_are_refused(change, error, message):
    with pytest.raises(error, match=message):
        Criteria(**change)


def test_criteria_are_frozen_and_flat_in_a_header():
    with pytest.raises(dataclasses.FrozenInstanceError):
        Criteria().z_max = 1
    meta = Criteria().to_meta()
    assert meta["bad_bits"] == "OUT_OF_RANGE,OUT_OF_DOMAIN,UNINFORMATIVE"
    # names of eight letters are FITS keywords as they are
    assert all(len(name) <= 8 for name in meta)
