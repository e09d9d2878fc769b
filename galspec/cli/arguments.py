"""Arguments that several commands take."""

import argparse

from galspec.cli.errors import CommandError
from galspec.engines import ENGINES

__all__ = [
    "add_catalog_files",
    "add_engine",
    "add_limits",
    "add_offline",
    "add_pace",
    "add_prior",
    "add_quiet",
    "add_spectra",
    "add_weights",
    "count",
    "pair",
    "prior_of",
    "share",
    "weight_options",
]


def add_catalog_files(parser, *, output, overwrite, instead):
    """Declare where a catalogue takes its spectra from, and where it goes.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    output, overwrite : str
        What these options mean to the command.
    instead : str
        Columns of a table of files that stand in place of what the files say.
    """
    add = parser.add_argument
    add(
        "files",
        metavar="FILE",
        nargs="*",
        help="LAMOST, SDSS or DESI spectra, or folders of them; @LIST reads names from "
        "a file, one a line, and - from standard input",
    )
    add("-o", "--output", metavar="OUT", required=True, help=output)
    add("--overwrite", action="store_true", help=overwrite)
    add(
        "--table",
        metavar="TABLE",
        help="instead of FILE: an ECSV, CSV, FITS or Parquet table with the column "
        f"file, and any of {instead} in place of what the files say",
    )


def add_pace(parser):
    """Declare in what portions a catalogue is made.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    """
    add = parser.add_argument
    add("--batch-size", type=count, default=128, metavar="N", help="spectra at once")
    add("--partition-size", type=count, default=1000, metavar="N", help="files a part")
    add("--workers", type=count, metavar="N", help="threads (default: all cores)")


def add_limits(group, criteria, words):
    """Declare criteria that are numbers as options.

    Parameters
    ----------
    group : argparse.ArgumentParser
        Or a group of one.
    criteria : object
        With the defaults.
    words : dict of str to str
        Its fields, and what they are.
    """
    for name, text in words.items():
        group.add_argument(
            f"--{name.replace('_', '-')}",
            type=float,
            default=getattr(criteria, name),
            metavar="X",
            help=f"{text} (default: %(default)g)",
        )


def add_spectra(parser):
    """Declare files with spectra, and how they are read.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        `galspec.cli.inputs.file_names` and `galspec.cli.inputs.batches` take what it
        gives.
    """
    add = parser.add_argument
    add(
        "files",
        metavar="FILE",
        nargs="*",
        help="LAMOST, SDSS or DESI spectra, or tables for estimators of photometry; "
        "@LIST reads names from a file, one a line, and - from standard input",
    )
    add(
        "--redshift",
        metavar="Z",
        help="one for all, or a CSV or ECSV file with columns file and redshift; "
        "otherwise what the files state",
    )
    add(
        "--batch-size",
        type=count,
        metavar="N",
        help="rows at once (default: 256 spectra, or 2048 objects)",
    )
    add(
        "--workers",
        type=count,
        metavar="N",
        help="threads, or processes of a local cluster (default: all cores)",
    )


def add_weights(parser, prefix=""):
    """Declare which weights are taken, as ``--tag`` and ``--weights``.

    Parameters
    ----------
    parser : argparse.ArgumentParser or a group of one
    prefix : str
        In front of the names, for a second estimator, such as ``"classifier-"``.
    """
    add = parser.add_argument
    add(
        f"--{prefix}tag",
        default="default",
        metavar="TAG",
        help="which of the published weights",
    )
    add(f"--{prefix}weights", metavar="PATH", help="weights of your own instead")


def add_offline(parser):
    """Declare ``--offline``."""
    parser.add_argument(
        "--offline", action="store_true", help="never touch the network"
    )


def add_engine(parser):
    """Declare ``--engine``; `weight_options` has what it gave."""
    parser.add_argument(
        "--engine",
        choices=ENGINES,
        default="auto",
        help="what runs the networks (default: onnxruntime where it is installed and "
        "the weights have a graph for it, else torch)",
    )


def add_quiet(parser):
    """Declare ``--quiet``."""
    parser.add_argument(
        "--quiet", action="store_true", help="no progress bar and no summary"
    )


def add_prior(parser):
    """Declare ``--prior``; `prior_of` has what it gave.

    Parameters
    ----------
    parser : argparse.ArgumentParser or a group of one
    """
    parser.add_argument(
        "--prior",
        metavar="CLASS=SHARE",
        type=pair,
        action="append",
        help="for classifiers: share of a class in the sample, such as sf=0.25; again "
        "for the next class",
    )


def weight_options(arguments, prefix=""):
    """What `add_weights` and others gave, as keywords of ``pretrained``.

    Parameters
    ----------
    arguments : argparse.Namespace
    prefix : str
        As for `add_weights`, with underscores.

    Returns
    -------
    dict
    """
    options = {
        "tag": getattr(arguments, f"{prefix}tag"),
        "path": getattr(arguments, f"{prefix}weights"),
        "offline": arguments.offline,
    }
    engine = getattr(arguments, "engine", "auto")
    # estimators that load in a way of their own need not know of engines
    return options if engine == "auto" else options | {"engine": engine}


def count(text):
    """A whole number from 1 on.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    if not text.strip().isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 1 on")
    return int(text)


def pair(text):
    """A name and its value, from ``NAME=VALUE``.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is of another form.
    """
    name, sign, value = text.partition("=")
    if not (name and sign and value):
        raise argparse.ArgumentTypeError(f"{text} is not of the form NAME=VALUE")
    return name, value


def share(text):
    """A number from 0 to 1.

    Raises
    ------
    argparse.ArgumentTypeError
        If it is none.
    """
    try:
        number = float(text)
    except ValueError:
        number = -1.0
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError(f"{text} is no number from 0 to 1")
    return number


def prior_of(arguments):
    """Shares of classes that `add_prior` gave, or None.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    dict of str to float, or None

    Raises
    ------
    CommandError
        If one is no share.
    """
    if arguments.prior is None:
        return None
    try:
        return {name: share(text) for name, text in arguments.prior}
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"--prior: {error}") from error
