import numpy as np
import pytest

from galspec.redshift_bins import RedshiftBins


def test_bins_are_even_in_the_logarithm():
    bins = RedshiftBins(200, 3.0)
    assert bins.edges[[0, -1]] == pytest.approx([0, np.log(4)])
    assert np.diff(bins.edges) == pytest.approx(bins.width)
    assert bins.z_edges == pytest.approx(np.expm1(bins.edges))
    assert bins.z_edges[-1] == pytest.approx(3)
    assert len(bins.mid) == len(bins.z_mid) == len(bins.z_width) == 200
    assert bins.z_width / (1 + bins.z_mid) == pytest.approx(bins.width, rel=1e-4)


def test_equal_bins_are_one_key():
    assert {RedshiftBins(5, 2.0): 1}[RedshiftBins(5, 2.0)] == 1


@pytest.mark.parametrize(
    ("n", "z_max"), [(2, 1.0), (10, 0.0), (10, -1.0), (10, np.nan), (10, np.inf)]
)
def test_what_is_no_grid_is_refused(n, z_max):
    with pytest.raises(ValueError, match=r"(is|are) needed"):
        RedshiftBins(n, z_max)
