"""Tuning of trained weights on a few spectra, by the public method."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from galspec import NotFittedError, SpectralEstimator, Target
from galspec.classifier import SpectralClassifier, class_targets
from galspec.networks import ForestConfig, PerceptronConfig, SoftMaskAttentionConfig
from galspec.training.augmentation import Augmentation
from galspec.training.fit_options import FitOptions
from galspec.training.sources import ArraySource
from galspec.transforms import Recipe, Resample, ScaleRobust, linear_grid
from galspec.weights import read_bundle

WAVELENGTH = np.arange(4500.0, 5700, 10)
NAN = np.nan
RECIPE = Recipe("small", Resample(linear_grid(4500, 5700, 10)), ScaleRobust())
QUICK = {"progress_bar": False, "device": "cpu"}


class Lines(SpectralEstimator):
    """Strengths of two lines, for tests."""

    name = "lines"
    targets = (
        Target("blue", u.AA, "strength of the blue line", valid=(-2, 2)),
        Target("red", u.AA, "strength of the red line", valid=(-2, 2)),
    )
    recipe = RECIPE
    network = PerceptronConfig((16, 8), outputs=4)
    references = ("2026none....1....A",)


def labelled(n, seed, noise=0.1, shift=0.0):
    """Spectra with two lines, and their strengths, on a scale of one's own."""
    rng = np.random.default_rng(seed)
    strength = rng.uniform(-1, 1, (n, 2))
    lines = np.exp(-0.5 * ((WAVELENGTH - [[4900], [5300]]) / 30) ** 2)
    flux = 5 + strength @ lines + noise * rng.normal(size=(n, len(WAVELENGTH)))
    data = {"wavelength": WAVELENGTH * u.AA, "flux": flux * u.ct}
    strength = strength + shift
    return data, QTable({"blue": strength[:, 0] * u.AA, "red": strength[:, 1] * u.AA})


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    """Weights of an ensemble of two, in a file."""
    path = tmp_path_factory.mktemp("weights") / "w.safetensors"
    options = FitOptions(epochs=15, learning_rate=5e-3, batch_size=32)
    data, labels = labelled(800, 1)
    estimator = Lines().fit(data, labels, options=options, members=2, **QUICK)
    estimator.card = "# Lines\n"
    estimator.save(path)
    return path


@pytest.fixture
def estimator(weights):
    """A copy of it to tune."""
    return Lines.pretrained(path=weights, device="cpu")


def tensors(estimator, tmp_path):
    estimator.save(tmp_path / "now.safetensors")
    return read_bundle(tmp_path / "now.safetensors").tensors


def test_a_shift_of_the_labels_is_learned_by_the_head_alone(estimator):
    data, labels = labelled(60, 2, shift=0.5)
    options = estimator.tuning_options(learning_rate=2e-2)
    assert estimator.fine_tune(data, labels, options=options, **QUICK) is estimator
    table = estimator.tuning.table
    np.testing.assert_allclose(table["bias_before"], -0.5, atol=0.08)
    np.testing.assert_allclose(table["bias_after"], 0, atol=0.1)
    assert list(table["n"]) == [60, 60]
    others, truth = labelled(200, 3, shift=0.5)
    result = estimator.predict(others)
    for name in ("blue", "red"):
        residual = result[name] - truth[name]
        assert abs(residual.mean()) < 0.15 * u.AA
        within = np.mean(np.abs(residual) < result[name + "_err"])
        assert 0.5 < within < 0.95


@pytest.mark.parametrize(
    ("layers", "moving"),
    [
        ("head", {"head"}),
        (1, {"head"}),
        (2, {"head", "body.2"}),
        ("body", {"body.0", "body.2"}),
        (["body.0", "head"], {"body.0", "head"}),
        ("all", {"body.0", "body.2", "head"}),
    ],
)
def test_what_is_frozen_stays_bit_for_bit(estimator, tmp_path, layers, moving):
    before = tensors(estimator, tmp_path)
    data, labels = labelled(40, 4, shift=0.5)
    options = estimator.tuning_options(epochs=2)
    estimator.fine_tune(data, labels, layers=layers, folds=3, options=options, **QUICK)
    after = tensors(estimator, tmp_path)
    # three networks of an ensemble of two: they take turns
    for place in range(3):
        for layer in ("body.0", "body.2", "head"):
            for kind in ("weight", "bias"):
                old = before[f"{place % 2}.{layer}.{kind}"]
                new = after[f"{place}.{layer}.{kind}"]
                assert np.array_equal(old, new) == (layer not in moving)
    assert set(estimator.tuning.layers) == moving


