"""A plugin as a third party would install it, for the command line to work with."""

import numpy as np
import pytest

from galspec import example_spectra, registry
from galspec.cli import main

PLUGIN = '''
import astropy.units as u
import numpy as np

from galspec import Flags, SpectralEstimator, Target
from galspec.flags import WITHOUT_VALUE
from galspec.networks import SpectralCNNConfig
from galspec.transforms import Recipe, ScaleMinMax
from galspec.weights import WeightsError


class Brightness(SpectralEstimator):
    """How bright a spectrum is.

    More words that no listing shows.
    """

    name = "brightness"
    targets = (Target("bright", u.dex, "log10 of the mean flux", valid=(-9, 9)),)
    recipe = Recipe("plain", ScaleMinMax())
    network = SpectralCNNConfig()
    references = ("2026A&A...000A...1A",)

    @classmethod
    def pretrained(cls, tag="default", *, path=None, offline=False, device="auto"):
        if tag != "default":
            raise WeightsError(f"there are no weights {tag!r}")
        return cls()

    def _predict_batch(self, batch, interval):
        flags = batch.flags | np.where(batch.redshift > 0.09, Flags.LOW_SN, 0)
        value = np.log10(1 + abs(batch.flux.sum(axis=1)))
        value[flags & WITHOUT_VALUE != 0] = np.nan
        rows = {**batch.ids, "redshift": batch.redshift, "bright": value}
        rows["bright_err"] = np.full(len(batch), 0.1)
        if interval is not None:
            rows["bright_lo"], rows["bright_hi"] = value - interval, value + interval
        return {**rows, "flags": flags}
'''


@pytest.fixture(autouse=True)
def plugin(tmp_path, monkeypatch):
    """The estimator "brightness", installed as the distribution "lamp"."""
    site = tmp_path / "site"
    info = site / "lamp-1.2.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: lamp\nVersion: 1.2\n")
    (info / "entry_points.txt").write_text(
        "[galspec.estimators]\nbrightness = lamp_plugin:Brightness\n"
    )
    (site / "lamp_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(site)
    registry.clear_cache()
    yield info
    registry.clear_cache()


@pytest.fixture(autouse=True)
def environment(tmp_path, monkeypatch):
    """An empty cache of downloads, and none of the user's settings."""
    for name in ("WEIGHTS_DIR", "WEIGHTS_REGISTRY", "WEIGHTS_MIRROR", "OFFLINE"):
        monkeypatch.delenv(f"GALSPEC_{name}", raising=False)
    (tmp_path / "cache" / "galspec").mkdir(parents=True)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))


@pytest.fixture
def examples():
    """Names of the six example files."""
    return [str(path) for path in example_spectra()]


@pytest.fixture
def galspec(capsys):
    """Run the command line; what it gave is (exit code, stdout, stderr)."""

    def run(*arguments):
        capsys.readouterr()
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:  # argparse ends the process itself
            code = end.code
        return code, *capsys.readouterr()

    return run


@pytest.fixture
def broken(tmp_path):
    """A file that is no spectrum."""
    path = tmp_path / "broken.fits"
    path.write_bytes(np.arange(99, dtype="u1").tobytes())
    return str(path)
