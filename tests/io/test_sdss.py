"""SDSS spec files through the bulk reader and through specutils' own loader."""

import numpy as np
import pytest

from galspec.io import read_spectra, specutils_hook
from galspec.io.bulk import lazy_batches


def test_row_of_a_spec_file(make_sdss):
    batch = read_spectra([make_sdss()])
    assert batch.ids["problem"].tolist() == [""]
    assert batch.ids["obsid"].tolist() == ["0266-51630-0168"]
    # the object's position, not the telescope's in the primary header
    assert (batch.ids["ra"][0], batch.ids["dec"][0]) == (146.5, 0.5)
    assert batch.ids["snr_r"][0] == 30
    assert batch.redshift[0] == pytest.approx(0.067)
    np.testing.assert_allclose(
        batch.wavelength, 10 ** (1e-4 * (35_700 + np.arange(300))), rtol=1e-12
    )


def test_pixel_bits_mask_but_whole_fibre_bits_do_not(make_sdss):
    assert np.flatnonzero(read_spectra([make_sdss()]).mask[0]).tolist() == [5, 6, 10]


def test_specutils_reads_it_itself(make_sdss):
    from specutils import Spectrum
    from specutils.io.registers import identify_spectrum_format

    specutils_hook.install()
    path = make_sdss()
    assert identify_spectrum_format(path) == "SDSS-III/IV spec"
    spectrum, batch = Spectrum.read(path), read_spectra([path])
    np.testing.assert_array_equal(spectrum.flux.value[20:], batch.flux[0, 20:])


def test_shares_the_axis_with_lamost(make_sdss, make_lamost):
    batch = read_spectra([make_lamost("dr10"), make_sdss(first=35_700)])
    assert batch.wavelength.shape == (318,)
    assert not batch.mask[0, 20:300].any()
    assert batch.mask[0, 300:].all()
    assert batch.mask[1, :18].all()
    assert not batch.mask[1, 30:].any()


@pytest.mark.shared
def test_real_files(shared_data):
    from specutils import Spectrum

    paths = sorted((shared_data / "galaxies/real_spectra/sdss").glob("spec-*.fits"))
    batch = read_spectra(paths)
    assert set(batch.ids["problem"].tolist()) == {""}
    assert batch.wavelength.ndim == 1
    assert ((batch.redshift > 0.01) & (batch.redshift < 0.3)).all()
    assert (batch.ids["snr_r"] > 5).all()
    spectrum = Spectrum.read(paths[0])
    at = np.searchsorted(batch.wavelength, spectrum.spectral_axis.value[0] - 0.1)
    row = slice(at, at + len(spectrum.flux))
    good = ~batch.mask[0, row]
    np.testing.assert_array_equal(
        batch.flux[0, row][good], spectrum.flux.value[good].astype(np.float32)
    )


def test_more_is_read_where_it_is_asked_for(make_sdss):
    (group,) = lazy_batches([make_sdss()], 1, ("snr_g", "snr_i"))
    (batch,) = group
    assert [batch.ids[name].tolist() for name in ("snr_g", "snr_i")] == [[17], [33]]
