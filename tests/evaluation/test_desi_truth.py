import numpy as np
import pytest

from galspec.evaluation.desi_truth import line_truth, read_compressed_desi

AXIS = np.geomspace(3600, 9800, 7081)


def stored(flux):
    middle = np.median(flux, axis=1, keepdims=True)
    return np.arcsinh((flux - middle) / 0.5).astype(np.float32)


def write(path, flux, redshift):
    np.savez(
        path,
        flux=stored(flux),
        valid=np.ones(flux.shape, np.float32),
        z_true=np.asarray(redshift, np.float32),
    )


def galaxy(redshift):
    flux = 8 - 4 * (AXIS - 3600) / 6200
    lines = {4862.68: 60, 4960.3: 20, 5008.24: 59.6, 6564.61: 180, 6585.27: 45}
    for centre, strength in lines.items():
        sigma = 1.5
        at = centre * (1 + redshift)
        flux = flux + strength / sigma * np.exp(-0.5 * ((AXIS - at) / sigma) ** 2)
    return flux


@pytest.fixture
def compressed(tmp_path):
    noise = np.random.default_rng(1).normal(0, 0.5, (3, len(AXIS)))
    redshift = [0.05, 0.1, 0.6]
    flux = np.array([galaxy(z) for z in redshift]) + noise
    write(tmp_path / "spectra.npz", flux, redshift)
    return tmp_path / "spectra.npz"


def test_ratios_survive_the_compression(compressed):
    table = line_truth(read_compressed_desi(compressed))
    expected = 8.73 - 0.32 * (np.log10(59.6 / 60) - np.log10(45 / 180))
    np.testing.assert_allclose(table["oh"][:2], expected, atol=0.02)
    assert table["star_forming"][:2].all()


def test_galaxies_beyond_the_limit_have_no_truth(compressed):
    batch = read_compressed_desi(compressed)
    assert np.isnan(line_truth(batch)["oh"][2])
    assert np.isnan(line_truth(batch, highest_redshift=0.07)["oh"][1])


def test_the_noise_is_measured(compressed):
    batch = read_compressed_desi(compressed)
    # 0.5 in units of the scale 0.5, raised for what interpolation hides
    noise = np.median(batch.ivar**-0.5, axis=1)
    np.testing.assert_allclose(noise, np.sqrt(1.5), rtol=0.1)


def test_another_grid_is_refused(tmp_path):
    write(tmp_path / "short.npz", np.ones((1, 100)), [0.1])
    with pytest.raises(ValueError, match="100 pixels; compressed spectra have 7081"):
        read_compressed_desi(tmp_path / "short.npz")


@pytest.mark.shared
def test_real_spectra_hold_star_forming_galaxies(shared_data):
    folder = shared_data / "galaxies" / "real_spectra" / "desi"
    table = line_truth(
        read_compressed_desi(folder / "runs_desi_50k_big_reconstructions.npz")
    )
    known = np.isfinite(table["oh"])
    assert known.sum() >= 3
    assert np.all((table["oh"][known] > 8.4) & (table["oh"][known] < 8.9))
