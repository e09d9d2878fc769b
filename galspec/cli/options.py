"""Options that an estimator declares, as options of the command line."""

import argparse

from galspec.cli.errors import CommandError
from galspec.registry import (
    EstimatorImportError,
    EstimatorNotFoundError,
    get_estimator,
    list_estimators,
)

__all__ = ["add_options", "declared", "estimator_named", "options_given"]

#: In front of the names, where they wait among the arguments.
_PREFIX = "option_"


def estimator_named(words):
    """The estimator that the command line names, before it is parsed.

    Parameters
    ----------
    words : sequence of str
        The command line.

    Returns
    -------
    type or None
        None where there is none, or it cannot be had, as the command will say.
    """
    installed = {row.name for row in list_estimators()}
    named = [word for word in words if word.rpartition(":")[2] in installed]
    if not named:
        return None
    try:
        return get_estimator(named[0])
    except (EstimatorImportError, EstimatorNotFoundError):
        return None


def add_options(parser, cls):
    """Declare what an estimator takes besides.

    Parameters
    ----------
    parser : argparse.ArgumentParser
        With all other options; what has a name of these cannot be given here.
    cls : type
        The estimator.
    """
    group = parser.add_argument_group(f"options of {cls.name}")
    for name, text in declared(cls).items():
        try:
            group.add_argument(
                f"--{name.replace('_', '-')}",
                dest=_PREFIX + name,
                metavar="VALUE",
                help=text.replace("%", "%%")
                or "see the documentation of the estimator",
            )
        except argparse.ArgumentError:
            continue


def declared(cls):
    """Options of an estimator, and what they are.

    Parameters
    ----------
    cls : type

    Returns
    -------
    dict of str to str
    """
    both = (cls.options, cls.result_options)
    return {
        name: options[name] if isinstance(options, dict) else ""
        for options in both
        for name in options
    }


def options_given(arguments, cls):
    """Keywords of ``predict`` that `add_options` found.

    Parameters
    ----------
    arguments : argparse.Namespace
    cls : type
        The estimator.

    Returns
    -------
    dict

    Raises
    ------
    CommandError
        If the estimator can read nothing from the text.
    """
    try:
        return {
            name.removeprefix(_PREFIX): cls.read_option(
                name.removeprefix(_PREFIX), text
            )
            for name, text in vars(arguments).items()
            if name.startswith(_PREFIX) and text is not None
        }
    except ValueError as error:
        raise CommandError(str(error)) from error
