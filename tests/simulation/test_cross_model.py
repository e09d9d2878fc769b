"""The cross-model test: other stars, other gas, recorded noise, the same labels."""

import gzip

import numpy as np
import pytest
from astropy.table import Table

from galspec import SpectrumBatch
from galspec.simulation.continuum import REST_LOG_WAVELENGTH
from galspec.simulation.cross_model import (
    CrossModelSimulator,
    RecordedNoise,
    cross_model_ingredients,
)
from galspec.simulation.cross_sources import (
    parameters_of,
    read_fsps_lines,
    read_miuscat,
)
from galspec.simulation.instrument import LAMOST
from galspec.simulation.line_vectors import strong_line_abundance
from galspec.simulation.lines import LINES, column, o3n2_abundance

LOG_Z, AGES, LOG_U = (-2.0, -0.6, 0.2), (5e5, 4e6, 1e7), (-4.0, -2.5, -1.0)


@pytest.fixture(scope="module")
def fsps_file(tmp_path_factory):
    """A small table in the format of FSPS: [O III], [N II] and all else by rule."""
    path = tmp_path_factory.mktemp("fsps") / "lines.gz"
    names = list(LINES)
    with gzip.open(path, "wt") as file:
        file.write("#header\n" + " ".join(f"{w + 0.05:e}" for w in LINES.values()))
        for z in LOG_Z:
            for age in AGES:
                for u in LOG_U:
                    flux = np.full(len(names), 1e-47)
                    flux[names.index("Hbeta")] = 1e-46
                    flux[names.index("Halpha")] = 3e-46
                    flux[names.index("OIII_5007")] = 1e-46 * 10 ** (0.3 * z + 0.3)
                    flux[names.index("NII_6584")] = 3e-46 * 10 ** (z - 0.6)
                    file.write(f"\n{z} {age} {u}\n" + " ".join(map(str, flux)))
    return path


@pytest.fixture(scope="module")
def ingredients(shared_data):
    return cross_model_ingredients(shared_data / "galaxies" / "simulation")


def recorded(n=6, seed=0):
    """Spectra whose noise is twice as large in the blue half, with bad pixels."""
    rng = np.random.default_rng(seed)
    wavelength = LAMOST.wavelength
    noise = np.where(wavelength < 5600, 2.0, 1.0) * np.ones((n, 1))
    ivar = np.where(rng.random(noise.shape) < 0.05, 0, 1 / (7 * noise) ** 2)
    return SpectrumBatch.from_arrays(wavelength, np.ones_like(ivar), ivar=ivar)


def test_ratios_of_the_table_are_interpolated(fsps_file):
    vectors = read_fsps_lines(fsps_file, np.random.default_rng(0), n=500)
    models = parameters_of(vectors.ids)
    o3, n2 = vectors.log_ratios()
    log_z = models["grid_oh"] - 8.71
    np.testing.assert_allclose(o3, 0.3 * log_z + 0.3, atol=1e-3)
    np.testing.assert_allclose(n2, log_z - 0.6, atol=1e-3)
    np.testing.assert_allclose(vectors.fluxes[:, column("Halpha")], 3, rtol=1e-4)


def test_models_are_drawn_where_they_are_likely(fsps_file):
    vectors = read_fsps_lines(fsps_file, np.random.default_rng(0), n=3000)
    models = parameters_of(vectors.ids)
    assert 0.5 <= models["age"].min() < models["age"].max() <= 4.0
    excess = models["log_u"] - (-3.2 - 0.8 * (models["grid_oh"] - 8.71))
    assert excess.mean() == pytest.approx(0, abs=0.03)
    assert excess.std() == pytest.approx(0.3, abs=0.03)


def test_models_are_star_forming_and_within_the_calibrated_range(fsps_file):
    vectors = read_fsps_lines(fsps_file, np.random.default_rng(0), n=3000)
    assert set(vectors.kind) == {"star-forming"}
    np.testing.assert_allclose(vectors.oh, strong_line_abundance(vectors.fluxes))
    assert 7.2 < vectors.oh.min() < vectors.oh.max() < 9.0
    o3n2 = (8.73 - o3n2_abundance(vectors.fluxes)) / 0.32
    assert o3n2.min() > -1
    assert o3n2[vectors.oh > 8.3].max() < 1.9