def test_a_constant_alone_is_learned_by_a_bias(estimator, tmp_path):
    before = tensors(estimator, tmp_path)
    data, labels = labelled(60, 2, shift=0.5)
    options = estimator.tuning_options(learning_rate=5e-2)
    tuning = {"layers": "head.bias", "folds": 2, "options": options, **QUICK}
    report = estimator.fine_tune(data, labels, **tuning).tuning
    assert report.layers == ["head.bias"]
    np.testing.assert_allclose(report.table["bias_after"], 0, atol=0.1)
    after = tensors(estimator, tmp_path)
    changed = {name for name in before if not np.array_equal(before[name], after[name])}
    assert changed - {"domain.whitening"} == {"0.head.bias", "1.head.bias"}


def test_the_offset_of_the_published_loss_alone():
    """v of (X - g - v)^2 / (2 sigma^2) + log sigma: 0 before, the shift after."""
    network = SoftMaskAttentionConfig(
        (4,), stride=2, length=4, width=8, inputs=("flux",), outputs=4
    )
    data, labels = labelled(200, 23)
    options = FitOptions(epochs=2, loss="gaussian", batch_size=32)
    estimator = Lines(network=network).fit(data, labels, options=options, **QUICK)
    (model,) = estimator._learned.models
    assert not model.offset.any()
    data, labels = labelled(60, 24, shift=0.5)
    options = estimator.tuning_options(learning_rate=5e-2)
    estimator.fine_tune(data, labels, layers="offset", options=options, **QUICK)
    assert estimator.tuning.layers == ["offset"]
    for tuned in estimator._learned.models:
        same = {
            name: np.array_equal(value, model.state_dict()[name])
            for name, value in tuned.state_dict().items()
        }
        assert [name for name, alike in same.items() if not alike] == ["offset"]
        found = tuned.offset.detach().numpy() * estimator._learned.label_std
        np.testing.assert_allclose(found, 0.5, atol=0.2)


def test_labels_on_another_scale(estimator, weights, tmp_path):
    data, labels = labelled(40, 25, shift=1.5)
    tuning = {"folds": 2, "options": estimator.tuning_options(epochs=1), **QUICK}
    estimator.fine_tune(data, labels, scale="ours", **tuning)
    path = tmp_path / "tuned.safetensors"
    estimator.save(path)
    again = Lines.pretrained(path=path, device="cpu")
    assert again.predict(data).meta["scale"] == again.scale == "ours"
    for target in again.targets:
        known = labels[target.name].value
        assert target.valid == pytest.approx((known.min(), known.max()))
    assert Lines.pretrained(path=weights, device="cpu").scale == ""
    assert Lines.targets[0].valid == (-2, 2)


def test_label_scale_recipe_and_ranges_stay(estimator, weights, tmp_path):
    before = read_bundle(weights).config
    data, labels = labelled(30, 5, shift=1.5)
    estimator.fine_tune(data, labels, options=estimator.tuning_options(epochs=1))
    estimator.save(tmp_path / "tuned.safetensors")
    after = read_bundle(tmp_path / "tuned.safetensors").config
    for key in ("label_mean", "label_std", "recipe", "network", "valid"):
        assert before[key] == after[key]
    assert after["members"] == 5


def test_every_object_is_held_out_once_and_by_networks_that_do_not_know_it(estimator):
    data, labels = labelled(60, 6)
    groups = np.repeat(np.arange(20), 3)
    labels["blue"] = groups * u.AA / 10  # tells which object a row is
    options = estimator.tuning_options(epochs=1)
    estimator.fine_tune(data, labels, groups=groups, folds=4, options=options, **QUICK)
    report = estimator.tuning
    assert sorted(report.labels[:, 0]) == pytest.approx(groups / 10)
    for star in np.unique(report.labels[:, 0]):
        assert len(set(report.fold[report.labels[:, 0] == star])) == 1
    assert np.bincount(report.fold).tolist() == [15, 15, 15, 15]


def test_a_network_that_gains_nothing_stays_as_it_was(estimator, tmp_path):
    before = tensors(estimator, tmp_path)
    data, labels = labelled(60, 7, noise=0.1)
    options = estimator.tuning_options(learning_rate=3.0, epochs=1, schedule="plateau")
    estimator.fine_tune(data, labels, folds=2, options=options, **QUICK)
    after = tensors(estimator, tmp_path)
    np.testing.assert_array_equal(before["1.head.weight"], after["1.head.weight"])
    assert all(old == new for old, new in estimator.tuning.losses)
    np.testing.assert_array_equal(
        estimator.tuning.table["bias_before"].round(0),
        estimator.tuning.table["bias_after"].round(0),
    )


