"""Files written as LAMOST writes them."""

import numpy as np
import pytest
from astropy.io import fits

from galspec.simulation import write_lamost_fits
from galspec.simulation.instrument import LAMOST


@pytest.fixture
def spectrum():
    rng = np.random.default_rng(0)
    flux = rng.normal(100.0, 5.0, LAMOST.n_pixels)
    ivar = np.full(LAMOST.n_pixels, 1 / 25.0)
    ivar[7] = 0.0
    return LAMOST.wavelength, flux, ivar


def test_layout_is_that_of_dr10(tmp_path, spectrum):
    path = tmp_path / "spec.fits.gz"
    write_lamost_fits(path, *spectrum, {"OBSID": 42, "Z": 0.05, "CLASS": "GALAXY"})
    with fits.open(path) as hdus:
        header, table = hdus[0].header, hdus["COADD"]
        assert hdus[0].data is None
        assert (header["OBSID"], header["Z"], header["CLASS"]) == (42, 0.05, "GALAXY")
        assert header["COEFF0"] == pytest.approx(3.5682)
        assert header["COEFF1"] == pytest.approx(1e-4)
        assert header["SNRR"] == pytest.approx(20.0, rel=0.02)
        assert table.data.names == [
            "FLUX",
            "IVAR",
            "WAVELENGTH",
            "ANDMASK",
            "ORMASK",
            "NORMALIZATION",
        ]
        assert len(table.data) == 1
        assert table.columns["FLUX"].format == "3909E"
        np.testing.assert_allclose(table.data["FLUX"][0], spectrum[1], rtol=1e-6)
        np.testing.assert_allclose(table.data["IVAR"][0], spectrum[2], rtol=1e-6)
        assert np.flatnonzero(table.data["ANDMASK"][0]).tolist() == [7]


def test_every_keyword_of_the_format_is_there(tmp_path, spectrum):
    write_lamost_fits(tmp_path / "spec.fits", *spectrum)
    header = fits.getheader(tmp_path / "spec.fits")
    for key in ("OBSID", "RA", "DEC", "SNRU", "SNRG", "SNRR", "SNRI", "SNRZ", "CLASS"):
        assert key in header


@pytest.mark.shared
def test_keywords_are_a_part_of_the_real_ones(tmp_path, spectrum, shared_data):
    write_lamost_fits(tmp_path / "spec.fits", *spectrum)
    real = next((shared_data / "stars" / "lamost_dr10").glob("*.fits"))
    extra = set(fits.getheader(tmp_path / "spec.fits")) - set(fits.getheader(real))
    assert extra == set()
    ours, theirs = (fits.getdata(p, 1).dtype for p in (tmp_path / "spec.fits", real))
    assert ours.names == theirs.names


def test_shapes_must_agree(tmp_path, spectrum):
    wavelength, flux, ivar = spectrum
    with pytest.raises(ValueError, match="one shape"):
        write_lamost_fits(tmp_path / "spec.fits", wavelength, flux[1:], ivar)
