"""Distributions that pip has installed: sound, broken, misnamed, and with one name."""

import importlib.metadata
import json
import os
import subprocess
import sys
import zipfile

import numpy as np
import pytest

from galspec import SpectrumBatch
from galspec.training.fit_options import FitOptions
from galspec.weights import register

# not even looked for as a module: that changes how setuptools finds distutils, and rail
# imports setuptools
if not [*importlib.metadata.distributions(name="pip")]:
    pytest.skip("needs pip", allow_module_level=True)

FORMULA = """
import astropy.units as u
import numpy as np
from galspec import SpectralEstimator, Target
from galspec.flags import WITHOUT_VALUE
from galspec.transforms import Coverage, Recipe, Resample, ScaleRobust, linear_grid


class Plugin(SpectralEstimator):
    '''Red over blue: {name}.'''

    name = "{name}"
    targets = (Target("colour", u.mag, "red over blue", valid=(-9.0, 9.0)),)
    recipe = Recipe(
        "own", Resample(linear_grid(4000, 7000, 20)), Coverage(0.5), ScaleRobust()
    )
    references = ("2026none....1....A",)

    def _predict_batch(self, batch, interval):
        batch = self.recipe(batch)
        half = batch.flux.shape[1] // 2
        value = batch.flux[:, half:].mean(axis=1) - batch.flux[:, :half].mean(axis=1)
        value = np.where(batch.flags & int(WITHOUT_VALUE), np.nan, value)
        rows = {{**batch.ids, "colour": value, "colour_err": 0.1 + 0 * value}}
        if interval is not None:
            rows |= {{"colour_lo": value - 0.2, "colour_hi": value + 0.2}}
        return {{**rows, "flags": batch.flags}}
"""
NETWORK = """
import astropy.units as u
from galspec import SpectralEstimator, Target
from galspec.networks import PerceptronConfig
from galspec.transforms import Coverage, Recipe, Resample, ScaleRobust, linear_grid


class Plugin(SpectralEstimator):
    '''Red over blue, learned.'''

    name = "{name}"
    targets = (Target("colour", u.mag, "red over blue", valid=(-9.0, 9.0)),)
    recipe = Recipe(
        "own", Resample(linear_grid(4000, 7000, 20)), Coverage(0.5), ScaleRobust()
    )
    network = PerceptronConfig(widths=(8,), outputs=2)
    references = ("2026none....1....A",)
"""
#: Distributions with an estimator: its name, and what its module says.
ESTIMATORS = {
    "sound": ("sound", FORMULA),
    "lacking": ("lacking", "import a_library_that_is_not_there"),
    "crashing": ("crashing", "1 / 0"),
    "empty": ("empty", ""),
    "instance": ("instance", FORMULA + "\nPlugin = Plugin()\n"),
    "foreign": ("foreign", "class Plugin:\n    name = 'foreign'\n"),
    "misnamed": ("misnamed", FORMULA.replace("{name}", "another-name")),
    "moduleless": ("moduleless", None),
    "claimant": ("gas-metallicity", FORMULA),
    "twin-one": ("twin", FORMULA),
    "twin-two": ("twin", FORMULA),
    "learned": ("learned", NETWORK),
    "altered": ("altered", NETWORK),
    "fileless": ("fileless", NETWORK),
    "garbled": ("garbled", NETWORK),
    "shut": ("shut", NETWORK),
}
WHEEL = """\
Wheel-Version: 1.0
Generator: test
Root-Is-Purelib: true
Tag: py3-none-any
"""
#: Runs commands of galspec, and tells the exit code and the output of each.
RUNNER = """
import contextlib, io, json, sys
from galspec.cli import main

results = []
for argv in json.load(sys.stdin):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main(argv)
    results.append([code, out.getvalue(), err.getvalue()])
print(json.dumps(results))
"""