def test_a_tuned_estimator_is_saved_with_its_origin(estimator, weights, tmp_path):
    data, labels = labelled(40, 8, shift=0.5)
    estimator.fine_tune(data, labels, **QUICK)
    path = tmp_path / "tuned.safetensors"
    estimator.save(path)
    again = Lines.pretrained(path=path, device="cpu")
    others, _ = labelled(5, 9)
    table = again.predict(others)
    np.testing.assert_array_equal(table["red"], estimator.predict(others)["red"])
    digest = read_bundle(weights).sha256
    assert table.meta["tuned_from_sha256"] == digest
    assert table.meta["tuned_from_weights"] == "w.safetensors"
    assert again.card.startswith("# Lines\n")
    card = " ".join(again.card.split())
    for words in (
        digest,
        "5 folds by object",
        "(head)",
        "40 spectra",
        "| red [Angstrom",
    ):
        assert words in card
    data, labels = labelled(300, 1)
    fresh = again.fit(data, labels, options=FitOptions(epochs=1), **QUICK)
    assert "tuned_from_sha256" not in fresh.predict(others).meta


def test_a_run_that_was_interrupted_goes_on(weights, tmp_path, monkeypatch):
    from galspec.training import fit

    data, labels = labelled(40, 10, shift=0.5)

    def tuned(**changes):
        estimator = Lines.pretrained(path=weights, device="cpu")
        options = estimator.tuning_options(epochs=4)
        kept = {"folds": 2, "options": options, **QUICK, **changes}
        return estimator.fine_tune(data, labels, **kept)

    written, save = [], fit.save_checkpoint

    def stopping(*arguments):
        save(*arguments)
        written.append(1)
        if len(written) == 6:
            raise KeyboardInterrupt

    whole = tuned()
    with monkeypatch.context() as patch:
        patch.setattr(fit, "save_checkpoint", stopping)
        with pytest.raises(KeyboardInterrupt):
            tuned(checkpoint=tmp_path)
    again = tuned(checkpoint=tmp_path)
    assert again.history == whole.history
    np.testing.assert_array_equal(again.tuning.after, whole.tuning.after)
    # other layers are another run
    other = tuned(checkpoint=tmp_path, layers="all")
    assert other.history == tuned(layers="all").history


def test_labels_may_be_partial(estimator):
    data, labels = labelled(60, 11, shift=0.5)
    labels["blue"][::3] = NAN
    labels["red"] = NAN * u.AA
    others, _ = labelled(20, 12)
    before = estimator.predict(others)
    options = estimator.tuning_options(epochs=1, learning_rate=1e-9)
    estimator.fine_tune(data, labels, folds=2, options=options, **QUICK)
    assert list(estimator.tuning.table["n"]) == [40, 0]
    after = estimator.predict(others)
    # nothing is known of red: its errors stay calibrated as they were
    ratio = (after["red_err"] / before["red_err"]).value
    np.testing.assert_allclose(ratio, 1, atol=1e-3)
    assert np.median(after["blue_err"] / before["blue_err"]) > 2


def test_new_spectra_are_at_home_and_old_ones_stay_so(estimator):
    another = 20 * np.exp(-0.5 * ((WAVELENGTH - 5100) / 60) ** 2) * u.ct
    strange, labels = labelled(60, 13)
    strange["flux"] = strange["flux"] + another
    old, _ = labelled(200, 14)
    before = estimator.predict(old)["domain"]
    estimator.fine_tune(strange, labels, folds=3, **QUICK)
    more, _ = labelled(60, 15)
    more["flux"] = more["flux"] + another
    assert np.mean(estimator.predict(more)["domain"] <= 1) > 0.9
    assert np.all(estimator.predict(old)["domain"] <= before * (1 + 1e-4))


def test_an_augmentation_changes_the_spectra_that_tune(weights):
    data, labels = labelled(40, 16)
    histories = []
    for augmentation in (None, Augmentation(shift=500)):
        estimator = Lines.pretrained(path=weights, device="cpu")
        options = estimator.tuning_options(epochs=1, learning_rate=1e-9)
        estimator.fine_tune(
            data, labels, augmentation=augmentation, options=options, **QUICK
        )
        histories.append([rows[0] for rows in estimator.history])
    for plain, noisy in zip(*histories, strict=True):
        assert noisy["train"] != plain["train"]
        assert noisy["validation"] == pytest.approx(plain["validation"], rel=1e-4)


def test_a_source_keeps_its_split(estimator):
    data, labels = labelled(200, 17, shift=0.5)
    batch = estimator.gather(data)
    source = ArraySource(batch, estimator.label_array(labels))
    with pytest.raises(ValueError, match=r"folds is 5.*folds=None"):
        estimator.fine_tune(source, **QUICK)
    estimator.fine_tune(source, folds=None, **QUICK)
    assert len(estimator.history) == 2
    assert len(estimator.tuning.labels) == len(source.calibration()[0][0])


