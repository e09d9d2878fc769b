"""CEMPParams on toy stars: a few lines that know the labels, on flat spectra."""

import astropy.units as u
import numpy as np
import pytest

from galspec import CEMPParams, Flags, SpectrumBatch, list_estimators
from galspec.carbon_enhancement import CRITERIA
from galspec.networks import ProjectionConfig
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

WAVELENGTH = 10 ** (3.5682 + 5e-4 * np.arange(782))
NAMES = ("teff", "logg", "feh", "cfe", "ch")
UNITS = (u.K, u.dex, u.dex, u.dex, u.dex)
RED = WAVELENGTH > 5700
#: Centre and width in angstrom of lines, and which label they follow.
LINES = (
    (4310, 8, "ch"),
    (4860, 8, "teff"),
    (5175, 8, "feh"),
    (5400, 8, "logg"),
    (6000, 8, "feh"),
    (6150, 8, "ch"),
    (6300, 8, "logg"),
    (6563, 8, "teff"),
)
LOW = {"teff": 4400, "logg": 0.5, "feh": -3.2, "cfe": -0.3, "ch": -3.5}
HIGH = {"teff": 6500, "logg": 4.8, "feh": 0.2, "cfe": 2.0, "ch": 1.0}


def toy_stars(n, seed, *, snr=None, red=None):
    """Spectra and labels; S/N 5-300 and a third without the red, unless told."""
    rng = np.random.default_rng(seed)
    labels = {k: rng.uniform(LOW[k], HIGH[k], n) for k in NAMES[:4]}
    labels["ch"] = labels["feh"] + labels["cfe"]
    flux = np.ones((n, len(WAVELENGTH)))
    for centre, width, name in LINES:
        depth = 0.6 * (labels[name] - LOW[name]) / (HIGH[name] - LOW[name])
        flux -= depth[:, None] * np.exp(-(((WAVELENGTH - centre) / width) ** 2))
    snr = np.exp(rng.uniform(np.log(5), np.log(300), n)) if snr is None else snr
    sigma = np.broadcast_to(1 / np.asarray(snr), (n,))[:, None]
    flux += sigma * rng.normal(size=flux.shape)
    ivar = np.broadcast_to(sigma**-2, flux.shape).copy()
    has_red = rng.random(n) > 1 / 3 if red is None else np.full(n, red)
    ivar[np.ix_(~has_red, RED)] = 0
    batch = SpectrumBatch.from_arrays(WAVELENGTH, flux, ivar=ivar, redshift=np.zeros(n))
    return batch, labels


#: As the published ones, on fewer pixels.
RECIPE = Recipe(
    "toy",
    RestFrame(),
    Resample(log_grid(4100, 6800, 5e-4)),
    Coverage(0.25),
    Normalise(GaussianContinuum(50.0)),
)
NETWORK = ProjectionConfig(width=48, depth=1, block=32, outputs=10)


@pytest.fixture(scope="module")
def fitted():
    batch, labels = toy_stars(3000, 1)
    # of every fourth star only temperature, gravity and iron are known, as in libraries
    for name in ("cfe", "ch"):
        labels[name][::4] = np.nan
    estimator = CEMPParams(recipe=RECIPE, network=NETWORK)
    options = FitOptions(
        epochs=12, learning_rate=3e-3, batch_size=50, loss="beta-gaussian"
    )
    return estimator.fit(
        batch, labels, options=options, device="cpu", progress_bar=False
    )


@pytest.fixture(scope="module")
def stars():
    return toy_stars(300, 2)


@pytest.fixture(scope="module")
def table(fitted, stars):
    return fitted.predict(stars[0], interval=0.95, workers=1)


def test_it_is_listed():
    assert "cemp-params" in [row.name for row in list_estimators()]


def test_it_keeps_the_contract(fitted):
    check_estimator(fitted)


def test_labels_that_are_partly_unknown_are_learned_all(table, stars):
    good = table["snr"] > 15
    for name in NAMES:
        truth = stars[1][name][good]
        value = table[name].value[good]
        assert np.std(value - truth) < 0.5 * np.std(truth), name
        error = table[name + "_err"].value
        within = np.abs(table[name].value - stars[1][name]) < error
        assert 0.5 < within.mean() < 0.85, name


def test_columns_and_units(table):
    names = [n for label in NAMES for n in (label, label + "_err")]
    limits = [n for label in NAMES for n in (label + "_lo", label + "_hi")]
    derived = ["cov_feh_ch", "a_c", "a_c_err", "p_cemp", "metal_class"]
    derived += ["cfe_natal", "cfe_natal_err"]
    others = ["redshift", "velocity", "velocity_err", "snr", "domain", "flags"]
    assert sorted(table.colnames) == sorted(names + limits + derived + others)
    for label, unit in zip(NAMES, UNITS, strict=True):
        assert table[label].unit == table[label + "_err"].unit == unit
        assert table[label].info.description
    assert table["cov_feh_ch"].unit == u.dex**2
    assert table["a_c"].unit == table["a_c_err"].unit == u.dex
    assert u.Quantity(table["p_cemp"]).unit == u.dimensionless_unscaled
    assert table["velocity"].unit == table["velocity_err"].unit == u.km / u.s
    assert table["metal_class"].dtype.kind == "U"


