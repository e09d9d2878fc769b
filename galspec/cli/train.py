"""train an estimator on labelled spectra of your own"""

import json
import os
import pathlib
import sys

from galspec.cli.arguments import add_quiet, count, pair
from galspec.cli.errors import CommandError
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "train"

#: What the folder of a run holds beside the checkpoints.
RECORD = "run.json"
#: Options of the fit that are those of the form unless given.
_FIT = {
    "epochs": "passes over the spectra",
    "batch_size": "spectra a step",
}


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add(
        "--data",
        metavar="LABELLED",
        required=True,
        help="an ECSV, CSV, FITS or Parquet table: file names, and labels in columns "
        "called like the targets, for classifiers in the column class; also used: "
        "redshift, group (the object that is shown), split (train, validation, "
        "calibration, test: the test part is not touched). Needs about 0.12 MB of "
        "memory a spectrum",
    )
    add(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        help="a .safetensors file, for --weights of the other commands",
    )
    add("--overwrite", action="store_true", help="replace OUT if it exists")
    add(
        "--run",
        dest="folder",
        metavar="FOLDER",
        help="for checkpoints (default: OUT.run); the same command goes on from there",
    )
    add("--variant", default="default", help="a published form, such as feng2025")
    add(
        "--column",
        metavar="USE=NAME",
        type=pair,
        action="append",
        help="a column that is called something else, such as oh=oh_p50",
    )
    add(
        "--class",
        dest="classes",
        metavar="TRUE=CLASS",
        type=pair,
        action="append",
        help="what a true class is called by the estimator, such as 2=sf",
    )
    add("--scale", metavar="NAME", help="scale of the labels (default: as they say)")
    _add_fit(parser.add_argument_group("fit"))
    add_quiet(parser)


def _add_fit(group):
    for name, words in _FIT.items():
        option = f"--{name.replace('_', '-')}"
        group.add_argument(option, type=count, metavar="N", help=words)
    group.add_argument("--learning-rate", type=float, metavar="X", help="at the start")
    group.add_argument("--loss", metavar="NAME", help="one that the estimator knows")
    group.add_argument(
        "--members", type=count, default=1, metavar="N", help="networks (default: 1)"
    )
    group.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    group.add_argument("--device", default="auto", help="cpu, cuda (default: auto)")


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
    output = pathlib.Path(arguments.output)
    _check_output(output, arguments.overwrite)
    estimator = _estimator(arguments)
    options = _options(estimator, arguments)
    folder = pathlib.Path(arguments.folder or f"{output}.run")
    settings = _settings(arguments)
    _check_run(folder, settings)
    source = _source(estimator, arguments)
    if not arguments.quiet:
        _tell(source)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).write_text(json.dumps(settings, indent=1))
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


def _check_output(output, overwrite):
    if output.suffix != ".safetensors":
        raise CommandError(f"cannot write {output}: its name must end in .safetensors")
    if output.is_dir():
        raise CommandError(f"cannot write {output}: it is a folder")
    if output.exists() and not overwrite:
        raise CommandError(f"{output} exists: give --overwrite to replace it")
    if not os.access(output.parent, os.W_OK):
        raise CommandError(f"cannot write {output}: no folder {output.parent}")


def _estimator(arguments):
    cls = get_estimator(arguments.estimator)
    if cls.network is None:
        raise CommandError(f"{cls.__name__} is a formula: there is nothing to train")
    try:
        return cls.variant(arguments.variant)
    except ValueError as error:
        raise CommandError(f"--variant: {error}") from error


def _options(estimator, arguments):
    names = (*_FIT, "learning_rate", "loss")
    changes = {name: getattr(arguments, name) for name in names}
    try:
        return estimator.fit_options(**changes)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _settings(arguments):
    """What must not change while a run goes on; with the SHA-256 of the table."""
    from galspec.weights.files import file_sha256

    try:
        digest = file_sha256(pathlib.Path(arguments.data))
    except OSError as error:
        raise CommandError(f"cannot read {arguments.data}: {error}") from error
    names = ("estimator", "variant", "column", "classes", "scale")
    settings = {name: getattr(arguments, name) for name in names} | {"data": digest}
    return json.loads(json.dumps(settings))  # as it will be read again


def _check_run(folder, settings):
    """Refuse to go on with other data."""
    record = folder / RECORD
    if not record.exists():
        return
    before = json.loads(record.read_text())
    changed = [name for name in settings if before.get(name) != settings[name]]
    if changed:
        raise CommandError(
            f"{folder} holds a run of other {', '.join(changed)}: remove it to start "
            "anew, or give another --run"
        )


def _source(estimator, arguments):
    from galspec.datasets import labelled_source
    from galspec.evaluation import EvaluationError

    try:
        return labelled_source(
            estimator,
            arguments.data,
            columns=dict(arguments.column or ()),
            classes=dict(arguments.classes or ()),
            seed=arguments.seed,
            progress_bar=_bar(arguments),
        )
    except EvaluationError as error:
        raise CommandError(str(error)) from error


def _fit(estimator, source, options, folder, arguments):
    # a classifier has no scale, whatever else the table says of its labels
    scale = arguments.scale or (source.meta.get("scale") if estimator.scale else None)
    try:
        estimator.fit(
            source,
            options=options,
            members=arguments.members,
            seed=arguments.seed,
            device=arguments.device,
            checkpoint=folder,
            progress_bar=_bar(arguments),
            scale=scale,
        )
    except (ValueError, FloatingPointError, ImportError) as error:
        raise CommandError(str(error)) from error


def _bar(arguments):
    return sys.stderr.isatty() and not arguments.quiet


def _tell(source):
    """What is trained on, and what is not."""
    sizes = ", ".join(f"{name} {n}" for name, n in source.sizes.items())
    print(f"spectra: {sizes}", file=sys.stderr)
    for reason, n in source.left_out.items():
        print(f"left out: {n} {reason}", file=sys.stderr)
    for file, problem in source.problems[:1]:
        print(f"the first that cannot be read: {file}: {problem}", file=sys.stderr)