def write_wheel(folder, name, files, group, point):
    """A wheel of a distribution with one entry point; files are by path."""
    info = f"{name.replace('-', '_')}-1.0.dist-info"
    files = dict(files)
    files[f"{info}/METADATA"] = f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n"
    files[f"{info}/WHEEL"] = WHEEL
    files[f"{info}/entry_points.txt"] = f"[{group}]\n{point}\n"
    record = "".join(f"{path},,\n" for path in [*files, f"{info}/RECORD"])
    path = folder / f"{name.replace('-', '_')}-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for place, content in (files | {f"{info}/RECORD": record}).items():
            wheel.writestr(place, content)
    return path


def estimator_wheels(folder):
    """Wheels of `ESTIMATORS`."""
    for dist, (name, source) in ESTIMATORS.items():
        module = dist.replace("-", "_") + "_plugin"
        files = {} if source is None else {f"{module}.py": source.format(name=name)}
        point = f"{name} = {module}:Plugin"
        yield write_wheel(folder, dist, files, "galspec.estimators", point)


def small_weights(folder):
    """The content of a weight file, and of its registry, of the estimator "learned"."""
    namespace = {}
    exec(NETWORK.format(name="learned"), namespace)
    rng = np.random.default_rng(0)
    colour, wavelength = rng.uniform(-1, 1, 100), np.arange(3900.0, 7100.0, 20)
    flux = (wavelength / 5500) ** colour[:, None] + rng.normal(0, 0.02, (100, 160))
    batch = SpectrumBatch.from_arrays(wavelength, flux)
    options = FitOptions(epochs=1)
    estimator = namespace["Plugin"]()
    estimator.fit(batch, colour, options=options, progress_bar=False, device="cpu")
    file, registry = (
        folder / "learned" / "default.safetensors",
        folder / "registry.json",
    )
    estimator.save(file)
    registry.write_text('{"format": 1, "weights": {}}')
    register(file, "learned", "default", registry=registry)
    return file.read_bytes(), registry.read_text()


def weight_wheels(folder):
    """Wheels with weights: in order, altered, without a file, with a bad registry."""
    data, registry = small_weights(folder)

    def wheel(name, files, module=None):
        package = f"{name}_weights"
        files = {f"{package}/{path}": content for path, content in files.items()}
        point = f"{name} = {module or package}"
        return write_wheel(folder, f"{name}-weights", files, "galspec.weights", point)

    def renamed(name):
        return registry.replace('"learned"', f'"{name}"')

    file = "{}/default.safetensors"
    whole = {"__init__.py": "", "registry.json": registry, file.format("learned"): data}
    yield wheel("learned", whole)
    listed = {"__init__.py": "", "registry.json": renamed("altered")}
    yield wheel("altered", listed | {file.format("altered"): data + b" "})
    yield wheel("fileless", {"__init__.py": "", "registry.json": renamed("fileless")})
    spoiled = {"__init__.py": "", "registry.json": "{not JSON"}
    yield wheel("garbled", spoiled)
    yield wheel("shut", {"__init__.py": "raise OSError('shut')"})


PROBLEMS = {
    "lacking": "No module named 'a_library_that_is_not_there'",
    "crashing": "ZeroDivisionError: division by zero",
    "empty": "has no attribute 'Plugin'",
    "instance": "is an object of type Plugin, not a class",
    "foreign": "is a class, but no estimator: derive it from",
    "misnamed": "calls itself 'another-name'",
    "moduleless": "there is no module 'moduleless_plugin'",
}
#: Of weights, by the estimator that needs them.
WEIGHTS = {
    "altered": ("altered/default.safetensors has SHA-256", "altered-weights"),
    "fileless": ("not on this machine", "installed packages with weights"),
    "garbled": ("no weights are known for an estimator 'garbled'",),
    "shut": ("no weights are known for an estimator 'shut'",),
}
PREDICTED = ("sound", "learned", "twin", "twin-one:twin", "claimant:gas-metallicity")
COMMANDS = (
    "list",
    "list --check",
    "check sound",
    "info gas-metallicity",
    *(f"predict {name} --examples" for name in (*PREDICTED, *PROBLEMS, *WEIGHTS)),
    *(f"check {name}" for name in PROBLEMS),
)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """What `COMMANDS` do where all these are installed: exit codes and output."""
    folder = tmp_path_factory.mktemp("wheels")
    site = tmp_path_factory.mktemp("site")
    wheels = [*estimator_wheels(folder), *weight_wheels(folder)]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--no-deps", "--no-index"]
    subprocess.run([*pip, "--target", site, *wheels], check=True)
    path = [str(site), *filter(None, sys.path)]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(path)}
    environment |= {"GALSPEC_OFFLINE": "1", "XDG_CACHE_HOME": str(folder / "cache")}
    (folder / "cache" / "galspec").mkdir(parents=True)
    for name in ("WEIGHTS_DIR", "WEIGHTS_REGISTRY", "WEIGHTS_MIRROR"):
        environment.pop(f"GALSPEC_{name}", None)
    done = subprocess.run(
        [sys.executable, "-c", RUNNER],
        input=json.dumps([command.split() for command in COMMANDS]),
        capture_output=True,
        text=True,
        env=environment,
    )
    assert done.returncode == 0, done.stderr
    return dict(zip(COMMANDS, json.loads(done.stdout), strict=True))


