"""tell where spectra stand, so that similar and strange ones can be found"""

import sys

from galspec.cli import photometric
from galspec.cli.arguments import (
    add_engine,
    add_offline,
    add_quiet,
    add_spectra,
    add_weights,
    weight_options,
)
from galspec.cli.errors import CommandError
from galspec.cli.inputs import batches, file_names
from galspec.cli.output import check_output, summary, write_table
from galspec.registry import get_estimator

__all__ = [
    "COMMAND",
    "add_arguments",
    "add_own_arguments",
    "embeddable",
    "embedded",
    "run",
]

COMMAND = "embed"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add_spectra(parser)
    add("-o", "--output", metavar="OUT", required=True, help="a .fits file")
    add("--overwrite", action="store_true", help="replace OUT if it exists")
    add_weights(parser)
    add_offline(parser)
    add_engine(parser)
    add_quiet(parser)


#: Options of one estimator.
add_own_arguments = photometric.add_photometry


def run(arguments):
    """Embed the spectra, and write them.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a spectrum has no data.
    """
    from galspec.embedding import require_fits

    try:
        require_fits(arguments.output)
    except ValueError as error:
        raise CommandError(str(error)) from error
    check_output(arguments.output, arguments.overwrite)
    names = file_names(arguments.files)
    estimator = embeddable(arguments.estimator, **weight_options(arguments))
    embedding = embedded(estimator, names, arguments)
    write_table(embedding.table, arguments.output)
    if not arguments.quiet:
        print(summary(embedding.table, estimator.things), file=sys.stderr)
    return int(len(embedding.rows_with_data()) < len(embedding))


def embeddable(name, **options):
    """Load an estimator that can embed spectra.

    Parameters
    ----------
    name : str
    **options
        Keywords of its ``pretrained``.

    Returns
    -------
    `~galspec.SpectralEstimator`

    Raises
    ------
    CommandError
        If it has nothing to embed spectra by.
    """
    from galspec.estimator import NotFittedError

    estimator = get_estimator(name).pretrained(**options)
    try:
        estimator.check_embeddable()
    except (TypeError, NotFittedError) as error:
        raise CommandError(str(error)) from error
    return estimator


def embedded(estimator, names, arguments):
    """Embed the spectra of files.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    names : list of str
        The files.
    arguments : argparse.Namespace
        With what `galspec.cli.arguments.add_spectra` gave.

    Returns
    -------
    `~galspec.embedding.Embedding`
    """
    if photometric.is_photometric(type(estimator)):
        data, total = photometric.batches(estimator, arguments, names)
    else:
        data, total = batches(names, arguments), len(names)
    return estimator.embed_batches(
        data,
        progress_bar=sys.stderr.isatty() and not arguments.quiet,
        total=total,
        workers=arguments.workers,
    )