def test_abundances_agree_with_each_other(table):
    total = (table["feh"] + table["cfe"]).value
    np.testing.assert_allclose(table["ch"].value, total, rtol=0, atol=1e-12)
    np.testing.assert_allclose(table["a_c"].value, total + 8.43, rtol=0, atol=1e-12)
    feh, cfe, ch = (table[name + "_err"].value for name in ("feh", "cfe", "ch"))
    covariance = table["cov_feh_ch"].value
    across = covariance - feh**2
    free = np.abs(across) < 0.979 * feh * cfe
    assert free.any()
    np.testing.assert_allclose(
        covariance[free], ((ch**2 + feh**2 - cfe**2) / 2)[free], atol=1e-10
    )
    assert np.all(np.abs(across) <= 0.98 * feh * cfe + 1e-12)


def test_carbon_lost_in_noise_is_an_upper_limit(table):
    flagged = (table["flags"] & int(Flags.UPPER_LIMIT)) != 0
    np.testing.assert_array_equal(flagged, table["cfe_err"].value > 0.4)
    assert 0 < np.count_nonzero(flagged) < len(table)
    assert np.median(table["snr"][flagged]) < np.median(table["snr"][~flagged])


def test_probabilities_by_criterion(fitted, stars):
    p = {
        name: fitted.predict(stars[0][:100], criterion=name)["p_cemp"].value
        for name in CRITERIA
    }
    assert np.all(p["default"] <= p["aoki2007"])
    assert np.all(p["beers2005"] <= p["default"])
    assert np.any(p["beers2005"] < p["default"] - 0.05)
    assert np.all((p["beers2005"] >= 0) & (p["aoki2007"] <= 1))


def test_enhanced_stars_are_more_probable(table, stars):
    truth = stars[1]
    enhanced = (truth["feh"] < -2) & (truth["cfe"] > 0.7)
    p = table["p_cemp"].value
    assert p[enhanced].mean() > p[~enhanced].mean() + 0.3


def test_a_criterion_that_does_not_exist(fitted, stars):
    names = "default, beers2005, aoki2007"
    with pytest.raises(ValueError, match=f"'aoki'; it can be one of {names}"):
        fitted.predict(stars[0][:1], criterion="aoki")


def test_saved_and_loaded_it_is_the_same(fitted, stars, tmp_path):
    fitted.save(tmp_path / "w.safetensors")
    again = CEMPParams.pretrained(path=tmp_path / "w.safetensors", device="cpu")
    ours, theirs = (e.predict(stars[0][:20]) for e in (fitted, again))
    assert ours.colnames == theirs.colnames
    for name in ours.colnames:
        np.testing.assert_array_equal(ours[name], theirs[name])


def test_without_the_red_errors_are_larger(fitted):
    whole, blue = (
        fitted.predict(toy_stars(200, 3, snr=15, red=red)[0]) for red in (True, False)
    )
    ratios = []
    for name in NAMES:
        assert np.isfinite(blue[name].value).all()
        errors = [np.mean(table[name + "_err"].value) for table in (whole, blue)]
        ratios.append(errors[1] / errors[0])
    assert np.mean(ratios) > 1.04
    assert min(ratios) > 0.97


def test_rows_without_data_have_no_value(fitted, stars):
    batch = stars[0][:4]
    mask = batch.mask.copy()
    mask[1] = True
    table = fitted.predict(batch.replace(mask=mask))
    lost = np.array([False, True, False, False])
    # the velocity is known, and carbon before mixing of metal-poor stars alone
    others = {"redshift", "velocity", "velocity_err", "flags"}
    others |= {"cfe_natal", "cfe_natal_err"}
    for name in set(table.colnames) - others:
        values = table[name]
        if name == "metal_class":
            assert (values[lost] == "").all()
        else:
            value = u.Quantity(values).value
            np.testing.assert_array_equal(np.isnan(value), lost, name)
    assert table["flags"][1] & int(Flags.NO_DATA)


def test_a_velocity_that_is_not_known_is_measured_or_missing(fitted, stars):
    batch = stars[0][:3]
    flux = batch.flux.copy()
    flux[2] = 1  # nothing to measure a velocity by
    redshift = np.array([0.0, np.nan, np.nan])
    table = fitted.predict(batch.replace(flux=flux, redshift=redshift))
    measured = (table["flags"] & int(Flags.VELOCITY_MEASURED)) != 0
    np.testing.assert_array_equal(measured, [False, True, False])
    np.testing.assert_array_equal(np.isnan(table["velocity"].value), [0, 0, 1])
    np.testing.assert_array_equal(np.isnan(table["velocity_err"].value), [1, 0, 1])
    assert np.isfinite(table["teff"][1])
    assert table["flags"][2] & int(Flags.REDSHIFT_MISSING)
    assert np.isnan(table["teff"][2])


def test_a_velocity_that_is_given_moves_the_spectrum(fitted):
    batch, _ = toy_stars(40, 4, snr=100, red=True)
    at_rest = fitted.predict(batch)
    # 900 km/s
    moved = batch.replace(
        wavelength=batch.wavelength * 1.003, redshift=np.full(len(batch), 0.003)
    )
    found = fitted.predict(moved)
    difference = np.abs(found["teff"] - at_rest["teff"]).value
    assert np.median(difference) < 0.5 * np.median(at_rest["teff_err"].value)


@pytest.mark.parametrize("name", ["default", "hfsnet"])
def test_published_forms_fit_their_loss(name):
    estimator = CEMPParams.variant(name)
    options = estimator.fit_options()
    assert options.loss == {"default": "gaussian", "hfsnet": "mse"}[name]
    assert estimator.outputs_for(options.loss) == estimator.network.outputs
    estimator.network.check_recipe(estimator.recipe)
