"""A target may be one number or many."""

import astropy.units as u
import numpy as np
import pytest

from galspec import Target
from galspec.fitting import label_array
from galspec.targets import parts, total_size

ONE = Target("teff", u.K, "temperature", (3000, 9000))
MANY = Target("sed", u.dimensionless_unscaled, "a spectrum", (0, 10), size=4)


def test_numbers_stand_one_behind_the_other():
    targets = (ONE, MANY, ONE)
    assert total_size(targets) == 6
    array = np.arange(12).reshape(2, 6)
    taken = [array[:, part] for _, part in parts(targets)]
    assert [values.shape for values in taken] == [(2,), (2, 4), (2,)]
    np.testing.assert_array_equal(np.column_stack(taken), array)


def test_labels_of_a_table_may_be_vectors():
    labels = {"sed": np.ones((3, 4)), "teff": [4, 5, 6] * u.kK}
    array = label_array(labels, (ONE, MANY))
    assert array.shape == (3, 5)
    np.testing.assert_array_equal(array[:, 0], [4000, 5000, 6000])


def test_vectors_of_another_size_are_no_labels():
    with pytest.raises(ValueError, match=r"4 columns; 5 are needed.*sed \(4\)"):
        label_array({"sed": np.ones((3, 3)), "teff": np.ones(3)}, (ONE, MANY))


def test_a_size_of_none_is_an_error():
    with pytest.raises(ValueError, match="size of sed is 0"):
        Target("sed", u.K, "nothing", (0, 1), size=0)
