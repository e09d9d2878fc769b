"""Resampling: against specutils, and the laws that it keeps."""

import astropy.units as u
import numpy as np
import pytest
from astropy.nddata import StdDevUncertainty
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.transforms import Resample, RestFrame, Window, linear_grid, log_grid

METHODS = ("linear", "flux-conserving")
FIELDS = ("flux", "ivar", "mask")


def make(n=5, n_pix=300, seed=0, masked=0.1, own_axes=False, start=3990.0):
    """A batch on a logarithmic axis from ``start``, some pixels masked."""
    rng = np.random.default_rng(seed)
    wavelength = start * 10 ** (3e-4 * np.arange(n_pix))
    if own_axes:
        wavelength = wavelength / (1 + rng.uniform(0, 0.02, (n, 1)))
    shape = (n, n_pix)
    return SpectrumBatch.from_arrays(
        wavelength,
        rng.normal(3, 1, shape),
        ivar=rng.uniform(0.1, 9, shape),
        mask=rng.random(shape) < masked,
    )


def equal(a, b, fields=FIELDS):
    return all(np.array_equal(getattr(a, f), getattr(b, f)) for f in fields)


@pytest.mark.parametrize(
    "grid", [linear_grid(4010, 4700, 0.7), log_grid(4010, 4700, 5e-4)]
)
@pytest.mark.parametrize("method", METHODS)
def test_agrees_with_specutils(method, grid):
    from specutils import Spectrum
    from specutils.manipulation import (
        FluxConservingResampler,
        LinearInterpolatedResampler,
    )

    batch = make(2, masked=0)
    ours = Resample(grid, method)(batch)
    theirs = LinearInterpolatedResampler()
    if method != "linear":
        theirs = FluxConservingResampler()
    for row in range(len(batch)):
        spectrum = Spectrum(
            flux=batch.flux[row].astype(float) * u.Jy,
            spectral_axis=batch.wavelength * u.AA,
            uncertainty=StdDevUncertainty(batch.ivar[row].astype(float) ** -0.5),
        )
        wanted = theirs(spectrum, grid.wavelength * u.AA)
        np.testing.assert_allclose(
            ours.flux[row], wanted.flux.value, rtol=1e-6, atol=1e-6
        )
        if method != "linear":  # specutils interpolates errors, which is not their law
            np.testing.assert_allclose(
                ours.ivar[row], wanted.uncertainty.array, rtol=3e-6
            )
    assert not ours.mask.any()


def test_linear_errors_are_those_of_the_nearest_pixel():
    batch = SpectrumBatch.from_arrays([4000.0, 4002], [[1.0, 3.0]], ivar=[[1.0, 0.25]])
    result = Resample(linear_grid(4000, 4002, 0.5))(batch)
    upper = np.array([0, 0.25, 0.5, 0.75, 1])
    np.testing.assert_allclose(result.flux[0], 1 + 2 * upper)
    np.testing.assert_array_equal(result.ivar[0], [1, 1, 1, 0.25, 0.25])


@pytest.mark.parametrize("method", METHODS)
def test_axes_of_each_row_give_what_a_shared_axis_gives(method):
    batch = make(20)
    own = batch.replace(
        wavelength=np.broadcast_to(batch.wavelength, batch.flux.shape).copy()
    )
    resample = Resample(linear_grid(3950, 4900, 0.7), method)
    shared, each = resample(batch), resample(own)
    assert np.array_equal(shared.mask, each.mask)
    for name in ("flux", "ivar"):
        np.testing.assert_allclose(
            getattr(shared, name), getattr(each, name), rtol=1e-6
        )


