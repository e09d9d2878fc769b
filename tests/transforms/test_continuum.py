"""Continua: what lines and noise do to them, and what must not matter."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from galspec import Flags, SpectrumBatch
from galspec.transforms import (
    Continuum,
    GaussianContinuum,
    MedianContinuum,
    Normalise,
    PolynomialContinuum,
    Resample,
    RestFrame,
    SplineContinuum,
    Window,
    linear_grid,
)

AXIS = 3800 * 10 ** (1e-4 * np.arange(3250))
SHAPE = 100 * (AXIS / 6000) ** -2
EVERY = (
    GaussianContinuum(),
    MedianContinuum(),
    PolynomialContinuum(),
    SplineContinuum(),
)
each = pytest.mark.parametrize("continuum", EVERY, ids=lambda c: type(c).__name__)


def lines(distance):
    """Absorption lines, half as deep as the continuum, 1.6 angstrom wide."""
    offset = AXIS[:, None] - np.arange(3830, 8000, distance)
    lines = 1 - 0.5 * np.exp(-0.5 * (offset / (3 / 2.355)) ** 2).sum(axis=1)
    return lines, np.abs(offset).min(axis=1) < 8


def make(n=4, seed=0, snr=20, axis=AXIS, shape=SHAPE):
    rng = np.random.default_rng(seed)
    noise = shape / snr * rng.uniform(0.5, 2, (n, 1))
    flux = shape + noise * rng.normal(size=(n, len(shape)))
    return SpectrumBatch.from_arrays(axis, flux, ivar=noise**-2.0)


def holes(n, seed=0, share=0.05):
    """A mask with scattered pixels and a wide run."""
    rng = np.random.default_rng(seed)
    mask = rng.random((n, len(AXIS))) < share
    for row in mask:
        start = rng.integers(len(AXIS) - 300)
        row[start : start + 300] = True
    return mask


@pytest.mark.parametrize(
    ("continuum", "distance", "shift", "width"),
    [
        (EVERY[0], 100, (-0.017, -0.014), (0.83, 0.88)),
        (EVERY[0], 40, (-0.041, -0.037), (0.60, 0.66)),
        (EVERY[1], 100, (-0.004, -0.001), (0.95, 1.00)),
        (EVERY[1], 40, (-0.010, -0.006), (0.90, 0.96)),
        (EVERY[2], 40, (-5e-4, 5e-4), (0.995, 1.005)),
        (EVERY[3], 40, (-5e-4, 5e-4), (0.995, 1.005)),
    ],
)
def test_bias_by_lines_is_that_of_the_docstring(continuum, distance, shift, width):
    absorbed, near = lines(distance)
    batch = SpectrumBatch.from_arrays(AXIS, SHAPE * absorbed)
    result = Normalise(continuum)(batch)
    bias = (result.continuum[0] / SHAPE - 1).mean()
    assert shift[0] < bias < shift[1]
    pixels = np.gradient(AXIS) * near
    measured = (1 - result.flux[0]) @ pixels / ((1 - absorbed) @ pixels)
    assert width[0] < measured < width[1]


@pytest.mark.parametrize(
    ("continuum", "shift"),
    [
        (GaussianContinuum(), 0),
        (MedianContinuum(), 0),
        (PolynomialContinuum(), 0.09),
        (PolynomialContinuum(low=1.5), 0.32),
        (PolynomialContinuum(low=3.0), 0),
        (SplineContinuum(), 0.09),
    ],
)
def test_bias_by_noise_is_that_of_the_docstring(continuum, shift):
    rng = np.random.default_rng(0)
    flux = 20 + rng.normal(size=(40, len(AXIS)))
    found = continuum.fit(SpectrumBatch.from_arrays(AXIS, flux))
    assert abs((found - 20).mean() - shift) < 0.015


@each
def test_a_flat_spectrum_is_its_own_continuum(continuum):
    flux = np.full((2, len(AXIS)), 7.0)
    batch = SpectrumBatch.from_arrays(AXIS, flux, mask=holes(2))
    found = continuum.fit(batch)
    np.testing.assert_allclose(found[~batch.mask], 7, rtol=1e-6)


def test_gaussian_smoothing_is_that_of_its_formula():
    batch = make(3)
    batch = SpectrumBatch.from_arrays(
        AXIS, batch.flux * lines(100)[0], ivar=batch.ivar, mask=holes(3)
    )
    kernel = np.exp(-0.5 * ((AXIS[:, None] - AXIS) / 50) ** 2)
    weight = np.where(batch.mask, 0, batch.ivar).astype(float)
    wanted = (weight * batch.flux) @ kernel / (weight @ kernel)
    found = GaussianContinuum(50).fit(batch)
    np.testing.assert_allclose(found[~batch.mask], wanted[~batch.mask], rtol=2e-3)


def test_gaussian_smoothing_is_linear():
    one, two = make(2, seed=1), make(2, seed=2)
    two = two.replace(ivar=one.ivar)
    both = one.replace(flux=one.flux + two.flux)
    parts = [GaussianContinuum().fit(b) for b in (one, two)]
    np.testing.assert_allclose(GaussianContinuum().fit(both), sum(parts), rtol=1e-5)


def test_the_median_is_that_of_each_window():
    batch = make(1)
    found = MedianContinuum(81).fit(batch)[0]
    for place in (0, 20, 400, 3240, 3249):
        window = batch.flux[0, max(place - 40, 0) : place + 41]
        assert found[place] == pytest.approx(np.median(window), rel=1e-6)


@each
@settings(max_examples=8, deadline=None)
@given(power=st.integers(-20, 20), factor=st.floats(0.01, 100), seed=st.integers(0, 99))
def test_a_flux_factor_does_not_matter(continuum, power, factor, seed):
    batch = make(2, seed)
    wanted = Normalise(continuum)(batch)
    exact = np.float32(2.0**power)
    scaled = batch.replace(flux=batch.flux * exact, ivar=batch.ivar / exact**2)
    found = Normalise(continuum)(scaled)
    for name in ("flux", "ivar", "mask"):
        assert np.array_equal(getattr(found, name), getattr(wanted, name))
    factor = np.float32(factor)
    scaled = batch.replace(flux=batch.flux * factor, ivar=batch.ivar / factor**2)
    found = continuum.fit(scaled) / factor
    # rounding may move one pixel over the limit of clipping
    np.testing.assert_allclose(found, wanted.continuum, rtol=3e-3)


@each
@settings(max_examples=8, deadline=None)
@given(
    seed=st.integers(0, 99),
    share=st.sampled_from([0.01, 0.3, 0.98]),
    garbage=st.sampled_from([np.nan, np.inf, -1e30, 1e5]),
)
def test_masked_values_never_matter(continuum, seed, share, garbage):
    clean, mask = make(3, seed), holes(3, seed, share)
    wanted = Normalise(continuum)(clean.replace(mask=mask))
    flux = np.where(mask, np.float32(garbage), clean.flux)
    forms = {"ivar": np.where(mask, np.nan, clean.ivar)}, {"mask": mask}
    for some in forms:
        some = {"ivar": clean.ivar} | some
        found = Normalise(continuum)(SpectrumBatch.from_arrays(AXIS, flux, **some))
        for name in ("flux", "mask", "continuum"):
            assert np.array_equal(getattr(found, name), getattr(wanted, name))
        assert np.array_equal(found.ivar[~mask], wanted.ivar[~mask])
    assert np.isfinite(wanted.flux).all()
    assert (wanted.mask >= mask).all()


@each
def test_bad_rows_stay_masked_and_are_flagged_and_finite(continuum):
    batch = make(4)
    mask = np.zeros(batch.flux.shape, bool)
    mask[1], mask[2, 1:] = True, True
    result = Normalise(continuum)(batch.replace(mask=mask))
    assert result.flags.tolist() == [0, Flags.NO_DATA, 0, 0]
    assert result.mask[1].all()
    assert result.mask[2, 1:].all()
    for values in (result.flux, result.ivar, result.continuum):
        assert np.isfinite(values).all()
    alone = Normalise(continuum)(batch)
    np.testing.assert_allclose(result.flux[[0, 3]], alone.flux[[0, 3]], rtol=1e-5)


@each
def test_a_continuum_that_is_not_positive_is_masked(continuum):
    batch = make(2)
    batch = batch.replace(flux=batch.flux * np.float32([[1], [-1]]))
    result = Normalise(continuum)(batch)
    assert result.mask[1].all()
    assert not result.flux[1].any()
    assert not result.ivar[1].any()
    assert result.flags.tolist() == [0, Flags.NO_DATA]
    zero = Normalise(continuum)(batch.replace(flux=0 * batch.flux))
    assert zero.mask.all()


@each
def test_signal_to_noise_is_kept(continuum):
    batch = make(2)
    result = Normalise(continuum)(batch)
    np.testing.assert_allclose(result.flux * result.continuum, batch.flux, rtol=1e-5)
    np.testing.assert_allclose(
        result.flux**2 * result.ivar, batch.flux**2 * batch.ivar, rtol=1e-4, atol=1e-6
    )


@each
def test_a_batch_gives_what_its_rows_give_one_by_one(continuum):
    batch = make(35).replace(mask=holes(35))
    together = continuum.fit(batch)
    alone = np.concatenate([continuum.fit(batch[row]) for row in range(35)])
    np.testing.assert_allclose(together, alone, rtol=1e-6)


@each
def test_axes_of_each_row(continuum):
    batch = make(6).replace(redshift=np.linspace(-0.001, 0.15, 6))
    own = batch.replace(wavelength=np.tile(AXIS, (6, 1)))
    np.testing.assert_array_equal(continuum.fit(own), continuum.fit(batch))
    rest = RestFrame()(batch)
    together = continuum.fit(rest)
    alone = np.concatenate([continuum.fit(rest[row]) for row in range(6)])
    np.testing.assert_allclose(together, alone, rtol=1e-5)
    true = SHAPE * (1 + batch.redshift[:, None])
    assert np.median(np.abs(together / true - 1)) < 0.01


@each
def test_gaps_part_the_continuum(continuum):
    segments = ((3800, 5700), (5900, 8100))
    batch = make(3)
    step = np.where(AXIS > 5800, 3, 1)
    batch = batch.replace(flux=(batch.flux * step).astype(np.float32))
    together = continuum.fit(Window(segments)(batch))
    parts = [continuum.fit(Window((segment,))(batch)) for segment in segments]
    np.testing.assert_allclose(together, np.hstack(parts), rtol=1e-6)


@each
@pytest.mark.parametrize("n_pix", [0, 1, 2, 9])
def test_short_spectra(continuum, n_pix):
    flux = np.ones((3, n_pix)) * [[3], [np.nan], [5]]
    result = Normalise(continuum)(SpectrumBatch.from_arrays(AXIS[:n_pix], flux))
    assert result.flux.shape == result.continuum.shape == (3, n_pix)
    np.testing.assert_allclose(result.flux[[0, 2]], 1, rtol=1e-5)
    nothing = Normalise(continuum)(result[:0])
    assert nothing.continuum.shape == (0, n_pix)


@each
@settings(max_examples=25, deadline=None)
@given(
    flux=arrays(np.float32, (3, 11), elements=st.floats(width=32)),
    ivar=arrays(np.float32, (3, 11), elements=st.floats(width=32)),
)
def test_whatever_the_numbers_no_row_raises(continuum, flux, ivar):
    batch = SpectrumBatch.from_arrays(AXIS[::300], flux, ivar=ivar)
    for some in (batch, batch.replace(wavelength=np.tile(batch.wavelength, (3, 1)))):
        result = Normalise(continuum)(some)
        for values in (result.flux, result.ivar, result.continuum):
            assert np.isfinite(values).all()
        assert (result.mask >= batch.mask).all()


def test_the_pair_reaches_a_common_grid():
    batch = make(3).replace(mask=holes(3))
    batch = batch.replace(redshift=np.array([0.0, 0.01, 0.02]))
    segments = ((3850, 5700), (5900, 7800))
    pair = Normalise(GaussianContinuum())(Window(segments)(RestFrame()(batch)))
    result = Resample(linear_grid(3900, 7700, 1))(pair)
    assert result.continuum.shape == result.flux.shape == (3, 3801)
    true = np.interp(result.wavelength, AXIS, SHAPE)
    good = ~result.mask & (result.wavelength < 5690)
    factor = np.repeat((1 + batch.redshift) ** -1, good.sum(axis=1))
    ratio = result.continuum[good] / np.broadcast_to(true, good.shape)[good] * factor
    assert np.abs(ratio - 1).max() < 0.1
    assert Resample(linear_grid(3900, 7700, 1))(batch).continuum is None


def test_joining_batches_with_and_without_a_continuum():
    batch = make(4)
    result = Normalise(MedianContinuum())(batch)
    again = SpectrumBatch.concatenate([result[:1], result[1:]])
    assert np.array_equal(again.continuum, result.continuum)
    ragged = SpectrumBatch.concatenate([result[:1], Window(((4000, 5000),))(result)])
    assert ragged.continuum.shape == ragged.flux.shape
    with pytest.raises(ValueError, match="1 of 2 batches"):
        SpectrumBatch.concatenate([batch, result])


def test_a_continuum_of_ones_own():
    @dataclasses.dataclass(frozen=True)
    class Highest(Continuum):
        def curve(self, wavelength, flux, weight):
            return np.broadcast_to(flux.max(axis=1, keepdims=True), flux.shape)

    normalise = Normalise(Highest())
    assert Normalise.from_config(normalise.to_config()) == normalise
    assert normalise(make()).flux.max() == 1


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        (lambda: GaussianContinuum(0), "width"),
        (lambda: MedianContinuum(2), "width"),
        (lambda: PolynomialContinuum(-1), "degree"),
        (lambda: PolynomialContinuum(low=0.9), "low"),
        (lambda: SplineContinuum(-5), "spacing"),
        (lambda: SplineContinuum(high=-1), "high"),
        (lambda: SplineContinuum(rounds=0), "rounds"),
    ],
)
def test_wrong_fields(wrong, word):
    with pytest.raises(ValueError, match=word):
        wrong()


def test_a_continuum_is_needed():
    with pytest.raises(TypeError, match="'spline'"):
        Normalise("spline")


def test_a_gaussian_continuum_without_weights_does_not_follow_the_errors():
    wavelength = np.linspace(4000, 5000, 1000)
    flux = 1 - 0.5 * (np.arange(1000) % 40 < 20)
    low_in_lines = np.where(flux < 1, 1.0, 9.0)
    batches = [
        SpectrumBatch.from_arrays(wavelength, flux, ivar=ivar)
        for ivar in (low_in_lines, np.ones(1000))
    ]
    plain, told = (GaussianContinuum(50.0, weighted=w) for w in (False, True))
    one, other = (plain.fit(batch)[0, 200:-200] for batch in batches)
    np.testing.assert_allclose(one, other, rtol=1e-6)
    np.testing.assert_allclose(one, 0.75, atol=0.01)
    assert (told.fit(batches[0])[0, 200:-200] > 0.9).all()


@pytest.mark.parametrize("width", [30.0, 100.0])
def test_a_gaussian_continuum_is_the_same_whether_pixels_are_shared_or_not(width):
    rng = np.random.default_rng(5)
    wavelength = np.linspace(4000, 5000, 700)
    flux = 2 + 0.3 * rng.normal(size=(6, 700))
    mask = rng.random(flux.shape) < 0.02
    mask[2, :300] = True
    # a thousandth of a pixel apart, which is not the same
    apart = wavelength + 1e-3 * np.arange(6)[:, None]
    continuum = GaussianContinuum(width, weighted=False)
    shared, own = (
        continuum.fit(SpectrumBatch.from_arrays(pixels, flux, mask=mask))
        for pixels in (wavelength, apart)
    )
    np.testing.assert_allclose(shared, own, rtol=2e-5)
