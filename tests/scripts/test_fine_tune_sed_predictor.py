"""How SEDPredictor is tuned on observed stars."""

import numpy as np
import torch
from fine_tune_sed_predictor import averaged, in_order_of_folds, layers_of, report_table
from sed_tuning_stars import completed, extended, mixed, repeated, with_temperatures

from galspec.sed import WAVELENGTH
from galspec.simulation.sed_templates import ObservedFlux
from galspec.training.folds import fold_sources
from galspec.tuning_report import TuningReport

RNG = np.random.default_rng(4)


def model(labels):
    """Slopes go with temperature, a break with gravity."""
    teff, logg, _ = (column[:, None] for column in labels.T)
    result = -8 * (5040 / teff - 0.7) * np.log(5500 / WAVELENGTH)
    return result - 0.2 * logg * (WAVELENGTH < 4000)


def stars(n=12):
    wavelength = np.geomspace(3540, 7410, 3000)
    power = np.linspace(-2, 1, n)
    flux = (wavelength / 5500) ** power[:, None]
    labels = np.stack([6000 - 400 * power, 4 + 0 * power, 0 * power], axis=1)
    names = np.array([f"HD{k}" for k in range(n)])
    return ObservedFlux(names, labels, wavelength, flux, 2000.0)


class Simulated:
    """The same kind of stars, simulated."""

    def draw(self, n, rng, split=None):
        return stars(n).draw(n, rng)


def test_temperatures_are_those_of_the_flux():
    labels = RNG.uniform([5200, 3.8, -2.0], [9500, 4.6, 0.3], (30, 3))
    seen = model(labels)
    seen[:, WAVELENGTH > 7000] = np.nan
    start = labels + np.array([300, 0, 0])
    found = with_temperatures(model, start, seen)
    np.testing.assert_allclose(found, labels, rtol=1e-4)


def test_distributions_go_on_without_a_step():
    whole = model(np.array([[6000, 4.0, 0.0], [8000, 4.5, -1.0]]))
    seen = whole + 0.05
    beyond = (WAVELENGTH < 3600) | (WAVELENGTH > 7300)
    seen[:, beyond] = np.nan
    result = extended(seen, whole)
    np.testing.assert_allclose(result, whole + 0.05)
    assert np.isnan(seen[:, beyond]).all()


def test_rare_stars_are_taken_more_often_and_all_are_taken():
    teff = np.concatenate([np.full(90, 5000.0), np.full(10, 7000.0), [9000.0]])
    rows, counts = np.unique(repeated(teff), return_counts=True)
    np.testing.assert_array_equal(rows, np.arange(101))
    assert set(counts[:90]) == {1}
    assert set(counts[90:]) == {3}


def test_copies_of_a_star_are_of_one_group_and_simulated_ones_of_their_own():
    batch, labels, groups, observed = mixed(stars(), Simulated(), 3, 0.5, seed=1)
    assert observed.sum() == 36
    assert len(batch) == len(labels) == len(groups) == 54
    assert not set(groups[observed]) & set(groups[~observed])
    assert len(set(groups[observed])) <= 12
    inside = (WAVELENGTH > 3600) & (WAVELENGTH < 7300)
    assert np.isfinite(labels[:, inside]).all()
    assert np.isnan(labels[:, WAVELENGTH > 7450]).all()
    assert mixed(stars(), None, 3, 0.0, seed=1)[3].all()


def test_completed_stars_go_on_from_what_was_seen(monkeypatch):
    class Ratio:
        def __call__(self, labels):
            return np.ones((len(labels), 574))

    tilt = np.log(WAVELENGTH / 5500) * 0.03

    class Scale:
        def __call__(self, labels):
            return np.exp(np.tile(tilt, (len(labels), 1)))

    labels = RNG.uniform([5200, 3.8, -1.0], [9500, 4.6, 0.3], (9, 3))
    flux = np.exp(model(labels) - tilt)
    names = np.array([f"HD{k}" for k in range(9)])
    flux[:, (WAVELENGTH < 3540) | (WAVELENGTH > 7410)] = np.nan
    monkeypatch.setattr("sed_tuning_stars.synthetic", lambda _, labels: model(labels))
    labels[0, 0] *= 1.2  # not what the catalogue says
    labels[1, 1] = 1.0  # a giant
    seen = ObservedFlux(names, labels, WAVELENGTH, flux, 2000.0)
    whole = completed(seen, None, Ratio(), Scale())
    assert whole.names.tolist() == names[2:].tolist()
    assert np.isfinite(whole.log_sed).all()
    smooth = np.abs(WAVELENGTH - 4000) > 60  # away from the break
    expected = model(labels[2:])[:, smooth]
    np.testing.assert_allclose(whole.log_sed[:, smooth], expected, atol=0.02)
    drawn = whole.draw(5, np.random.default_rng(0))
    assert np.isfinite(drawn.log_sed).all()


def test_values_come_in_the_order_in_which_folds_are_held_out():
    batch, labels, groups, _ = mixed(stars(), Simulated(), 3, 0.5, seed=1)
    labels[:, 0] = np.arange(len(labels))
    sources = fold_sources([(batch, labels)], groups, 4, 7)
    held = [part[:, 0] for s in sources for _, part in s.calibration()]
    found = in_order_of_folds(np.arange(len(labels)), groups, 4, 7)
    np.testing.assert_array_equal(found, np.concatenate(held))


def test_a_report_tells_observed_from_simulated_stars():
    labels = np.zeros((4, 574))
    before = labels + np.array([0.1, 0.1, 0.3, 0.3])[:, None]
    fields = {"columns": {}, "fold": np.zeros(4), "losses": [], "layers": []}
    report = TuningReport(labels=labels, before=before, after=before / 10, **fields)
    text = report_table(report, np.array([True, True, False, False]))
    rows = [line.split(" | ")[:3] for line in text.splitlines()[2:]]
    assert [row[2][:7] for row in rows] == ["+0.1000", "+0.0100", "+0.3000", "+0.0300"]


def test_the_average_of_last_layers_is_their_ensemble():
    torch.manual_seed(0)
    models = [torch.nn.Linear(5, 3) for _ in range(4)]
    x = torch.randn(7, 5)
    expected = torch.stack([each(x) for each in models]).mean(dim=0)
    (one,) = averaged(models)
    torch.testing.assert_close(one(x), expected)


def test_layers_are_numbers_words_or_names():
    assert layers_of("2") == 2
    assert layers_of("head") == "head"
    assert layers_of("last,head") == ["last", "head"]
