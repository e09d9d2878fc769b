"""The other commands, and how the process ends."""

import hashlib
import json
import pathlib
import subprocess
import sys

import numpy as np
import pytest

from galspec import __version__, registry
from galspec.networks import SpectralCNNConfig
from galspec.testing import Check, CheckResult
from galspec.transforms import Recipe
from galspec.weights import write_bundle

#: Runs the command line in a process of its own, and then what follows.
MAIN = "import sys; from galspec.cli import main; code = main(sys.argv[1:]); "


@pytest.fixture
def weights(tmp_path, monkeypatch):
    """Weights of the plugin, registered by the user and lying in their folder."""
    file = tmp_path / "weights" / "brightness" / "default.safetensors"
    file.parent.mkdir(parents=True)
    config = {
        "estimator": "brightness",
        "targets": ["bright"],
        "scale": "of the lamp",
        "valid": [[-3, 2]],
        "recipe": Recipe("of-the-weights").to_config(),
        "network": SpectralCNNConfig().to_config(),
    }
    write_bundle(file, {"a": np.ones(3)}, config, "# Card of the lamp")
    data = file.read_bytes()
    entry = {"sha256": hashlib.sha256(data).hexdigest(), "size": len(data)}
    entries = {"default": entry, "far": {**entry, "sources": [file.as_uri()]}}
    local = tmp_path / "registry.json"
    local.write_text(json.dumps({"format": 1, "weights": {"brightness": entries}}))
    monkeypatch.setenv("GALSPEC_WEIGHTS_DIR", str(tmp_path / "weights"))
    monkeypatch.setenv("GALSPEC_WEIGHTS_REGISTRY", str(local))
    return entry["sha256"]


def test_list_shows_name_distribution_and_tags(galspec, weights):
    code, stdout, _ = galspec("list")
    assert code == 0
    row = next(line for line in stdout.splitlines() if line.startswith("brightness"))
    assert row.split(maxsplit=3) == ["brightness", "lamp", "1.2", "default, far"]


def test_checking_describes_what_can_be_imported(galspec):
    code, stdout, _ = galspec("list", "--check")
    assert code == 0
    assert "How bright a spectrum is.\n" in stdout


def test_checking_says_what_cannot_be_imported(galspec, plugin):
    points = plugin / "entry_points.txt"
    points.write_text(points.read_text() + "dark = lamp_plugin:Dark\n")
    registry.clear_cache()
    code, stdout, _ = galspec("list")
    assert (code, "cannot be imported" in stdout) == (0, False)
    code, stdout, _ = galspec("list", "--check")
    assert (code, "cannot be imported" in stdout) == (1, True)


def test_info_shows_declaration_weights_and_card(galspec, weights):
    code, stdout, _ = galspec("info", "brightness")
    assert code == 0
    for words in (
        "brightness: How bright a spectrum is.",
        "bright  dex   -3 to 2  log10 of the mean flux",
        "of the lamp",
        "of-the-weights",
        "2026A&A...000A...1A",
        weights,
        "default, far",
        "# Card of the lamp",
    ):
        assert words in stdout


def test_info_of_weights_of_your_own(galspec, weights, tmp_path):
    file = tmp_path / "weights" / "brightness" / "default.safetensors"
    own = file.rename(tmp_path / "own.safetensors")
    code, stdout, _ = galspec("info", "brightness", "--weights", own)
    assert code == 0
    assert "own.safetensors, " in stdout
    assert weights in stdout
    assert "# Card of the lamp" in stdout
    code, _, stderr = galspec("info", "brightness", "--weights", "gone.safetensors")
    assert code == 2
    assert "gone.safetensors" in stderr


def test_info_does_without_weights(galspec):
    code, stdout, _ = galspec("info", "brightness")
    assert code == 0
    assert "no weights are known for an estimator 'brightness'" in stdout
    assert "ScaleMinMax()" in stdout


def test_info_downloads_nothing(galspec, weights):
    code, stdout, _ = galspec("info", "brightness", "--tag", "far")
    assert code == 0
    assert "galspec download brightness --tag far" in stdout


def test_info_of_a_tag_that_is_not_there(galspec, weights):
    code, _, stderr = galspec("info", "brightness", "--tag", "fart")
    assert code == 2
    assert "Did you mean 'far'" in stderr


def test_download_says_offline_what_was_not_asked(galspec, weights, monkeypatch):
    monkeypatch.setenv("GALSPEC_OFFLINE", "1")
    code, stdout, stderr = galspec("download", "brightness", "--tag", "far")
    assert (code, stdout) == (2, "")
    assert "the network may not be used" in stderr


def test_download_prints_path_size_and_digest(galspec, weights):
    code, stdout, _ = galspec("download", "brightness", "--tag", "far")
    assert code == 0
    path, about = stdout.splitlines()
    data = pathlib.Path(path).read_bytes()
    assert hashlib.sha256(data).hexdigest() == weights
    assert about.endswith(f"MB, SHA-256 {weights}")


