"""fetch image cutouts of objects from the viewer of the Legacy Surveys"""

import argparse
import math
import sys

from galspec.cli.arguments import add_offline, add_quiet
from galspec.cli.errors import CommandError

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "cutouts"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add(
        "table",
        metavar="TABLE",
        help="ECSV, CSV, FITS or Parquet with the columns ra and dec, in degrees",
    )
    add(
        "folder",
        metavar="FOLDER",
        help="for the files; the same command goes on from there",
    )
    add("--survey", default="ls-dr10", metavar="NAME", help="or ls-dr9")
    add(
        "--bands",
        type=lambda text: text.split(","),
        metavar="BANDS",
        help="such as g,r,z,W1 (default: those of the survey)",
    )
    add(
        "--per-second",
        type=_rate,
        default=2.0,
        metavar="N",
        help="no more requests than this (default: 2)",
    )
    add_offline(parser)
    add_quiet(parser)


def _rate(text):
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no positive number")
    return value


def run(arguments):
    """Fetch what is not there yet.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a cutout could not be had.
    """
    from galspec.datasets import DatasetError, fetch_cutouts
    from galspec.evaluation.tables import EvaluationError, read_table

    try:
        ra, dec = _positions(read_table(arguments.table), arguments.table)
        cutouts = fetch_cutouts(
            ra,
            dec,
            survey=arguments.survey,
            bands=arguments.bands,
            folder=arguments.folder,
            per_second=arguments.per_second,
            offline=arguments.offline,
            progress_bar=sys.stderr.isatty() and not arguments.quiet,
        )
    except (DatasetError, EvaluationError, OSError, ValueError) as error:
        raise CommandError(str(error)) from error
    return _told(arguments, cutouts)


def _positions(table, name):
    """Right ascension and declination, in columns of upper or lower case."""
    columns = {column.lower(): column for column in table.colnames}
    missing = [column for column in ("ra", "dec") if column not in columns]
    if missing:
        raise CommandError(
            f"{name} has no column {', '.join(missing)}; it has "
            f"{', '.join(table.colnames)}"
        )
    return table[columns["ra"]], table[columns["dec"]]


def _told(arguments, cutouts):
    """Say how many there are, and why others are missing; 1 if any is."""
    problems = [text for text in cutouts.problems if text]
    if not arguments.quiet:
        n = len(cutouts.files)
        print(f"{arguments.folder}: cutouts of {n - len(problems)} of {n} objects")
        if problems:
            print(f"{len(problems)} are incomplete: {problems[0]}", file=sys.stderr)
    return int(bool(problems))
