"""A known response comes back from simulated spectra without slits, with its error."""

import astropy.units as u
import numpy as np
import pytest
from astropy.nddata import StdDevUncertainty
from hypothesis import given, settings
from hypothesis import strategies as st
from specutils import Spectrum

from galspec import Flags
from galspec.flux_calibration import response
from galspec.sed import WAVELENGTH, at_r200

FLAM = u.Unit("1e-16 erg / (s cm2 AA)")
#: Every fourth wavelength of predictions: enough for what is smooth.
GRID = WAVELENGTH[::4]


def truth(wavelength):
    """A response with a maximum and a wave."""
    bell = np.exp(-0.5 * ((wavelength - 6200) / 2500) ** 2)
    return 300 * bell * (1 + 0.1 * np.sin(wavelength / 600))


def planck(teff, wavelength):
    """Black bodies that are 1 at 5500 angstrom (Planck's law, hc/k in angstrom K)."""

    def law(at):
        return at**-5.0 / np.expm1(1.4388e8 / (at * teff[:, None]))

    return law(wavelength) / law(5500.0)


def simulate(n, seed, *, relative=True, outliers=0.0, grid=GRID):
    """Counts with the noise of photons, predictions with errors that are correlated."""
    rng = np.random.default_rng(seed)
    true = planck(rng.uniform(5000, 9500, n), grid)
    brightness = 10 ** rng.uniform(0, 1, (n, 1))
    place = np.log(grid / 5500)
    slope, bend = rng.normal(0, [0.1, 0.1], (n, 2)).T[..., None]
    error = 0.1 * np.hypot(place, place**2)
    predicted = true * np.exp(slope * place + bend * place**2)
    if not relative:
        predicted *= brightness * np.exp(rng.normal(0, 0.03, (n, 1)))
        error = np.hypot(error, 0.03)
    n_wrong = round(n * outliers)
    wrong = np.ones((n, len(grid)))
    power = rng.uniform(1, 3, (n_wrong, 1)) * rng.choice([-1, 1], (n_wrong, 1))
    wrong[:n_wrong] = 1.5 * (grid / 5500) ** power
    sky = 30
    light = truth(grid) * true * brightness * wrong
    counts = rng.poisson(light + sky) - sky
    noise = np.sqrt(np.maximum(counts + sky, 1))
    return (
        spectrum(counts * u.ct, noise, grid),
        spectrum(predicted * (1 if relative else FLAM), predicted * error, grid),
    )


def spectrum(flux, error, grid=GRID, **more):
    return Spectrum(
        spectral_axis=grid * u.AA,
        flux=u.Quantity(flux),
        uncertainty=StdDevUncertainty(np.broadcast_to(error, flux.shape).copy()),
        **more,
    )


def rows(spectra, order, **more):
    return spectrum(
        spectra.flux[order],
        spectra.uncertainty.array[order],
        spectra.spectral_axis.value,
        **more,
    )


def departure(curve):
    """Of the logarithm from the truth, without the free scale; and its error."""
    scale = 1 * u.ct if curve.relative else u.ct / FLAM
    error = (curve.error / curve.value).value
    wrong = np.log((curve.value / scale).to_value(1) / truth(curve.wavelength.value))
    if curve.relative:
        known = np.isfinite(wrong)
        wrong -= np.average(wrong[known], weights=error[known] ** -2)
    return wrong, error


@pytest.mark.parametrize("outliers", [0, 0.1])
@pytest.mark.parametrize("relative", [True, False])
def test_a_known_response_lies_within_its_errors(relative, outliers):
    n_times, within, pulls = 50, [], []
    for seed in range(n_times):
        pair = simulate(40, seed, relative=relative, outliers=outliers)
        wrong, error = departure(response(*pair, knots=800))
        within.append(np.mean(np.abs(wrong) < error))
        pulls.append(wrong / error)
    # wavelengths of one curve err together: only realisations are independent
    margin = 3 * np.std(within) / np.sqrt(n_times)
    assert margin < 0.15
    assert np.mean(within) == pytest.approx(0.683, abs=margin)
    assert np.all(np.abs(np.mean(pulls, axis=0)) < 4 / np.sqrt(n_times) + 0.3)


