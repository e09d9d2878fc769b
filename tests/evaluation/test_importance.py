import numpy as np
import pytest

from galspec.evaluation.importance import (
    SCORES,
    permutation_importance,
    plot_importance,
)

pytest.importorskip("sklearn")


def test_the_colour_that_tells_redshifts_comes_first(photometric):
    table = permutation_importance(*photometric, repeats=2)
    assert table["input"][0] == "g-r"
    assert set(table["input"]) == {"g", "r", "z", "g-r", "r-z"} | {
        f"err {band}" for band in "grz"
    }
    for name in SCORES:
        assert table[name][0] > 5 * table[f"{name}_std"][0] > 0, name
    assert np.all(np.diff(table["crps"]) <= 0)


def test_bands_count_with_all_that_is_made_of_them(photometric):
    table = permutation_importance(*photometric, of="bands", repeats=2, by="eta15")
    by_band = dict(zip(table["input"], table["eta15"], strict=True))
    assert set(by_band) == {"g", "r", "z"}
    assert min(by_band["g"], by_band["r"]) > by_band["z"]


def test_all_columns_of_a_kind_go_together(photometric):
    alone = permutation_importance(*photometric, repeats=2)
    table = permutation_importance(*photometric, of="groups", repeats=2)
    assert set(table["input"]) == {"magnitudes", "colours", "errors"}
    colours = table["crps"][table["input"] == "colours"][0]
    assert colours >= 0.9 * alone["crps"][alone["input"] == "g-r"][0]


def test_scores_without_permutation_are_those_of_the_prediction(photometric):
    from galspec.evaluation.photoz_metrics import sigma_nmad

    estimator, data, z = photometric
    table = permutation_importance(estimator, data, z, of="groups", repeats=1)
    found = estimator.predict(data)["z_phot"]
    assert table.meta["sigma_nmad"] == pytest.approx(sigma_nmad(z, found), rel=1e-3)
    assert table.meta["n"] == len(z)


def test_the_same_seed_gives_the_same(photometric):
    first, second = (
        permutation_importance(*photometric, of="groups", repeats=1, seed=3)
        for _ in range(2)
    )
    assert np.all(first["crps"] == second["crps"])


def test_galaxies_without_truth_or_value_are_left_out(photometric):
    estimator, data, z = photometric
    data = {name: column.copy() for name, column in data.items()}
    for band in "grz":
        data[f"flux_ivar_{band}"][:5] = 0
    z = np.where(np.arange(len(z)) >= len(z) - 10, np.nan, z)
    table = permutation_importance(estimator, data, z, of="groups", repeats=1)
    assert table.meta["n"] == len(z) - 15


def test_stamps_are_one_input():
    from galspec.evaluation.importance import _places

    groups = {"magnitudes": ("g", "r"), "stamps": ()}
    assert _places(groups, 2 + 32, together=False) == {
        "g": slice(0, 1),
        "r": slice(1, 2),
        "stamps": slice(2, 34),
    }
    assert list(_places(groups, 2, together=True)) == ["magnitudes"]


def test_bars_are_drawn_and_saved(photometric, tmp_path):
    pytest.importorskip("matplotlib")
    table = permutation_importance(*photometric, of="groups", repeats=1)
    figure = plot_importance(table, by="eta15", most=2, path=tmp_path / "bars.png")
    (axis,) = figure.axes
    assert len(axis.patches) == 2
    # the most important one on top
    assert axis.patches[-1].get_width() == table["eta15"].max()
    assert (tmp_path / "bars.png").exists()


@pytest.mark.parametrize("wrong", [{"of": "rows"}, {"by": "luck"}])
def test_wrong_calls_are_refused(photometric, wrong):
    (value,) = wrong.values()
    with pytest.raises(ValueError, match=f"'{value}'; it can be"):
        permutation_importance(*photometric, **wrong)


def test_lengths_must_agree(photometric):
    estimator, data, z = photometric
    with pytest.raises(ValueError, match="200 objects, but z_spec has shape"):
        permutation_importance(estimator, data, z[:-1])
