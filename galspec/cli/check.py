"""check that an estimator keeps the contract"""

from galspec.cli.arguments import add_engine, add_offline, add_weights, weight_options
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "check"


def add_arguments(parser):
    """Declare the options of this command."""
    parser.add_argument("estimator", metavar="ESTIMATOR", help="its name in the list")
    add_weights(parser)
    add_offline(parser)
    add_engine(parser)


def run(arguments):
    """Print a line for each check.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a check failed.
    """
    from galspec.testing import run_checks

    cls = get_estimator(arguments.estimator)
    estimator = cls.pretrained(**weight_options(arguments))
    failures = total = 0
    for name, problem in run_checks(estimator):
        total += 1
        failures += problem is not None
        print(f"{'passed' if problem is None else 'FAILED'}  {name}", flush=True)
        if problem is not None:
            print(f"        {type(problem).__name__}: {problem}")
    print(f"{total} checks, {failures} failed")
    return int(failures > 0)
