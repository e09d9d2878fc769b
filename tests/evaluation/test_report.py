"""The report: what it shows, what it leaves out, and what it says of that."""

import html.parser
import json

import numpy as np
import pytest
from astropy.table import QTable, Table

from galspec import SpectralEstimator, Target
from galspec.evaluation import EvaluationError, evaluate, tremonti2004
from galspec.metallicity_scales import convert_oh

pytest.importorskip("matplotlib")


class Page(html.parser.HTMLParser):
    """Tags and text of a page; complains of tags that do not close."""

    VOID = ("meta", "img")

    def __init__(self, text):
        super().__init__()
        self.open, self.tags, self.words = [], [], []
        self.feed(text)
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in self.VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.words.append(data.strip())

    @property
    def text(self):
        return " ".join(self.words)


@pytest.fixture
def undrawn(monkeypatch):
    """Pages without pictures, which take nearly all of the time."""
    monkeypatch.setattr("galspec.evaluation.report._png", lambda figure: b"")


def page(folder):
    return Page((folder / "index.html").read_text(encoding="utf-8"))


def test_everything_is_shown_where_everything_is_known(gas, measured, tmp_path):
    metrics = evaluate(gas, measured, tmp_path, compare=["other"])
    assert metrics["left_out"] == {}
    found = metrics["targets"]["oh"]
    assert found["summary"]["n"] == 400
    assert found["summary"]["sigma"] == pytest.approx(0.1, abs=0.02)
    assert found["intervals"]["68 %"] == pytest.approx(0.68, abs=0.07)
    assert found["intervals"]["95 %"] == pytest.approx(0.95, abs=0.04)
    assert found["intervals"]["pull_std"] == pytest.approx(1, abs=0.1)
    assert found["comparison"]["other"]["bias"] == pytest.approx(0.3)
    assert found["comparison"]["gas, unflagged"]["n"] == 380
    assert found["by_snr_r"]["bins"][0]["low"] == 3
    assert metrics["flags"] == {"none": 380, "LOW_SN": 20}
    shown = page(tmp_path)
    images = [attrs for tag, attrs in shown.tags if tag == "img"]
    assert len(images) == len(list((tmp_path / "figures").glob("*.png"))) == 12
    assert all(image["src"].startswith("data:image/png;base64,") for image in images)
    assert all(image["alt"] for image in images)
    assert "Mass-metallicity relation" in shown.text
    for tag, attrs in shown.tags:  # it needs nothing from elsewhere
        assert tag not in ("script", "link")
        assert attrs.get("href", "#").startswith("#")


@pytest.mark.usefixtures("undrawn")
def test_metrics_are_on_file_and_strict_json(gas, measured, tmp_path):
    measured["true_oh"][:] = np.nan
    measured["true_oh"][1] = 8.5
    metrics = evaluate(gas, measured, tmp_path)
    text = (tmp_path / "metrics.json").read_text()
    assert json.loads(text) == metrics
    assert "NaN" not in text
    assert metrics["targets"]["oh"]["summary"]["slope"] is None


@pytest.mark.usefixtures("undrawn")
def test_the_joined_table_can_be_evaluated_again(gas, measured, tmp_path):
    labels = measured["file", "true_oh", "snr_r", "redshift"]
    labels.rename_column("true_oh", "oh")
    labels.meta.clear()
    estimates = measured["file", "oh", "oh_err", "flags"]
    first = evaluate(gas, labels, tmp_path / "a", predictions=estimates)
    second = evaluate(gas, tmp_path / "a" / "joined.ecsv", tmp_path / "b")
    assert first["targets"] == second["targets"]


def test_equal_input_gives_equal_files(gas, measured, tmp_path):
    for name in "ab":
        evaluate(gas, measured["true_oh", "oh", "flags"], tmp_path / name)
    for file in ("index.html", "metrics.json", "joined.ecsv"):
        assert (tmp_path / "a" / file).read_bytes() == (
            tmp_path / "b" / file
        ).read_bytes()


