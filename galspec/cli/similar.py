"""find spectra that look like others, among those of an embedding"""

import sys

from galspec.cli.arguments import add_offline, add_quiet, add_spectra, count
from galspec.cli.embed import embeddable, embedded
from galspec.cli.errors import CommandError
from galspec.cli.inputs import file_names
from galspec.cli.output import check_output, render, summary, write_table

__all__ = ["COMMAND", "add_arguments", "add_table", "deliver", "load", "run"]

COMMAND = "similar"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add_spectra(parser)
    add(
        "--among",
        metavar="EMBEDDING",
        required=True,
        help="the .fits file of galspec embed that is searched",
    )
    add("-k", type=count, default=10, metavar="N", help="neighbours (default: 10)")
    add_table(parser)
    add("--weights", metavar="PATH", help="if EMBEDDING was made with your own")
    add_offline(parser)
    add_quiet(parser)


def add_table(parser):
    """Declare where a table goes; `deliver` puts it there."""
    add = parser.add_argument
    add(
        "-o",
        "--output",
        metavar="OUT",
        help="a .ecsv, .fits or .parquet file; otherwise the table is printed",
    )
    add("--overwrite", action="store_true", help="replace OUT if it exists")


def run(arguments):
    """Embed the spectra that are asked for, and list their neighbours.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a spectrum has no data, and so no neighbours.
    """
    if arguments.output is not None:
        check_output(arguments.output, arguments.overwrite)
    names = file_names(arguments.files)
    known = load(arguments.among)
    query = embedded(_estimator(known.table.meta, arguments), names, arguments)
    try:
        table = known.similar(query, arguments.k)
    except ValueError as error:
        raise CommandError(f"--among {arguments.among}: {error}") from error
    deliver(table, arguments)
    if not arguments.quiet:
        print(summary(query.table), file=sys.stderr)
    return int(len(query.rows_with_data()) < len(query))


def load(path):
    """As `galspec.embedding.Embedding.load`, for a path that the user has named.

    Parameters
    ----------
    path : str

    Returns
    -------
    `~galspec.embedding.Embedding`

    Raises
    ------
    CommandError
        If it is none.
    """
    from galspec.embedding import Embedding

    try:
        return Embedding.load(path)
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from error


def deliver(table, arguments):
    """Write or print a table.

    Parameters
    ----------
    table : `~astropy.table.QTable`
    arguments : argparse.Namespace
        With what `add_table` gave.
    """
    if arguments.output is not None:
        write_table(table, arguments.output)
    else:
        print(render(table), flush=True)


def _estimator(meta, arguments):
    """The estimator that an embedding was made with."""
    from galspec.weights import WeightsError

    path, offline = arguments.weights, arguments.offline
    tag = "default" if path else meta["weights"]
    try:
        return embeddable(meta["estimator"], tag=tag, path=path, offline=offline)
    except WeightsError as error:
        raise CommandError(
            f"{arguments.among} was made with the weights {meta['weights']!r}; if they "
            f"are your own, give --weights PATH: {error}"
        ) from error
