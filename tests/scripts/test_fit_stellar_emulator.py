"""The emulator's script: fits what is not left out, and says how well it does."""

import re

import numpy as np
import pytest
from fit_stellar_emulator import LIMITS, RANGES, error_table, main

from galspec.simulation import StellarEmulator
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH
from galspec.training.splits import split_by_object
from galspec.weights import read_bundle

N_STARS = 40


def rows_of(table):
    """First cell of each row, and the numbers of the others."""
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    return {row[0]: [float(cell) for cell in row[1:]] for row in rows}


@pytest.fixture
def small_grid(star_grid, tmp_path):
    """The first stars of the toy grid, as a file."""
    with np.load(star_grid) as grid:
        arrays = {
            name: values if name == "wave_air" else values[:N_STARS]
            for name, values in grid.items()
        }
    np.savez(tmp_path / "small.npz", **arrays)
    return tmp_path / "small.npz"


def test_stars_of_the_test_part_are_never_fitted(small_grid, monkeypatch, capsys):
    output = small_grid.parent / "emulator.safetensors"
    arguments = ["fit_stellar_emulator.py", str(small_grid), "--output", str(output)]
    monkeypatch.setattr("sys.argv", arguments)
    main()
    test = split_by_object(np.arange(N_STARS)) == "test"
    emulator, card = StellarEmulator.load(path=output), read_bundle(output).card
    with np.load(small_grid) as grid:
        np.testing.assert_array_equal(emulator.labels[:, 0], grid["teff"][~test])
        low, high = grid["teff"].min(), grid["teff"].max()
    assert f"{np.sum(~test)} spectra; {test.sum()} were left out" in card
    assert f"teff {low:.4g} to {high:.4g}" in card
    assert all(name in card for name in LABELS)
    assert LIMITS in card
    assert card in capsys.readouterr().out
    found = rows_of(re.search(r"\|.*\|", card, re.DOTALL)[0])
    assert len(found) == len(RANGES) + 1
    for median, most in found.values():
        assert 0 <= median <= most


def test_errors_are_quoted_in_per_cent_of_the_continuum():
    """An emulator that is wrong by 2 % in one range, and by a slope."""
    low, high = RANGES[2]
    pixels = 10**LOG_WAVELENGTH
    wrong = 0.02 * ((pixels > low - 100) & (pixels < high + 100))
    slope = np.linspace(-0.1, 0.1, len(pixels))

    def emulator(labels):
        return np.tile(1 - wrong, (3, 1)), np.exp(np.tile(slope, (3, 1)))

    nothing = np.zeros((3, len(pixels)))
    found = rows_of(error_table(emulator, np.zeros((3, 9)), nothing, nothing))
    assert found[f"{low}-{high}"] == [2.0, 2.0]
    assert found["6500-8800"] == [0.0, 0.0]
    assert found["continuum"] == pytest.approx([100 * slope.std()] * 2, abs=0.01)


def test_what_the_spectrograph_cannot_see_is_no_error():
    """A ripple from pixel to pixel, far below its resolution."""
    ripple = 0.1 * (-1.0) ** np.arange(len(LOG_WAVELENGTH))
    spectra = 1 - ripple[None], np.ones((1, len(ripple)))
    nothing = np.zeros((1, len(ripple)))
    table = error_table(lambda labels: spectra, nothing, nothing, nothing)
    assert all(median < 0.02 for median, _ in rows_of(table).values())
