"""Toy stars: black bodies whose lines tell their temperature."""

import copy

import astropy.units as u
import numpy as np
import pytest
from astropy.modeling.models import BlackBody
from astropy.nddata import StdDevUncertainty
from astropy.table import QTable
from astropy.utils.masked import Masked
from specutils import Spectrum

from galspec import Flags, SEDPredictor, SpectrumBatch, list_estimators
from galspec.io.tables import write_table
from galspec.networks import ProjectionConfig, SoftMaskAttentionConfig
from galspec.sed import WAVELENGTH, at_r200, normalised
from galspec.sed_spectrum import to_spectrum
from galspec.synthetic_photometry import synthetic_photometry
from galspec.testing import check_estimator
from galspec.training.fit_options import FitOptions
from galspec.transforms import (
    Coverage,
    GaussianContinuum,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    log_grid,
)

N = len(WAVELENGTH)
#: Seen of a star, and where its energy distribution comes from.
SEEN = np.geomspace(3900, 7100, 1500)
ALL = np.geomspace(2300, 11500, 3000)
FLAM = u.erg / u.s / u.cm**2 / u.AA
#: Centre and width of lines, and whether they grow with the temperature.
LINES = ((4342, 8, True), (4863, 8, True), (6565, 8, True), (5180, 10, False))


def flux(temperature, wavelength):
    """Black bodies with lines, (n, n_pix)."""
    body = BlackBody(temperature[:, None] * u.K, scale=1 * FLAM / u.sr)
    hot = ((temperature - 5000) / 4750)[:, None]
    depth = np.zeros((len(temperature), len(wavelength)))
    for centre, width, grows in LINES:
        share = hot if grows else 1 - hot
        depth += 0.6 * share * np.exp(-(((wavelength - centre) / width) ** 2))
    return body(wavelength * u.AA).value * (1 - depth)


def toy_stars(n, seed, snr=None):
    """Spectra as an instrument of any response counts them, labels, temperatures."""
    rng = np.random.default_rng(seed)
    temperature = rng.uniform(5000, 9750, n)
    x = np.linspace(-1, 1, len(SEEN))
    slope, bend = rng.normal(0, 0.6, (n, 1)), rng.normal(0, 0.2, (n, 1))
    spectra = flux(temperature, SEEN) * np.exp(slope * x + bend * x**2)
    snr = np.exp(rng.uniform(np.log(20), np.log(200), n)) if snr is None else snr
    sigma = spectra / np.broadcast_to(snr, (n,))[:, None]
    spectra = spectra + sigma * rng.normal(size=spectra.shape)
    scale = spectra.mean(axis=1, keepdims=True)
    batch = SpectrumBatch.from_arrays(
        SEEN, spectra / scale, ivar=(scale / sigma) ** 2, redshift=np.zeros(n)
    )
    labels = np.log(normalised(at_r200(ALL, flux(temperature, ALL))))
    return batch, labels, temperature


#: As the published ones, on fewer pixels.
RECIPE = Recipe(
    "toy",
    RestFrame(),
    Resample(log_grid(4000, 7000, 5e-4)),
    Coverage(0.5),
    Normalise(GaussianContinuum(100.0, weighted=False)),
)
NETWORK = ProjectionConfig(width=48, depth=1, block=32, outputs=2 * N)
OPTIONS = FitOptions(
    epochs=25, learning_rate=3e-3, batch_size=50, loss="sharp-gaussian"
)
#: Wavelengths that no library reaches, and that few of its stars do.
NEVER, SELDOM = slice(0, 10), slice(10, 20)


@pytest.fixture(scope="module")
def fitted():
    batch, labels, _ = toy_stars(2000, 1)
    labels[:, NEVER] = np.nan
    labels[100:, SELDOM] = np.nan
    estimator = SEDPredictor(recipe=RECIPE, network=NETWORK)
    return estimator.fit(
        batch, labels, options=OPTIONS, device="cpu", progress_bar=False
    )


@pytest.fixture(scope="module")
def stars():
    return toy_stars(200, 2)


@pytest.fixture(scope="module")
def seds(fitted, stars):
    return fitted.predict(stars[0], interval=0.95, workers=1)


def known(values):
    return values[:, NEVER.stop :]


def test_it_is_listed():
    assert "sed-predictor" in [row.name for row in list_estimators()]


def test_it_keeps_the_contract(fitted):
    check_estimator(fitted)


