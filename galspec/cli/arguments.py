"""Arguments that several commands take."""

import argparse

from galspec.cli.errors import CommandError

__all__ = [
    "add_offline",
    "add_quiet",
    "add_weights",
    "count",
    "pair",
    "share",
    "shares",
    "weight_options",
]


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


def add_quiet(parser):
    """Declare ``--quiet``."""
    parser.add_argument(
        "--quiet", action="store_true", help="no progress bar and no summary"
    )


def weight_options(arguments, prefix=""):
    """What `add_weights` and `add_offline` gave, as keywords of ``pretrained``.

    Parameters
    ----------
    arguments : argparse.Namespace
    prefix : str
        As for `add_weights`, with underscores.

    Returns
    -------
    dict
    """
    return {
        "tag": getattr(arguments, f"{prefix}tag"),
        "path": getattr(arguments, f"{prefix}weights"),
        "offline": arguments.offline,
    }


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


def shares(pairs, option):
    """Shares of classes, from pairs of a name and a text.

    Parameters
    ----------
    pairs : list of tuple of str, or None
    option : str
        Where they were given, for the error.

    Returns
    -------
    dict of str to float

    Raises
    ------
    CommandError
        If one is no share.
    """
    try:
        return {name: share(text) for name, text in pairs or ()}
    except argparse.ArgumentTypeError as error:
        raise CommandError(f"{option}: {error}") from error
