"""Stars are made one by one, go on where they ended, and end up in one file."""

import os
import pathlib
import re

import numpy as np
import pytest
from spectral_synthesis import SpectralRange, Star, Synthesiser, write_atmosphere
from stellar_atmospheres import AtmosphereNetworks
from stellar_grid_files import collect, save_grid, save_star, star_path
from stellar_populations import GRIDS, StellarGrid
from synthesise_stars import main, make_stars, unlimited_stack

GRID = StellarGrid(
    SpectralRange(4000.0, 4010.0, step=0.06),
    ("teff", "logg", "feh"),
    GRIDS["cemp"].populations,
    seed=1,
)
N_PIX = len(GRID.spectral_range.wavelength)


class Flat:
    """Stands in for the synthesis; fails for the temperatures it is told."""

    def __init__(self, fails=()):
        self.fails, self.calls = fails, 0

    def __call__(self, star, spectral_range):
        self.calls += 1
        if star.teff in self.fails:
            raise RuntimeError("no spectrum")
        ones = np.ones(len(spectral_range.wavelength), np.float32)
        return ones, ones * star.teff


def test_stars_of_a_folder_become_one_grid(tmp_path):
    assert make_stars(Flat(), GRID, tmp_path, range(7, 10), workers=2) == 0
    arrays = collect([tmp_path], GRID.labels)
    assert arrays["index"].tolist() == [7, 8, 9]
    assert arrays["norm"].shape == (3, N_PIX)
    assert arrays["norm"].dtype == np.float32
    np.testing.assert_allclose(arrays["teff"], [GRID.star(i).teff for i in (7, 8, 9)])
    np.testing.assert_allclose(arrays["flux"][:, 0], arrays["teff"], rtol=1e-6)
    np.testing.assert_allclose(arrays["wave_air"], GRID.spectral_range.wavelength)


def test_stars_that_are_there_are_not_made_again(tmp_path):
    make_stars(Flat(), GRID, tmp_path, range(3))
    again = Flat()
    make_stars(again, GRID, tmp_path, range(5))
    assert again.calls == 2


def test_one_failure_does_not_stop_the_others(tmp_path):
    failing = Flat(fails={GRID.star(1).teff})
    assert make_stars(failing, GRID, tmp_path, range(3)) == 1
    assert collect([tmp_path], GRID.labels)["index"].tolist() == [0, 2]


def test_an_interrupted_file_is_no_star(tmp_path, monkeypatch):
    def interrupted(file, **arrays):
        file.write(b"half")
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(np, "savez_compressed", interrupted)
        with pytest.raises(KeyboardInterrupt):
            save_star(star_path(tmp_path, 4), GRID, GRID.star(4), [1], [1])
    assert list(tmp_path.iterdir())
    make_stars(Flat(), GRID, tmp_path, [4, 5])
    assert collect([tmp_path], GRID.labels)["index"].tolist() == [4, 5]


def test_earlier_grids_are_merged(tmp_path):
    for folder, indices in (("new", (12, 3)), ("old", (5, 4))):
        (tmp_path / folder).mkdir()
        make_stars(Flat(), GRID, tmp_path / folder, indices)
    earlier = tmp_path / "earlier.npz"
    save_grid(earlier, collect([tmp_path / "old"], GRID.labels))
    merged = collect([earlier, tmp_path / "new"], GRID.labels)
    assert merged["index"].tolist() == [3, 4, 5, 12]
    np.testing.assert_allclose(merged["flux"][:, 0], merged["teff"], rtol=1e-6)


def test_a_number_that_occurs_twice_is_refused(tmp_path):
    make_stars(Flat(), GRID, tmp_path, [8])
    earlier = tmp_path / "earlier.npz"
    save_grid(earlier, collect([tmp_path], GRID.labels))
    with pytest.raises(ValueError, match=r"star 8 is in .*earlier\.npz and in "):
        collect([earlier, tmp_path], GRID.labels)


