"""go on from trained weights with a few labelled objects of your own"""

from galspec.cli import photometric
from galspec.cli.arguments import (
    add_offline,
    add_quiet,
    add_weights,
    weight_options,
)
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

__all__ = ["COMMAND", "add_arguments", "add_own_arguments", "layers_of", "run"]

COMMAND = "fine-tune"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add_labelled(parser)
    add_weights(parser)
    add_offline(parser)
    group = parser.add_argument_group("fit")
    add_fit(group)
    group.add_argument(
        "--layers",
        default="head",
        metavar="LAYERS",
        help="what may move: head, all, a number of the last layers, or names, such "
        "as head.bias, with commas between (default: head)",
    )
    group.add_argument(
        "--folds",
        type=int,
        default=5,
        metavar="N",
        help="networks, each tuned without a part of the objects; the parts of the "
        "table serve as one. 0: as the table is split (default: 5)",
    )
    add_quiet(parser)


#: Options of one estimator.
add_own_arguments = photometric.add_photometry


def run(arguments):
    """Tune, write the weights, and say what it has brought.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a file could not be read.
    """
    output = checked_output(arguments)
    settings = settings_of(arguments, "layers", "folds", "tag", "weights")
    folder = run_folder(arguments, settings)
    cls = get_estimator(arguments.estimator)
    if cls.network is None:
        raise CommandError(f"{cls.__name__} is a formula: there is nothing to tune")
    options = weight_options(arguments)
    estimator = cls.pretrained(device=arguments.device, **options)
    options = options_of(estimator.tuning_options, arguments)
    source = source_of(estimator, arguments, split=not arguments.folds)
    begin(folder, settings)
    _tune(estimator, source, options, folder, arguments)
    sha256 = estimator.save(output)
    if not arguments.quiet:
        print("\n".join(estimator.tuning.table.pformat(max_lines=-1, max_width=-1)))
        print(f"{output}, SHA-256 {sha256}")
    return int(bool(source.problems))


def _tune(estimator, source, options, folder, arguments):
    try:
        estimator.fine_tune(
            source,
            layers=layers_of(arguments.layers),
            folds=arguments.folds or None,
            options=options,
            seed=arguments.seed,
            device=arguments.device,
            checkpoint=folder,
            progress_bar=bar_of(arguments),
            scale=scale_of(estimator, source, arguments),
        )
    except (ValueError, TypeError, FloatingPointError) as error:
        raise CommandError(str(error)) from error


def layers_of(text):
    """What is to move: a number of layers, a word, or names with commas between.

    Parameters
    ----------
    text : str

    Returns
    -------
    int, str or list of str
    """
    if text.isdecimal():
        return int(text)
    return text.split(",") if "," in text else text
