"""Every check finds the fault that it is there for, and says what to do."""

import contextlib
import importlib
import socket
import sys

import astropy.units as u
import numpy as np
import pytest

from galspec import ELGPhotoZ, Flags, SpectralEstimator, Target
from galspec.flags import WITHOUT_VALUE
from galspec.networks import PhotometricPerceptronConfig, SpectralCNNConfig
from galspec.photometry import PhotometryBatch
from galspec.spectra import SpectrumBatch
from galspec.testing import checks_of
from galspec.training.fit_options import FitOptions
from galspec.transforms import Coverage, Recipe, Resample, ScaleRobust, linear_grid


class Slope(SpectralEstimator):
    """How red a spectrum is: small, and without a fault."""

    name = "slope"
    targets = (Target("slope", u.mag, "how red it is", valid=(-5.0, 5.0)),)
    recipe = Recipe(
        "small", Resample(linear_grid(4000, 8000, 20)), Coverage(0.5), ScaleRobust()
    )
    network = SpectralCNNConfig(channels=(4, 8), outputs=2)
    references = ("2026none....1....A",)


def reds(n=200):
    """Spectra and how red they are."""
    rng = np.random.default_rng(0)
    slope, wavelength = rng.uniform(-2, 2, n), np.arange(3900.0, 8100.0, 20)
    flux = (wavelength / 6000) ** slope[:, None]
    flux += rng.normal(0, 0.02, flux.shape)
    return SpectrumBatch.from_arrays(wavelength, flux), slope


def galaxies(estimator, n=300):
    """Galaxies that are the redder the farther they are, and their redshifts."""
    bands = estimator.recipe.transformers[0].bands
    rng = np.random.default_rng(1)
    z = rng.uniform(0.1, 1.5, n)
    flux = 10 ** (rng.uniform(0.3, 1.5, (n, 1)) + 0.2 * z[:, None] * np.arange(4))
    batch = PhotometryBatch.from_arrays(
        flux, (0.02 * flux + 0.05) ** -2.0, survey="ls-dr10", bands=bands, ebv=0.03
    )
    return batch, z


@pytest.fixture(scope="module")
def trained():
    """Trained estimators of spectra and of photometry that keep the contract."""
    options = FitOptions(epochs=4, learning_rate=5e-3)
    slope = Slope().fit(*reds(), options=options, progress_bar=False, device="cpu")
    recipe = ELGPhotoZ.for_survey("ls-dr10", tuple("griz")).recipe
    small = {"outputs": 60, "members": 1, "width": 16, "depth": 2}
    network = PhotometricPerceptronConfig(("colours", "magnitudes"), **small)
    photoz = ELGPhotoZ(recipe=recipe, network=network)
    options = photoz.fit_options(epochs=2, loss="ordered")
    photoz.fit(*galaxies(photoz), options=options, progress_bar=False, device="cpu")
    return {Slope: slope, ELGPhotoZ: photoz}


class Columns:
    """Changes what is predicted of a batch by a method ``columns(rows, batch)``."""

    def _predict_batch(self, batch, interval, **options):
        rows = super()._predict_batch(batch, interval, **options)
        return self.columns(dict(rows), batch)


class NoReferences:
    references = ()


class Converts:
    def __init__(self, *, recipe=None, network=None):
        super().__init__(recipe=recipe, network=network)
        self.recipe = Recipe(self.recipe.name, *self.recipe.transformers)


class LearnsInItsClass:
    learned = None

    @property
    def _learned(self):
        return LearnsInItsClass.learned

    @_learned.setter
    def _learned(self, learned):
        LearnsInItsClass.learned = learned or LearnsInItsClass.learned


class OddRecipe:
    # JSON has no way to write a number of numpy
    recipe = Recipe("odd", *Slope.recipe.transformers[:1], Coverage(np.float32(0.5)))


class Silent(Columns):
    def columns(self, rows, batch):
        nothing = np.full(len(batch), np.nan)
        return rows | {"slope": nothing, "flags": rows["flags"] | Flags.OUT_OF_RANGE}


class WithoutErrors(Columns):
    def columns(self, rows, batch):
        del rows["slope_err"]
        return rows


class Unflagged(Columns):
    def columns(self, rows, batch):
        dim = rows["snr"] < np.median(rows["snr"])
        nothing = np.zeros(len(batch), int)
        return rows | {"slope": np.where(dim, np.nan, rows["slope"]), "flags": nothing}


class Crowded(Columns):
    def columns(self, rows, batch):
        return rows | {"slope": rows["slope"] + 0.1 * len(batch)}


