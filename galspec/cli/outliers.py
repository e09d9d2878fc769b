"""rank the spectra of an embedding by how little they look like any other"""

from galspec.cli.arguments import count
from galspec.cli.errors import CommandError
from galspec.cli.output import check_output
from galspec.cli.similar import add_table, deliver, load

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "outliers"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("embedding", metavar="EMBEDDING", help="a .fits file of galspec embed")
    add("-n", type=count, default=20, metavar="N", help="how many (default: 20)")
    add(
        "-k",
        type=count,
        default=10,
        metavar="N",
        help="so many spectra that look alike, and no other, are outliers still "
        "(default: 10)",
    )
    add_table(parser)


def run(arguments):
    """Rank the spectra, and list the first.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
    """
    if arguments.output is not None:
        check_output(arguments.output, arguments.overwrite)
    try:
        table = load(arguments.embedding).outliers(arguments.k)
    except ValueError as error:
        raise CommandError(f"{arguments.embedding}: {error}") from error
    deliver(table[: arguments.n], arguments)
    return 0