@pytest.mark.parametrize("relative", [True, False])
def test_many_stars_make_it_accurate(relative):
    curve = response(*simulate(400, 5, relative=relative, outliers=0.1), knots=800)
    wrong, error = departure(curve)
    inner = (GRID > 4000) & (GRID < 8000)
    assert np.abs(wrong[inner]).max() < 0.01
    assert np.abs(wrong).max() < 0.05
    assert error[inner].max() < 0.005


def test_wrong_stars_are_rejected_and_others_are_not():
    curve = response(*simulate(100, 2, outliers=0.1), knots=800)
    assert np.count_nonzero(curve.rejected[:10]) >= 7
    assert not curve.rejected[10:].any()
    assert np.median(curve.weights[10:]) > 0.7


def test_errors_fall_with_the_root_of_the_number_of_stars():
    few, many = (response(*simulate(n, 3), knots=800) for n in (50, 450))
    ratio = np.median(few.error / few.value) / np.median(many.error / many.value)
    assert float(ratio) == pytest.approx(3, rel=0.3)


def test_scatter_beyond_the_errors_is_told():
    counts, seds = simulate(200, 4, relative=False)
    rng = np.random.default_rng(1)
    factor = np.exp(rng.normal(0, 0.2, (200, 1)))
    seds = spectrum(seds.flux * factor, seds.uncertainty.array * factor)
    curve = response(counts, seds, knots=800)
    assert np.nanmedian(curve.scatter) == pytest.approx(0.2, rel=0.25)
    assert np.nanmedian(curve.chi2) > 4
    assert np.nanmedian(response(*simulate(200, 4), knots=800).chi2) < 1.5


@settings(max_examples=10, deadline=None)
@given(st.floats(1e-6, 1e6), st.booleans())
def test_scaled_counts_scale_the_response(factor, relative):
    counts, seds = simulate(20, 6, relative=relative)
    scaled = spectrum(factor * counts.flux, factor * counts.uncertainty.array)
    before, after = (response(c, seds, knots=800) for c in (counts, scaled))
    np.testing.assert_allclose(after.value, factor * before.value, rtol=1e-6)
    np.testing.assert_allclose(after.error, factor * before.error, rtol=1e-5)


@settings(max_examples=10, deadline=None)
@given(st.permutations(range(20)), st.booleans())
def test_the_order_of_stars_changes_nothing(order, relative):
    counts, seds = simulate(20, 7, relative=relative, outliers=0.1)
    before = response(counts, seds, knots=800)
    after = response(rows(counts, order), rows(seds, order), knots=800)
    np.testing.assert_allclose(after.value, before.value, rtol=1e-6)
    np.testing.assert_allclose(after.weights, before.weights[order], atol=1e-5)


def test_stars_on_grids_of_their_own():
    counts, seds = simulate(20, 8)
    listed = [
        spectrum(flux[i:], error[i:], GRID[i:])
        for i, (flux, error) in enumerate(
            zip(counts.flux, counts.uncertainty.array, strict=True)
        )
    ]
    cut = response(listed, seds, knots=800)
    whole = response(counts, seds, knots=800)
    assert cut.n_stars[0] == 0  # a single star is none
    assert cut.n_stars[-5] >= 18
    right = GRID > 4000
    np.testing.assert_allclose(cut.value[right], whole.value[right], rtol=0.05)


