"""The checks as tests of pytest, one each."""

import functools
import inspect

from galspec.testing.running import checks_of, expected_reasons

__all__ = ["parametrize_with_checks"]


def parametrize_with_checks(estimators, *, expected_failed_checks=None):
    """Make a test function run once for every check of every estimator.

    Parameters
    ----------
    estimators : list of estimators or classes of estimators
        As for `check_estimator`. The default weights of a class are loaded when the
        first of its tests runs, and once.
    expected_failed_checks : dict of str to str, optional
        Name of a check that is known to fail with them, and why: these tests become
        strict expected failures.

    Returns
    -------
    decorator
        For a function with the arguments ``estimator`` and ``check``.

    Raises
    ------
    TypeError
        If one is no estimator.
    ValueError
        If a check that is expected to fail does not exist.

    Examples
    --------
    All of a test file:

    >>> from galspec import GasMetallicity
    >>> from galspec.testing import parametrize_with_checks
    >>> @parametrize_with_checks([GasMetallicity])
    ... def test_contract(estimator, check):
    ...     check(estimator)
    """
    import pytest

    @functools.cache
    def loaded(cls):
        return cls.pretrained()

    def test(check):
        return lambda given: check(loaded(given) if inspect.isclass(given) else given)

    cases = []
    for estimator in estimators:
        cls = estimator if inspect.isclass(estimator) else type(estimator)
        checks = checks_of(estimator)
        reasons = expected_reasons(checks, expected_failed_checks)
        for check in checks:
            reason = reasons.get(check.name)
            marks = [pytest.mark.xfail(reason=reason, strict=True)] if reason else []
            name = f"{cls.__name__}-{check.name}"
            cases.append(pytest.param(estimator, test(check), id=name, marks=marks))
    return pytest.mark.parametrize(("estimator", "check"), cases)
