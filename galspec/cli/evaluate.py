"""compare estimates with labels and write a report"""

import pathlib
import sys

from galspec.cli import photometric
from galspec.cli.arguments import (
    add_engine,
    add_offline,
    add_prior,
    add_quiet,
    add_weights,
    pair,
    prior_of,
    share,
    weight_options,
)
from galspec.cli.errors import CommandError
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "add_own_arguments", "run"]

COMMAND = "evaluate"
#: How photometry is read, of estimators that work on such.
_READING = ("survey", "ebv", "dust_map")
#: Of each target as far as it has them.
_SHOWN = ("bias", "sigma", "nmad", "sigma_nmad", "eta15", "eta10")


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add(
        "labelled",
        metavar="LABELLED",
        help="an ECSV, CSV, FITS or Parquet table: file names or photometry, and "
        "labels in columns called like the targets (or, beside estimates, "
        "true_TARGET); also used: redshift, snr_r, mag, mass, group, split, class",
    )
    add(
        "-o",
        "--output",
        metavar="FOLDER",
        required=True,
        help="for index.html, figures/, metrics.json and joined.ecsv",
    )
    add("--overwrite", action="store_true", help="replace a report in FOLDER")
    add(
        "--predictions",
        metavar="TABLE",
        help="what predict has written, instead of predicting",
    )
    add(
        "--column",
        metavar="USE=NAME",
        type=pair,
        action="append",
        help="a column that is called something else, such as oh=oh_p50",
    )
    add("--split", metavar="PART", help="measure on it (default: test, if there is)")
    add("--scale", metavar="NAME", help="scale of the labels, such as T04")
    add(
        "--compare",
        metavar="TARGET=NAME",
        type=pair,
        action="append",
        help="a column with estimates of another method",
    )
    add(
        "--threshold",
        metavar="P",
        type=share,
        action="append",
        help="least probability of a member of a class (default: 0.5 and 0.85)",
    )
    add_prior(parser)
    add(
        "--class",
        dest="classes",
        metavar="TRUE=CLASS",
        type=pair,
        action="append",
        help="what a true class is called by the estimator, such as 2=sf",
    )
    add_weights(parser)
    add_offline(parser)
    add_engine(parser)
    add_quiet(parser)


#: Options of one estimator.
add_own_arguments = photometric.add_photometry


def run(arguments):
    """Write the report and say where it is.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a row has no value.
    """
    _check_output(arguments.output, arguments.overwrite)
    if getattr(arguments, "stamps", None) is not None:
        raise CommandError("--stamps: predict with images, and give --predictions")
    from galspec.evaluation import EvaluationError, evaluate

    try:
        metrics = evaluate(
            get_estimator(arguments.estimator),
            arguments.labelled,
            arguments.output,
            predictions=arguments.predictions,
            columns=dict(arguments.column or ()),
            split=arguments.split,
            scale=arguments.scale,
            weights=weight_options(arguments),
            compare=_lists(arguments.compare),
            thresholds=arguments.threshold or (0.5, 0.85),
            prior=prior_of(arguments),
            classes=dict(arguments.classes or ()),
            photometry={name: getattr(arguments, name, None) for name in _READING},
            progress_bar=sys.stderr.isatty() and not arguments.quiet,
        )
    except (EvaluationError, ImportError) as error:
        raise CommandError(str(error)) from error
    if not arguments.quiet:
        print(pathlib.Path(arguments.output, "index.html"))
        for line in _summary(metrics):
            print(line)
    return int(metrics["without_value"] > 0)


def _check_output(folder, overwrite):
    folder = pathlib.Path(folder)
    if folder.exists() and not folder.is_dir():
        raise CommandError(f"cannot write to {folder}: it is no folder")
    if (folder / "index.html").exists() and not overwrite:
        raise CommandError(f"{folder} holds a report: give --overwrite to replace it")
    if not folder.absolute().parent.is_dir():
        raise CommandError(f"cannot write {folder}: there is no {folder.parent}")


def _summary(metrics):
    """A line for each target with its main numbers."""
    for name, entry in metrics.get("targets", {}).items():
        if (row := entry["summary"]).get("n"):
            shown = " ".join(f"{key} {row[key]:.4g}" for key in _SHOWN if key in row)
            yield f"{name}: n {row['n']} {shown}"
    for name, rows in metrics.get("classes", {}).get("detection", {}).items():
        for threshold, row in rows.items():
            purity, found = _text(row["precision"]), _text(row["recall"])
            yield f"{name} from {threshold}: purity {purity} completeness {found}"


def _text(share):
    return "-" if share is None else f"{share:.4f}"


def _lists(pairs):
    lists = {}
    for name, column in pairs or ():
        lists.setdefault(name, []).append(column)
    return lists
