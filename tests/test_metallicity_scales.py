import astropy.units as u
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec import GasMetallicity
from galspec.metallicity_scales import SCALES, convert_oh


@pytest.mark.parametrize(
    ("oh", "from_", "to", "expected"),
    [
        # 230.7820 - 682.17768 + 690.685866 - 230.5749726
        (9.0, "T04", "PP04 O3N2", 8.7152134),
        # -738.1193 + 2253.01551 - 2275.0181345 + 769.090018...
        (8.7, "PP04 O3N2", "T04", 8.9681),
        # -1661.9380 + 4974.00025 - 4947.0839375 + 1643.80985...
        (8.5, "PP04 N2 cubic", "T04", 8.7876623),
        # 916.7484 - 2785.9032 + 2839.18608 - 961.4052
        (9.0, "KK04", "PP04 N2 cubic", 8.62608),
        # 631.2766 - 1890.1881 + 1902.12705 - 634.5424494
        (9.0, "KK04", "PP04 O3N2", 8.6731006),
        # 569.4927 - 1732.6638 + 1775.38716 - 603.527436
        (9.0, "KD02", "PP04 N2 cubic", 8.688624),
        # 664.8453 - 2031.7797 + 2087.27928 - 711.6037272
        (9.0, "KD02", "PP04 O3N2", 8.7411528),
        # -8.0069 + 23.320005 - 6.76838
        (8.5, "PP04 N2 cubic", "PP04 O3N2", 8.544725),
    ],
)
def test_the_table_of_kewley_and_ellison(oh, from_, to, expected):
    assert convert_oh(oh, from_, to) == pytest.approx(expected, abs=1e-4)


def test_nothing_is_extrapolated():
    assert np.isnan(convert_oh([8.04, 9.21, np.nan], "T04", "PP04 O3N2")).all()
    assert np.isnan(convert_oh([8.04, 8.91], "PP04 O3N2", "T04")).all()


@given(st.floats(8.7, 9.1))
def test_there_and_back_within_the_scatter_of_two_fits(oh):
    across = convert_oh(oh, "T04", "PP04 O3N2")
    assert convert_oh(across, "PP04 O3N2", "T04") == pytest.approx(oh, abs=0.03)


@given(st.floats(8.6, 9.0))
def test_there_and_back_where_one_fit_is_inverted(oh):
    across = convert_oh(oh, "KK04", "PP04 N2 cubic")
    assert convert_oh(across, "PP04 N2 cubic", "KK04") == pytest.approx(oh, abs=1e-5)


@given(st.sampled_from(["KK04", "KD02"]), st.floats(8.6, 9.1))
def test_the_way_over_a_third_scale_leads_to_the_same_place(scale, oh):
    by_nitrogen = convert_oh(oh, scale, "PP04 N2 cubic")
    over = convert_oh(by_nitrogen, "PP04 N2 cubic", "PP04 O3N2")
    straight = convert_oh(oh, scale, "PP04 O3N2")
    assert over == pytest.approx(straight, abs=0.05)


@given(st.floats(8.28, 8.87), st.floats(0.001, 0.1))
def test_richer_galaxies_stay_richer(oh, step):
    low, high = convert_oh([oh, oh + step], "PP04 O3N2", "T04")
    assert not high <= low


@given(st.floats(8.3, 8.85))
def test_the_error_follows_the_slope(oh):
    _, error = convert_oh(oh, "PP04 O3N2", "T04", error=0.1)
    sides = convert_oh([oh - 1e-3, oh + 1e-3], "PP04 O3N2", "T04")
    assert error == pytest.approx(0.1 * np.diff(sides)[0] / 2e-3, rel=0.01)


def test_mpa_jhu_values_lie_above_o3n2():
    offset = convert_oh(np.array([8.4, 8.6, 8.8]), "PP04 O3N2", "T04") - [8.4, 8.6, 8.8]
    assert np.all((offset > 0.1) & (offset < 0.35))


def test_quantities_stay_quantities():
    oh = np.array([8.5, 8.7]) * u.dex
    value, error = convert_oh(oh, "PP04 O3N2", "T04", error=[0.05, 0.05] * u.dex)
    assert value.unit == error.unit == u.dex
    plain = convert_oh([8.5, 8.7], "PP04 O3N2", "T04")
    np.testing.assert_array_equal(value.to_value(u.dex), plain)


def test_the_same_scale_changes_nothing():
    np.testing.assert_array_equal(convert_oh([7.5, 9.4], "T04", "T04"), [7.5, 9.4])


def test_unknown_scales_are_named_with_what_is_known():
    with pytest.raises(ValueError, match="no scale 'N2'; known are PP04 O3N2"):
        convert_oh(8.5, "N2", "T04")
    with pytest.raises(ValueError, match="between 'KK04' and 'T04'"):
        convert_oh(8.5, "KK04", "T04")


def test_the_estimators_scale_is_one_of_them():
    assert GasMetallicity.scale in SCALES
