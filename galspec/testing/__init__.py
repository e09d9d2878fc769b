"""The plugin contract as an executable suite."""

import inspect

from galspec.photometric_estimator import PhotometricEstimator
from galspec.testing.photometric import PhotometricChecks
from galspec.testing.spectral import SpectralChecks

__all__ = ["check_estimator", "run_checks"]


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
        Names every check that failed unexpectedly, or passed unexpectedly.

    Examples
    --------
    >>> from galspec import GasMetallicity
    >>> from galspec.testing import check_estimator
    >>> check_estimator(GasMetallicity)
    """
    expected = expected_failed_checks or {}
    problems = []
    for name, error in run_checks(estimator):
        if error is not None and name not in expected:
            problems.append(f"{name}: {error}")
        elif error is None and name in expected:
            problems.append(f"{name} passes, though it was expected to fail")
    if problems:
        raise AssertionError("the contract is not kept:\n  " + "\n  ".join(problems))


def run_checks(estimator):
    """Run every check and report each.

    Parameters
    ----------
    estimator : estimator or class of estimators
        As for `check_estimator`.

    Yields
    ------
    name : str
        Of the check.
    error : Exception or None
        None where it passed.
    """
    if inspect.isclass(estimator):
        estimator = estimator.pretrained()
    photometric = isinstance(estimator, PhotometricEstimator)
    checks = (PhotometricChecks if photometric else SpectralChecks)(estimator)
    for name in checks.names:
        try:
            getattr(checks, name)()
        except Exception as error:  # a report of all checks is wanted, not the first
            yield name, error
        else:
            yield name, None
