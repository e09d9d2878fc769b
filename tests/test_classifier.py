"""Classifiers keep the contract: probabilities, labels, priors, weights."""

import numpy as np
import pytest

from galspec import Flags, SpectrumBatch
from galspec.classifier import SpectralClassifier, class_targets
from galspec.networks import PerceptronConfig, SpectralCNNConfig
from galspec.testing import check_estimator
from galspec.training.fit_options import FitOptions
from galspec.transforms import Coverage, Recipe, Resample, ScaleRobust, linear_grid
from galspec.weights import WeightsError

OPTIONS = FitOptions(epochs=12, loss="cross-entropy", learning_rate=3e-3)


class Shapes(SpectralClassifier):
    """A line, a dip or nothing at 4500 angstrom."""

    name = "shapes"
    targets = class_targets({"line": "a line", "dip": "a dip", "flat": "nothing"})
    recipe = Recipe(
        "default", Resample(linear_grid(4000, 5000, 5)), Coverage(0.5), ScaleRobust()
    )
    network = SpectralCNNConfig(channels=(4, 8), outputs=3)
    references = ("none",)
    alternatives = {
        "pair": (recipe, SpectralCNNConfig(channels=(4, 8), inputs=1, outputs=2))
    }
    form_classes = {"pair": ("line", "other")}


def spectra(n, seed, noise=0.35):
    rng = np.random.default_rng(seed)
    names = rng.choice(["line", "dip", "flat"], n, p=[0.5, 0.3, 0.2])
    wavelength = np.linspace(3990, 5010, 300)
    height = np.array([{"line": 1, "dip": -1, "flat": 0}[name] for name in names])
    flux = 3 + height[:, None] * np.exp(-0.5 * ((wavelength - 4500) / 20) ** 2)
    flux += noise * rng.normal(size=flux.shape)
    return SpectrumBatch.from_arrays(wavelength, flux), names


@pytest.fixture(scope="module")
def fitted():
    batch, names = spectra(1500, 0)
    return Shapes().fit(batch, names, options=OPTIONS, members=2, progress_bar=False)


@pytest.fixture(scope="module")
def test_set():
    return spectra(1500, 1)


def test_probabilities_sum_to_one_and_the_label_is_the_likeliest(fitted, test_set):
    table = fitted.predict(test_set[0])
    p = np.array([table[f"p_{name}"].value for name in ("line", "dip", "flat")])
    np.testing.assert_allclose(p.sum(axis=0), 1)
    best = np.array(["line", "dip", "flat"])[p.argmax(axis=0)]
    np.testing.assert_array_equal(table["label"], best)
    assert np.mean(np.asarray(table["label"]) == test_set[1]) > 0.9
    assert (table["p_line_err"] >= 0).all()


def test_probabilities_are_calibrated(fitted, test_set):
    p = fitted.predict(test_set[0])["p_line"].value
    for low in (0.0, 0.5):
        here = (p >= low) & (p <= low + 0.5)
        share = np.mean(test_set[1][here] == "line")
        assert share == pytest.approx(p[here].mean(), abs=0.06)


def test_a_prior_moves_probabilities_towards_it(fitted, test_set):
    batch = test_set[0][:50]
    same = {"line": 0.5, "dip": 0.3, "flat": 0.2}
    rare = {"line": 0.01, "dip": 0.6, "flat": 0.39}
    plain, usual, scarce = (
        fitted.predict(batch, **kw)["p_line"].value
        for kw in ({}, {"prior": same}, {"prior": rare})
    )
    # the shares of the few that calibrate are not quite those of all
    np.testing.assert_allclose(plain, usual, atol=0.2)
    assert (scarce <= usual).all()
    none = fitted.predict(batch, prior={"line": 0, "dip": 1, "flat": 1})
    assert (none["p_line"] == 0).all()


@pytest.mark.parametrize(
    ("prior", "message"),
    [
        ({"line": 1.0}, "needs a share for each of line, dip, flat"),
        ({"line": -1.0, "dip": 1.0, "flat": 1.0}, "shares are positive"),
    ],
)
def test_odd_priors_are_refused(fitted, test_set, prior, message):
    with pytest.raises(ValueError, match=message):
        fitted.predict(test_set[0][:3], prior=prior)