def test_what_comes_is_a_spectrum(seds):
    assert isinstance(seds, Spectrum)
    assert seds.flux.shape == (200, N)
    assert seds.flux.unit == u.dimensionless_unscaled
    assert isinstance(seds.uncertainty, StdDevUncertainty)
    np.testing.assert_allclose(seds.spectral_axis.to_value(u.AA), WAVELENGTH)
    assert len(seds.meta["flags"]) == len(seds.meta["snr"]) == 200
    assert seds.meta["estimator"] == "sed-predictor"


def test_it_is_near_the_truth_within_its_errors(seds, stars):
    truth = np.exp(known(stars[1]))
    off = known(seds.flux.value) - truth
    error = known(seds.uncertainty.array)
    assert np.median(np.abs(off) / truth) < 0.02
    # without lines in the red of the spectrum this would be the scatter of all stars
    assert np.std(off[:, -1]) < 0.3 * np.std(truth[:, -1])
    assert np.mean(np.abs(off) < error) == pytest.approx(0.68, abs=0.12)
    low, high = (known(seds.meta[name].value) for name in ("sed_lo", "sed_hi"))
    assert np.mean((low < truth) & (truth < high)) > 0.85


def test_it_is_one_where_it_is_normalised(seds):
    at = [np.interp(5500, WAVELENGTH, row) for row in seds.flux.value]
    np.testing.assert_allclose(at, 1, atol=1e-4)


def test_what_was_never_known_is_masked_and_what_seldom_was_is_not(seds):
    assert seds.mask[:, NEVER].all()
    assert np.isnan(seds.flux.value[:, NEVER]).all()
    assert np.isfinite(seds.flux.value[:, SELDOM]).all()
    assert np.all(seds.uncertainty.array[:, SELDOM] > 0)


def test_a_cube_gives_a_cube(fitted, stars):
    flux = np.moveaxis(stars[0].flux[:6].reshape(2, 3, -1), -1, 0)
    cube = Spectrum(flux=flux * FLAM, spectral_axis=SEEN * u.AA, spectral_axis_index=0)
    ebv = np.array([[0, 0.1, 0.2], [0.3, 0.4, 0.5]])
    result = fitted.predict(cube, redshift=0, ebv=ebv, interval=0.95)
    assert result.flux.shape == result.mask.shape == (2, 3, N)
    assert result.uncertainty.array.shape == result.meta["sed_lo"].shape == (2, 3, N)
    assert result.meta["flags"].shape == (2, 3)
    np.testing.assert_array_equal(result.meta["ebv"], ebv)
    rows = Spectrum(flux=stars[0].flux[:6] * FLAM, spectral_axis=SEEN * u.AA)
    rows = fitted.predict(rows, redshift=0, ebv=ebv.ravel())
    np.testing.assert_allclose(result.flux.reshape(6, -1), rows.flux, rtol=1e-4)


def test_one_spectrum_gives_one_dimension(fitted, stars):
    row = stars[0][3]
    one = Spectrum(flux=row.flux[0] * FLAM, spectral_axis=SEEN * u.AA)
    alone = fitted.predict(one, redshift=0)
    listed = fitted.predict([one], redshift=0)
    assert alone.flux.shape == (N,)
    assert listed.flux.shape == (1, N)
    np.testing.assert_array_equal(alone.flux, listed.flux[0])
    assert np.ndim(alone.meta["flags"]) == 0


def test_a_normalised_spectrum_gives_what_a_raw_one_does(fitted, stars, seds):
    batch = stars[0]
    slope = np.linspace(0.5, 2, len(SEEN)).astype(np.float32)
    other = batch.replace(flux=batch.flux * slope, ivar=batch.ivar / slope**2)
    result = fitted.predict(other)
    off = known(np.abs(result.flux.value - seds.flux.value))
    assert np.median(off / known(seds.uncertainty.array)) < 0.3


def test_a_star_that_is_no_such_star_is_flagged(fitted):
    rng = np.random.default_rng(3)
    emission = 1 + 4 * rng.random((20, len(SEEN))) ** 8
    batch = SpectrumBatch.from_arrays(SEEN, emission, redshift=np.zeros(20))
    flags = fitted.predict(batch).meta["flags"]
    assert np.all(flags & int(Flags.OUT_OF_DOMAIN))


def test_a_velocity_that_is_not_known_is_measured(fitted, stars):
    unknown = stars[0][:5].replace(redshift=np.full(5, np.nan))
    meta = fitted.predict(unknown).meta
    assert np.all(meta["flags"] & int(Flags.VELOCITY_MEASURED))
    assert np.all(np.abs(meta["velocity"]) < 200 * u.km / u.s)


