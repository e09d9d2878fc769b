"""The command ``galspec``: its parser, and how it ends."""

import argparse
import importlib
import os
import sys

from galspec.cli.errors import CommandError

__all__ = ["main"]

#: Modules of this package, by the commands that they are; imported when needed.
_COMMANDS = {
    "list": "listing",
    "info": "info",
    "predict": "predict",
    "explain": "explain",
    "catalog": "catalog",
    "cemp-search": "cemp_search",
    "evaluate": "evaluate",
    "embed": "embed",
    "similar": "similar",
    "outliers": "outliers",
    "dataset": "dataset",
    "cutouts": "cutouts",
    "train": "train",
    "fine-tune": "fine_tune",
    "download": "download",
    "export": "export",
    "check": "check",
}

_EPILOG = """\
exit codes:
  0    done; every row of a prediction has a value
  1    some files are unreadable or some rows have no value (the table is written all
       the same); or a check failed
  2    wrong call: no such estimator, weights or option, or the output exists
  130  interrupted
"""


def main(argv=None):
    """Run the command line.

    Parameters
    ----------
    argv : list of str, optional
        Arguments; those of the process when not given.

    Returns
    -------
    int
        The exit code, as the help explains.

    Raises
    ------
    SystemExit
        For ``--help``, ``--version`` and options that do not exist.
    """
    arguments = _parse(argv)
    try:
        code = arguments.run(arguments)
        sys.stdout.flush()
    except _wrong_calls() as error:
        print(f"galspec: {error}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("galspec: interrupted", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # such as "galspec list | head -1"; what Python still holds must go nowhere
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + 13
    return code


def _parse(argv):
    """Parse the arguments; files may also stand behind options.

    argparse takes a list of positional arguments from one place only, and commands
    cannot ask for ``parse_intermixed_args``.
    """
    argv = sys.argv[1:] if argv is None else argv
    parser = _parser(argv)
    arguments, rest = parser.parse_known_args(argv)
    if rest:
        options = [word for word in rest if word.startswith("-") and word != "-"]
        if options or not hasattr(arguments, "files"):
            parser.error(f"unrecognized arguments: {' '.join(options or rest)}")
        arguments.files.extend(rest)
    return arguments


def _parser(argv):
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="galspec",
        description="Physical parameters with errors, from spectra and images.",
        epilog=_EPILOG,
        formatter_class=form,
    )
    parser.add_argument("--version", action=_Version)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    # help and mistakes show them all
    named = argv[:1] if argv[:1] and argv[0] in _COMMANDS else _COMMANDS
    for name in named:
        module = importlib.import_module(f"galspec.cli.{_COMMANDS[name]}")
        summary = module.__doc__.splitlines()[0]
        command = commands.add_parser(
            name,
            help=summary,
            description=summary,
            epilog=_EPILOG,
            formatter_class=form,
        )
        module.add_arguments(command)
        add_own = getattr(module, "add_own_arguments", None)
        if add_own and argv[:1] == [name]:
            _add_own(add_own, command, argv[1:])
        command.set_defaults(run=module.run)
    return parser


def _add_own(add_own, command, words):
    """Options of the estimator that the command line names."""
    from galspec.cli.options import estimator_named

    cls = estimator_named(words)
    if cls is not None:
        add_own(command, cls)


def _wrong_calls():
    """What the user can put right; looked at only when something was raised."""
    from galspec.engines.loading import MissingEngineError
    from galspec.registry import EstimatorImportError, EstimatorNotFoundError
    from galspec.weights.errors import WeightsError

    return (
        CommandError,
        EstimatorImportError,
        EstimatorNotFoundError,
        MissingEngineError,
        WeightsError,
    )


class _Version(argparse.Action):
    """``--version``, which asks for the version only when it is wanted."""

    def __init__(self, option_strings, dest, **kwargs):
        super().__init__(option_strings, dest, nargs=0, help="show the version")

    def __call__(self, parser, namespace, values, option_string=None):
        from galspec import __version__

        print(f"galspec {__version__}")
        parser.exit()
