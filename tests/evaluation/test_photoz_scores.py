import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.evaluation import density_metrics, photoz_metrics
from galspec.evaluation.photoz_scores import (
    METRICS,
    compare_redshifts,
    parts_between,
    parts_of,
    redshift_scores,
    redshift_summary,
    summary_table,
)


def test_scores_are_those_of_the_metrics(predicted):
    z_spec, table = predicted()
    summary = redshift_summary(redshift_scores(table, z_spec), resamples=2)
    p = np.asarray(table["z_phot_pdf"], float) * table.bins.z_width
    for name in ("pit_ks", "crps", "cde_loss", "log_likelihood"):
        expected = getattr(density_metrics, name)(z_spec, p, table.bins)
        assert summary[name] == pytest.approx(expected), name
    found = np.asarray(table["z_phot"])
    assert summary["sigma_nmad"] == photoz_metrics.sigma_nmad(z_spec, found)
    assert summary["eta15"] == photoz_metrics.outlier_fraction(z_spec, found)
    assert summary["eta10"] >= summary["eta15"]


def test_errors_of_metrics_are_their_scatter_between_samples(predicted):
    summaries = [
        redshift_summary(redshift_scores(table, z_spec), resamples=30)
        for z_spec, table in (predicted(seed, 300) for seed in range(40))
    ]
    for name in ("bias", "sigma_nmad", "crps", "coverage68"):
        scatter = np.std([summary[name] for summary in summaries])
        claimed = np.mean([summary[f"{name}_err"] for summary in summaries])
        assert claimed == pytest.approx(scatter, rel=0.5), name


def test_rows_without_truth_or_prediction_count_nowhere(predicted):
    z_spec, table = predicted(n=60)
    z_spec[:10] = np.nan
    table["z_phot"][10:20] = np.nan
    table["z_phot_pdf"][20:30] = np.nan
    scores = redshift_scores(table, z_spec)
    for name in scores.colnames:
        assert np.isnan(scores[name][:30]).all(), name
        assert np.isfinite(scores[name][30:]).all(), name
    some = redshift_scores(table[30:], z_spec[30:])
    assert redshift_summary(scores) == redshift_summary(some)


def test_a_sample_without_any_value_has_no_metrics(predicted):
    _, table = predicted(n=5)
    summary = redshift_summary(redshift_scores(table, np.full(5, np.nan)))
    assert summary.pop("n") == 0
    assert np.isnan(list(summary.values())).all()


def test_parts_are_summarised_alone(predicted):
    z_spec, table = predicted(n=200)
    scores = redshift_scores(table, z_spec)
    near = z_spec < 0.6
    summary = summary_table(scores, {"all": z_spec > 0, "near": near})
    assert list(summary["part"]) == ["all", "near"]
    assert dict(zip(summary.colnames[1:], list(summary[1])[1:], strict=True)) == (
        redshift_summary(scores[near])
    )
    assert summary["crps"].info.description == METRICS["crps"]


@given(st.lists(st.floats(-5, 5), min_size=1, max_size=30))
@settings(max_examples=50, deadline=None)
def test_parts_between_open_ends_hold_every_value_once(values):
    edges = (-float("inf"), -1, 0.5, 2, float("inf"))
    parts = parts_between(values, edges, "m")
    assert np.array_equal(np.sum(list(parts.values()), axis=0), np.ones(len(values)))
    assert all(inside.any() for inside in parts.values())


def test_unknown_magnitudes_and_types_are_in_no_part():
    inside = parts_between([np.nan, 1.0], (-float("inf"), float("inf")), "m")
    assert not np.any([rows[0] for rows in inside.values()])
    parts = parts_of(["agn", "", "sf", "sf"])
    assert list(parts) == ["sf", "agn"]
    assert not np.any([rows[1] for rows in parts.values()])


def test_paired_differences_know_what_galaxies_share(predicted):
    z_spec, table = predicted(n=500)
    other = table.copy()
    other["z_phot"] = table["z_phot"] + 0.01 * (1 + z_spec)
    compared = compare_redshifts(z_spec, {"one": table, "two": other})
    bias = compared[compared["metric"] == "bias"][0]
    assert bias["method"] == "two"
    assert bias["difference"] == pytest.approx(0.01)
    # all of the scatter is shared
    assert bias["difference_err"] == pytest.approx(0, abs=1e-12)
    crps = compared[compared["metric"] == "crps"][0]
    assert crps["difference"] == crps["difference_err"] == 0


def test_only_galaxies_that_all_methods_know_are_compared(predicted):
    z_spec, table = predicted(n=50)
    other = table.copy()
    other["z_phot"][:20] = np.nan
    compared = compare_redshifts(z_spec, {"a": table, "b": other, "c": table})
    assert set(compared["n"]) == {30}
    assert np.all(compared["first"] == compared["value"])
    assert len(compared) == 2 * len(METRICS)


def test_wrong_calls_are_refused(predicted):
    z_spec, table = predicted(n=5)
    with pytest.raises(ValueError, match=r"5 rows, z_spec has shape \(4,\)"):
        redshift_scores(table, z_spec[:4])
    with pytest.raises(ValueError, match="1 methods are given"):
        compare_redshifts(z_spec, {"one": table})
