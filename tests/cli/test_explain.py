"""``galspec explain``: one spectrum in; effects of lines, pixels and a picture out."""

import numpy as np
import pytest
from astropy.table import QTable

from galspec import example_spectra


def test_prints_the_effects_of_lines(galspec, examples):
    code, stdout, stderr = galspec("explain", "gas-metallicity", examples[0])
    assert (code, stderr) == (0, "")
    (line,) = (row for row in stdout.splitlines() if row.startswith("Hα + [N II]"))
    assert float(line.split()[6]) == pytest.approx(0.32, abs=0.01)


def test_writes_windows_pixels_and_a_picture(galspec, examples, tmp_path):
    out, pixels, png = (tmp_path / name for name in ("w.ecsv", "p.fits", "why.png"))
    options = ["--method", "gradient", "-o", out, "--pixels", pixels, "--plot", png]
    code, stdout, _ = galspec("explain", "gas-metallicity", examples[0], *options)
    assert (code, stdout) == (0, "")
    windows = QTable.read(out)
    assert windows.meta["target"] == "oh"
    assert windows.meta["estimator"] == "gas-metallicity"
    relevance = QTable.read(pixels)["relevance"]
    assert relevance.unit == windows["effect"].unit / windows["low"].unit
    assert png.stat().st_size > 10_000
    code, _, stderr = galspec("explain", "gas-metallicity", examples[0], *options)
    assert code == 2
    assert "--overwrite" in stderr


def test_bands_of_energy_distributions(galspec, tmp_path):
    out = tmp_path / "w.ecsv"
    star = example_spectra("stars")[0]
    options = ["--target", "3000-3500", "--windows", 100, "-o", out]
    assert galspec("explain", "sed-predictor", star, *options)[0] == 0
    table = QTable.read(out)
    assert table.meta["target"] == "sed at 3000-3500 angstrom"
    assert np.diff(table["low"].value) == pytest.approx(50)


def test_wrong_calls_exit_with_2(galspec, examples, broken):
    for words, arguments in {
        "it can be one of oh": ["gas-metallicity", examples[0], "--target", "x"],
        "UNREADABLE": ["gas-metallicity", broken],
        "works on photometry": ["elg-photoz", examples[0]],
        "has no networks": ["strong-line-pp04-o3n2", examples[0], "--method=gradient"],
        "there are no weights": ["brightness", examples[0], "--tag", "x"],
    }.items():
        code, stdout, stderr = galspec("explain", *arguments)
        assert (code, stdout) == (2, "")
        assert words in stderr