@pytest.mark.parametrize("own_axes", [False, True])
@pytest.mark.parametrize("method", METHODS)
def test_a_batch_gives_what_its_rows_give_one_by_one(method, own_axes):
    some = make(17, own_axes=own_axes, masked=0)
    batch = SpectrumBatch.concatenate([some, make(20, own_axes=own_axes)])
    batch = batch[np.random.default_rng(3).permutation(37)]
    resample = Resample(linear_grid(3950, 4900, 0.7), method)
    rows = SpectrumBatch.concatenate([resample(batch[i]) for i in range(len(batch))])
    together = resample(batch)
    np.testing.assert_array_equal(together.mask, rows.mask)
    for name in ("flux", "ivar"):
        np.testing.assert_allclose(
            getattr(together, name), getattr(rows, name), rtol=1e-6
        )
    if method == "linear":
        assert equal(together, rows)


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 999),
    method=st.sampled_from(METHODS),
    share=st.sampled_from([0.02, 0.5, 0.97]),
    garbage=st.sampled_from([0.0, -1e30, 1e30, 7.0]),
)
def test_masked_values_never_matter(seed, method, share, garbage):
    clean = make(4, 60, seed, share)
    bad = clean.mask
    resample = Resample(linear_grid(3990, 4150, 1), method)
    wanted = resample(clean)
    axis, flux, ivar = clean.wavelength, clean.flux, clean.ivar
    everywhere = np.ones_like(ivar)
    forms = (
        {"flux": np.where(bad, garbage, flux), "ivar": ivar, "mask": bad},
        {"flux": np.where(bad, np.nan, flux), "ivar": ivar},
        {"flux": np.where(bad, np.inf, flux), "ivar": np.where(bad, np.nan, ivar)},
        {"flux": np.where(bad, garbage, flux), "ivar": np.where(bad, 0, ivar)},
        {"flux": np.where(bad, garbage, flux), "ivar": np.where(bad, -1, ivar)},
        {
            "flux": np.where(bad, garbage, flux),
            "ivar": np.where(bad, everywhere, ivar),
            "mask": bad,
        },
    )
    for arrays in forms:
        assert equal(resample(SpectrumBatch.from_arrays(axis, **arrays)), wanted)
    raw = clean.replace(  # even where a batch was built by hand
        flux=np.where(bad, np.float32(garbage), flux),
        ivar=np.where(bad, np.float32(2), ivar),
    )
    assert equal(resample(raw), wanted)
    assert np.isfinite(wanted.flux).all()
    assert np.isfinite(wanted.ivar).all()
    assert np.array_equal(wanted.ivar > 0, ~wanted.mask)


@pytest.mark.parametrize("method", METHODS)
def test_the_same_grid_changes_nothing(method):
    grid = linear_grid(4000, 4100, 1)
    rng = np.random.default_rng(1)
    mask = np.zeros((3, 101), bool)
    mask[1, 20:30] = True
    batch = SpectrumBatch.from_arrays(
        grid.wavelength,
        rng.normal(1, 1, (3, 101)),
        ivar=np.full((3, 101), 4),
        mask=mask,
    )
    once = Resample(grid, method)(batch)
    assert np.array_equal(once.mask, batch.mask)
    good = ~mask
    np.testing.assert_allclose(once.flux[good], batch.flux[good], rtol=1e-6)
    np.testing.assert_allclose(once.ivar[good], batch.ivar[good], rtol=1e-6)
    assert equal(Resample(grid, method)(once), once)


@pytest.mark.parametrize("method", METHODS)
def test_pixels_beyond_the_spectrum_are_masked(method):
    batch = make(3, masked=0)
    grid = linear_grid(3000, 6000, 2)
    result = Resample(grid, method)(batch)
    low, high = batch.wavelength[[0, -1]]
    inside = (grid.wavelength >= low + 2) & (grid.wavelength <= high - 2)
    outside = (grid.wavelength < low - 2) | (grid.wavelength > high + 2)
    assert result.mask[:, outside].all()
    assert not result.mask[:, inside].any()
    assert np.isfinite(result.flux).all()
    assert (result.ivar[result.mask] == 0).all()


@pytest.mark.parametrize("method", METHODS)
def test_a_spectrum_elsewhere_is_masked_as_a_whole(method):
    result = Resample(linear_grid(6000, 6100, 1), method)(make(2))
    assert result.mask.all()
    assert np.isfinite(result.flux).all()


