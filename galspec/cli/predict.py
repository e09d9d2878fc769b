"""estimate the parameters of many spectra and write a table"""

import argparse
import sys

import numpy as np

from galspec.cli import clusters, photometric
from galspec.cli.arguments import (
    add_engine,
    add_offline,
    add_prior,
    add_quiet,
    add_spectra,
    add_weights,
    prior_of,
    weight_options,
)
from galspec.cli.errors import CommandError
from galspec.cli.inputs import batches, file_names
from galspec.cli.options import add_options, options_given
from galspec.cli.output import (
    check_output,
    check_plot,
    render,
    summary,
    write_table,
)
from galspec.registry import get_estimator
from galspec.training.calibration import LEVELS

__all__ = ["COMMAND", "add_arguments", "add_own_arguments", "run"]

COMMAND = "predict"


def add_arguments(parser):
    """Declare the options of this command."""
    add = parser.add_argument
    add("estimator", metavar="ESTIMATOR", help="its name in the list")
    add_spectra(parser)
    add("--examples", action="store_true", help="predict for galspec's own examples")
    add("-o", "--output", metavar="OUT", help="a .ecsv, .fits or .parquet file")
    add("--overwrite", action="store_true", help="replace OUT if it exists")
    add(
        "--plot",
        metavar="PNG",
        help="draw the spectra, or for many a histogram; or densities of redshift: a "
        ".png, .pdf or .svg file",
    )
    add_weights(parser)
    add_offline(parser)
    add_engine(parser)
    add("--interval", type=_level, metavar="LEVEL", help="e.g. 0.95: add limits")
    add("--scale", metavar="NAME", help="give values on another scale, such as T04")
    add_prior(parser)
    add_quiet(parser)
    clusters.add_clusters(parser)


def add_own_arguments(parser, cls):
    """Declare the options of one estimator.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    cls : type
    """
    photometric.add_photometry(parser, cls)
    add_options(parser, cls)


def run(arguments):
    """Predict, and write or print the table.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a row has no value.
    """
    if clusters.names_hats(arguments):
        cls = get_estimator(arguments.estimator)
        return clusters.run_hats(cls, arguments, _options)
    if arguments.output is not None:
        check_output(arguments.output, arguments.overwrite)
    if arguments.plot is not None:
        check_plot(arguments.plot)
    cls = get_estimator(arguments.estimator)
    examples = _examples(cls, arguments) if arguments.examples else []
    names = file_names([*arguments.files, *examples])
    predicted = _of_photometry if photometric.is_photometric(cls) else _of_spectra
    table, draw = predicted(cls, names, arguments)
    _deliver(table, draw, arguments, cls.things)
    return int(any(_lacks_value(table[t.name]) for t in cls.targets))


def _of_spectra(cls, names, arguments):
    """The table, and what draws it into a file."""
    estimator = cls.pretrained(**weight_options(arguments))
    if arguments.scheduler is not None:
        table = _on_cluster(estimator, names, arguments)
        return table, lambda path: _draw(table, _few_of(names), path)
    spectra = batches(names, arguments)
    few = _Few()
    table = _predicted(estimator, map(few.seen, spectra), len(names), arguments)
    return table, lambda path: _draw(table, few.batch(), path)


def _of_photometry(cls, names, arguments):
    """As `_of_spectra`; what is known of the examples alone is drawn with them."""
    estimator = cls.pretrained(**weight_options(arguments))
    if arguments.scheduler is not None:
        table = _on_cluster(estimator, names, arguments)
        return table, lambda path: table.plot(path=path)
    objects, n = photometric.batches(estimator, arguments, names)
    table = _predicted(estimator, objects, n, arguments)
    known = None
    if arguments.examples and not arguments.files:
        from galspec import example_truth

        known = example_truth(cls.examples)["z"]
    return table, lambda path: table.plot(z_spec=known, path=path)


def _on_cluster(estimator, names, arguments):
    options = _options(estimator, arguments)
    return clusters.table_of_files(estimator, names, arguments, options)


def _predicted(estimator, data, n, arguments):
    return estimator.predict_batches(
        data,
        progress_bar=sys.stderr.isatty() and not arguments.quiet,
        total=n,
        workers=arguments.workers,
        **_options(estimator, arguments),
    )


def _options(estimator, arguments):
    """Keywords of ``predict``, checked before any file is read."""
    prior = prior_of(arguments)
    options = options_given(arguments, type(estimator))
    options |= {"interval": arguments.interval, "scale": arguments.scale}
    if prior is not None:
        options["prior"] = prior
    try:
        estimator.check_options(**options)
    except (TypeError, ValueError) as error:
        raise CommandError(str(error)) from error
    return options


def _deliver(table, draw, arguments, things):
    if arguments.output is not None:
        write_table(table, arguments.output)
    if arguments.plot is not None:
        draw(arguments.plot)
    if arguments.output is None or arguments.examples:
        print(render(table), flush=True)
    if not arguments.quiet:
        print(summary(table, things), file=sys.stderr)


def _draw(table, batch, path):
    if "sed" in table.colnames:
        from galspec.sed_plotting import plot_seds
        from galspec.sed_spectrum import to_spectrum

        plot_seds(to_spectrum(table), batch, path)
    else:
        from galspec.plotting import plot_predictions

        plot_predictions(table, batch, path)


def _lacks_value(column):
    """Whether a row has none; a spectrum may lack wavelengths."""
    absent = np.isnan(column)
    return bool(absent.reshape(len(column), -1).all(axis=1).any())


def _examples(cls, arguments):
    """Names of files; photometry has images too, unless others are asked for."""
    import galspec

    if not photometric.is_photometric(cls):
        return map(str, galspec.example_spectra(cls.examples))
    alone = not arguments.files and arguments.scheduler is None
    if arguments.stamps is None and alone:
        arguments.stamps = str(galspec.example_cutouts())
    return [str(galspec.example_photometry())]


def _few_of(names):
    """The spectra of a few files; None of many."""
    from galspec.io import read_spectra
    from galspec.plotting import MAX_PANELS

    return read_spectra(names) if len(names) <= MAX_PANELS else None


class _Few:
    """Keeps the spectra that pass while they are few enough to be drawn."""

    def __init__(self):
        self._batches, self._n_rows = [], 0

    def seen(self, batch):
        from galspec.plotting import MAX_PANELS

        self._n_rows += len(batch)
        if self._n_rows <= MAX_PANELS:
            self._batches.append(batch)
        else:
            self._batches.clear()
        return batch

    def batch(self):
        """All that passed, or None if they were too many."""
        from galspec.spectra import SpectrumBatch

        return SpectrumBatch.concatenate(self._batches) if self._batches else None


def _level(text):
    try:
        level = float(text)
    except ValueError:
        level = np.nan
    if not 0 < level <= LEVELS[-1]:
        raise argparse.ArgumentTypeError(
            f"{text} is no level above 0 and up to {LEVELS[-1]}"
        )
    return level
