"""Explanations: laws that they keep, and what the trained networks look at."""

import astropy.units as u
import numpy as np
import pytest

from galspec import (
    CEMPParams,
    Flags,
    GasMetallicity,
    NotFittedError,
    SEDPredictor,
    SpectralEstimator,
    SpectrumBatch,
    StarFormingClassifier,
    Target,
    example_spectra,
)
from galspec.baselines.shallow import ForestMetallicity
from galspec.baselines.strong_lines import PP04O3N2
from galspec.networks import SpectralCNNConfig
from galspec.spectral_features import named_features
from galspec.training.fit_options import FitOptions
from galspec.transforms import Recipe, ScaleRobust

GALAXIES, STARS = example_spectra(), example_spectra("stars")
METHODS = ("occlusion", "gradient")


@pytest.fixture(scope="module")
def metallicity():
    return GasMetallicity.pretrained()


@pytest.fixture(scope="module")
def stellar():
    return CEMPParams.pretrained()


def effect(explanation, name):
    (row,) = np.flatnonzero(explanation.windows["name"] == name)
    return explanation.windows["effect"][row].value


def shares(explanation):
    """Relevance of each pixel without its sign, as a share of all."""
    pixels = explanation.spectrum
    size = np.abs(pixels["relevance"].value) * np.gradient(pixels["wavelength"].value)
    return size / size.sum()


def within(explanation, names):
    """Pixels that lie in some windows."""
    wavelength, windows = explanation.spectrum["wavelength"], explanation.windows
    inside = np.zeros(len(wavelength), bool)
    for row in np.flatnonzero(np.isin(windows["name"], names)):
        inside |= (wavelength >= windows["low"][row]) & (
            wavelength <= windows["high"][row]
        )
    return inside


class Sum(SpectralEstimator):
    """The sum of a line's depth: an estimator of which all effects are known."""

    name = "sum"
    targets = (Target("total", u.K, "sum of flux", valid=(-1e9, 1e9)),)

    def _predict_batch(self, batch, interval):
        empty = batch.mask.all(axis=1)
        total = np.where(empty, np.nan, batch.flux.sum(axis=1).astype(float))
        flags = batch.flags | np.where(empty, Flags.NO_DATA, 0)
        rows = {"redshift": batch.redshift, "total": total, "total_err": total * 0 + 2}
        return rows | {"flags": flags}


def line_at(place, height=5.0, redshift=0.0):
    """A flat spectrum of 1 angstrom a pixel with a line of 11 pixels."""
    wavelength = np.arange(4000.0, 6000.0)
    flux = 3 + height * (np.abs(wavelength - place) <= 5)
    return SpectrumBatch.from_arrays(wavelength, flux[None], redshift=[redshift])


@pytest.mark.parametrize("height", [5.0, -2.0])
def test_the_effect_of_an_occluded_line_is_what_it_adds(height):
    windows = {"line": (4990, 5010) * u.AA, "none": (5500, 5520) * u.AA}
    found = Sum().explain(line_at(5000, height), windows=windows)
    assert effect(found, "line") == pytest.approx(11 * height)
    assert effect(found, "none") == 0
    assert found.windows["effect"].unit == u.K
    assert found.windows["error_effect"][0] == 0 * u.K
    pixels = found.spectrum
    assert pixels["relevance"].unit == u.K / u.AA
    inside = np.abs(pixels["wavelength"].value - 5000) <= 10
    assert np.all(pixels["relevance"][~inside] == 0)
    assert pixels["relevance"].value[inside] == pytest.approx(11 * height / 20)


def test_windows_stand_at_the_redshift():
    found = Sum().explain(
        line_at(5500), redshift=0.1, windows={"line": (4990, 5010) * u.AA}
    )
    assert effect(found, "line") == pytest.approx(55)
    assert found.windows["low"].to_value(u.AA) == pytest.approx(4990 * 1.1)


