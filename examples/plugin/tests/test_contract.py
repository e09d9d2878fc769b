"""The contract of galspec, as the tests of this plugin."""

from stellar_nitrogen import StellarNitrogen

from galspec.testing import parametrize_with_checks


@parametrize_with_checks([StellarNitrogen])
def test_contract(estimator, check):
    check(estimator)
