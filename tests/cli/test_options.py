"""What an estimator takes besides becomes options of ``galspec predict``."""

import pytest
from astropy.table import QTable

from galspec.registry import get_estimator


@pytest.fixture
def moved(monkeypatch):
    """The estimator "brightness", with options that are told in the table."""
    cls = get_estimator("brightness")

    def finished(self, table, **options):
        table.meta.update(options)
        return table

    words = {"more_of": "how much", "unit": "100 % text", "output": "the command's own"}
    monkeypatch.setattr(cls, "result_options", words)
    monkeypatch.setattr(cls, "_finished", finished)
    return cls


def test_they_reach_the_estimator_as_numbers_and_text(
    galspec, examples, moved, tmp_path
):
    out = tmp_path / "out.ecsv"
    options = ["--more-of", "0.5", "--unit", "mag", "--output", out]
    code, _, _ = galspec("predict", "lamp:brightness", *options, *examples[:1])
    assert code == 0
    meta = QTable.read(out).meta
    assert (meta["more_of"], meta["unit"]) == (0.5, "mag")
    assert "output" not in meta


def test_what_is_not_given_stays_as_the_estimator_has_it(
    galspec, examples, moved, tmp_path
):
    out = tmp_path / "out.ecsv"
    galspec("predict", "brightness", *examples[:1], "-o", out)
    assert "unit" not in QTable.read(out).meta


def test_they_are_in_the_help_of_that_estimator_only(galspec, moved):
    _, stdout, _ = galspec("predict", "brightness", "--help")
    assert "options of brightness" in stdout
    assert "--more-of VALUE" in stdout
    assert "100 % text" in stdout
    _, stdout, _ = galspec("predict", "--help")
    assert "--more-of" not in stdout


def test_names_without_words_are_options_too(galspec, moved, monkeypatch):
    monkeypatch.setattr(moved, "result_options", ("plain",))
    _, stdout, _ = galspec("predict", "brightness", "--help")
    assert "--plain VALUE" in stdout


def test_what_cannot_be_read_is_a_wrong_call(galspec, examples, moved, monkeypatch):
    def refuse(name, text):
        raise ValueError(f"{name} cannot be {text}")

    monkeypatch.setattr(moved, "read_option", refuse)
    code, _, stderr = galspec("predict", "brightness", "--unit", "cat", *examples[:1])
    assert (code, stderr.strip()) == (2, "galspec: unit cannot be cat")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("cemp-params", ["--criterion"]),
        ("sed-predictor", ["--ebv", "--law", "--scale-to"]),
    ],
)
def test_built_in_estimators_have_theirs(galspec, name, options):
    _, stdout, _ = galspec("predict", name, "--help")
    assert all(option in stdout for option in options)


def test_an_unknown_criterion_is_a_wrong_call(galspec, examples):
    code, _, stderr = galspec(
        "predict", "cemp-params", "--criterion", "mine", *examples[:1]
    )
    assert code == 2
    assert "criterion is 'mine'; it can be one of default" in stderr


def test_info_lists_them(galspec, moved):
    _, stdout, _ = galspec("info", "brightness")
    assert "options     more_of: how much\n            unit: 100 % text" in stdout