def test_flags_nan_and_cosmic_rays_do_no_harm():
    counts, seds = simulate(60, 9)
    clean = response(counts, seds, knots=800)
    flux, error = counts.flux.value.copy(), counts.uncertainty.array
    flux[3, 50:70] = np.nan
    flux[4:20, 80] += 1e5
    predicted = seds.flux.value.copy()
    predicted[:2] *= GRID**2
    predicted[2] = np.nan
    flags = np.zeros(60, int)
    flags[:2] = Flags.OUT_OF_DOMAIN
    flags[5] = Flags.VELOCITY_MEASURED
    marked = spectrum(predicted, seds.uncertainty.array, meta={"flags": flags})
    curve = response(spectrum(flux * u.ct, error), marked, knots=800)
    assert curve.rejected[:3].all()
    assert not curve.rejected[3:].any()
    assert np.isnan(curve.scales[:3]).all()
    np.testing.assert_allclose(curve.value / clean.value, 1, atol=0.03)


@pytest.mark.parametrize("resolution", [400, 100, 15 * u.AA])
def test_lines_vanish_at_whatever_resolution_counts_have(resolution):
    fine = np.geomspace(2300, 11500, 16000)
    line = 1 - 0.6 * np.exp(-0.5 * ((fine - 6564.6) / 12) ** 2)
    true = planck(np.linspace(5000, 9000, 12), fine) * line
    grid = np.arange(6000, 7200, 5.0)
    width = resolution.value if hasattr(resolution, "unit") else grid / resolution
    sigma = np.broadcast_to(width / np.sqrt(8 * np.log(2)), grid.shape)[:, None]
    distance = (fine - grid[:, None]) / sigma
    kernel = np.exp(-0.5 * distance**2) * np.gradient(fine)
    seen = (true * truth(fine)) @ kernel.T / kernel.sum(axis=1)
    seds = spectrum(at_r200(fine, true) * u.dimensionless_unscaled, 0.01, WAVELENGTH)
    counts = spectrum(seen * u.ct, np.ones_like(seen), grid)
    curve = response(counts, seds, resolution=resolution, knots=100)
    near = np.abs(curve.wavelength.value - 6564.6) < 150
    wrong = departure(curve)[0][near]
    assert np.ptp(wrong) < 0.01
    if resolution != 100:
        unmatched = departure(response(counts, seds, knots=100))[0][near]
        assert np.ptp(unmatched) > 2 * np.ptp(wrong)


def test_masked_ranges_are_bridged():
    counts, seds = simulate(100, 10)
    air = (GRID > 7550) & (GRID < 7750)
    flux = np.where(air, 0.8, 1) * counts.flux
    absorbed = spectrum(flux, counts.uncertainty.array)
    curve = response(absorbed, seds, knots=800, mask=[(7500, 7800) * u.AA])
    assert (curve.n_stars[air] == 0).all()
    bridged = np.abs(departure(curve)[0][air]).max()
    assert bridged < 0.02
    plain = response(absorbed, seds, knots=[4000, 6000, 7400, 7600, 7700, 7900, 9000])
    assert np.abs(departure(plain)[0][air]).max() > 2 * bridged


@pytest.mark.parametrize("relative", [True, False])
def test_a_response_calibrates_spectra(relative):
    counts, seds = simulate(200, 11, relative=relative)
    curve = response(counts, seds, knots=800)
    flux = curve.calibrate(counts)
    assert flux.flux.unit == (1 if relative else u.Unit("erg / (s cm2 AA)"))
    expected = seds.flux * (curve.scales[:, None] if relative else 1)
    inner = slice(60, 120)
    ratio = np.median((flux.flux / expected).to_value(1), axis=0)
    np.testing.assert_allclose(ratio[inner], 1, atol=0.02)
    relative_error = flux.uncertainty.array / np.abs(flux.flux.value)
    own = counts.uncertainty.array / np.abs(counts.flux.value)
    part = (curve.error / curve.value).value
    np.testing.assert_allclose(
        relative_error[:, inner], np.hypot(own, part)[:, inner], rtol=1e-3
    )