def test_flux_is_conserved():
    batch = make(4, 400, masked=0, start=3950.0)
    grid = linear_grid(4000, 4400, 16)
    result = Resample(grid, "flux-conserving")(batch)
    from galspec.transforms.overlap import pixel_edges

    edges = pixel_edges(batch.wavelength[None])[0]
    limits = grid.start - 8, grid.wavelength[-1] + 8
    widths = np.diff(np.clip(edges, *limits))
    np.testing.assert_allclose(
        result.flux.sum(axis=1) * 16, batch.flux @ widths, rtol=1e-5
    )


@pytest.mark.parametrize("method", METHODS)
def test_all_masked_no_rows_no_pixels(method):
    resample = Resample(linear_grid(4000, 4100, 1), method)
    batch = make(3)
    batch.mask[1] = True
    result = resample(batch)
    assert result.mask[1].all()
    assert not result.flux[1].any()
    assert not result.mask[0].all()
    assert resample(batch[:0]).flux.shape == (0, 101)
    assert resample(SpectrumBatch.concatenate([])).flux.shape == (0, 101)
    blank = SpectrumBatch.from_arrays(np.empty(0), np.empty((2, 0)))
    assert resample(blank).mask.shape == (2, 101)
    assert resample(blank).mask.all()


@pytest.mark.parametrize("method", METHODS)
def test_one_pixel_never_raises(method):
    batch = SpectrumBatch.from_arrays([4005.0], [[2.0], [np.nan]])
    result = Resample(linear_grid(4000, 4010, 1), method)(batch)
    assert result.flux.shape == (2, 11)
    assert result.mask[1].all()
    assert (result.mask[0] | (result.flux[0] == 2)).all()


@pytest.mark.parametrize("method", METHODS)
def test_repeated_wavelengths_never_raise(method):
    axis = np.array([4000.0, 4001, 4001, 4001, 4002, 4003, 4003])
    batch = SpectrumBatch.from_arrays(axis, np.arange(14.0).reshape(2, 7))
    result = Resample(linear_grid(4000, 4003, 0.5), method)(batch)
    assert np.isfinite(result.flux).all()
    assert np.isfinite(result.ivar).all()


@settings(max_examples=15, deadline=None)
@given(
    power=st.integers(-20, 20), seed=st.integers(0, 99), method=st.sampled_from(METHODS)
)
def test_the_flux_factor_passes_through(power, seed, method):
    batch = make(3, 60, seed)
    resample = Resample(linear_grid(3990, 4150, 1), method)
    factor = np.float32(2.0**power)
    brighter = batch.replace(flux=batch.flux * factor, ivar=batch.ivar / factor**2)
    a, b = resample(batch), resample(brighter)
    assert np.array_equal(a.flux * factor, b.flux)
    assert np.array_equal(a.ivar, b.ivar * factor**2)


def test_after_the_rest_frame_rows_have_one_axis_again():
    batch = make(4, masked=0).replace(redshift=np.array([0.0, 0.01, 0.02, np.nan]))
    result = Resample(linear_grid(4000, 4500, 1))(RestFrame()(batch))
    assert result.wavelength.shape == (501,)
    assert result.mask[3].all()
    assert not result.mask[:3].all(axis=1).any()


@pytest.mark.parametrize("method", METHODS)
def test_a_gap_is_masked(method):
    batch = make(4, masked=0).replace(redshift=np.array([0.0, 1e-4, 0.002, -0.001]))
    grid = linear_grid(4050, 4700, 0.7)
    whole, segments = grid.wavelength, ((4000, 4300), (4400, 4800))
    gap = (whole > 4302) & (whole < 4398)
    near = (whole > 4296) & (whole < 4404)  # pixels are 3 angstrom wide
    for some in (batch, RestFrame()(batch)):
        result = Resample(grid, method)(Window(segments)(some))
        wanted = Resample(grid, method)(some)
        assert result.mask[:, gap].all()
        assert not result.ivar[:, gap].any()
        for name in FIELDS:
            found, expected = (getattr(b, name)[:, ~near] for b in (result, wanted))
            np.testing.assert_allclose(found, expected, rtol=1e-4)


def test_unknown_method():
    with pytest.raises(ValueError, match="'cubic'"):
        Resample(linear_grid(1, 2, 1), "cubic")
