"""list the installed estimators"""

from galspec.cli.text import in_columns
from galspec.registry import get_estimator, list_estimators

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "list"


def add_arguments(parser):
    """Declare the options of this command."""
    parser.add_argument(
        "--check",
        action="store_true",
        help="import each estimator, say which cannot be, and describe the others",
    )


def run(arguments):
    """Print a row an estimator.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if an estimator was checked and has a problem.
    """
    rows = list_estimators(check=arguments.check)
    tags = _tags()
    lines = [("name", "distribution", "tags", "")]
    for row in rows:
        about = _description(row) if arguments.check and not row.problem else ""
        # the tags of a name that others claim too may be theirs
        known = "" if row.problem else ", ".join(tags.get(row.name, ())) or "-"
        lines.append(
            (row.name, f"{row.distribution} {row.version}", known, row.problem or about)
        )
    print(in_columns(lines))
    return int(arguments.check and any(row.problem for row in rows))


def _tags():
    """The published weights of each estimator."""
    from galspec.weights import available

    tags = {}
    for entry in available():
        tags.setdefault(entry.estimator, []).append(entry.tag)
    return tags


def _description(row):
    return (get_estimator(row.full_name).__doc__ or "").strip().partition("\n")[0]