def test_nothing_is_calibrated_where_there_is_no_response():
    curve = response(*simulate(20, 12), knots=800)
    axis = np.array([2000, 5000, 11000]) * u.AA
    flux = curve.calibrate(Spectrum(spectral_axis=axis, flux=[1, 1, 1] * u.ct))
    assert flux.mask.tolist() == [True, False, True]
    assert np.isfinite(flux.flux.value).tolist() == [False, True, False]
    with pytest.raises(u.UnitConversionError, match="'ct / s'"):
        curve.calibrate(Spectrum(spectral_axis=axis, flux=[1, 1, 1] * u.ct / u.s))


def test_the_units_are_those_of_counts_and_fluxes():
    counts, seds = simulate(20, 13, relative=False)
    rate = spectrum(counts.flux / (10 * u.s), counts.uncertainty.array / 10)
    one, ten = (response(c, seds, knots=800).value for c in (counts, rate))
    assert ten.unit == u.ct / u.s / u.Unit("erg / (s cm2 AA)")
    np.testing.assert_allclose((one / ten).to_value(u.s), 10, rtol=1e-6)
    jansky = u.spectral_density(GRID * u.AA)
    in_jy = spectrum(
        seds.flux.to(u.Jy, jansky),
        (seds.uncertainty.array * FLAM).to_value(u.Jy, jansky),
    )
    np.testing.assert_allclose(response(counts, in_jy, knots=800).value, one, rtol=1e-6)


def test_the_picture_shows_curve_and_errors(tmp_path):
    curve = response(*simulate(20, 14), knots=800)
    figure = curve.plot(tmp_path / "response.png")
    assert (tmp_path / "response.png").stat().st_size > 5000
    assert figure.axes[0].get_ylabel() == "response [ct]"
    np.testing.assert_array_equal(
        figure.axes[0].lines[0].get_ydata(), curve.value.value
    )
    assert "20 stars" in repr(curve)


def test_wrong_calls_say_what_is_wrong():
    counts, seds = simulate(12, 15)
    with pytest.raises(ValueError, match="holds 5 stars and predicted_sed 12"):
        response(rows(counts, slice(5)), seds)
    far = spectrum(counts.flux, counts.uncertainty.array, GRID + 20000)
    with pytest.raises(ValueError, match=r"22500-\d+ angstrom.*2500-\d+ angstrom"):
        response(far, seds)
    with pytest.raises(u.UnitConversionError, match=r"observed_counts.*erg / "):
        response(spectrum(counts.flux.value * FLAM, 1), seds)
    with pytest.raises(u.UnitConversionError, match=r"predicted_sed.*'ct'"):
        response(counts, counts)
    bare = Spectrum(spectral_axis=GRID * u.AA, flux=counts.flux)
    with pytest.raises(ValueError, match="no uncertainty"):
        response(bare, seds)
    with pytest.raises(ValueError, match="more than 2 usable stars"):
        response(rows(counts, slice(2)), rows(seds, slice(2)))
    with pytest.raises(ValueError, match="lost in their noise"):
        response(spectrum(counts.flux, 1e6 * counts.uncertainty.array), seds)
    with pytest.raises(ValueError, match="resolution is -3"):
        response(counts, seds, resolution=-3)
    with pytest.raises(ValueError, match="knots are 0"):
        response(counts, seds, knots=0)
    with pytest.raises(ValueError, match=r"range \(6900, 6800\)"):
        response(counts, seds, mask=[(6900, 6800)])
    with pytest.raises(ValueError, match=r"range 6800.*\(low, high\)"):
        response(counts, seds, mask=(6800, 6900))
    with pytest.raises(TypeError, match="observed_counts holds ndarray"):
        response(counts.flux.value, seds)
    with pytest.raises(TypeError, match="predicted_sed holds dict"):
        response(counts, {"sed": seds.flux})
    others = rows(seds, slice(None), meta={"flags": np.zeros(5, int)})
    with pytest.raises(ValueError, match="flags of 5 stars in its meta, and 12 stars"):
        response(counts, others)
    flagged = rows(seds, slice(None), meta={"flags": Flags.NO_DATA})
    with pytest.raises(ValueError, match="all 12 distributions are flagged"):
        response(counts, flagged)
