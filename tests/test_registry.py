"""Plugins are found in real installed distributions, and imported only when used."""

import subprocess
import sys

import pytest

from galspec import registry
from galspec.registry import (
    EstimatorImportError,
    EstimatorNotFoundError,
    get_estimator,
    list_estimators,
)

GOOD = """
from galspec import SpectralEstimator
class Estimator(SpectralEstimator):
    name = {name!r}
"""


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Install a distribution with one estimator: metadata and a module."""
    monkeypatch.syspath_prepend(tmp_path)
    registry.clear_cache()

    def install(dist, name, value=None, source=GOOD, version="1.0"):
        module = dist.replace("-", "_") + "_module"
        info = tmp_path / f"{dist.replace('-', '_')}-{version}.dist-info"
        info.mkdir()
        (info / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: {dist}\nVersion: {version}\n"
        )
        (info / "entry_points.txt").write_text(
            f"[galspec.estimators]\n{name} = {value or f'{module}:Estimator'}\n"
        )
        if source is not None:
            (tmp_path / f"{module}.py").write_text(source.format(name=name))
        sys.modules.pop(module, None)
        registry.clear_cache()
        return module

    # stands before the real one, so that the tests know what is built in
    install("astro-galspec", "built-in", version="9.9")
    yield install
    registry.clear_cache()


def row_of(dist, **options):
    return next(r for r in list_estimators(**options) if r.distribution == dist)


def test_lists_a_plugin_without_importing_it(install):
    module = install("starlight", "stellar-age", version="2.1")
    row = row_of("starlight")
    assert (row.name, row.version, row.problem) == ("stellar-age", "2.1", "")
    assert row.value == f"{module}:Estimator"
    assert module not in sys.modules


def test_built_in_ones_come_first(install):
    install("aaa", "aaa")
    assert [row.is_builtin for row in list_estimators()] == [True, False]


def test_gets_the_class_by_either_name(install):
    install("Star-Light", "stellar-age")
    cls = get_estimator("stellar-age")
    assert cls.name == "stellar-age"
    assert get_estimator("Star-Light:stellar-age") is cls
    assert get_estimator("star_light:stellar-age") is cls


def test_an_unknown_name_lists_what_there_is(install):
    install("starlight", "stellar-age")
    with pytest.raises(EstimatorNotFoundError, match="built-in, stellar-age") as error:
        get_estimator("stelar-age")
    assert "Did you mean 'stellar-age'?" in str(error.value)
    with pytest.raises(EstimatorNotFoundError, match="other:stellar-age"):
        get_estimator("other:stellar-age")


def test_a_name_claimed_twice_needs_its_distribution(install):
    install("one", "stellar-age")
    install("two", "stellar-age")
    with pytest.raises(EstimatorNotFoundError, match="one and two") as error:
        get_estimator("stellar-age")
    assert "'two:stellar-age'" in str(error.value)
    assert "claimed by two" in row_of("one").problem
    assert get_estimator("two:stellar-age").__module__ == "two_module"


def test_built_in_names_are_reserved(install):
    install("claimant", "built-in")
    assert "reserved" in row_of("claimant").problem
    assert row_of("astro-galspec").problem == ""
    assert get_estimator("built-in").__module__ == "astro_galspec_module"
    assert get_estimator("claimant:built-in").__module__ == "claimant_module"


@pytest.mark.parametrize(
    ("name", "options", "problem"),
    [
        ("gone", {"source": None}, "no module 'broken_module'"),
        ("bad", {"value": "no such thing"}, "package.module:Class"),
        ("module-only", {"value": "broken_module"}, "package.module:Class"),
        ("na/me", {}, "letters, digits"),
    ],
)
def test_some_faults_are_seen_without_importing(install, name, options, problem):
    module = install("broken", name, **options)
    assert problem in row_of("broken").problem
    with pytest.raises(EstimatorImportError, match=problem):
        get_estimator(f"broken:{name}")
    assert module not in sys.modules


@pytest.mark.parametrize(
    ("source", "problem"),
    [
        ("import not_there_at_all", "No module named 'not_there_at_all'"),
        ("1 / 0", "ZeroDivisionError"),
        ("raise ImportError", "ImportError"),
        ("def syntax error", "SyntaxError"),
        ("", "has no attribute 'Estimator'"),
        ("Estimator = 3", "of type int, not a class"),
        ("class Estimator:\n    name = 'thing'", "a class, but no estimator"),
        (GOOD.replace("{name!r}", "'other'"), "calls itself 'other'"),
        (GOOD.replace("name = {name!r}", "pass"), "calls itself ''"),
    ],
)
def test_a_failing_import_is_an_error_only_when_used(install, source, problem):
    install("broken", "thing", source=source)
    install("fine", "other")
    assert row_of("broken").problem == ""
    assert problem in row_of("broken", check=True).problem
    assert row_of("fine").problem == ""
    with pytest.raises(EstimatorImportError, match=problem):
        get_estimator("thing")


def test_a_failed_import_is_remembered(install, tmp_path):
    module = install("broken", "thing", source="1 / 0")
    with pytest.raises(EstimatorImportError):
        get_estimator("thing")
    assert "ZeroDivisionError" in row_of("broken").problem
    (tmp_path / f"{module}.py").write_text(GOOD.format(name="thing") + "# repaired\n")
    with pytest.raises(EstimatorImportError):
        get_estimator("thing")
    registry.clear_cache()
    assert get_estimator("thing").name == "thing"


def test_metadata_without_name_does_no_harm(install, tmp_path):
    install("damaged", "thing")
    (tmp_path / "damaged-1.0.dist-info" / "METADATA").unlink()
    registry.clear_cache()
    assert row_of("unknown").version == "unknown"
    assert get_estimator("thing").name == "thing"


def test_listing_loads_nothing_heavy():
    code = (
        "import sys; from galspec.registry import list_estimators; list_estimators();"
        "heavy = {'torch', 'specutils', 'scipy', 'galspec.estimators'};"
        "print(sorted(heavy & set(sys.modules)))"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert run.stdout.strip() == "[]"
