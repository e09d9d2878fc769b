"""What the commands that train and tune share: labelled spectra and a fit."""

import json
import os
import pathlib
import sys

from galspec.cli import photometric
from galspec.cli.arguments import count, pair
from galspec.cli.errors import CommandError

__all__ = [
    "add_fit",
    "add_labelled",
    "bar_of",
    "begin",
    "checked_output",
    "options_of",
    "run_folder",
    "scale_of",
    "settings_of",
    "source_of",
]

#: What the folder of a run holds beside the checkpoints.
RECORD = "run.json"
#: Options of the fit that are those of the form unless given.
_FIT = {
    "epochs": "passes over the training part",
    "batch_size": "spectra or objects a step",
}


def add_labelled(parser):
    """Declare where labelled spectra come from, and where the weights go.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    """
    add = parser.add_argument
    add(
        "--data",
        metavar="LABELLED",
        required=True,
        help="an ECSV, CSV, FITS or Parquet table: file names, or for estimators of "
        "photometry the photometry, and labels in columns called like the targets, "
        "for classifiers in the column class; also used: redshift, group (the "
        "object that is shown), split (train, validation, calibration, test: the "
        "test part is not touched). A spectrum needs about 0.12 MB of memory",
    )
    add(
        "-o",
        "--output",
        metavar="OUT",
        required=True,
        help="a .safetensors file, for --weights of the other commands",
    )
    add("--overwrite", action="store_true", help="replace OUT if it exists")
    add("--scale", metavar="NAME", help="scale of the labels (default: as they say)")
    add(
        "--run",
        dest="folder",
        metavar="FOLDER",
        help="for checkpoints (default: OUT.run); the same command goes on from there",
    )
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


def add_fit(group):
    """Declare how networks are fitted.

    Parameters
    ----------
    group : argparse.ArgumentParser or a group of one
    """
    for name, words in _FIT.items():
        option = f"--{name.replace('_', '-')}"
        group.add_argument(option, type=count, metavar="N", help=words)
    group.add_argument("--learning-rate", type=float, metavar="X", help="at the start")
    group.add_argument("--loss", metavar="NAME", help="one that the estimator knows")
    group.add_argument("--seed", type=int, default=0, metavar="N", help="default: 0")
    group.add_argument("--device", default="auto", help="cpu, cuda (default: auto)")


def checked_output(arguments):
    """The file that weights go into, if they can.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    pathlib.Path

    Raises
    ------
    CommandError
        If they cannot.
    """
    output = pathlib.Path(arguments.output)
    if output.suffix != ".safetensors":
        raise CommandError(f"cannot write {output}: its name must end in .safetensors")
    if output.is_dir():
        raise CommandError(f"cannot write {output}: it is a folder")
    if output.exists() and not arguments.overwrite:
        raise CommandError(f"{output} exists: give --overwrite to replace it")
    if not os.access(output.parent, os.W_OK):
        raise CommandError(f"cannot write {output}: no folder {output.parent}")
    return output


def options_of(known, arguments):
    """How networks are fitted.

    Parameters
    ----------
    known : callable
        ``fit_options`` or ``tuning_options`` of the estimator.
    arguments : argparse.Namespace

    Returns
    -------
    `~galspec.training.fit_options.FitOptions`

    Raises
    ------
    CommandError
        If a choice does not exist.
    """
    names = (*_FIT, "learning_rate", "loss")
    try:
        return known(**{name: getattr(arguments, name) for name in names})
    except ValueError as error:
        raise CommandError(str(error)) from error


def settings_of(arguments, *more):
    """What must not change while a run goes on; with the SHA-256 of the table.

    Parameters
    ----------
    arguments : argparse.Namespace
    *more : str
        Names that the command has of its own.

    Returns
    -------
    dict

    Raises
    ------
    CommandError
        If the table cannot be read.
    """
    from galspec.weights.files import file_sha256

    try:
        digest = file_sha256(pathlib.Path(arguments.data))
    except OSError as error:
        raise CommandError(f"cannot read {arguments.data}: {error}") from error
    own = [name for name in photometric.NAMES if hasattr(arguments, name)]
    names = ("estimator", "column", "classes", "scale", *own, *more)
    settings = {name: getattr(arguments, name) for name in names} | {"data": digest}
    return json.loads(json.dumps(settings))  # as it will be read again


def run_folder(arguments, settings):
    """The folder of a run, unless it holds checkpoints of other data.

    Parameters
    ----------
    arguments : argparse.Namespace
    settings : dict

    Returns
    -------
    pathlib.Path

    Raises
    ------
    CommandError
        If it does.
    """
    folder = pathlib.Path(arguments.folder or f"{arguments.output}.run")
    record = folder / RECORD
    before = json.loads(record.read_text()) if record.exists() else settings
    changed = [name for name in settings if before.get(name) != settings[name]]
    # a call that was wrong leaves the record of what it asked, and nothing else
    if changed and any(folder.glob("*.safetensors")):
        raise CommandError(
            f"{folder} holds a run of other {', '.join(changed)}: remove it to start "
            "anew, or give another --run"
        )
    return folder


def begin(folder, settings):
    """Make the folder of a run, and write down what must not change.

    Parameters
    ----------
    folder : pathlib.Path
    settings : dict
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / RECORD).write_text(json.dumps(settings, indent=1))


def scale_of(estimator, source, arguments):
    """The scale that labels are on: as told, or as their table tells.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    source : `~galspec.datasets.LabelledSource`
    arguments : argparse.Namespace

    Returns
    -------
    str or None
    """
    # a classifier has no scale, whatever else the table says of its labels
    told = source.meta.get("scale") if estimator.scale else None
    return arguments.scale or told


def source_of(estimator, arguments, split=True):
    """Labelled spectra, and a word on what they are.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    arguments : argparse.Namespace
    split : bool
        Whether parts of their own choose the epoch and calibrate.

    Returns
    -------
    `~galspec.datasets.LabelledSource`

    Raises
    ------
    CommandError
        If a column is missing, or a part has no spectra.
    """
    from galspec.evaluation import EvaluationError

    is_photometric = photometric.is_photometric(type(estimator))
    read = _photometry if is_photometric else _spectra
    dealt = {"columns": dict(arguments.column or ()), "seed": arguments.seed}
    try:
        source = read(estimator, arguments, split=split, **dealt)
    except EvaluationError as error:
        raise CommandError(str(error)) from error
    if not arguments.quiet:
        _tell(source, estimator.things)
    return source


def _spectra(estimator, arguments, **dealt):
    from galspec.datasets import labelled_source

    return labelled_source(
        estimator,
        arguments.data,
        classes=dict(arguments.classes or ()),
        progress_bar=bar_of(arguments),
        **dealt,
    )


def _photometry(estimator, arguments, **dealt):
    from galspec.datasets import labelled_photometry

    batch = photometric.photometry_of(estimator, arguments, [arguments.data])
    batch = photometric.with_images(batch, arguments)
    return labelled_photometry(estimator, arguments.data, batch, **dealt)


def bar_of(arguments):
    """Whether a progress bar is wanted.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    bool
    """
    return sys.stderr.isatty() and not arguments.quiet


def _tell(source, things):
    """What is trained on, and what is not."""
    sizes = ", ".join(f"{name} {n}" for name, n in source.sizes.items())
    print(f"{things}: {sizes}", file=sys.stderr)
    for reason, n in source.left_out.items():
        print(f"left out: {n} {reason}", file=sys.stderr)
    for file, problem in source.problems[:1]:
        print(f"the first that cannot be read: {file}: {problem}", file=sys.stderr)