def test_without_folds_arrays_are_split_as_for_a_fit(estimator):
    data, labels = labelled(200, 18, shift=0.5)
    estimator.fine_tune(data, labels, folds=None, **QUICK)
    assert set(estimator.tuning.fold) == {0}
    assert 10 < len(estimator.tuning.labels) < 60
    assert "one split by object" in estimator.card


class Kinds(SpectralClassifier):
    """Bright or dark, for tests."""

    name = "kinds"
    targets = class_targets({"bright": "a bright line", "dark": "a dark line"})
    recipe = RECIPE
    network = PerceptronConfig((8,), outputs=2)
    references = Lines.references


def test_classifiers():
    data, labels = labelled(400, 19)
    names = np.where(labels["blue"].value > 0, "bright", "dark")
    options = FitOptions(epochs=4, learning_rate=5e-3, loss="cross-entropy")
    estimator = Kinds().fit(data, names, options=options, **QUICK)
    data, labels = labelled(50, 20)
    # what is bright to this user is not to others
    names = np.where(labels["blue"].value > 0.4, "bright", "dark")
    options = estimator.tuning_options(learning_rate=1e-2)
    estimator.fine_tune(data, names, options=options, **QUICK)
    table = estimator.tuning.table
    assert list(table["target"]) == ["p_bright", "p_dark"]
    assert np.all(np.abs(table["bias_after"]) < np.abs(table["bias_before"]))
    with pytest.raises(ValueError, match="trained for the softmax"):
        estimator.fine_tune(data, names, options=FitOptions(loss="binary"))


def test_a_class_of_which_there_is_none_stays_possible():
    data, labels = labelled(400, 19)
    names = np.where(labels["blue"].value > 0, "bright", "dark")
    options = FitOptions(epochs=4, learning_rate=5e-3, loss="cross-entropy")
    estimator = Kinds().fit(data, names, options=options, **QUICK)
    before = estimator._learned.calibration
    data, labels = labelled(300, 26)
    is_bright = np.flatnonzero(labels["blue"].value > 0)[:60]
    bright = {**data, "flux": data["flux"][is_bright]}
    options = estimator.tuning_options(epochs=1, learning_rate=1e-9)
    estimator.fine_tune(bright, ["bright"] * 60, options=options, **QUICK)
    assert estimator._learned.calibration == before
    assert set(estimator.predict(data)["label"]) == {"bright", "dark"}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"folds": 50}, "30 labelled objects cannot be dealt into 50 folds"),
        ({"folds": 1}, "folds is 1; a whole number from 2 on"),
        ({"folds": "3"}, "folds is '3'; a whole number"),
        ({"labels": np.full((30, 2), NAN)}, "into 5 folds: give more objects$"),
        ({"layers": "tail"}, r"no layer 'tail'; it has body\.0, body\.2, head"),
        ({"layers": "head.slope"}, r"no layer 'head\.slope'"),
        ({"layers": 9}, "layers is 9; 1 to 3 are there"),
        ({"layers": []}, "nothing would move"),
        ({"groups": [1, 2]}, r"groups has shape \(2,\)"),
        ({"labels": np.zeros((4, 2))}, "4 labels for 30 spectra"),
        ({"labels": None}, "labels are needed"),
        ({"options": FitOptions(loss="mse")}, "4 outputs"),
    ],
)
def test_wrong_calls_are_named(estimator, changes, message):
    data, labels = labelled(30, 21)
    with pytest.raises(ValueError, match=message):
        estimator.fine_tune(data, **{"labels": labels, **QUICK, **changes})
    assert estimator.predict(data).meta["weights"] == "w.safetensors"


@pytest.mark.parametrize("layers", [None, True, 2.5])
def test_layers_that_name_nothing_are_named(estimator, layers):
    data, labels = labelled(30, 21)
    with pytest.raises(TypeError, match=f"layers is {layers}; it can be 'head'"):
        estimator.fine_tune(data, labels, layers=layers, **QUICK)


def test_what_cannot_be_tuned():
    data, labels = labelled(60, 22)
    with pytest.raises(NotFittedError, match=r"Lines\.pretrained\(\)"):
        Lines().fine_tune(data, labels)

    class Formula(Lines):
        network = None

    with pytest.raises(TypeError, match="Formula is a formula"):
        Formula().fine_tune(data, labels)
    pytest.importorskip("sklearn")
    forest = Lines(network=ForestConfig(trees=3, outputs=4))
    forest.fit(data, labels, **QUICK)
    with pytest.raises(TypeError, match="not trained by gradients"):
        forest.fine_tune(data, labels)