def test_reddening_takes_more_of_the_blue(fitted, stars, seds):
    some = stars[0][:4]
    red = fitted.predict(some, ebv=[0, 0.1, 0.5, 1])
    ratio = known(red.flux.value / seds.flux.value[:4])
    np.testing.assert_allclose(ratio[0], 1, rtol=1e-5)
    assert np.all(np.diff(ratio[:, 20]) < 0)  # near 2700 angstrom
    assert np.all(np.diff(ratio[:, -1]) > 0)  # 1 at 5500 angstrom, still
    relative = seds.uncertainty.array[:4] / seds.flux.value[:4]
    ours = red.uncertainty.array / red.flux.value
    np.testing.assert_allclose(known(ours), known(relative), rtol=1e-4)
    assert red.meta["law"] == "G23"


@pytest.mark.parametrize(
    "options",
    [
        {"ebv": [0.1, np.nan, 0.2]},
        {"ebv": np.ma.array([0, 1, 0], mask=[False, True, False])},
        {"scale_to": ("sdss2010-r", [15, np.nan, 14] * u.ABmag)},
        {"scale_to": (5500 * u.AA, Masked([1, 1, 1] * FLAM, mask=[0, 1, 0]))},
    ],
)
def test_a_star_of_which_dust_or_scale_is_unknown_costs_no_other(
    fitted, stars, options
):
    result = fitted.predict(stars[0][:3], **options)
    np.testing.assert_array_equal(
        np.isfinite(known(result.flux.value)).all(axis=1), [True, False, True]
    )
    assert result.mask[1].all()
    lost = (result.meta["flags"] & int(Flags.OUT_OF_RANGE)) > 0
    np.testing.assert_array_equal(lost, [False, True, False])


def test_reddening_takes_magnitudes_as_a_quantity(fitted, stars):
    some = stars[0][:2]
    plain, quantity = (fitted.predict(some, ebv=ebv) for ebv in (0.2, 0.2 * u.mag))
    np.testing.assert_allclose(plain.flux, quantity.flux, rtol=1e-5)


def test_laws_differ(fitted, stars):
    some = stars[0][:1]
    each = [
        fitted.predict(some, ebv=0.5, law=law).flux.value for law in ("G23", "CCM89")
    ]
    assert not np.allclose(*each, equal_nan=True)


@pytest.mark.parametrize(
    ("options", "match"),
    [
        ({"ebv": -0.1}, "0 or more"),
        ({"ebv": [0.1, 0.2]}, "2 values for 3"),
        ({"ebv": np.nan}, "0 or more"),
        ({"ebv": [0.1, -0.1, np.nan]}, "0 or more"),
        ({"ebv": "much"}, "'much'.*magnitudes"),
        ({"ebv": 3 * u.AA}, "magnitudes"),
        ({"law": "dusty"}, "G23, F19"),
        ({"scale_to": 3}, "5500"),
        ({"scale_to": ("sdss2010-x", 15 * u.ABmag)}, "sdss2010-r"),
        ({"scale_to": ("sdss2010-r", 15)}, "AB magnitudes"),
        ({"scale_to": ("twomass-J", 15 * u.ABmag)}, "beyond"),
        ({"scale_to": (5500 * u.kg, 1 * FLAM)}, "scale_to"),
        ({"scale_to": (5500 * u.AA, 1 * u.s)}, "scale_to"),
        ({"scale_to": ("sdss2010-r", np.nan * u.ABmag)}, "nan"),
        ({"scale_to": (5500 * u.AA, -1 * FLAM)}, "-1.*positive"),
        ({"scale_to": (5500 * u.AA, [1, 0, 1] * FLAM)}, "0.*positive"),
        ({"scale_to": (25000 * u.AA, 1 * FLAM)}, "from 2500"),
        ({"scale_to": (5500 * u.AA, [1, 2] * FLAM)}, "2 values for 3"),
    ],
)
def test_options_that_make_no_sense_are_errors(fitted, stars, options, match):
    with pytest.raises(ValueError, match=match):
        fitted.predict(stars[0][:3], **options)


def test_a_flux_at_a_wavelength_sets_the_scale(fitted, stars):
    level = [1e-14, 2e-14, 3e-14] * FLAM
    result = fitted.predict(stars[0][:3], scale_to=(600 * u.nm, level))
    assert result.flux.unit == FLAM
    at = [np.interp(6000, WAVELENGTH, row) for row in result.flux.value]
    np.testing.assert_allclose(at, level.value, rtol=1e-4)
    assert result.uncertainty.unit == FLAM
    jansky = level[0].to(u.Jy, u.spectral_density(6000 * u.AA))
    other = fitted.predict(stars[0][:3], scale_to=(600 * u.nm, jansky * [1, 2, 3]))
    np.testing.assert_allclose(other.flux, result.flux, rtol=1e-6)


