import numpy as np

from galspec.baselines.strong_lines import oh_o3n2
from galspec.line_ratios import is_star_forming


def test_o3n2_of_a_hand_computed_galaxy():
    # [O III]/Hb = 1, [N II]/Ha = 0.1: O3N2 = 1
    np.testing.assert_allclose(oh_o3n2(0.0, -1.0), 8.41)


def test_outside_its_range_o3n2_is_unknown():
    assert np.isnan(oh_o3n2(1.0, -1.0))
    assert np.isnan(oh_o3n2(np.nan, -0.5))


def test_the_curve_of_kauffmann():
    # on the curve at x = -0.45: 0.61 / -0.5 + 1.3 = 0.08
    assert is_star_forming(0.07, -0.45)
    assert not is_star_forming(0.09, -0.45)
    # right of the pole nothing is star-forming
    assert not is_star_forming(-1.0, 0.2)
    assert not is_star_forming(np.nan, -0.5)
