"""E(B-V) from maps of dust, and what is said where there is none."""

import sys

import numpy as np
import pytest

from galspec.milky_way_dust import milky_way_reddening


def sky(place):
    """A map that tells the place itself."""
    return place.ra.deg + place.dec.deg / 1000


def test_every_row_has_its_own():
    ebv = milky_way_reddening([10, 20, 30], [-5, 0, 5], dust_map=sky)
    np.testing.assert_allclose(ebv, [9.995, 20, 30.005])


def test_places_that_are_none_are_unknown():
    ebv = milky_way_reddening([np.nan, 1, 2, 3], [0, 91, np.nan, 4], dust_map=sky)
    np.testing.assert_array_equal(np.isnan(ebv), [True, True, True, False])
    assert np.isnan(milky_way_reddening([np.nan], [np.nan], dust_map=sky)).all()


def test_a_missing_library_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dustmaps.sfd", None)
    with pytest.raises(ImportError, match=r"pip install 'astro-galspec\[dust\]'"):
        milky_way_reddening([1], [2])


def test_a_map_that_is_not_there(tmp_path):
    with pytest.raises(
        FileNotFoundError, match=r"'planck'.*neither 'sfd' nor a folder"
    ):
        milky_way_reddening([1], [2], dust_map="planck")
    pytest.importorskip("dustmaps")
    with pytest.raises(FileNotFoundError, match=r"dustmaps\.sfd\.fetch\(\)"):
        milky_way_reddening([1], [2], dust_map=tmp_path)


def test_the_map_of_sfd_from_its_files(tmp_path):
    pytest.importorskip("dustmaps")
    from astropy.io import fits

    for pole, sign, value in (("ngp", 1, 0.02), ("sgp", -1, 0.07)):
        header = fits.Header(
            {"CTYPE1": "GLON-ZEA", "CTYPE2": "GLAT-ZEA", "CRPIX1": 32.5, "CRPIX2": 32.5}
            | {"CRVAL1": 0.0, "CRVAL2": 90.0 * sign, "LONPOLE": 180.0}
            | {"CD1_1": -2.9, "CD1_2": 0.0, "CD2_1": 0.0, "CD2_2": 2.9}
        )
        image = fits.PrimaryHDU(np.full((64, 64), value, np.float32), header)
        image.writeto(tmp_path / f"SFD_dust_4096_{pole}.fits")
    # the poles of the Milky Way
    ebv = milky_way_reddening([192.86, 12.86], [27.13, -27.13], dust_map=tmp_path)
    np.testing.assert_allclose(ebv, [0.02, 0.07], rtol=1e-6)
