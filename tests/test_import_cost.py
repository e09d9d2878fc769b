"""What an import must not load: the heavy packages wait until they are used."""

import json
import subprocess
import sys

import pytest

HEAVY = ("torch", "specutils", "scipy", "matplotlib", "pywt", "dask", "lsdb")


def loaded_after(code):
    """Which heavy packages a fresh process has loaded after some code."""
    code += "\nimport json, sys\nprint(json.dumps([n for n in sys.modules]))"
    done = subprocess.run(
        [sys.executable, "-c", code], check=True, capture_output=True, text=True
    )
    return sorted(set(HEAVY) & set(json.loads(done.stdout.splitlines()[-1])))


@pytest.mark.parametrize(
    "code",
    [
        "import galspec",
        "import galspec.cli",
        "import galspec; galspec.SpectrumBatch; galspec.Flags; galspec.Target",
        "import galspec; galspec.PhotometryBatch; galspec.read_photometry",
        "import galspec; assert galspec.list_estimators()",
        "import galspec; assert galspec.example_spectra()",
        "from galspec.transforms import Denoise, Normalise, SplineContinuum as S\n"
        "Denoise(), Normalise(S())",
    ],
)
def test_nothing_heavy_is_loaded_by(code):
    assert loaded_after(code) == []


def test_reading_files_loads_nothing_heavy():
    code = """
import galspec
batch = galspec.read_spectra(galspec.example_spectra())
assert len(batch) == len(galspec.example_spectra())
"""
    assert loaded_after(code) == []


def test_the_estimator_class_is_declared_without_torch():
    assert "torch" not in loaded_after("from galspec import GasMetallicity")


def test_the_probe_notices_a_heavy_package():
    assert loaded_after("import scipy") == ["scipy"]
