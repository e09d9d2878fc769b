"""Run the checks of an estimator, one by one or all of them."""

import dataclasses
import difflib
import inspect
import re
import traceback

from galspec.estimator import Estimator
from galspec.photometric_estimator import PhotometricEstimator
from galspec.testing.photometric import PhotometricChecks
from galspec.testing.spectral import SpectralChecks

__all__ = ["Check", "CheckResult", "check_estimator", "checks_of", "run_checks"]


@dataclasses.dataclass(frozen=True)
class Check:
    """One check of the contract; call it with an estimator.

    Parameters
    ----------
    name : str
        As reports call it.
    wants : str
        What has to hold, in a sentence.
    advice : str
        What the author of an estimator can do where it does not.
    """

    name: str
    wants: str
    advice: str

    def __call__(self, estimator):
        """Raise an error if an estimator, or a class with default weights, fails it.

        Raises
        ------
        AssertionError
            What is wrong, and what can be done.
        """
        result = self.result(_suite(estimator)(_trained(estimator)), "")
        if result.error is not None:
            raise AssertionError(result.message) from result.error

    def result(self, checks, reason):
        """What comes of it.

        Parameters
        ----------
        checks : `galspec.testing.checks.Checks`
            Of an estimator.
        reason : str
            Why it is expected to fail; empty if it is not.

        Returns
        -------
        CheckResult
        """
        try:
            getattr(checks, self.name)()
        except Exception as error:  # whatever it is, the other checks run too
            return CheckResult(self, error, reason)
        return CheckResult(self, None, reason)


@dataclasses.dataclass(frozen=True)
class CheckResult:
    """What came of a check.

    Parameters
    ----------
    check : Check
    error : Exception or None
        None where it passed.
    reason : str
        Why it was expected to fail; empty if it was not.
    """

    check: Check
    error: Exception | None
    reason: str = ""

    @property
    def ok(self):
        """Whether it passed, or failed as it was expected to."""
        return (self.error is None) == (not self.reason)

    @property
    def status(self):
        """In two words: passed, FAILED, expected failure, unexpected pass."""
        if self.reason:
            return "UNEXPECTED PASS" if self.error is None else "expected failure"
        return "passed" if self.error is None else "FAILED"

    @property
    def message(self):
        """What is wrong and what can be done; empty where it went as expected."""
        if self.ok:
            return ""
        if self.error is None:
            return (
                f"{self.check.name} passes, though it was expected to fail "
                f"({self.reason}): expect it no longer"
            )
        return (
            f"{self.check.name}: {self.problem}\n"
            f"    wanted: {self.check.wants}\n"
            f"    to do:  {self.check.advice}"
        )

    @property
    def problem(self):
        """What the check found; of errors that it did not raise itself, also where."""
        if self.error is None:
            return ""
        if type(self.error) is AssertionError:
            return str(self.error)
        place = traceback.extract_tb(self.error.__traceback__)[-1]
        return (
            f"{type(self.error).__name__}: {self.error} "
            f"({place.filename}, line {place.lineno})"
        )


def checks_of(estimator):
    """The checks that there are for an estimator, in their order; nothing is loaded.

    Parameters
    ----------
    estimator : estimator or class of estimators

    Returns
    -------
    list of Check

    Raises
    ------
    TypeError
        If it is no estimator.

    Examples
    --------
    >>> from galspec import GasMetallicity
    >>> from galspec.testing import checks_of
    >>> print(checks_of(GasMetallicity)[0].wants)
    Name, references, recipe and targets are there.
    """
    suite = _suite(estimator)
    return [_check(suite, name) for name in suite.names]


def run_checks(estimator, *, expected_failed_checks=None):
    """Run every check and report each.

    Parameters
    ----------
    estimator : estimator or class of estimators
        As for `check_estimator`.
    expected_failed_checks : dict of str to str, optional
        As for `check_estimator`.

    Yields
    ------
    CheckResult
        As soon as it is there.

    Raises
    ------
    ValueError
        If a check that is expected to fail does not exist.
    """
    todo = checks_of(estimator)
    reasons = expected_reasons(todo, expected_failed_checks)
    checks = _suite(estimator)(_trained(estimator))
    for check in todo:
        yield check.result(checks, reasons.get(check.name, ""))


def check_estimator(estimator, *, expected_failed_checks=None):
    """Check that an estimator keeps the contract of galspec.

    Parameters
    ----------
    estimator : estimator or class of estimators
        A `~galspec.SpectralEstimator` or `~galspec.PhotometricEstimator`, trained; of a
        class, the default weights are loaded.
    expected_failed_checks : dict of str to str, optional
        Name of a check that is known to fail, and why.

    Raises
    ------
    AssertionError
        Names every check that failed unexpectedly, or passed unexpectedly, and what can
        be done.
    ValueError
        If a check that is expected to fail does not exist.

    Examples
    --------
    >>> from galspec import GasMetallicity
    >>> from galspec.testing import check_estimator
    >>> check_estimator(GasMetallicity)
    """
    results = run_checks(estimator, expected_failed_checks=expected_failed_checks)
    problems = [result.message for result in results if not result.ok]
    if problems:
        raise AssertionError("the contract is not kept:\n  " + "\n  ".join(problems))


def expected_reasons(checks, expected):
    """Checks that are expected to fail, and why.

    Parameters
    ----------
    checks : list of Check
    expected : dict of str to str or None

    Returns
    -------
    dict of str to str

    Raises
    ------
    ValueError
        If one does not exist, or no reason is given.
    """
    names = [check.name for check in checks]
    for name, reason in (expected or {}).items():
        if name not in names:
            close = difflib.get_close_matches(name, names)
            hint = f"did you mean {close[0]!r}?" if close else f"there are {names}"
            raise ValueError(f"there is no check {name!r}: {hint}")
        if not reason:
            raise ValueError(f"say why {name} is expected to fail")
    return dict(expected or {})


def _check(suite, name):
    wants, _, advice = inspect.getdoc(getattr(suite, name)).partition("\n\n")
    plain = [re.sub("`+~?", "", " ".join(text.split())) for text in (wants, advice)]
    return Check(name, *plain)


def _suite(estimator):
    cls = estimator if inspect.isclass(estimator) else type(estimator)
    if not issubclass(cls, Estimator):
        raise TypeError(
            f"{cls.__name__} is no estimator: derive it from SpectralEstimator or "
            "PhotometricEstimator of galspec"
        )
    photometric = issubclass(cls, PhotometricEstimator)
    return PhotometricChecks if photometric else SpectralChecks


def _trained(estimator):
    return estimator.pretrained() if inspect.isclass(estimator) else estimator