@pytest.mark.usefixtures("undrawn")
def test_missing_columns_leave_out_sections_and_are_named(gas, measured, tmp_path):
    metrics = evaluate(gas, measured["true_oh", "oh"], tmp_path)
    left = metrics["left_out"]
    assert "'snr_r'" in left["targets/oh/by_snr_r"]
    assert "'redshift'" in left["targets/oh/by_redshift"]
    assert "'mass'" in left["targets/oh/mass_metallicity"]
    assert "'oh_err'" in left["targets/oh/intervals"]
    assert "'split'" in left["targets/oh/labels"]
    assert "'flags'" in left["flags"]
    assert metrics["targets"]["oh"]["summary"]["n"] == 600
    assert "A column 'snr_r' would give it." in page(tmp_path).text


def test_five_rows_are_enough_for_a_page(gas, measured, tmp_path):
    metrics = evaluate(gas, measured[1:6], tmp_path)
    assert metrics["targets"]["oh"]["summary"]["n"] == 4
    assert "too few" in metrics["left_out"]["targets/oh/mass_metallicity"]


@pytest.mark.usefixtures("undrawn")
def test_rows_without_a_value_are_counted(gas, measured, tmp_path):
    measured["oh"][:9] = np.nan
    metrics = evaluate(gas, measured, tmp_path)
    assert metrics["without_value"] == 6
    # null models are judged on the same rows
    compared = metrics["targets"]["oh"]["comparison"]
    assert compared["mean label"]["n"] == compared["gas"]["n"] == 394


@pytest.mark.usefixtures("undrawn")
def test_the_mean_label_is_that_of_the_training_part(gas, measured, tmp_path):
    measured["true_oh"][measured["split"] == "train"] += 1
    null = evaluate(gas, measured, tmp_path)["targets"]["oh"]["comparison"][
        "mean label"
    ]
    assert null["bias"] == pytest.approx(1, abs=0.1)
    assert null["slope"] == pytest.approx(0, abs=1e-6)


@pytest.mark.usefixtures("undrawn")
def test_every_target_has_its_sections(star, tmp_path):
    rng = np.random.default_rng(1)
    teff, logg = rng.uniform(4000, 7000, 200), rng.uniform(1, 5, 200)
    table = Table({"true_teff": teff, "true_logg": logg, "z": np.full(200, 2.0)})
    table["teff"] = teff + rng.normal(0, 100, 200)
    table["logg"] = logg + 0.1
    metrics = evaluate(star, table, tmp_path, compare={"logg": ["true_logg"]})
    assert metrics["targets"]["teff"]["summary"]["sigma"] == pytest.approx(100, rel=0.2)
    assert metrics["targets"]["logg"]["comparison"]["true_logg"]["sigma"] == 0
    assert "mass_metallicity" not in metrics["targets"]["teff"]
    assert "effective temperature" in page(tmp_path).text


@pytest.mark.usefixtures("undrawn")
def test_bins_follow_the_data_where_the_paper_has_none(star, tmp_path):
    rng = np.random.default_rng(1)
    table = Table({"true_teff": rng.uniform(4000, 7000, 90), "logg": np.ones(90)})
    table["true_logg"] = 1.0
    table["teff"], table["snr_r"] = table["true_teff"], rng.uniform(100, 400, 90)
    metrics = evaluate(star, table, tmp_path)
    bins = metrics["targets"]["teff"]["by_snr_r"]["bins"]
    assert [row["n"] for row in bins] == [15] * 6


@pytest.mark.usefixtures("undrawn")
def test_text_is_escaped(tmp_path):
    class Odd(SpectralEstimator):
        name = "<odd>"
        targets = (Target("x", None, "<b>x</b> & y", valid=(0, 1)),)

    table = Table({"true_x": [0.1, 0.2], "x": [0.1, 0.3]})
    evaluate(Odd, table, tmp_path)
    text = (tmp_path / "index.html").read_text()
    assert "<b>x" not in text
    assert "&lt;b&gt;x&lt;/b&gt; &amp; y" in text