class Sorted(Columns):
    def columns(self, rows, batch):
        order = np.argsort(rows["slope"])
        return {name: values[order] for name, values in rows.items()}


def changed_in(data, change):
    """Data of spectra with another flux; what is no mapping stays."""
    return {**data, "flux": change(data["flux"])} if isinstance(data, dict) else data


class ReadsBytes:
    def gather(self, data, **reading):
        def native(flux):
            return flux.view(flux.dtype.newbyteorder("=")) * 1

        return super().gather(changed_in(data, native), **reading)


class Guesses(Columns):
    def columns(self, rows, batch):
        name = self.targets[0].name
        return rows | {name: np.nan_to_num(rows[name], nan=0.5)}


class NeedsRows(Columns):
    def columns(self, rows, batch):
        return rows | {"slope": rows["slope"] - 0 * rows["slope"][0]}


class TakesAnyMedium:
    def gather(self, data, *, redshift=None, medium=None):
        return super().gather(data, redshift=redshift)


class Throws(Columns):
    def columns(self, rows, batch):
        return rows | {"slope": rows["slope"] + np.random.default_rng().random()}


class Shifted(Columns):
    """Adds a number that weights do not hold."""

    shift = 0.0

    @staticmethod
    def spoil(estimator):
        estimator.shift = 1.0

    def columns(self, rows, batch):
        return rows | {"slope": rows["slope"] + self.shift}


class Forgetful(Shifted, Slope):
    def __getstate__(self):
        return {name: self.__dict__[name] for name in self.__dict__ if name != "shift"}


class Asks(Columns):
    def columns(self, rows, batch):
        with contextlib.suppress(OSError):
            socket.create_connection(("192.0.2.1", 80), timeout=0.1)
        return rows


class Anonymous:
    @property
    def _meta(self):
        return {**super()._meta, "sha256": ""}


class WantsMany:
    def gather(self, data, **reading):
        batch = super().gather(data, **reading)
        return batch[: len(batch) - (len(batch) == 1)]


class TakesNumbers:
    def gather(self, data, **reading):
        if isinstance(data, dict):
            data = {**data, "wavelength": data["wavelength"].value * u.AA}
        return super().gather(data, **reading)


class TakesAxes:
    def gather(self, data, **reading):
        if hasattr(data, "spectral_axis"):
            flux = data.flux.value.reshape(-1, len(data.spectral_axis))
            return SpectrumBatch.from_arrays(np.sort(data.spectral_axis.value), flux)
        return super().gather(data, **reading)


class Unmasked:
    def gather(self, data, **reading):
        if isinstance(data, dict):
            data = {name: data[name] for name in data if name != "mask"}
        return super().gather(data, **reading)


class HalfDensities(Columns):
    def columns(self, rows, batch):
        return rows | {"z_phot_pdf": rows["z_phot_pdf"] / 2}


class TakesAnyFlux:
    def gather(self, data, **reading):
        if isinstance(data, dict):
            units = {"flux": u.nmgy, "ivar": u.nmgy**-2}
            data = {
                name: values.value * units[name[:4]] if name[:4] in units else values
                for name, values in data.items()
            }
        return super().gather(data, **reading)


class TakesBandsAsTheyCome:
    def gather(self, data, **reading):
        batch = super().gather(data, **reading)
        bands = self.recipe.transformers[0].bands
        come = tuple(band for band in batch.bands if band in bands)
        return batch.select(come).replace(bands=bands)


class FillsIn:
    def gather(self, data, **reading):
        if isinstance(data, dict):
            data = {name: values.copy() for name, values in data.items()}
            for values in data.values():
                values[np.isnan(values)] = 1 * getattr(values, "unit", 1)
        return super().gather(data, **reading)


class WantsPositive:
    def gather(self, data, **reading):
        batch = super().gather(data, **reading)
        return batch.replace(flux=np.where(batch.flux > 0, batch.flux, np.nan))


class Unworried(Columns):
    def columns(self, rows, batch):
        return rows | {"flags": rows["flags"] & ~int(WITHOUT_VALUE)}


class AnySurvey:
    def gather(self, data, **reading):
        batch = super().gather(data, **reading)
        return batch.replace(survey=self.nothing().survey)


