"""DESI coadds: three arms become one spectrum."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from galspec import spectra
from galspec.io import desi, join_arms, read_spectra


def test_rows_of_a_coadd(make_desi):
    batch = read_spectra([make_desi()])
    assert batch.ids["obsid"].tolist()[1] == "39633297352951413"
    assert batch.ids["ra"].tolist() == [10, 11, 12]
    assert batch.ids["snr_r"].tolist() == [1, 2, 3]
    assert np.isnan(batch.redshift).all()
    np.testing.assert_allclose(batch.wavelength, 3600 + 0.8 * np.arange(130))
    np.testing.assert_allclose(batch.flux, np.array([[1], [2], [3]]) * np.ones(130))
    # two arms see the overlaps, so their weights add up
    np.testing.assert_allclose(batch.ivar[0, [0, 45, 60, 85]], [4, 8, 4, 8])
    assert not batch.mask.any()


def test_join_arms_of_specutils_agrees_with_the_bulk_reader(make_desi):
    from specutils import SpectrumList

    path = make_desi()
    joined = join_arms(SpectrumList.read(path))
    gathered, batch = spectra.SpectrumBatch.gather(joined), read_spectra([path])
    np.testing.assert_allclose(gathered.flux, batch.flux)
    np.testing.assert_allclose(gathered.ivar, batch.ivar)
    np.testing.assert_allclose(gathered.wavelength, batch.wavelength)
    assert gathered.ids["obsid"].tolist() == batch.ids["obsid"].tolist()


@given(
    flux=st.tuples(*[st.floats(-10, 10)] * 2),
    ivar=st.tuples(*[st.floats(0.1, 10)] * 2),
    bad=st.tuples(*[st.booleans()] * 2),
)
def test_overlap_is_the_weighted_mean_of_the_good_arms(flux, ivar, bad):
    arms = [
        (5000 + 0.8 * np.arange(i, i + 2), [[f] * 2], [[w] * 2], [[int(b)] * 2])
        for i, (f, w, b) in enumerate(zip(flux, ivar, bad, strict=True))
    ]
    wavelength, joined, weight, mask = desi.combine(arms)
    good = ~np.array(bad)
    np.testing.assert_allclose(wavelength, 5000 + 0.8 * np.arange(3))
    assert mask[0].tolist() == [bad[0], all(bad), bad[1]]
    np.testing.assert_allclose(weight[0, 1], np.sum(np.array(ivar)[good]))
    if good.any():
        expected = np.average(np.array(flux)[good], weights=np.array(ivar)[good])
        np.testing.assert_allclose(joined[0, 1], expected, atol=1e-12)


def test_nan_in_one_arm_leaves_the_other():
    axis = np.array([5000.0, 5001.0])
    one, nan = np.ones((1, 2)), np.array([[np.nan, 1.0]])
    _, flux, weight, mask = desi.combine([(axis, nan, one, 0), (axis, 3 * one, one, 0)])
    assert flux.tolist() == [[3, 2]]
    assert weight.tolist() == [[1, 2]]
    assert not mask.any()


def test_arms_of_different_grids_are_refused():
    one = np.ones((1, 3))
    arms = [
        (np.array([1.0, 2, 3]), one, one, 0),
        (np.array([2.5, 3.5, 4.5]), one, one, 0),
    ]
    with pytest.raises(ValueError, match=r"2\.5 A is not on the linear grid of 1 A"):
        desi.combine(arms)


def test_no_arms_are_refused():
    with pytest.raises(ValueError, match="no arms"):
        join_arms([])


@pytest.mark.shared
def test_real_files(shared_data):
    from specutils import SpectrumList

    paths = sorted((shared_data / "galaxies/real_spectra/desi").glob("coadd-*.fits"))
    batch = read_spectra(paths)
    assert len(batch) == 10
    assert batch.wavelength.shape == (7781,)
    assert batch.wavelength[[0, -1]] == pytest.approx([3600, 9824])
    joined = join_arms(SpectrumList.read(paths[0]))
    gathered = spectra.SpectrumBatch.gather(joined)
    np.testing.assert_allclose(gathered.flux, batch.flux[:5], rtol=1e-6)
    assert np.array_equal(gathered.mask, batch.mask[:5])