def test_sliding_windows_find_a_line_without_a_redshift():
    batch = line_at(5000, redshift=np.nan)
    found = Sum().explain(batch, windows=0.005 * u.um)
    best = np.nanargmax(found.windows["effect"])
    assert found.windows["low"][best] < 5000 * u.AA < found.windows["high"][best]
    with pytest.raises(ValueError, match=r"give redshift=, or a width"):
        Sum().explain(batch)


def test_what_was_not_observed_has_no_effect_and_says_so():
    found = Sum().explain(line_at(5000), windows={"far": (8000, 8100) * u.AA})
    assert np.isnan(effect(found, "far"))
    assert found.windows["flags"][0] & Flags.NO_DATA


def test_at_the_end_of_a_spectrum_one_side_is_enough():
    found = Sum().explain(line_at(4002), windows={"end": (3990, 4010) * u.AA})
    assert effect(found, "end") == pytest.approx(5 * 8)


@pytest.mark.parametrize("number", [0, 1, 3])
def test_relevances_sum_to_the_change_of_the_value(metallicity, number):
    """What integrated gradients promise, against networks without the lines."""
    import torch

    found = metallicity.explain(GALAXIES[number], method="gradient")
    pixels = found.spectrum
    total = (pixels["relevance"].value * np.gradient(pixels["wavelength"].value)).sum()
    from galspec.explanation import Column, _at_known_redshift
    from galspec.integrated_gradients import _without_lines

    batch = _at_known_redshift(metallicity, metallicity.gather(GALAXIES[number]))
    inputs, _ = metallicity.prepare(batch)
    without = inputs.copy()
    mask = inputs[0, 1] == 0
    smooth = _without_lines(metallicity.recipe(batch).wavelength, inputs[0, 0], mask)
    without[0, 0] = np.where(mask, inputs[0, 0], smooth)
    outputs, _ = metallicity._learned.outputs(np.concatenate([inputs, without]))
    with_lines, plain = metallicity._learned.explained(
        torch.from_numpy(outputs), metallicity, Column("oh")
    ).tolist()
    assert with_lines == pytest.approx(found.value.value, abs=1e-5)
    assert total == pytest.approx(with_lines - plain, abs=0.03)


@pytest.mark.parametrize("number", [0, 1, 2, 3, 4])
def test_the_metallicity_network_looks_at_nebular_lines(metallicity, number):
    found = metallicity.explain(GALAXIES[number], method="gradient")
    stars = set(named_features("stars")) - {"Hα", "Hβ", "Hγ", "Hδ"}
    lines = [n for n in named_features("galaxies") if n not in stars]
    inside = within(found, lines)
    seen = ~np.asarray(found.spectrum["mask"])
    assert np.count_nonzero(inside & seen) < 0.1 * np.count_nonzero(seen)
    assert shares(found)[inside].sum() > 0.6


@pytest.mark.parametrize("number", [0, 1, 2, 3])
def test_halpha_with_nitrogen_matters_more_than_no_line(metallicity, number):
    low, high = named_features("galaxies")["Hα + [N II]"]
    free = (5400, 5550, 5650, 6050, 6150, 6400)  # between lines, in the rest frame
    windows = {str(at): (at, at + high - low) * u.AA for at in free}
    windows["line"] = (low, high) * u.AA
    found = metallicity.explain(GALAXIES[number], windows=windows)
    without = [abs(effect(found, str(at))) for at in free]
    assert abs(effect(found, "line")) > 5 * max(without)


@pytest.mark.parametrize("method", METHODS)
def test_carbon_is_seen_in_the_g_band(stellar, method):
    """Mean over the example stars; each star alone has other strong features too."""
    names = np.array(stellar.explain(STARS[0]).windows["name"])

    def mean_effect(target):
        each = [
            stellar.explain(star, target=target, method=method).windows["effect"].value
            for star in STARS
        ]
        return dict(zip(names, np.abs(each).mean(axis=0), strict=True))

    carbon, heat = mean_effect("cfe"), mean_effect("teff")
    others = [size for name, size in carbon.items() if name != "CH (G band)"]
    assert carbon["CH (G band)"] > 1.3 * max(others)
    # not because all labels look there
    assert max(heat, key=heat.get) == "Hβ"
    assert heat["CH (G band)"] < 0.5 * heat["Hβ"]


