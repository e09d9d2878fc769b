"""The emulator of flux: fits what is not left out, and says how well it does."""

import numpy as np
import pytest
from fit_sed_emulator import BANDS, error_table, main

from galspec.sed import WAVELENGTH, at_r200, normalised
from galspec.simulation import StellarEmulator
from galspec.simulation.stellar_emulator_fit import read_grid
from galspec.simulation.stellar_layout import ENERGY
from galspec.training.splits import split_by_object
from galspec.weights import read_bundle

N_STARS = 30


@pytest.fixture(scope="module")
def grid(tmp_path_factory):
    """Stars whose slope and whose line, in the ultraviolet, go with temperature."""
    rng = np.random.default_rng(0)
    low, high = [4900, 3.5, -2.0, 0.0, 1.0], [9700, 4.8, 0.3, 0.4, 2.0]
    labels = rng.uniform(low, high, (N_STARS, 5))
    wave = np.arange(2478.0, 10575.0, 1.0)
    heat = 5040 / labels[:, :1] - 0.7
    blanketed = 0.6 - 1.5 * heat + 0.05 * labels[:, 2:3]
    norm = 1 - np.clip(blanketed, 0.05, 0.9) * np.exp(-((wave / 3000 - 1) ** 2) / 0.01)
    flux = norm * np.exp(-5 * heat * np.log(5500 / wave))
    path = tmp_path_factory.mktemp("grid") / "grid.npz"
    arrays = dict(zip(ENERGY.labels, labels.T, strict=True))
    np.savez(path, wave_air=wave, norm=norm, flux=flux, **arrays)
    return path


def test_stars_of_the_test_part_are_predicted_and_never_fitted(
    grid, tmp_path, monkeypatch, capsys
):
    output = tmp_path / "emulator.safetensors"
    arguments = ["fit_sed_emulator.py", str(grid), "--output", str(output)]
    monkeypatch.setattr("sys.argv", arguments)
    main()
    labels, depth, log_continuum = read_grid(grid, ENERGY)
    test = split_by_object(np.arange(N_STARS)) == "test"
    emulator, card = StellarEmulator.load(path=output), read_bundle(output).card
    assert emulator.layout == ENERGY
    np.testing.assert_array_equal(emulator.labels, labels[~test])
    assert f"Fitted to {np.sum(~test)} synthetic spectra; {test.sum()} of" in card
    assert f"teff {labels[:, 0].min():.4g} to {labels[:, 0].max():.4g}" in card
    assert card in capsys.readouterr().out
    found, true = (
        np.log(normalised(at_r200(ENERGY.wavelength, lines * continuum)))
        for lines, continuum in (
            emulator(labels[test]),
            (1 - depth[test], np.exp(log_continuum[test])),
        )
    )
    assert np.isfinite(found).all()
    assert np.std(found - true) < 0.05 * np.std(true)
    with pytest.raises(ValueError, match="resolving power of 3000"):
        emulator.smoothed(2.5)


def test_errors_are_in_per_cent_and_by_temperature():
    low, high = BANDS[1]
    error = np.tile(0.03 * ((low < WAVELENGTH) & (high > WAVELENGTH)), (4, 1))
    error[0] *= 3
    table = error_table(np.array([5100, 5200, 9000, 9100]), error)
    rows = [line.strip("| ").split(" | ") for line in table.splitlines()[2:]]
    assert rows[1] == [
        "5000-6000",
        "2",
        "0.00, 0.00",
        "6.00, 8.40",
        *["0.00, 0.00"] * 2,
    ]
    assert rows[-1][:2] == ["4400-12500", "4"]
    assert rows[-1][3].startswith("3.00")