@pytest.mark.usefixtures("undrawn")
def test_the_estimator_predicts_for_files(gas, tmp_path):
    class Working(gas):
        def _predict_batch(self, batch, interval):
            value = np.where(batch.flags == 0, 8 + batch.redshift, np.nan)
            columns = {"oh": value, "oh_err": np.full(len(batch), 0.1)}
            limits = {"oh_lo": value - interval, "oh_hi": value + interval}
            return {**batch.ids, **columns, **limits, "flags": batch.flags}

    from galspec import example_spectra

    names = [path.name for path in example_spectra()]
    table = Table({"file": [*names, "gone.fits"], "oh": np.full(7, 8.1)})
    table["redshift"] = [0.1, 0.2, 0.3, 0.4, 0.5, np.nan, 0.1]
    folder = str(example_spectra()[0].parent)
    table["file"] = [f"{folder}/{name}" for name in table["file"]]
    metrics = evaluate(Working(), table, tmp_path)
    joined = QTable.read(tmp_path / "joined.ecsv")
    np.testing.assert_allclose(joined["oh"].value[:5], [8.1, 8.2, 8.3, 8.4, 8.5])
    assert np.isfinite(joined["oh"][5])  # the file's own redshift
    assert np.isnan(joined["oh"][6])
    assert metrics["without_value"] == 1
    assert metrics["flags"]["UNREADABLE"] == 1


def test_tremonti_on_both_scales():
    assert tremonti2004(10) == pytest.approx(-1.492 + 18.47 - 8.026)
    assert np.isnan(tremonti2004([8.4, 11.6])).all()
    assert tremonti2004(10, "PP04 O3N2") == pytest.approx(
        convert_oh(8.952, "T04", "PP04 O3N2")
    )


@pytest.mark.usefixtures("undrawn")
def test_a_quadratic_is_found_again_and_masses_may_have_a_unit(gas, measured, tmp_path):
    import astropy.units as u

    x = np.asarray(measured["mass"])
    measured["oh"] = -1 + 1.8 * x - 0.08 * x**2
    measured["mass"] = 10**x
    measured["mass"].unit = u.solMass
    metrics = evaluate(gas, measured, tmp_path)
    fit = metrics["targets"]["oh"]["mass_metallicity"]["relations"][
        "estimates, this set"
    ]
    np.testing.assert_allclose(fit, [-1, 1.8, -0.08], rtol=1e-4)


@pytest.mark.usefixtures("undrawn")
def test_masses_that_are_no_logarithms_are_refused(gas, measured, tmp_path):
    measured["mass"] = 10 ** measured["mass"]
    with pytest.raises(EvaluationError, match="column 'mass' has the median"):
        evaluate(gas, measured, tmp_path)


@pytest.mark.parametrize(
    ("name", "words"), [("lgm_fib_p50", "fibre"), ("m", "not say")]
)
@pytest.mark.usefixtures("undrawn")
def test_it_is_said_which_mass_was_used(gas, measured, tmp_path, name, words):
    measured.rename_column("mass", name)
    evaluate(gas, measured, tmp_path, columns={"mass": name})
    assert words in page(tmp_path).text.partition("Mass: column")[2][:90]


@pytest.mark.usefixtures("undrawn")
def test_classes_are_judged(kinds, classified, tmp_path):
    metrics = evaluate(kinds, classified, tmp_path, prior={"sf": 0.1})
    classes = metrics["classes"]
    assert list(classes["confusion"]) == ["star-forming", "composite", "AGN", "retired"]
    assert sum(map(sum, (row.values() for row in classes["confusion"].values()))) == 800
    for name, entry in classes["reliability"].items():
        assert entry["largest"] < 0.2, name
    at_half = classes["detection"]["sf"]["0.5"]
    assert at_half["precision_at_prior"] < at_half["precision"]
    assert classes["detection"]["sf"]["0.85"]["precision"] > at_half["precision"]
    assert "Prior: sf 10.0 %" in page(tmp_path).text


@pytest.mark.usefixtures("undrawn")
def test_codes_of_bptclass_are_understood(kinds, classified, tmp_path):
    codes = {"star-forming": 1, "composite": 3, "AGN": 4, "retired": -1}
    classified["bptclass"] = [codes[name] for name in classified["class"]]
    classified["bptclass"][classified["class"] == "star-forming"] = 1
    classified["bptclass"][:3] = 2
    del classified["class"]
    metrics = evaluate(kinds, classified, tmp_path, classes={"2": "sf"})
    rows = metrics["classes"]["confusion"]
    assert list(rows)[:2] == ["star-forming", "star-forming, low S/N"]
    assert "unclassifiable" in rows
    assert "None of the estimator's classes: unclassifiable" in page(tmp_path).text