def test_most_pixels_that_tell_of_carbon_lie_in_the_g_band(stellar):
    found = [stellar.explain(s, target="cfe", method="gradient") for s in STARS]
    names = set(named_features("stars"))
    share = {
        name: np.mean([shares(each)[within(each, [name])].sum() for each in found])
        for name in names
    }
    assert max(share, key=share.get) == "CH (G band)"


@pytest.mark.parametrize("method", METHODS)
def test_a_classifier_explains_the_probability_of_a_class(method):
    classifier = StarFormingClassifier.pretrained()
    found = classifier.explain(GALAXIES[0], target="p_sf", method=method)
    best = np.nanargmax(np.abs(found.windows["effect"].value))
    assert found.windows["name"][best] in ("Hα + [N II]", "Hβ", "[O III] 5007")
    assert found.value == classifier.predict(GALAXIES[0])["p_sf"][0]


@pytest.mark.parametrize("method", METHODS)
def test_an_energy_distribution_is_explained_in_a_band(method):
    predictor = SEDPredictor.pretrained()
    whole = predictor.predict(STARS[0])
    inside = (whole.spectral_axis >= 300 * u.nm) & (whole.spectral_axis <= 350 * u.nm)
    found = predictor.explain(STARS[0], target=(0.3, 0.35) * u.um, method=method)
    assert found.value.value == pytest.approx(whole.flux[inside].mean().value)
    assert found.target == "sed at 3000-3500 angstrom"
    one = predictor.explain(STARS[0], target=3500 * u.AA, method=method)
    assert one.target == "sed at 3500 angstrom"
    with pytest.raises(ValueError, match="reaches from 2500 to"):
        predictor.explain(STARS[0], target=0.1 * u.um)


def test_a_line_method_needs_its_lines():
    found = PP04O3N2().explain(GALAXIES[0])
    rows = {row["name"]: row for row in found.windows}
    for name in ("Hα + [N II]", "Hβ", "[O III] 5007"):
        assert np.isnan(rows[name]["effect"])
        assert rows[name]["flags"] & Flags.LOW_SN
    assert rows["Mg b"]["effect"] == 0
    with pytest.raises(
        TypeError, match=r"PP04O3N2 has no networks .*method='occlusion'"
    ):
        PP04O3N2().explain(GALAXIES[0], method="gradient")


def trained(cls, **options):
    """A method that has learned the height of a line."""
    random = np.random.default_rng(3)
    wavelength = np.arange(3700.0, 7000.0, 10)
    height = random.uniform(1, 3, 120)
    line = np.exp(-0.5 * ((wavelength - 5000) / 12) ** 2)
    flux = 1 + height[:, None] * line + random.normal(0, 0.02, (120, 330))
    batch = SpectrumBatch.from_arrays(wavelength, flux, redshift=np.zeros(120))
    estimator = cls(recipe=Recipe("r", ScaleRobust()), **options)
    options = FitOptions(epochs=8) if cls is Learns else None
    estimator.fit(batch, height, progress_bar=False, options=options)
    return estimator, batch[[int(height.argmax())]]


class Learns(SpectralEstimator):
    name = "learns"
    targets = (Target("height", u.one, "height", valid=(0, 9)),)
    network = SpectralCNNConfig(channels=(8,), inputs=1, outputs=2)


@pytest.mark.parametrize("method", METHODS)
def test_a_plugin_explains_what_it_has_learned(method):
    estimator, brightest = trained(Learns)
    found = estimator.explain(brightest, method=method, windows=100 * u.AA)
    best = np.nanargmax(np.abs(found.windows["effect"].value))
    middle = (found.windows["low"][best] + found.windows["high"][best]) / 2
    assert abs(middle - 5000 * u.AA) < 60 * u.AA


