"""check that an estimator keeps the contract"""

import collections
import textwrap

from galspec.cli.arguments import (
    add_engine,
    add_offline,
    add_weights,
    pair,
    weight_options,
)
from galspec.cli.errors import CommandError
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "check"

#: Where what is said of a check that failed begins.
INDENT = 18
WIDTH = 88


def add_arguments(parser):
    """Declare the options of this command."""
    parser.add_argument("estimator", metavar="ESTIMATOR", help="its name in the list")
    add_weights(parser)
    add_offline(parser)
    add_engine(parser)
    parser.add_argument(
        "--expect-failure",
        metavar="CHECK=REASON",
        type=pair,
        action="append",
        default=[],
        help="a check that is known to fail, and why; again for the next one",
    )


def run(arguments):
    """Print a line for each check, and what to do about those that fail.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a check failed, or passed though it was expected to fail.
    """
    from galspec.testing import run_checks

    cls = get_estimator(arguments.estimator)
    estimator = cls.pretrained(**weight_options(arguments))
    expected = dict(arguments.expect_failure)
    counts = collections.Counter()
    good = True
    try:
        for result in run_checks(estimator, expected_failed_checks=expected):
            counts[result.status] += 1
            good &= result.ok
            print(_report(result), flush=True)
    except ValueError as error:  # of the checks, only their names can raise it
        raise CommandError(f"--expect-failure: {error}") from error
    told = [f"{counts[status]} {status}" for status in counts]
    print(f"{counts.total()} checks: {', '.join(told)}")
    return int(not good)


def _report(result):
    """One line, and more where there is something to explain."""
    check = result.check
    lines = [f"{result.status:{INDENT}}{check.wants}  [{check.name}]"]
    if result.problem:
        lines += _indented("problem: ", result.problem)
    if result.reason:
        lines += _indented("expected: ", result.reason)
    if not result.ok:
        drop = "leave out --expect-failure for it"
        lines += _indented("to do: ", check.advice if result.error else drop)
    return "\n".join(lines)


def _indented(label, text):
    label = " " * INDENT + label
    return textwrap.wrap(
        text, WIDTH, initial_indent=label, subsequent_indent=" " * len(label)
    )
