"""What estimators of every kind have to keep."""

import functools

import numpy as np

from galspec.flags import WITHOUT_VALUE, Flags, describe
from galspec.testing.declared import DeclarationChecks
from galspec.testing.kept import KeepingChecks
from galspec.testing.tables import assert_same, columns

__all__ = ["Checks"]


class Checks(DeclarationChecks, KeepingChecks):
    """Checks of an estimator: a method each, by whose name a report calls it.

    The first paragraph of a method's docstring says what the check wants, the second
    what its author can do where it fails. A subclass for a kind of data says how data
    are drawn, and adds to ``names``.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
        Trained.
    """

    #: Those of every kind, in the order in which they run.
    names = (
        *DeclarationChecks.names,
        "it_gives_values",
        "result_has_the_agreed_form",
        "flags_tell_of_missing_values",
        "batch_equals_one_by_one",
        "rows_keep_their_order",
        "byte_order_does_not_matter",
        "a_bad_row_is_flagged_and_costs_no_other",
        "empty_input_gives_an_empty_table",
        "wrong_calls_raise",
        "it_is_deterministic",
        *KeepingChecks.names,
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

    @functools.cached_property
    def drawn(self):
        """The result for `draw`, which most checks compare with another one."""
        return self.predicted(self.draw())

    def assert_same(self, table, expected, rows=slice(None)):
        """As `galspec.testing.tables.assert_same`."""
        assert_same(self.estimator, table, expected, rows)

    # Checks -------------------------------------------------------------------------

    def it_gives_values(self):
        """Of made-up data that are as they should be, some rows have a value.

        See which flags the message names, and what `galspec.flags` says of them. All
        other checks say little of an estimator that gives nothing.
        """
        for target in self.estimator.targets:
            values = self.drawn[target.name].value
            names = describe(np.bitwise_or.reduce(self.drawn["flags"]))
            flagged = f"flagged {', '.join(names)}" if names else "not even flagged"
            told = f"no row has a value of {target.name}; they are {flagged}"
            assert np.isfinite(values).any(), told

    def result_has_the_agreed_form(self):
        """Values, errors and limits of every target have its unit and shape.

        Return from ``_predict_batch`` the columns X and X_err of every target X, with
        an interval X_lo and X_hi (or set ``intervals = False``), and integer flags.
        """
        estimator = self.estimator
        limits = ("_lo", "_hi") if estimator.intervals else ()
        table = self.predicted(self.draw(), interval=0.95 if limits else None)
        for target in estimator.targets:
            for suffix in ("", "_err", *limits):
                name = target.name + suffix
                assert name in table.colnames, f"there is no column {name}"
                unit, shape = table[name].unit, table[name].shape
                assert unit == target.unit, f"{name} is in {unit}, not {target.unit}"
                wanted = (len(table), target.size)[: 1 + (target.size > 1)]
                assert shape == wanted, f"{name} has the shape {shape}, not {wanted}"
            error = table[target.name + "_err"].to_value(target.unit)
            # a formula gives no value outside of its range
            absent = _absent(table, target)
            assert np.all((error >= 0) | absent), f"{target.name}_err is negative"
            if limits:
                assert np.all((error > 0) | absent), f"{target.name}_err is 0"
        assert table["flags"].dtype.kind == "i", "flags are no integers"
        has_domain = estimator.network is None or "domain" in table.colnames
        assert has_domain, "there is no column domain"

    def flags_tell_of_missing_values(self):
        """A value is missing where a flag says so, and nowhere else.

        Set a bit of `galspec.flags.Flags` with every NaN, and NaN with the bits of
        ``WITHOUT_VALUE``; ``batch.flags`` has those that the data brought along.
        """
        tables = [self.predicted(data) for _, data in self.spoiled(self.draw(), 2)]
        known = int(np.bitwise_or.reduce([bit.value for bit in Flags]))
        for table in (self.drawn, *tables):
            flags = np.asarray(table["flags"])
            unknown = flags & ~known
            assert not unknown.any(), f"flags have bits that are none: {unknown.max()}"
            for target in self.estimator.targets:
                missing = np.isnan(table[target.name].value)
                absent = _absent(table, target)
                assert not (missing & ~absent).any(), f"{target.name} is NaN unflagged"
                empty = missing.reshape(len(table), -1).all(axis=1)
                guess = (flags & int(WITHOUT_VALUE) != 0) & ~empty
                told = f"{target.name} has a value, though flags say that it has none"
                assert not guess.any(), told

    def batch_equals_one_by_one(self):
        """Rows do not depend on the rows beside them.

        Take no mean, rank or scale over the rows in ``_predict_batch`` and in
        transformers; use the network in its evaluation mode.
        """
        data, whole = self.draw(), self.drawn
        for row in range(len(whole)):
            rows = slice(row, row + 1)
            self.assert_same(self.predicted(self.take(data, rows)), whole, rows)

    def rows_keep_their_order(self):
        """Rows come out as they went in, in whatever batches they are worked on.

        Return one row for each of the batch, in its order: do not sort, and leave out
        none.
        """
        data, order = self.draw(), np.array([3, 0, 5, 1, 4, 2])
        mixed = self.predicted(self.take(data, order), batch_size=4)
        self.assert_same(mixed, self.drawn, order)

    def byte_order_does_not_matter(self):
        """Arrays in the byte order of FITS give the same.

        Leave ``gather`` as it is, or bring arrays to the machine's byte order in it.
        """
        self.assert_same(self.predicted(self.swapped(self.draw())), self.drawn)

    def a_bad_row_is_flagged_and_costs_no_other(self):
        """A row without data has a flag and no value, and all others have theirs.

        Give NaN where ``flags & WITHOUT_VALUE``, and raise nothing because of a row; a
        recipe flags empty rows by ``Coverage`` or by a scaling.
        """
        data, expected = self.draw(), self.drawn
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
        """Data without rows give a table without rows, with all its columns.

        Let ``_predict_batch`` work on a batch of length 0: no maximum or mean of
        nothing.
        """
        table = self.predicted(self.nothing())
        assert len(table) == 0, f"{len(table)} rows of nothing"
        missing = set(columns(self.estimator)) - set(table.colnames)
        assert not missing, f"columns {sorted(missing)} are missing"

    def wrong_calls_raise(self):
        """What is wrong with the call, not with a row, is an error.

        Call ``super()`` in ``check_options`` and ``gather`` if you replace them.
        """
        import astropy.units as u

        for words, data, options in self.wrong_calls():
            try:
                self.predicted(data, **options)
            except (ValueError, u.UnitConversionError):
                continue
            raise AssertionError(f"{words} raises nothing")

    def it_is_deterministic(self):
        """Equal data give equal results, to the last bit.

        Draw random numbers from a generator with a fixed seed, anew for each batch.
        """
        again = self.predicted(self.draw())
        for name in columns(self.estimator):
            same = np.array_equal(again[name], self.drawn[name], equal_nan=True)
            assert same, f"{name} differs"


def _absent(table, target):
    """Values that a flag excuses; a spectrum may lack a wavelength in all rows."""
    absent = np.isnan(table[target.name])
    if target.size > 1:
        flagged = (table["flags"] != 0)[:, None]
        return absent & (flagged | absent.all(axis=0))
    return absent & (table["flags"] != 0)
