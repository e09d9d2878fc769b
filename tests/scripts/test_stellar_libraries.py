"""Libraries of observed stars: what is taken of them, and what is known of that."""

import astropy.units as u
import numpy as np
import pytest
from specutils.utils.wcs_utils import air_to_vac
from stellar_libraries import TEFF, miles, stelib, synthetic_labels

from galspec.simulation.stellar_emulator import LABELS
from galspec.training.splits import split_by_object

KNOWN = [LABELS.index(name) for name in ("teff", "logg", "feh")]


@pytest.fixture
def path(tmp_path):
    """Eight stars, of which four are not to be taken."""
    arrays = {
        "name": np.array(["fine", "cool", "hot", "no logg", "no feh", "gap", "B", "C"]),
        "teff": np.array([5000, 3500, 9000, 5000, 5000, 5000, 4400, 6400.0]),
        "logg": np.array([2.5, 1, 4, np.nan, 2, 2, 1.5, 4.1]),
        "feh": np.array([-1.0, 0, 0, 0, np.nan, 0, -2.2, 0.1]),
        "wave": np.linspace(3540, 7410, 50).astype(np.float32),
        "flux": np.ones((8, 50), np.float32) * np.arange(1, 9)[:, None],
    }
    arrays["flux"][5, 3] = np.nan
    np.savez(tmp_path / "miles.npz", **arrays)
    return tmp_path / "miles.npz"


def test_stars_with_all_three_labels_within_the_range_are_taken(path):
    stars = miles(path)
    assert stars.names.tolist() == ["fine", "gap", "B", "C"]
    np.testing.assert_array_equal(stars.labels[:, KNOWN[0]], [5000, 5000, 4400, 6400])
    np.testing.assert_array_equal(stars.labels[:, KNOWN[1]], [2.5, 2, 1.5, 4.1])
    # 0.25 less in the metal-poor star, a fifth of that at -1
    np.testing.assert_allclose(stars.labels[:, KNOWN[2]], [-1.05, 0, -2.45, 0.1])
    np.testing.assert_array_equal(stars.flux[:, 0], [1, 6, 7, 8])
    assert stars.flux[1, 3] == 0  # missing, and not positive
    others = np.delete(stars.labels, KNOWN, axis=1)
    assert np.isnan(others).all()


def test_wavelengths_are_in_vacuum(path):
    air = np.linspace(3540, 7410, 50)
    vacuum = air_to_vac(air * u.AA).to_value(u.AA)
    np.testing.assert_allclose(miles(path).wavelength, vacuum, atol=1e-3)


def test_labels_that_are_words_are_read(path, tmp_path):
    with np.load(path) as library:
        arrays = dict(library.items())
    arrays["logg"] = np.array(["2.5", "1", "4", "-", "2", "", "1.5", "4.1"])
    np.savez(tmp_path / "stelib.npz", **arrays)
    stars = stelib(tmp_path / "stelib.npz")
    assert stars.names.tolist() == ["fine", "B", "C"]
    np.testing.assert_array_equal(stars.labels[:, 1], [2.5, 1.5, 4.1])


def test_usual_labels_are_filled_in_and_known_ones_kept(path):
    labels = miles(path).labels
    filled = synthetic_labels(labels)
    np.testing.assert_array_equal(filled[:, KNOWN], labels[:, KNOWN])
    assert np.isfinite(filled).all()
    # alpha rises towards 0.4 below [Fe/H] = -1
    np.testing.assert_allclose(
        filled[:, LABELS.index("alpha")], [0.4, 0, 0.4, 0], atol=1e-9
    )
    # giants that are metal-poor have mixed carbon away
    assert filled[2, LABELS.index("cfe")] == pytest.approx(-0.4)
    assert np.isnan(labels[:, 3:]).all()  # those of the library stay as they are


@pytest.mark.shared
def test_miles_gives_hundreds_of_stars_in_every_part(shared_data):
    stars = miles(shared_data / "stars" / "miles.npz")
    teff, logg, feh = stars.labels[:, KNOWN].T
    assert len(stars.names) > 500
    assert TEFF[0] < teff.min() < 4200 < 7000 < teff.max() < TEFF[1]
    assert logg.min() > -1
    assert logg.max() < 5.5
    assert feh.min() < -2
    assert feh.max() < 1
    parts = split_by_object(stars.names)
    assert set(parts) == {"train", "validation", "calibration", "test"}
    # in vacuum H-alpha of a warm dwarf lies at 6564.6 angstrom
    dwarf = np.argmin(np.abs(teff - 6300) + 1000 * np.abs(logg - 4.2))
    near = np.abs(stars.wavelength - 6564.6) < 8
    bottom = stars.wavelength[near][np.argmin(stars.flux[dwarf, near])]
    assert bottom == pytest.approx(6564.6, abs=1.2)
