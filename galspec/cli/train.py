"""train an estimator on labelled spectra or photometry of your own"""

import os

from galspec.cli import photometric
from galspec.cli.arguments import add_quiet, count
from galspec.cli.errors import CommandError
from galspec.cli.labelled import (
    add_fit,
    add_labelled,
    bar_of,
    begin,
    checked_output,
    options_of,
    run_folder,
    scale_of,
    settings_of,
    source_of,
)
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "add_own_arguments", "run"]

COMMAND = "train"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add_labelled(parser)
    add("--variant", default="default", help="a published form, such as feng2025")
    group = parser.add_argument_group("fit")
    add_fit(group)
    group.add_argument(
        "--members", type=count, default=1, metavar="N", help="networks (default: 1)"
    )
    add_quiet(parser)


#: Options of one estimator.
add_own_arguments = photometric.add_photometry


def run(arguments):
    """Train, and write the weights.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a file could not be read.
    """
    output = checked_output(arguments)
    estimator = _estimator(arguments)
    options = options_of(estimator.fit_options, arguments)
    settings = settings_of(arguments, "variant")
    folder = run_folder(arguments, settings)
    source = source_of(estimator, arguments)
    begin(folder, settings)
    _fit(estimator, source, options, folder, arguments)
    from galspec.datasets.card import training_card

    estimator.card = training_card(
        estimator,
        source,
        options,
        form=arguments.variant,
        members=arguments.members,
        seed=arguments.seed,
        table=os.path.basename(arguments.data),
        sha256=settings["data"],
    )
    sha256 = estimator.save(output)
    if not arguments.quiet:
        print(f"{output}, SHA-256 {sha256}")
    return int(bool(source.problems))


def _estimator(arguments):
    cls = get_estimator(arguments.estimator)
    if cls.network is None:
        raise CommandError(f"{cls.__name__} is a formula: there is nothing to train")
    try:
        return cls.variant(arguments.variant)
    except ValueError as error:
        raise CommandError(f"--variant: {error}") from error


def _fit(estimator, source, options, folder, arguments):
    try:
        estimator.fit(
            source,
            options=options,
            members=arguments.members,
            seed=arguments.seed,
            device=arguments.device,
            checkpoint=folder,
            progress_bar=bar_of(arguments),
            scale=scale_of(estimator, source, arguments),
        )
    except (ValueError, FloatingPointError, ImportError) as error:
        raise CommandError(str(error)) from error
