"""How checks are run: alone, all of them, and as tests of pytest."""

import subprocess
import sys

import pytest

from galspec import GasMetallicity
from galspec.baselines.strong_lines import PP04N2
from galspec.testing import (
    CheckResult,
    check_estimator,
    checks_of,
    parametrize_with_checks,
    run_checks,
)

NAME = "it_is_deterministic"


class Moody(PP04N2, name="moody", scale=PP04N2.scale):
    """Other values in every call."""

    def _predict_batch(self, batch, interval, **options):
        rows = super()._predict_batch(batch, interval, **options)
        Moody.calls = getattr(Moody, "calls", 0) + 1
        return rows | {"oh": rows["oh"] + 1e-3 * Moody.calls}


def test_results_come_one_by_one_and_in_order():
    results = run_checks(PP04N2)
    first = next(results)
    assert first.ok
    assert (first.status, first.message, first.problem) == ("passed", "", "")
    names = [first.check.name, *(result.check.name for result in results)]
    assert names == [check.name for check in checks_of(PP04N2)]


def test_a_failure_says_what_and_why_and_what_to_do():
    with pytest.raises(AssertionError) as error:
        check_estimator(Moody)
    message = str(error.value)
    assert "it_is_deterministic: oh differs" in message
    assert "wanted: Equal data give equal results, to the last bit." in message
    assert "to do:  Draw random numbers" in message


def test_failures_may_be_expected():
    failing = {r.check.name: "moods" for r in run_checks(Moody) if r.error is not None}
    assert NAME in failing
    check_estimator(Moody, expected_failed_checks=failing)
    with pytest.raises(AssertionError, match=r"units_do_.* passes, though .* \(why\)"):
        check_estimator(PP04N2, expected_failed_checks={"units_do_not_matter": "why"})


@pytest.mark.parametrize(
    ("expected", "message"),
    [
        ({"it_is_determinstic": "so"}, f"did you mean '{NAME}'"),
        ({"what": "so"}, "there is no check 'what': there are"),
        ({NAME: ""}, f"say why {NAME} is expected to fail"),
    ],
)
def test_what_is_expected_has_to_exist_and_to_have_a_reason(expected, message):
    with pytest.raises(ValueError, match=message):
        check_estimator(PP04N2, expected_failed_checks=expected)
    with pytest.raises(ValueError, match=message):
        parametrize_with_checks([PP04N2], expected_failed_checks=expected)


@pytest.mark.parametrize("thing", [int, 3, "gas-metallicity"])
def test_what_is_no_estimator_is_refused(thing):
    with pytest.raises(TypeError, match="is no estimator: derive it"):
        check_estimator(thing)


def test_an_error_that_is_no_check_tells_its_place():
    check = checks_of(PP04N2)[0]
    try:
        1 / 0  # noqa: B018
    except ZeroDivisionError as error:
        result = CheckResult(check, error)
    assert "ZeroDivisionError: division by zero" in result.message
    assert "test_running.py, line" in result.message


def test_every_check_is_a_test_of_its_own():
    mark = parametrize_with_checks(
        [PP04N2, Moody()], expected_failed_checks={NAME: "a"}
    )
    cases = mark.mark.args[1]
    assert len(cases) == 2 * len(checks_of(PP04N2))
    assert cases[0].id == "PP04N2-declaration_is_complete"
    marked = [case for case in cases if case.marks]
    assert [case.id for case in marked] == [f"PP04N2-{NAME}", f"Moody-{NAME}"]
    assert all(
        case.marks[0].kwargs == {"reason": "a", "strict": True} for case in marked
    )


def test_weights_of_a_class_are_loaded_late_and_once(monkeypatch):
    loaded = []
    original = GasMetallicity.pretrained.__func__

    def pretrained(cls, *args, **options):
        loaded.append((args, options))
        return original(cls, *args, **options)

    monkeypatch.setattr(GasMetallicity, "pretrained", classmethod(pretrained))
    cases = parametrize_with_checks([GasMetallicity]).mark.args[1]
    assert loaded == []
    for case in cases[:4]:
        estimator, check = case.values
        check(estimator)
    assert loaded == [((), {})]


TESTS = """
from galspec.baselines.strong_lines import PP04N2
from galspec.testing import parametrize_with_checks


@parametrize_with_checks([PP04N2], expected_failed_checks={"it_gives_values": "so"})
def test_contract(estimator, check):
    check(estimator)
"""


def test_an_expected_failure_that_passes_is_a_failure_of_pytest(tmp_path):
    (tmp_path / "test_it.py").write_text(TESTS)
    command = [sys.executable, "-m", "pytest", "-q", "-k", "values or complete"]
    done = subprocess.run(
        [*command, "-p", "no:cacheprovider", tmp_path],
        capture_output=True,
        text=True,
        cwd=tmp_path,
    )
    assert "1 failed, 2 passed" in done.stdout
    assert "[XPASS(strict)] so" in done.stdout


def test_pytest_is_not_needed_to_run_checks():
    code = (
        "import sys; sys.modules['pytest'] = None;"
        "from galspec.testing import check_estimator, parametrize_with_checks"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