def by_distribution(out):
    """Lines of a listing, by the distribution, without those of galspec."""
    rows = [line for line in out.splitlines() if " 1.0 " in line + " "]
    return {line.split()[1]: line.rstrip() for line in rows}


def test_a_listing_tells_what_can_be_told_without_importing(results):
    code, out, _ = results["list"]
    rows = by_distribution(out)
    assert code == 0
    assert set(rows) == set(ESTIMATORS)
    assert "there is no module 'moduleless_plugin'" in rows["moduleless"]
    assert "reserved for galspec: use 'claimant:gas-metallicity'" in rows["claimant"]
    assert "claimed by twin-two too: use 'twin-one:twin'" in rows["twin-one"]
    assert "claimed by twin-one too: use 'twin-two:twin'" in rows["twin-two"]
    for name in ("lacking", "crashing", "empty", "misnamed", "sound"):
        assert rows[name].endswith("-"), name
    assert rows["learned"].endswith("default")


def test_a_listing_that_imports_tells_the_rest(results):
    code, out, _ = results["list --check"]
    rows = by_distribution(out)
    assert code == 1
    for name, problem in PROBLEMS.items():
        assert problem in rows[name]
    assert "Red over blue: sound." in rows["sound"]


@pytest.mark.parametrize("command", ["predict {} --examples", "check {}"])
@pytest.mark.parametrize("name", PROBLEMS)
def test_a_broken_one_is_an_error_that_names_it_when_used(results, command, name):
    code, out, error = results[command.format(name)]
    assert (code, out) == (2, "")
    assert PROBLEMS[name] in error
    assert f"{name}:{name} (version 1.0, {name}_plugin:Plugin)" in error
    assert "Reinstall, correct or remove that distribution" in error


def test_a_sound_one_among_them_works(results):
    code, out, _ = results["predict sound --examples"]
    assert code == 0
    assert "colour" in out
    code, out, _ = results["check sound"]
    assert code == 0, out
    assert "FAILED" not in out


def test_a_name_with_two_owners_needs_one_of_them(results):
    code, _, error = results["predict twin --examples"]
    assert code == 2
    assert "claimed by twin-one and twin-two" in error
    assert "ask for 'twin-one:twin' or 'twin-two:twin'" in error
    code, out, _ = results["predict twin-one:twin --examples"]
    assert code == 0
    assert "colour" in out


def test_nobody_takes_the_name_of_a_built_in_one(results):
    assert "12 + log10(O/H)" in results["info gas-metallicity"][1]
    assert "colour" in results["predict claimant:gas-metallicity --examples"][1]


def test_weights_of_a_distribution_serve(results):
    code, out, error = results["predict learned --examples"]
    assert code == 0, error
    assert "colour" in out


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_are_wrong_are_named(results, name):
    code, out, error = results[f"predict {name} --examples"]
    assert (code, out) == (2, "")
    for words in WEIGHTS[name]:
        assert words in error


def test_packages_of_weights_that_are_left_out_are_named(results):
    warned = results["list"][2]
    assert "garbled_weights" in warned
    assert "is damaged: not JSON" in warned
    assert "the weights of the distribution shut-weights are left out" in warned
