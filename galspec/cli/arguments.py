"""Kinds of arguments that several commands take."""

import argparse

from galspec.cli.errors import CommandError

__all__ = ["add_limits", "count", "pair", "share", "shares"]


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
