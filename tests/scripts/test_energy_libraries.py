"""Libraries with energy distributions: what is taken, and what is kept for the test."""

import numpy as np
import pytest
from energy_libraries import (
    PAIRS,
    REDDENING,
    calspec,
    miles_energies,
    pair_stars,
    pairs,
)

from galspec.sed import WAVELENGTH


@pytest.fixture
def folder(tmp_path):
    """A little of each library: power laws, of which some are of the pairs."""
    wave = np.arange(2400.0, 10600.0, 2.0)
    names = ["18sco_stis_005", "hd031128_stis_006", "g191b2b_stis_1", "p330e_stisnic_1"]
    flux = np.stack([(wave / 5500) ** power for power in (-1, 0.5, -3, -0.5)])
    np.savez(tmp_path / "calspec.npz", name=names, wave_vac=wave, flux=flux)
    wave = np.arange(3540.0, 7410.0, 1.0)
    names = ["HD000001", "HD031128", "HD000002", "HD000003"]
    flux = np.stack([(wave / 5500) ** power for power in (-1, 0.5, -3, 1)])
    flux[0, 100] = 0
    arrays = {"name": names, "wave": wave, "flux": flux, "id": [1, 163, 3, 4]}
    labels = {"teff": [6000, 5800, 12000, 5000.0], "logg": [4.0] * 4, "feh": [0.0] * 4}
    np.savez(tmp_path / "miles.npz", **arrays, **labels)
    (tmp_path / "sed_pairs.csv").write_text(
        "star,input_R2000,input_id,sed_hst,teff,logg,feh\n"
        "HD031128,MILES,163,calspec hd031128_stis_006,5825,4.3,-1.5\n"
    )
    return tmp_path


def test_stars_of_the_right_types_and_not_of_the_pairs(folder):
    stars = calspec(folder / "calspec.npz")
    assert stars.names.tolist() == ["18sco", "p330e"]
    slope = np.log(WAVELENGTH / 5500)
    np.testing.assert_allclose(stars.log_sed[0], -slope, atol=1e-3)
    unreddened = stars.log_sed[1] + 0.5 * slope
    blue, red = unreddened[WAVELENGTH < 3000], unreddened[WAVELENGTH > 9000]
    assert np.all(blue > 0.06)
    assert np.all(red < -0.03)
    assert calspec(folder / "calspec.npz", hot=True).names.tolist() == ["g191b2b"]
    stars = miles_energies(folder / "miles.npz")
    assert stars.names.tolist() == ["HD000001", "HD000003"]
    np.testing.assert_array_equal(stars.labels[:, 0], [6000, 5000])
    assert np.isnan(stars.flux[0, 100])


def test_partial_distributions_are_not_known_elsewhere(folder):
    log_sed = miles_energies(folder / "miles.npz").log_sed
    inside = (WAVELENGTH > 3600) & (WAVELENGTH < 7300)
    expected = -np.log(WAVELENGTH / 5500)
    np.testing.assert_allclose(log_sed[0, inside], expected[inside], atol=2e-3)
    assert np.isnan(log_sed[:, (WAVELENGTH < 3535) | (WAVELENGTH > 7415)]).all()


def test_no_star_of_the_test_is_trained_on():
    assert not pair_stars() & set(REDDENING)
    assert pair_stars() >= set(PAIRS)


def test_a_pair_is_a_spectrum_and_a_distribution_of_the_same_star(folder):
    ((name, batch, log_sed),) = pairs(folder)
    assert name == "HD031128"
    np.testing.assert_allclose(log_sed, 0.5 * np.log(WAVELENGTH / 5500), atol=1e-3)
    expected = (batch.wavelength / 5500) ** 0.5
    np.testing.assert_allclose(batch.flux[0], expected, rtol=1e-3)
    assert batch.redshift.tolist() == [0]


@pytest.mark.shared
def test_libraries_agree_on_the_stars_of_the_test(shared_data):
    found = pairs(shared_data / "stars")
    assert [name for name, _, _ in found] == list(PAIRS)
    for name, batch, log_sed in found:
        near = np.isfinite(log_sed) & (WAVELENGTH > 5000) & (WAVELENGTH < 6000)
        seen = np.interp(WAVELENGTH[near], batch.wavelength, batch.flux[0])
        slope = np.polyfit(np.log(WAVELENGTH[near]), np.log(seen) - log_sed[near], 1)[0]
        assert abs(slope) < 0.6, name


@pytest.mark.shared
def test_libraries_are_of_many_stars(shared_data):
    stars = calspec(shared_data / "stars" / "calspec.npz")
    assert sorted(stars.names) == sorted(REDDENING)
    assert np.isfinite(stars.log_sed).all()
    assert len(miles_energies(shared_data / "stars" / "miles.npz")) > 400
