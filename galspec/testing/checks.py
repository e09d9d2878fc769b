"""What estimators of every kind have to keep."""

import inspect
import pathlib
import tempfile

import numpy as np

from galspec.flags import WITHOUT_VALUE
from galspec.targets import Target
from galspec.testing.tables import assert_same, columns
from galspec.transforms import Recipe

__all__ = ["Checks"]


class Checks:
    """Checks of an estimator: a method each, by whose name a report calls it.

    A subclass for a kind of data says how data are drawn, and adds to ``names``.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Trained.
    """

    #: Those of every kind, in the order in which they run.
    names = (
        "declaration_is_complete",
        "constructor_takes_keywords_and_stores_them",
        "recipe_survives_json",
        "result_has_the_agreed_form",
        "batch_equals_one_by_one",
        "rows_keep_their_order",
        "byte_order_does_not_matter",
        "a_bad_row_is_flagged_and_costs_no_other",
        "empty_input_gives_an_empty_table",
        "wrong_calls_raise",
        "it_is_deterministic",
        "saved_and_loaded_is_equal",
    )

    def __init__(self, estimator):
        self.estimator = estimator

    # What a kind of data has to say -------------------------------------------------

    def draw(self, n=6):
        """Made-up data of n rows, as `predicted` and `take` accept it."""
        raise NotImplementedError

    def take(self, data, rows):
        """Some of the rows of data."""
        raise NotImplementedError

    def nothing(self):
        """Data without rows."""
        raise NotImplementedError

    def swapped(self, data):
        """The same data in the byte order of FITS."""
        raise NotImplementedError

    def spoiled(self, data, row):
        """Pairs: how a row was spoiled, and the data with it."""
        raise NotImplementedError

    def wrong_calls(self):
        """Triples: what is wrong, data, and keywords of ``predict``."""
        raise NotImplementedError

    def predicted(self, data, estimator=None, **options):
        """The result as a table, of this estimator or of another one."""
        raise NotImplementedError

    def assert_same(self, table, expected, rows=slice(None)):
        """As `galspec.testing.tables.assert_same`."""
        assert_same(self.estimator, table, expected, rows)

    # Checks -------------------------------------------------------------------------

    def declaration_is_complete(self):
        """Name, references, recipe and targets are there."""
        estimator = self.estimator
        assert estimator.name, "it has no name"
        assert estimator.references, "it names no reference"
        assert isinstance(estimator.recipe, Recipe), "its recipe is no Recipe"
        assert estimator.targets, "it has no targets"
        assert all(isinstance(t, Target) for t in estimator.targets), "no Target"

    def constructor_takes_keywords_and_stores_them(self):
        """The constructor does nothing else."""
        estimator = self.estimator
        for parameter in inspect.signature(type(estimator)).parameters.values():
            name = parameter.name
            assert parameter.kind is parameter.KEYWORD_ONLY, f"{name} is positional"
            value = getattr(estimator, name)
            again = type(estimator)(**{name: value})
            assert getattr(again, name) is value, f"{name} is changed"

    def recipe_survives_json(self):
        """The preprocessing can be kept with the weights."""
        import json

        recipe = self.estimator.recipe
        config = json.loads(json.dumps(recipe.to_config()))
        assert Recipe.from_config(config) == recipe, f"{config} differs"

    def result_has_the_agreed_form(self):
        """Columns, units, shapes, errors, flags and provenance."""
        estimator = self.estimator
        limits = ("_lo", "_hi") if estimator.intervals else ()
        table = self.predicted(self.draw(), interval=0.95 if limits else None)
        for target in estimator.targets:
            for suffix in ("", "_err", *limits):
                name = target.name + suffix
                unit, shape = table[name].unit, table[name].shape
                assert unit == target.unit, f"{name}: {unit}"
                wanted = (len(table), target.size)[: 1 + (target.size > 1)]
                assert shape == wanted, f"{name}: {shape}"
            error = table[target.name + "_err"].to_value(target.unit)
            # a formula gives no value outside of its range
            absent = _absent(table, target)
            assert np.all((error >= 0) | absent), f"{target.name}_err is negative"
            if limits:
                assert np.all((error > 0) | absent), f"{target.name}_err is 0"
        assert table["flags"].dtype.kind == "i", "flags are no integers"
        has_domain = estimator.network is None or "domain" in table.colnames
        assert has_domain, "there is no column domain"
        for key in ("estimator", "weights", "sha256", "recipe", "scale", "galspec"):
            assert key in table.meta, f"meta has no {key}"

    def batch_equals_one_by_one(self):
        """Rows do not depend on each other."""
        data = self.draw()
        whole = self.predicted(data)
        for row in range(len(whole)):
            rows = slice(row, row + 1)
            self.assert_same(self.predicted(self.take(data, rows)), whole, rows)

    def rows_keep_their_order(self):
        """In whatever batches they are worked on."""
        data, order = self.draw(), np.array([3, 0, 5, 1, 4, 2])
        mixed = self.predicted(self.take(data, order), batch_size=4)
        self.assert_same(mixed, self.predicted(data), order)

    def byte_order_does_not_matter(self):
        """Arrays of FITS files are taken as they are."""
        data = self.draw()
        self.assert_same(self.predicted(self.swapped(data)), self.predicted(data))

    def a_bad_row_is_flagged_and_costs_no_other(self):
        """It has no value, and the others have theirs."""
        data = self.draw()
        expected = self.predicted(data)
        others = np.arange(len(expected)) != 2
        for words, spoiled in self.spoiled(data, 2):
            table = self.predicted(spoiled)
            flagged = table["flags"][2] & int(WITHOUT_VALUE)
            assert flagged, f"a row of {words} is not flagged"
            for name in columns(self.estimator):
                guess = f"a row of {words} has the {name} of a guess"
                assert np.isnan(table[name][2]).all(), guess
            self.assert_same(table[others], expected, others)

    def empty_input_gives_an_empty_table(self):
        """With all its columns."""
        table = self.predicted(self.nothing())
        assert len(table) == 0, f"{len(table)} rows of nothing"
        missing = set(columns(self.estimator)) - set(table.colnames)
        assert not missing, f"columns {missing} are missing"

    def wrong_calls_raise(self):
        """What is wrong with the call, not with a row, is an error."""
        import astropy.units as u

        for words, data, options in self.wrong_calls():
            try:
                self.predicted(data, **options)
            except (ValueError, u.UnitConversionError):
                continue
            raise AssertionError(f"{words} raises nothing")

    def it_is_deterministic(self):
        """Equal data give equal results."""
        data = self.draw()
        first, second = self.predicted(data), self.predicted(data)
        for name in columns(self.estimator):
            same = np.array_equal(first[name], second[name], equal_nan=True)
            assert same, f"{name} differs"

    def saved_and_loaded_is_equal(self):
        """Weights hold all that matters."""
        estimator = self.estimator
        if estimator.network is None:
            return  # there are no weights to save
        data = self.draw()
        with tempfile.TemporaryDirectory() as folder:
            path = pathlib.Path(folder) / "weights.safetensors"
            estimator.save(path)
            again = type(estimator).pretrained(path=path, device="cpu")
        self.assert_same(self.predicted(data, again), self.predicted(data))
        assert again.recipe == estimator.recipe, "the recipe differs"


def _absent(table, target):
    """Values that a flag excuses; a spectrum may lack a wavelength in all rows."""
    absent = np.isnan(table[target.name])
    if target.size > 1:
        flagged = (table["flags"] != 0)[:, None]
        return absent & (flagged | absent.all(axis=0))
    return absent & (table["flags"] != 0)