@pytest.mark.usefixtures("undrawn")
def test_a_class_called_rest_takes_all_others(classified, tmp_path):
    class Two(SpectralEstimator):
        name = "two"
        targets = (
            Target("p_sf", None, "probability of being star-forming", valid=(0, 1)),
            Target("p_rest", None, "probability of anything else", valid=(0, 1)),
        )

    classified["p_rest"] = 1 - classified["p_sf"]
    metrics = evaluate(Two, classified, tmp_path)
    found = metrics["classes"]["detection"]
    # two classes that exclude each other: what one finds is what the other leaves
    assert found["rest"]["0.5"]["recall"] == found["sf"]["0.5"]["specificity"]
    assert next(iter(metrics["classes"]["confusion"])) == "star-forming"


@pytest.mark.usefixtures("undrawn")
def test_a_single_class_is_told_from_its_absence(classified, tmp_path):
    class One(SpectralEstimator):
        name = "one"
        targets = (
            Target("p_sf", None, "probability to be star-forming", valid=(0, 1)),
        )

    metrics = evaluate(One, classified, tmp_path, thresholds=[0.3])
    assert set(metrics["classes"]["confusion"]["AGN"]) == {"sf", "not sf"}
    assert list(metrics["classes"]["detection"]["sf"]) == ["0.3"]


@pytest.mark.usefixtures("undrawn")
def test_without_true_classes_the_column_is_named(kinds, classified, tmp_path):
    del classified["class"]
    with pytest.raises(EvaluationError, match="none of the columns class is there"):
        evaluate(kinds, classified, tmp_path)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"prior": {"qso": 0.1}}, "no object is of class 'qso'; there is agn, comp"),
        ({"classes": {"qso": "agn"}}, "class 'qso' cannot stand for 'agn'"),
        ({"classes": {"AGN": "qso"}}, "the estimator has sf, composite, agn, passive"),
    ],
)
@pytest.mark.usefixtures("undrawn")
def test_wrong_classes_are_named(kinds, classified, tmp_path, options, message):
    with pytest.raises(EvaluationError, match=message):
        evaluate(kinds, classified, tmp_path, **options)


@pytest.mark.usefixtures("undrawn")
def test_columns_to_compare_with_must_exist(gas, star, measured, tmp_path):
    with pytest.raises(EvaluationError, match="there is no column 'gone'"):
        evaluate(gas, measured, tmp_path, compare=["gone"])
    with pytest.raises(EvaluationError, match="'ho' is no target; there is oh"):
        evaluate(gas, measured, tmp_path, compare={"ho": ["other"]})
    with pytest.raises(EvaluationError, match="of which target other are estimates"):
        evaluate(star, measured, tmp_path, compare=["other"])


@pytest.mark.usefixtures("undrawn")
def test_wrong_choices_are_noticed_before_anything_is_predicted(
    gas, kinds, measured, classified, tmp_path
):
    labels = classified["class",]
    labels["file"] = [f"gone-{number}.fits" for number in range(len(labels))]
    for options, message in (
        ({"prior": {"qso": 0.1}}, "no object is of class 'qso'"),
        ({"classes": {"qso": "agn"}}, "class 'qso' cannot stand for 'agn'"),
    ):
        with pytest.raises(EvaluationError, match=message):
            evaluate(kinds, labels, tmp_path, **options)
    labels = measured["file", "true_oh"]
    with pytest.raises(EvaluationError, match="there is no column 'gone'"):
        evaluate(gas, labels, tmp_path, compare=["gone"])
    assert not list(tmp_path.iterdir())


@pytest.mark.usefixtures("undrawn")
def test_estimates_outlive_an_error_of_the_report(kinds, classified, tmp_path):
    with pytest.raises(EvaluationError):
        evaluate(kinds, classified, tmp_path, prior={"qso": 0.1})
    assert len(QTable.read(tmp_path / "joined.ecsv")) == 800
    assert not (tmp_path / "index.html").exists()
