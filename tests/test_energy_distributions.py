"""What ``meta`` tells of each star goes with the stars that are chosen."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from galspec.sed import WAVELENGTH
from galspec.sed_spectrum import to_spectrum
from galspec.synthetic_photometry import synthetic_photometry


@pytest.fixture
def seds():
    sed = (WAVELENGTH / 5500) ** np.linspace(-2, 1, 4)[:, None]
    columns = {"file": list("abcd"), "sed": sed, "sed_err": 0.01 * sed, "sed_lo": sed}
    return to_spectrum(
        QTable({**columns, "flags": [0, 16, 32, 0]}, meta={"law": "G23"})
    )


@pytest.mark.parametrize(
    ("item", "files"),
    [
        (2, "c"),
        (np.int64(2), "c"),
        (slice(1, 3), ["b", "c"]),
        ([3, 0], ["d", "a"]),
        (np.array([True, False, False, True]), ["a", "d"]),
        ((slice(1, 3), slice(100, 200)), ["b", "c"]),
        ((slice(1, 3), slice(4000 * u.AA, 5000 * u.AA)), ["b", "c"]),
        (slice(4000 * u.AA, 5000 * u.AA), ["a", "b", "c", "d"]),
    ],
)
def test_meta_follows_the_choice(seds, item, files):
    chosen = seds[item]
    assert np.array_equal(chosen.meta["file"], files)
    assert np.shape(chosen.meta["flags"]) == chosen.flux.shape[:-1]
    assert chosen.meta["law"] == "G23"
    assert seds.meta["flags"].tolist() == [0, 16, 32, 0]


def test_limits_follow_too(seds):
    np.testing.assert_array_equal(seds[[1, 3]].meta["sed_lo"], seds.flux[[1, 3]])


def test_wavelengths_of_one_star_leave_meta_alone(seds):
    assert seds[1][5:10].meta["file"] == "b"


def test_magnitudes_are_those_of_the_function(seds):
    bands = ["sdss2010-g", "gaiadr3-G"]
    ours, theirs = seds.synthetic_photometry(bands), synthetic_photometry(seds, bands)
    assert ours.colnames == theirs.colnames
    for name in ours.colnames:
        np.testing.assert_array_equal(ours[name].value, theirs[name].value)
