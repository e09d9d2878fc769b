"""Flux within limits."""

import numpy as np
import pytest

from galspec import SpectrumBatch
from galspec.transforms import Clip


def test_only_what_lies_beyond_changes():
    flux = np.array([[-5.0, 0.0, 1.0, 2.0, 7.0]])
    batch = SpectrumBatch.from_arrays(np.arange(4000.0, 4005), flux)
    result = Clip(-0.1, 2)(batch)
    expected = np.array([[-0.1, 0, 1, 2, 2]], np.float32)
    np.testing.assert_array_equal(result.flux, expected)
    np.testing.assert_array_equal(result.ivar, batch.ivar)
    np.testing.assert_array_equal(result.mask, batch.mask)
    np.testing.assert_array_equal(Clip(-0.1, 2)(result).flux, result.flux)


def test_limits_ascend():
    with pytest.raises(ValueError, match=r"above low = 2"):
        Clip(2, 1)