def test_a_magnitude_at_a_wavelength_sets_the_scale(fitted, stars):
    result = fitted.predict(stars[0][:3], scale_to=(5500 * u.AA, 15 * u.ABmag))
    level = (15 * u.ABmag).to(FLAM, u.spectral_density(5500 * u.AA))
    at = [np.interp(5500, WAVELENGTH, row) for row in result.flux.to_value(FLAM)]
    np.testing.assert_allclose(at, level.value, rtol=1e-4)


def test_a_magnitude_in_a_band_sets_the_scale(fitted, stars):
    result = fitted.predict(
        stars[0][:3], ebv=0.3, scale_to=("sdss2010-r", 15.3 * u.ABmag)
    )
    assert result.flux.unit.is_equivalent(FLAM)
    assert result.meta["scaled_at"] == "sdss2010-r"
    magnitudes = synthetic_photometry(result, ["sdss2010-r"])
    np.testing.assert_allclose(magnitudes["sdss2010-r"].value, 15.3, atol=1e-6)


def test_a_table_keeps_what_the_spectrum_has(fitted, stars, seds, tmp_path):
    names = [f"star-{number}" for number in range(200)]
    batch = stars[0].replace(ids={"file": np.array(names)})
    table = fitted.predict_batches([batch], workers=1)
    assert table["sed"].shape == table["sed_err"].shape == (200, N)
    path = tmp_path / "seds.fits"
    write_table(table, path)
    again = to_spectrum(QTable.read(path))
    np.testing.assert_allclose(again.flux, seds.flux)
    assert list(again.meta["file"]) == names
    np.testing.assert_array_equal(again.meta["flags"], seds.meta["flags"])


def test_a_table_of_something_else_is_an_error():
    with pytest.raises(ValueError, match="no column sed"):
        to_spectrum(QTable({"oh": [8.7]}))


def test_spectra_on_other_wavelengths_are_no_labels():
    batch, labels, _ = toy_stars(20, 5)
    estimator = SEDPredictor(recipe=RECIPE, network=NETWORK)
    with pytest.raises(ValueError, match="574 are needed"):
        estimator.fit(batch, labels[:, 1:], progress_bar=False)


def test_labels_that_are_all_alike_teach_nothing():
    batch, labels, _ = toy_stars(60, 5)
    estimator = SEDPredictor(recipe=RECIPE, network=NETWORK)
    with pytest.raises(ValueError, match="nothing can be learned"):
        estimator.fit(batch, np.zeros_like(labels), progress_bar=False)


def test_the_published_form_can_be_fitted():
    batch, labels, _ = toy_stars(200, 6)
    network = SoftMaskAttentionConfig((4, 8), length=4, width=16, outputs=2 * N)
    estimator = SEDPredictor(recipe=RECIPE, network=network)
    options = FitOptions(epochs=2, loss="sharp-gaussian", batch_size=32)
    estimator.fit(batch, labels, options=options, device="cpu", progress_bar=False)
    assert np.isfinite(estimator.predict(batch).flux.value).all()
    form = SEDPredictor.variant("uaranet")
    assert form.network.outputs == form.outputs_for("sharp-gaussian") == 2 * N


def test_fine_tuning_learns_what_observed_stars_have_else(fitted):
    """The offset v of the source: here a tenth more flux below 4000 angstrom."""
    other = copy.deepcopy(fitted)
    batch, labels, _ = toy_stars(150, 7)
    blue = WAVELENGTH < 4000
    labels[:, blue] += 0.1
    labels[:, WAVELENGTH > 10000] = np.nan  # as libraries end
    options = other.tuning_options(epochs=30, learning_rate=3e-3)
    other.fine_tune(
        batch, labels, folds=2, options=options, device="cpu", progress_bar=False
    )
    batch, labels, _ = toy_stars(100, 8)
    truth = np.exp(known(labels + 0.1 * blue))
    before, after = (known(e.predict(batch).flux.value) for e in (fitted, other))
    at = known(blue[None])[0]
    assert np.median(before[:, at] / truth[:, at]) < 0.93
    assert np.median(after[:, at] / truth[:, at]) == pytest.approx(1, abs=0.02)
    assert np.isfinite(after[:, -1]).all()