def test_the_youngest_population_stands_in_for_younger_ones(tmp_path):
    wavelength = np.arange(3466.0, 9471.0, 5.0)
    rows = [
        (age, metal, wavelength, 1e28 * (1 + metal) * (wavelength / 5500) ** -age)
        for age in (0.04, 1.0, 10.0)
        for metal in (-0.25, 0.4)
    ]
    table = Table(rows=rows, names=("AGE", "MH", "WAVE", "FLAM"))
    table.write(tmp_path / "stars.fits")
    stars = read_miuscat(tmp_path / "stars.fits")
    assert stars.log_age[0] == 6.0
    assert stars.log_age[-1] == pytest.approx(10.0)
    assert (np.diff(stars.log_age) > 0).all()
    spectra = stars.spectra[0].reshape(2, len(stars.log_age), -1)
    np.testing.assert_array_equal(spectra[:, 0], spectra[:, -3])
    rest = 10**REST_LOG_WAVELENGTH
    near = (rest > 3500) & (rest < 9000)
    np.testing.assert_allclose(
        spectra[0, -2, near], (rest[near] / 5500) ** -1.0, rtol=2e-3
    )
    np.testing.assert_allclose(spectra[1, -1, rest < 3400], (3490 / 5500) ** -10, 0.05)


def test_recorded_noise_has_the_recorded_shape_and_the_wanted_strength():
    noise = RecordedNoise.from_batch(recorded())
    flux = np.ones((400, LAMOST.n_pixels), np.float32)
    snr = np.full(400, 10.0)
    observed, ivar = noise.observe(flux, snr, np.random.default_rng(1))
    good, blue = ivar > 0, noise.wavelength < 5600
    assert (observed[~good] == 0).all()
    assert good.mean() == pytest.approx(0.95, abs=0.01)
    np.testing.assert_allclose(ivar[:, ~blue][good[:, ~blue]], 100, rtol=1e-3)
    np.testing.assert_allclose(ivar[:, blue][good[:, blue]], 25, rtol=1e-3)
    scaled = ((observed - 1) * np.sqrt(ivar))[good]
    assert scaled.std() == pytest.approx(1, abs=0.01)


def test_noise_is_not_taken_from_spectra_without_a_band_of_reference():
    batch = recorded()
    # a median over mostly bad pixels would be no strength at all
    batch.ivar[0, (batch.wavelength > 5600) & (batch.wavelength < 6400)] = 0
    assert (
        len(RecordedNoise.from_batch(batch.replace(mask=batch.ivar == 0)).shapes) == 5
    )
    batch.ivar[:, (batch.wavelength > 5600) & (batch.wavelength < 6900)] = 0
    with pytest.raises(ValueError, match="no spectrum has enough good pixels"):
        RecordedNoise.from_batch(batch.replace(mask=batch.ivar == 0))


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="MIUSCAT_thin"):
        cross_model_ingredients(tmp_path)


@pytest.mark.shared
def test_lines_of_the_stars_lie_at_vacuum_wavelengths(ingredients):
    rest, stars = 10**REST_LOG_WAVELENGTH, ingredients.stars
    spectra = stars.spectra[0].reshape(3, len(stars.log_age), -1)
    for line, spectrum in ((4862.68, spectra[1, 20]), (3934.78, spectra[1, -1])):
        near = np.abs(rest - line) < 12
        assert rest[near][spectrum[near].argmin()] == pytest.approx(line, abs=0.9)


@pytest.mark.shared
def test_the_range_of_abundances_is_covered(ingredients):
    counts, _ = np.histogram(ingredients.lines.oh, [7.2, 7.6, 8.0, 8.4, 8.8, 9.0])
    assert (counts > 50).all()


@pytest.mark.shared
def test_spectra_are_reproducible_and_labelled_by_their_own_lines(ingredients):
    simulator = CrossModelSimulator(ingredients, RecordedNoise.from_batch(recorded()))
    (batch, truth), (again, _) = (simulator.draw(300, 3) for _ in range(2))
    np.testing.assert_array_equal(batch.flux, again.flux)
    assert np.isfinite(batch.flux).all()
    assert set(truth["source"]) == {"fsps"}
    assert np.isfinite(truth["oh"]).all()
    metal_rich = truth["oh"] > 8.5
    o3n2 = 8.73 - 0.32 * (truth["log_o3"] - truth["log_n2"])
    np.testing.assert_allclose(truth["oh"][metal_rich], o3n2[metal_rich])
    band = (batch.wavelength > 5600) & (batch.wavelength < 6900)
    signal = np.where(batch.mask, np.nan, batch.flux * np.sqrt(batch.ivar))[:, band]
    got = np.nanmedian(signal, axis=1) / truth["snr_r"]
    assert np.median(got) == pytest.approx(1, abs=0.05)
