"""get real spectra with labels of the MPA-JHU group, to train on"""

import os
import pathlib
import sys

from galspec.cli.arguments import add_limits, add_quiet, count
from galspec.cli.errors import CommandError

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "dataset"

#: Cuts that are numbers.
_LIMITS = {
    "z_min": "lowest redshift",
    "z_max": "highest redshift",
    "snr_min": "lowest signal-to-noise ratio in r",
}


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add(
        "folder",
        metavar="FOLDER",
        help="for labelled.ecsv, and for what is fetched: labels/ and spectra/; the "
        "same command goes on from there",
    )
    add("--overwrite", action="store_true", help="replace FOLDER/labelled.ecsv")
    labels = parser.add_argument_group("labels (default: fetched from SDSS)")
    labels.add_argument(
        "--plates",
        type=count,
        nargs=2,
        default=(266, 2999),
        metavar=("FIRST", "LAST"),
        help="of these plates only",
    )
    labels.add_argument(
        "--files",
        nargs=2,
        metavar=("INFO", "EXTRA"),
        help="galSpecInfo-dr8.fits and galSpecExtra-dr8.fits instead",
    )
    spectra = parser.add_argument_group("spectra (default: fetched from SDSS)")
    spectra.add_argument(
        "--limit", type=count, metavar="N", help="fetch N, drawn at random"
    )
    spectra.add_argument(
        "--lamost",
        nargs=2,
        metavar=("CATALOGUE", "SPECTRA"),
        help="a catalogue of LAMOST, FITS or CSV, and the folder of its spectra",
    )
    _add_cuts(parser.add_argument_group("cuts"))
    add("--seed", type=int, default=0, metavar="N", help="of the split (default: 0)")
    add_quiet(parser)


def _add_cuts(group):
    from galspec.quality import QualityCuts

    add_limits(group, QualityCuts(), _LIMITS)
    group.add_argument(
        "--all-classes",
        action="store_true",
        help="not only star-forming galaxies with a metallicity: for a classifier",
    )
    group.add_argument(
        "--reliable-only",
        action="store_true",
        help="leave out what the MPA-JHU group does not rely on",
    )


def run(arguments):
    """Get labels and spectra, and write the labelled table.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a spectrum could not be fetched.
    """
    from galspec.datasets import DatasetError, training_set
    from galspec.evaluation import EvaluationError

    folder = pathlib.Path(arguments.folder)
    output = folder / "labelled.ecsv"
    if output.exists() and not arguments.overwrite:
        raise CommandError(f"{output} exists: give --overwrite to replace it")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        cuts = _cuts(arguments)
        labels = _labels(arguments, folder)
        spectra = _spectra(arguments, folder, labels, cuts)
        table = training_set(
            labels,
            spectra,
            cuts=cuts,
            seed=arguments.seed,
            output=output,
            overwrite=arguments.overwrite,
        )
    except (DatasetError, EvaluationError, ImportError, OSError) as error:
        raise CommandError(str(error)) from error
    return _told(arguments, table, spectra, output)


def _cuts(arguments):
    from galspec.datasets import Cuts

    limits = {name: getattr(arguments, name) for name in _LIMITS}
    limits["reliable_only"] = arguments.reliable_only
    if arguments.all_classes:
        limits |= {"classes": None, "oh_needed": False}
    try:
        return Cuts(**limits)
    except ValueError as error:
        raise CommandError(str(error)) from error


def _labels(arguments, folder):
    from galspec.datasets import fetch_mpa_jhu, read_mpa_jhu

    if arguments.files is not None:
        return read_mpa_jhu(*arguments.files)
    first, last = arguments.plates
    if last < first:
        raise CommandError(f"--plates: {last} comes before {first}")
    return fetch_mpa_jhu(
        folder / "labels", plates=(first, last), progress_bar=_bar(arguments)
    )


def _spectra(arguments, folder, labels, cuts):
    import numpy as np

    from galspec.datasets import fetch_spectra, read_lamost

    if arguments.lamost is not None:
        return read_lamost(*arguments.lamost)
    chosen = cuts.select(labels)
    if arguments.limit is not None:
        order = np.random.default_rng(arguments.seed).permutation(len(chosen))
        chosen = chosen[np.sort(order[: arguments.limit])]
    return fetch_spectra(chosen, folder / "spectra", progress_bar=_bar(arguments))


def _bar(arguments):
    return sys.stderr.isatty() and not arguments.quiet


def _told(arguments, table, spectra, output):
    """Say how many there are; 1 if a spectrum is missing that there should be."""
    problems = []
    if "problem" in spectra.colnames:
        problems = [text for text in spectra["problem"] if text]
    if not arguments.quiet:
        parts = [str(part) for part in table["split"]]
        sizes = ", ".join(f"{p} {parts.count(p)}" for p in dict.fromkeys(sorted(parts)))
        print(f"{os.fspath(output)}: {len(table)} spectra: {sizes}")
        if problems:
            print(f"{len(problems)} not fetched: {problems[0]}", file=sys.stderr)
    return int(bool(problems))
