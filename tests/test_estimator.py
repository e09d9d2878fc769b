"""The contract of an estimator, through a small one of a plugin author's own."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from galspec import (
    Flags,
    NotFittedError,
    SpectralEstimator,
    SpectrumBatch,
    Target,
    example_spectra,
)
from galspec.networks import AlignedCNNConfig, SpectralCNNConfig
from galspec.testing import check_estimator, run_checks
from galspec.training.fit_options import FitOptions
from galspec.training.sources import ArraySource
from galspec.transforms import Coverage, Recipe, Resample, ScaleRobust, log_grid
from galspec.weights import WeightsError

WAVELENGTH = 10 ** (3.569 + 1e-4 * np.arange(3900))


class LineDepth(SpectralEstimator):
    """Strength of one line, for tests."""

    name = "line-depth"
    targets = (
        Target("depth", u.AA, "strength of the line", valid=(-2.0, 2.0)),
        Target("twice", u.km / u.s, "twice that", valid=(-4.0, 4.0)),
    )
    scale = "test"
    recipe = Recipe(
        "small", Resample(log_grid(4500, 6000, 1e-3)), Coverage(0.5), ScaleRobust()
    )
    network = SpectralCNNConfig(channels=(6, 8), inputs=2, outputs=4, hidden=8)
    references = ("2026none....1....A",)


def labelled(n, seed, noise=0.1):
    rng = np.random.default_rng(seed)
    depth = rng.uniform(-1, 1, n)
    line = np.exp(-0.5 * ((WAVELENGTH - 5100) / 15) ** 2)
    slope = (WAVELENGTH / 5000) ** rng.uniform(-1, 1, (n, 1))
    flux = slope + 0.5 * depth[:, None] * line + noise * rng.normal(size=(n, 3900))
    data = {"wavelength": WAVELENGTH * u.AA, "flux": flux * u.ct}
    return data, QTable({"depth": depth * u.AA, "twice": 2 * depth * u.km / u.s})


@pytest.fixture(scope="module")
def trained():
    options = FitOptions(epochs=12, learning_rate=5e-3, batch_size=32)
    data, labels = labelled(1200, 1)
    return LineDepth().fit(
        data, labels, options=options, members=2, progress_bar=False, device="cpu"
    )


def test_it_learns_with_calibrated_errors(trained):
    data, labels = labelled(1500, 2)
    table = trained.predict(data, interval=0.95)
    for name in ("depth", "twice"):
        truth, value = labels[name], table[name]
        assert value.unit == labels[name].unit
        assert np.std(value - truth) < 0.4 * np.std(truth)
        within = np.abs(value - truth) < table[name + "_err"]
        assert np.mean(within) == pytest.approx(0.683, abs=0.1)
        inside = (table[name + "_lo"] < truth) & (truth < table[name + "_hi"])
        assert np.mean(inside) == pytest.approx(0.95, abs=0.05)


def test_a_plugin_keeps_the_whole_contract(trained):
    check_estimator(trained)


def test_results_do_not_depend_on_batches_or_threads(trained):
    data, _ = labelled(50, 3)
    expected = trained.predict(data, workers=1)
    for options in ({"batch_size": 7}, {"workers": 3, "batch_size": 4}):
        table = trained.predict(data, **options)
        np.testing.assert_allclose(table["depth"], expected["depth"], atol=1e-5 * u.AA)


def test_identifiers_and_redshift_come_back(trained):
    data, _ = labelled(3, 4)
    table = trained.predict({**data, "plate": [7, 8, 9]}, redshift=[0.1, np.nan, 0.2])
    assert list(table["plate"]) == [7, 8, 9]
    np.testing.assert_array_equal(table["redshift"], [0.1, np.nan, 0.2])


def test_a_users_column_of_the_same_name_is_kept(trained):
    data, _ = labelled(2, 4)
    table = trained.predict({**data, "depth": [5.0, 6.0], "flags": [1, 2]})
    assert list(table["input_depth"]) == [5, 6]
    assert list(table["input_flags"]) == [1, 2]
    assert table["depth"].unit == u.AA


def test_an_ensemble_of_none_is_an_error():
    with pytest.raises(ValueError, match="members is 0"):
        LineDepth().fit(*labelled(60, 1), members=0)


def test_values_outside_the_valid_range_are_flagged(trained):
    data, _ = labelled(4, 5)
    line = np.exp(-0.5 * ((WAVELENGTH - 5100) / 15) ** 2)
    data["flux"] = data["flux"] + 30 * line * u.ct
    flags = trained.predict(data)["flags"]
    assert np.all(flags & int(Flags.OUT_OF_RANGE | Flags.OUT_OF_DOMAIN))


def test_noise_beyond_the_training_set_is_flagged(trained):
    data, _ = labelled(4, 6, noise=5.0)
    assert np.all(trained.predict(data)["flags"] & int(Flags.LOW_SN))


def test_saving_and_loading(trained, tmp_path):
    trained.card = "# what it is\n"
    for name in ("one.safetensors", "folder"):
        digest = trained.save(tmp_path / name)
        again = LineDepth.pretrained(path=tmp_path / name, device="cpu")
        assert again.card == trained.card
        data, _ = labelled(5, 7)
        table = again.predict(data)
        np.testing.assert_array_equal(table["depth"], trained.predict(data)["depth"])
        assert table.meta["weights"] == name
        assert len(digest) == 64


def test_weights_of_another_estimator_are_refused(trained, tmp_path):
    class Other(LineDepth):
        name = "other"

    trained.save(tmp_path / "w.safetensors")
    with pytest.raises(WeightsError, match="'line-depth'"):
        Other.pretrained(path=tmp_path / "w.safetensors")


def test_an_interrupted_fit_resumes(tmp_path):
    data, labels = labelled(400, 8)
    options = FitOptions(epochs=2)
    kept = {
        "options": options,
        "progress_bar": False,
        "checkpoint": tmp_path,
        "device": "cpu",
    }
    first = LineDepth().fit(data, labels, **kept)
    again = LineDepth().fit(data, labels, **kept)
    assert first.history == again.history
    assert (tmp_path / "member-0.safetensors").exists()


def test_without_weights_it_says_what_to_do():
    with pytest.raises(NotFittedError, match=r"LineDepth\.pretrained\(\)"):
        LineDepth().predict(labelled(1, 9)[0])
    with pytest.raises(NotFittedError, match="nothing to save"):
        LineDepth().save("x.safetensors")


def test_wrong_options_are_named(trained):
    data, _ = labelled(2, 12)
    with pytest.raises(ValueError, match="batch_size is -1"):
        trained.predict(data, batch_size=-1)
    for medium in ("water", "air"):  # files state their medium themselves
        with pytest.raises(ValueError, match=f"'{medium}'"):
            trained.predict(example_spectra()[:1], medium=medium)
    assert len(trained.predict(example_spectra()[:1], medium="vacuum")) == 1


def test_a_method_without_network_needs_one_method_only():
    class Brightness(SpectralEstimator):
        name = "brightness"
        targets = (Target("bright", u.dex, "log10 of the flux", valid=(-9, 9)),)
        recipe = Recipe("none")

        def _predict_batch(self, batch, interval):
            value = np.log10(batch.flux.sum(axis=1))
            return {
                "bright": value,
                "bright_err": 0.1 + 0 * value,
                "flags": batch.flags,
            }

    data = {"wavelength": WAVELENGTH * u.AA, "flux": np.ones((2, 3900)) * u.ct}
    table = Brightness().predict(data)
    np.testing.assert_allclose(table["bright"].value, np.log10(3900))
    with pytest.raises(WeightsError, match="Brightness has no weights"):
        Brightness.pretrained(path="mine.safetensors")
    with pytest.raises(TypeError, match="Brightness is a formula: there is no fit"):
        Brightness().fit(labelled(30, 1)[0], np.ones(30))


def test_labels_must_match():
    data, labels = labelled(30, 10)
    with pytest.raises(ValueError, match="labels are needed"):
        LineDepth().fit(data)
    with pytest.raises(ValueError, match="2 are needed"):
        LineDepth().fit(data, np.ones(30))
    with pytest.raises(ValueError, match="29 labels for 30 spectra"):
        LineDepth().fit(data, labels[:29])
    with pytest.raises(ValueError, match=r"lack \['twice'\]; they have \['depth'\]"):
        LineDepth().fit(data, labels["depth",])


@pytest.mark.parametrize(("loss", "outputs"), [("mse", 4), ("gaussian", 2)])
def test_the_network_must_fit_the_loss(loss, outputs):
    estimator = LineDepth(network=SpectralCNNConfig((6, 8), outputs=outputs))
    options = FitOptions(epochs=1, loss=loss)
    with pytest.raises(ValueError, match=rf"has {outputs} outputs; the loss '{loss}'"):
        estimator.fit(*labelled(30, 1), options=options)


def test_spectra_of_which_none_can_be_used():
    data, labels = labelled(30, 1)
    with pytest.raises(ValueError, match="nothing of the training part"):
        LineDepth().fit({**data, "flux": np.nan * data["flux"]}, labels)


@pytest.mark.parametrize("part", ["validation", "calibration"])
def test_a_part_without_usable_spectra_is_named(part):
    data, labels = labelled(60, 1)
    columns = np.column_stack([labels[name].value for name in labels.colnames])
    source = ArraySource(SpectrumBatch.gather(data), columns)
    ((batch, known),) = getattr(source, part)()
    empty = batch.replace(mask=np.ones_like(batch.mask))
    setattr(source, part, lambda: [(empty, known)])
    options = FitOptions(epochs=1)
    with pytest.raises(ValueError, match=f"nothing of the {part} part"):
        LineDepth().fit(source, options=options, progress_bar=False)


def test_a_network_that_learns_redshifts_needs_some():
    network = AlignedCNNConfig(
        start=4500, step=1e-3, window=(4500, 5500), highest_redshift=0.05, outputs=4
    )
    estimator, options = LineDepth(network=network), FitOptions(epochs=1)
    data, labels = labelled(60, 1)
    with pytest.raises(ValueError, match="give redshift="):
        estimator.fit(data, labels, options=options, progress_bar=False)
    redshift = np.where(np.arange(60) % 2, 0.01, np.nan)
    estimator.fit(data, labels, redshift=redshift, options=options, progress_bar=False)
    assert np.isfinite(estimator.predict(data)["depth"].value).all()


@pytest.mark.parametrize("name", ["depth", "rarity", "obsid"])
def test_training_spectra_are_balanced_in_a_column(name, monkeypatch):
    seen = {}

    def watched(estimator, source, *args, **options):
        seen["labels"] = source.epoch(0)[0][1][:, 0]
        raise InterruptedError

    monkeypatch.setattr("galspec.fitting.fit_ensemble", watched)
    data, labels = labelled(400, 1)
    depth = np.sort(labels["depth"].value) ** 3  # most of them near 0
    labels = QTable({"depth": depth * u.AA, "twice": 2 * depth * u.km / u.s})
    labels["rarity"], data["obsid"] = depth, depth
    with pytest.raises(InterruptedError):
        LineDepth().fit(data, labels, balance=name)
    counts = np.histogram(seen["labels"], 10)[0]
    assert counts.max() == pytest.approx(30, abs=5)  # 300 serve for training


def test_what_a_fit_cannot_be_balanced_in():
    data, labels = labelled(60, 1)
    with pytest.raises(ValueError, match="balance is 'mass'; it can be one of depth"):
        LineDepth().fit(data, labels, balance="mass")
    labels["name"] = ["A"] * 60
    with pytest.raises(ValueError, match="'name', which is no column of numbers"):
        LineDepth().fit(data, labels, balance="name")
    columns = np.column_stack([labels[name].value for name in ("depth", "twice")])
    source = ArraySource(SpectrumBatch.gather(data), columns)
    with pytest.raises(ValueError, match="a source has its own spectra"):
        LineDepth().fit(source, balance="depth")


def test_unknown_forms_and_devices_are_named():
    with pytest.raises(ValueError, match="no form 'fancy'"):
        LineDepth.variant("fancy")
    with pytest.raises(ValueError, match="'abacus'"):
        LineDepth().fit(*labelled(30, 1), device="abacus")


def test_a_batch_of_another_axis_per_row_is_taken(trained):
    data, _ = labelled(4, 11)
    rows = [
        SpectrumBatch.from_arrays(WAVELENGTH[k:], data["flux"].value[k : k + 1, k:])
        for k in range(4)
    ]
    table = trained.predict(SpectrumBatch.concatenate(rows))
    expected = trained.predict(data)
    np.testing.assert_allclose(table["depth"], expected["depth"], atol=1e-3 * u.AA)


class TestTheSuiteItself:
    """Each fault must be found by the check that is there for it."""

    def failed(self, estimator):
        return {r.check.name for r in run_checks(estimator) if r.error is not None}

    def broken(self, trained, rows):
        """The trained estimator with its result columns changed by ``rows``."""

        class Broken(LineDepth):
            def _predict_batch(self, batch, interval):
                return rows(batch, super()._predict_batch(batch, interval))

        estimator = Broken()
        estimator.__dict__.update(trained.__dict__)
        return estimator

    def test_a_guess_for_a_bad_row(self, trained):
        def guess(batch, rows):
            return {**rows, "depth": np.nan_to_num(rows["depth"], nan=0.5)}

        found = self.failed(self.broken(trained, guess))
        assert "a_bad_row_is_flagged_and_costs_no_other" in found

    def test_rows_that_depend_on_each_other(self, trained):
        def centred(batch, rows):
            return {**rows, "depth": rows["depth"] - np.nanmean(rows["depth"])}

        assert "batch_equals_one_by_one" in self.failed(self.broken(trained, centred))

    def test_masked_pixels_that_matter(self, trained):
        class Unmasked(LineDepth):
            def gather(self, data, **reading):
                if hasattr(data, "keys"):
                    data = {k: v for k, v in data.items() if k != "mask"}
                return super().gather(data, **reading)

        estimator = Unmasked()
        estimator.__dict__.update(trained.__dict__)
        assert "bad_pixels_are_alike" in self.failed(estimator)

    def test_chance(self, trained):
        def random(batch, rows):
            return {**rows, "depth": rows["depth"] + np.random.default_rng().random()}

        assert "it_is_deterministic" in self.failed(self.broken(trained, random))

    def test_expected_failures(self, trained):
        with pytest.raises(AssertionError, match="it_is_deterministic passes"):
            check_estimator(
                trained, expected_failed_checks={"it_is_deterministic": "just so"}
            )


def test_labels_on_another_scale_take_it_along(tmp_path):
    data, labels = labelled(120, 4)
    estimator = LineDepth().fit(
        data,
        labels,
        options=FitOptions(epochs=1),
        progress_bar=False,
        device="cpu",
        scale="other",
    )
    estimator.save(tmp_path / "w.safetensors")
    again = LineDepth.pretrained(path=tmp_path / "w.safetensors", device="cpu")
    for fitted in (estimator, again):
        assert fitted.predict(data).meta["scale"] == "other"
        low, high = fitted.targets[0].valid
        # the training labels', which are some of all
        assert labels["depth"].value.min() <= low < high <= labels["depth"].value.max()
    assert LineDepth.scale == "test"
    assert LineDepth.targets[0].valid == (-2.0, 2.0)
    assert (
        LineDepth()
        .fit(
            data, labels, options=FitOptions(epochs=1), progress_bar=False, scale="test"
        )
        .targets
        == LineDepth.targets
    )