def test_forests_have_no_gradients():
    estimator, brightest = trained(ForestMetallicity)
    found = estimator.explain(brightest, windows=100 * u.AA)
    best = np.nanargmax(np.abs(found.windows["effect"].value))
    assert found.windows["low"][best] < 5000 * u.AA < found.windows["high"][best]
    with pytest.raises(TypeError, match=r"no gradients: method='occlusion'"):
        estimator.explain(brightest, method="gradient")


def test_the_input_is_left_alone_and_the_answer_is_the_same(metallicity):
    batch = metallicity.gather(GALAXIES[0])
    before = batch.flux.copy()
    first, second = (metallicity.explain(batch, method=m) for m in METHODS)
    again = metallicity.explain(batch, method="gradient")
    assert np.array_equal(batch.flux, before)
    assert np.array_equal(second.spectrum["relevance"], again.spectrum["relevance"])
    assert first.value == second.value == metallicity.predict(batch)["oh"][0]


def test_a_redshift_that_nobody_states_is_the_one_that_the_network_finds(metallicity):
    batch = metallicity.gather(GALAXIES[0])
    stated = metallicity.explain(batch)
    alone = metallicity.explain(batch.replace(redshift=np.array([np.nan])))
    assert alone.redshift == pytest.approx(stated.redshift, abs=3e-4)
    name = "Hα + [N II]"
    assert effect(alone, name) == pytest.approx(effect(stated, name), abs=0.01)


def test_columns_that_follow_are_explained_by_occlusion(stellar):
    found = stellar.explain(STARS[1], target="p_cemp")
    assert found.windows["effect"].unit == u.one
    with pytest.raises(ValueError, match=r"p_cemp follows .* method='occlusion'"):
        stellar.explain(STARS[1], target="p_cemp", method="gradient")


def test_wrong_calls_say_what_would_be_right(metallicity, stellar, tmp_path):
    one = GALAXIES[0]
    for words, options in {
        "target is 'feh'; it can be one of oh": {"target": "feh"},
        "method is 'shap'": {"method": "shap"},
        "windows are 3 angstrom wide": {"windows": 3 * u.AA},
        "window 'x' is": {"windows": {"x": (5000, 4000) * u.AA}},
    }.items():
        with pytest.raises(ValueError, match=words):
            metallicity.explain(one, **options)
    with pytest.raises(TypeError, match="needs the name of a column, such as 'teff'"):
        stellar.explain(STARS[0], target=5000 * u.AA)
    with pytest.raises(ValueError, match="there are 6 spectra; give one"):
        metallicity.explain(GALAXIES)
    with pytest.raises(NotFittedError):
        GasMetallicity().explain(one)
    with pytest.raises(ValueError, match="no value that could be explained: UNREADABL"):
        metallicity.explain(tmp_path / "none.fits")


@pytest.mark.parametrize("method", METHODS)
def test_the_picture_names_what_matters(metallicity, method, tmp_path):
    found = metallicity.explain(GALAXIES[0], method=method)
    figure = found.plot(tmp_path / "why.png")
    assert (tmp_path / "why.png").stat().st_size > 10_000
    above, below = figure.axes
    texts = "\n".join(text.get_text() for text in above.texts)
    assert "Hα + [N II]\n+0.3" in texts
    assert "Mg b" not in texts
    assert "12 + log10(O/H)" in above.get_title(loc="left")
    assert "dex / Angstrom" in below.get_ylabel()


def test_it_is_drawn_into_axes_of_ones_own(metallicity):
    from matplotlib.figure import Figure

    figure = Figure()
    axes = figure.subplots(2, 2)
    found = metallicity.explain(GALAXIES[0])
    assert found.plot(axes=axes[:, 1]) is figure
    assert axes[0, 1].texts
    assert not axes[0, 0].lines
