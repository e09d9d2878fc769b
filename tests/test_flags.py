"""Quality bits: every one explained, none lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec.flags import EXPLANATIONS, WITHOUT_VALUE, Flags, describe


def test_bits_are_distinct_powers_of_two():
    values = [int(flag) for flag in Flags]
    assert values == [2**i for i in range(len(values))]


@pytest.mark.parametrize("flag", Flags, ids=lambda flag: flag.name)
def test_every_bit_is_explained(flag):
    assert EXPLANATIONS[flag].endswith(".")
    says_nan = "All values are NaN" in EXPLANATIONS[flag]
    assert says_nan == bool(flag & WITHOUT_VALUE)


@given(st.sets(st.sampled_from(list(Flags))))
def test_describe_names_what_is_set(flags):
    total = sum(int(flag) for flag in flags)
    assert {Flags[name] for name in describe(total)} == flags
