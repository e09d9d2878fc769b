"""Fixtures that several test folders share."""

import pathlib

import numpy as np
import pytest

#: Ranges of the labels of a toy grid, in the order of the simulator's.
TOY_LABELS = {
    "teff": (4400, 6500),
    "logg": (0.5, 4.8),
    "feh": (-3.0, 0.3),
    "cfe": (-0.5, 2.0),
    "alpha": (-0.1, 0.5),
    "nfe": (-0.4, 1.5),
    "srat": (0.0, 1.5),
    "c1213": (4, 90),
    "vt": (0.8, 2.5),
}
#: Centres of its lines, air angstrom: one that changes with each label.
TOY_LINES = (4102, 4861, 5167, 4305, 8542, 3883, 4554, 4737, 6495)


@pytest.fixture(scope="session")
def shared_data():
    """The folder of real data beside the repository; skips where it is absent."""
    folder = pathlib.Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("the shared data folder is not beside this checkout")
    return folder


@pytest.fixture(scope="session")
def star_grid(tmp_path_factory):
    """An npz file of 110 toy stars, whose lines are smooth functions of the labels."""
    rng = np.random.default_rng(8)
    low, high = np.array(list(TOY_LABELS.values())).T
    unit = rng.random((110, len(low)))
    unit[::2, 6] = 0  # every second star has no s-process elements
    labels = dict(zip(TOY_LABELS, (low + unit * (high - low)).T, strict=True))
    wave = np.arange(3779.0, 8824.0, 1.5)
    cool = (labels["teff"][:, None] - 5500) / 1000
    depth = np.zeros((len(unit), len(wave)))
    for column, line in enumerate(TOY_LINES):
        strength = 0.05 + 0.3 * unit[:, column, None] * np.exp(-0.3 * cool)
        depth += strength * np.exp(-0.5 * ((wave - line) / 6) ** 2)
    continuum = np.exp(0.8 * cool * np.log(5500 / wave)) * (1 + 0.1 * unit[:, :1])
    path = tmp_path_factory.mktemp("stars") / "grid.npz"
    norm = (1 - depth).astype(np.float32)
    flux = (norm * continuum).astype(np.float32)
    np.savez(path, wave_air=wave, norm=norm, flux=flux, **labels)
    return path


@pytest.fixture(scope="session")
def toy_emulator(star_grid):
    """An emulator of the first 90 stars of the toy grid."""
    from galspec.simulation.stellar_emulator_fit import fit_emulator, read_grid

    return fit_emulator(*(part[:90] for part in read_grid(star_grid)))