def test_options_that_do_not_exist_are_refused(fitted, test_set):
    with pytest.raises(TypeError, match="takes no 'priors'"):
        fitted.predict(test_set[0][:3], priors={})


def test_it_keeps_the_contract(fitted):
    check_estimator(fitted)


def test_a_loss_for_values_is_refused(test_set):
    options = FitOptions(loss="gaussian")
    with pytest.raises(ValueError, match="'gaussian' is not for Shapes; take"):
        Shapes().fit(*test_set, options=options, progress_bar=False)


def test_the_loss_for_classes_serves_unless_told(test_set):
    shapes = Shapes(network=PerceptronConfig((8,), outputs=3, rebin=4))
    with pytest.raises(ValueError, match="all spectra are of one class"):
        shapes.fit(test_set[0], ["dip"] * 1500, progress_bar=False)


def test_there_are_no_intervals(fitted, test_set):
    with pytest.raises(ValueError, match="but Shapes gives no limits"):
        fitted.predict(test_set[0][:3], interval=0.5)


def test_weights_come_back_equal(fitted, test_set, tmp_path):
    fitted.save(tmp_path / "shapes.safetensors")
    again = Shapes.pretrained(path=tmp_path / "shapes.safetensors", device="cpu")
    ours, theirs = (e.predict(test_set[0][:20]) for e in (fitted, again))
    np.testing.assert_allclose(ours["p_dip"].value, theirs["p_dip"].value)
    np.testing.assert_array_equal(ours["label"], theirs["label"])

    class Other(Shapes):
        name = "others"

    with pytest.raises(WeightsError, match="of 'shapes', not of 'others'"):
        Other.pretrained(path=tmp_path / "shapes.safetensors")


def test_a_bad_row_has_no_class(fitted, test_set):
    batch = test_set[0][:3]
    flux = batch.flux.copy()
    flux[1] = np.nan
    bad = SpectrumBatch.from_arrays(batch.wavelength, flux)
    table = fitted.predict(bad)
    assert np.isnan(table["p_line"][1])
    assert table["label"][1] == ""
    assert table["flags"][1] & int(Flags.NO_DATA)
    assert table["label"][0] != ""


def test_a_form_of_two_sigmoids_tells_one_class_from_the_rest():
    batch, names = spectra(900, 2)
    pair = Shapes.variant("pair")
    assert [target.name for target in pair.targets] == ["p_line"]
    options = FitOptions(epochs=8, loss="binary", learning_rate=3e-3)
    pair.fit(batch, names, options=options, progress_bar=False)
    table = pair.predict(batch)
    assert set(table["label"]) == {"line", "other"}
    assert "p_other" not in table.colnames
    right = (table["p_line"].value > 0.5) == (names == "line")
    assert right.mean() > 0.9


def test_unknown_classes_are_named(test_set):
    with pytest.raises(ValueError, match=r"labels name .'bump'.; the classes are line"):
        Shapes().label_array(["line", "bump"])
    with pytest.raises(ValueError, match=r"no class .'bump'.: Shapes knows line, dip"):
        Shapes(classes=("line", "bump"))
    with pytest.raises(ValueError, match="all spectra are of one class"):
        Shapes().fit(
            test_set[0][:200], ["line"] * 200, options=OPTIONS, progress_bar=False
        )


def test_labels_are_one_name_a_spectrum():
    with pytest.raises(ValueError, match=r"the shape \(3, 2\); one name of a class"):
        Shapes().label_array(np.ones((3, 2)))


def test_unknown_labels_are_left_out():
    masked = np.ma.array(["line", "?"], mask=[False, True])
    assert np.isnan(Shapes().label_array(masked)[1]).all()
    member = Shapes().label_array(["line", "", "flat"])
    np.testing.assert_array_equal(member[0], [1, 0, 0])
    assert np.isnan(member[1]).all()