#: Which estimator has which fault, by the check that finds it, and what it says.
SPECTRAL = {
    "declaration_is_complete": (NoReferences, "it names no reference"),
    "constructor_takes_keywords_and_stores_them": (Converts, "recipe is changed"),
    "a_clone_has_learned_nothing": (LearnsInItsClass, "never fitted"),
    "recipe_survives_json": (OddRecipe, "float32 is not JSON"),
    "it_gives_values": (Silent, "flagged OUT_OF_RANGE"),
    "result_has_the_agreed_form": (WithoutErrors, "no column slope_err"),
    "flags_tell_of_missing_values": (Unflagged, "slope is NaN unflagged"),
    "batch_equals_one_by_one": (Crowded, "slope of row 0"),
    "rows_keep_their_order": (Sorted, "of row"),
    "byte_order_does_not_matter": (ReadsBytes, "of row"),
    "a_bad_row_is_flagged_and_costs_no_other": (Guesses, "of a guess"),
    "empty_input_gives_an_empty_table": (NeedsRows, "IndexError"),
    "wrong_calls_raise": (TakesAnyMedium, "the medium water raises nothing"),
    "it_is_deterministic": (Throws, "slope differs"),
    "saved_and_loaded_is_equal": (Shifted, "slope of row 0"),
    "pickled_and_unpickled_is_equal": (Forgetful, "slope of row 0"),
    "offline_needs_no_network": (Asks, "the network was asked: create_connection"),
    "results_say_where_they_come_from": (Anonymous, "sha256 of meta is ''"),
    "one_spectrum_gives_one_row": (WantsMany, "0 rows"),
    "units_do_not_matter": (TakesNumbers, "slope"),
    "axis_order_does_not_matter": (TakesAxes, "slope of row"),
    "bad_pixels_are_alike": (Unmasked, "slope of row"),
    "too_little_coverage_is_flagged": (Unworried, "flags are"),
}
PHOTOMETRIC = {
    "densities_are_densities": (HalfDensities, "densities integrate to"),
    "one_object_gives_one_row": (WantsMany, "0 rows"),
    "units_do_not_matter": (TakesAnyFlux, "z_phot"),
    "band_order_does_not_matter": (TakesBandsAsTheyCome, "z_phot"),
    "missing_values_are_alike": (FillsIn, "z_phot"),
    "not_detected_is_not_missing": (WantsPositive, "counts as not observed"),
    "too_few_bands_are_flagged": (Unworried, "flags are"),
    "unknown_reddening_is_flagged": (Guesses, "it has a guess"),
    "another_survey_is_refused": (AnySurvey, "raises nothing"),
}
CASES = [
    pytest.param(base, name, *case, id=f"{base.__name__}-{name}")
    for base, cases in ((Slope, SPECTRAL), (ELGPhotoZ, PHOTOMETRIC))
    for name, case in cases.items()
]


def named(estimator, name):
    """One of the checks of an estimator."""
    (check,) = (check for check in checks_of(estimator) if check.name == name)
    return check


def broken(sound, fault):
    """A trained estimator, with a fault."""
    base = type(sound)
    whole = fault if issubclass(fault, base) else type("Broken", (fault, base), {})
    estimator = whole()
    for name, value in vars(sound).items():
        setattr(estimator, name, value)
    getattr(fault, "spoil", lambda estimator: None)(estimator)
    return estimator


def test_no_check_is_left_out():
    apart = {"importing_loads_no_torch"}
    assert {check.name for check in checks_of(Slope)} == set(SPECTRAL) | apart
    own = {check.name for check in checks_of(ELGPhotoZ)}
    assert own == (set(SPECTRAL) & own) | set(PHOTOMETRIC) | apart


@pytest.mark.parametrize(("base", "name", "fault", "words"), CASES)
def test_the_fault_is_found(trained, base, name, fault, words):
    check = named(base, name)
    check(trained[base])
    with pytest.raises(AssertionError) as error:
        check(broken(trained[base], fault))
    assert words in str(error.value)
    assert check.wants in str(error.value)
    assert f"to do:  {check.advice}" in str(error.value)


HEAVY = """
from galspec import SpectralEstimator
{statement}

class Heavy(SpectralEstimator):
    pass
"""


@pytest.mark.parametrize("statement", ["import torch", "from torch import nn"])
def test_an_import_of_torch_is_found(tmp_path, monkeypatch, statement):
    (tmp_path / "heavy_plugin.py").write_text(HEAVY.format(statement=statement))
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.delitem(sys.modules, "heavy_plugin", raising=False)
    heavy = importlib.import_module("heavy_plugin").Heavy
    with pytest.raises(AssertionError, match=r"heavy_plugin\.py, line 3"):
        named(heavy, "importing_loads_no_torch")(heavy())


def test_every_check_says_what_it_wants_and_what_to_do():
    for cls in (Slope, ELGPhotoZ):
        for check in checks_of(cls):
            assert check.wants.endswith("."), check.name
            assert check.wants.count(". ") == 0, check.name
            assert check.advice.endswith("."), check.name