def test_other_wavelengths_are_refused(tmp_path):
    make_stars(Flat(), GRID, tmp_path, [8])
    earlier = collect([tmp_path], GRID.labels) | {"index": np.array([1])}
    earlier["wave_air"] = earlier["wave_air"] + 1
    save_grid(tmp_path / "earlier.npz", earlier)
    with pytest.raises(ValueError, match="other wavelengths"):
        collect([tmp_path / "earlier.npz", tmp_path], GRID.labels)


def test_nothing_to_collect_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no stars"):
        collect([tmp_path], GRID.labels)


def test_the_command_collects_alone(tmp_path):
    grid, folder = GRIDS["sed"], tmp_path / "stars"
    folder.mkdir()
    make_stars(Flat(), grid, folder, [1, 2])
    target = tmp_path / "grid.npz"
    main(["sed", "--folder", str(folder), "--count", "0", "--collect", str(target)])
    with np.load(target) as file:
        assert set(file) == {"wave_air", "norm", "flux", "index", *grid.labels}


def test_the_command_wants_its_tools(tmp_path, capsys):
    with pytest.raises(SystemExit):
        main(["cemp", "--folder", str(tmp_path)])
    assert "prepare_synthesis.py" in capsys.readouterr().err


def test_every_second_layer_is_announced_as_turbospectrum_reads_it(tmp_path):
    class Layers:
        def layers(self, *labels):
            return np.arange(1.0, 481.0).reshape(80, 6)

    write_atmosphere(tmp_path / "model", Star(5000, 2.5, -1.0, vt=1.5), Layers())
    lines = (tmp_path / "model").read_text().splitlines()
    count = int(re.fullmatch(r"READ DECK6 (\d\d) RHOX,T,P,XNE", lines[2])[1])
    assert count == len(lines) - 3 == 41
    assert float(lines[-1].split()[0]) == 475  # the deepest layer stays
    assert float(lines[-1].split()[-1]) == 1.5e5


@pytest.fixture(scope="module")
def tools():
    """The folder that prepare_synthesis.py filled."""
    folder = os.environ.get("GALSPEC_SYNTHESIS_TOOLS")
    if not folder:
        pytest.skip("GALSPEC_SYNTHESIS_TOOLS names no folder of prepare_synthesis.py")
    unlimited_stack()
    return pathlib.Path(folder)


class Part(SpectralRange):
    """A part of the range of stellar labels, with the lines of the whole."""

    line_lists = GRIDS["cemp"].spectral_range.line_lists


G_BAND = Part(4290.0, 4320.0, step=0.06)


def test_carbon_deepens_the_g_band(tools):
    synthesise = Synthesiser(tools)
    inside = (G_BAND.wavelength > 4295) & (G_BAND.wavelength < 4315)
    depth = []
    for cfe in (0.0, 1.0, 2.0):
        star = Star(5000, 2.5, -2.5, cfe=cfe, alpha=0.4, vt=1.5)
        norm, flux = synthesise(star, G_BAND)
        assert np.all(flux > 0)
        depth.append(norm[inside].mean())
    # Such spectra agree with that of HD 122563 in MILES to 1.9 %.
    np.testing.assert_allclose(depth, [0.773, 0.482, 0.327], atol=0.02)


@pytest.mark.shared
def test_earlier_spectra_come_out_again(tools, shared_data):
    with np.load(shared_data / "stars" / "cemp_grid.npz") as file:
        here = np.isin(file["wave_air"], G_BAND.wavelength)
        star = Star(**{name: float(file[name][0]) for name in GRIDS["cemp"].labels})
        earlier = file["norm"][0, here], file["flux"][0, here]
    for mine, theirs in zip(Synthesiser(tools)(star, G_BAND), earlier, strict=True):
        # The whole range agrees to 1e-5; a part of it lacks the wings of lines beyond.
        np.testing.assert_allclose(mine, theirs, rtol=3e-3)


def test_layers_of_a_giant_are_an_atmosphere(tools):
    networks = AtmosphereNetworks.load(tools / "atmospheres.npz")
    mass, temperature = networks.layers(4500.0, 1.5, -2.0, 0.4)[:, :2].T
    assert np.all(np.diff(mass) > 0)
    assert 2000 < temperature[0] < 4500 < temperature[-1] < 15000