CHECKS = (
    Check("it_is_bright", "It shines.", "Turn it on."),
    Check("it_is_warm", "It is warm.", "Wait."),
)


@pytest.fixture
def dark(monkeypatch):
    """Checks of which the first fails."""

    def run_checks(estimator, expected_failed_checks):
        reasons = [expected_failed_checks.get(check.name, "") for check in CHECKS]
        yield CheckResult(CHECKS[0], AssertionError("no light"), reasons[0])
        yield CheckResult(CHECKS[1], None, reasons[1])

    monkeypatch.setattr("galspec.testing.run_checks", run_checks)


def test_check_reports_every_check_and_what_to_do(galspec, dark):
    code, stdout, _ = galspec("check", "brightness")
    assert code == 1
    assert [line.split() for line in stdout.splitlines()] == [
        ["FAILED", "It", "shines.", "[it_is_bright]"],
        ["problem:", "no", "light"],
        ["to", "do:", "Turn", "it", "on."],
        ["passed", "It", "is", "warm.", "[it_is_warm]"],
        ["2", "checks:", "1", "FAILED,", "1", "passed"],
    ]


def test_check_knows_what_is_expected_to_fail(galspec, dark):
    code, stdout, _ = galspec(
        "check", "brightness", "--expect-failure", "it_is_bright=night"
    )
    assert code == 0
    assert "expected failure  It shines." in stdout
    assert "expected: night" in stdout
    assert "Turn it on" not in stdout
    passing = ["--expect-failure", "it_is_warm=winter"]
    code, stdout, _ = galspec("check", "brightness", *passing)
    assert code == 1
    assert "UNEXPECTED PASS   It is warm." in stdout
    assert "leave out --expect-failure" in stdout


def test_check_of_a_third_partys_estimator(galspec):
    code, stdout, _ = galspec("check", "brightness")
    assert code == 1  # its fixture is a sketch: it gives no domain, for example
    assert "there is no column domain" in stdout
    assert "passed            Rows do not depend on the rows beside them." in stdout


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ("it_gives_value=so", "did you mean 'it_gives_values'?"),
        ("nonsense=so", "there is no check 'nonsense'"),
    ],
)
def test_check_knows_its_checks(galspec, words, message):
    code, _, stderr = galspec("check", "brightness", "--expect-failure", words)
    assert code == 2
    assert message in stderr


def test_check_takes_weights(galspec, monkeypatch):
    taken = []

    def pretrained(cls, tag="default", **options):
        taken.append((tag, options))
        return cls()

    monkeypatch.setattr("galspec.testing.run_checks", lambda *a, **k: [])
    monkeypatch.setattr(
        registry.get_estimator("brightness"), "pretrained", classmethod(pretrained)
    )
    own = ["--weights", "own.safetensors", "--offline"]
    assert galspec("check", "brightness", *own)[0] == 0
    assert taken == [("default", {"path": "own.safetensors", "offline": True})]
    assert galspec("check", "brightness", "--tag", "far")[0] == 0
    assert taken[1][0] == "far"


def test_check_of_weights_that_are_not_there(galspec):
    code, _, stderr = galspec("check", "brightness", "--tag", "gone")
    assert code == 2
    assert "no weights 'gone'" in stderr


def test_version(galspec):
    assert galspec("--version") == (0, f"galspec {__version__}\n", "")


@pytest.mark.parametrize("arguments", [(), ("dance",), ("list", "--dance")])
def test_what_does_not_exist_is_exit_code_2(galspec, arguments):
    assert galspec(*arguments)[0] == 2


@pytest.mark.parametrize("command", [(), ("predict",)])
def test_help_documents_the_exit_codes(galspec, command):
    code, stdout, _ = galspec(*command, "--help")
    assert code == 0
    assert "exit codes:" in stdout


def test_an_interrupt_is_exit_code_130(galspec, monkeypatch):
    def interrupt(*args, **kwargs):
        raise KeyboardInterrupt

    monkeypatch.setattr("galspec.cli.listing.list_estimators", interrupt)
    code, _, stderr = galspec("list")
    assert (code, stderr) == (130, "galspec: interrupted\n")


def test_listing_loads_nothing_heavy():
    code = MAIN + "print({'torch', 'specutils', 'scipy'} & set(sys.modules))"
    assert process(code, "list").stdout.splitlines()[-1] == "set()"


def test_a_reader_that_goes_away_is_no_error():
    code = (
        "import os; read, write = os.pipe(); os.close(read); os.dup2(write, 1); "
        + MAIN
        + "print(code, file=sys.stderr)"
    )
    assert process(code, "list").stderr == "141\n"


def process(code, *arguments):
    return subprocess.run(
        [sys.executable, "-c", code, *arguments],
        capture_output=True,
        text=True,
        check=True,
    )
