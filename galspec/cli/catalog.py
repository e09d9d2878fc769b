"""make a catalogue of gas-phase metallicities of star-forming galaxies"""

import contextlib
import sys

from galspec.cli.arguments import (
    add_catalog_files,
    add_engine,
    add_limits,
    add_offline,
    add_pace,
    add_prior,
    add_quiet,
    add_weights,
    prior_of,
    weight_options,
)
from galspec.cli.errors import CommandError
from galspec.cli.inputs import file_names
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "as_option", "files_of", "kept_parts", "run"]

COMMAND = "catalog"

#: Criteria that are numbers.
_LIMITS = {
    "z_min": "lowest redshift",
    "z_max": "highest redshift",
    "snr_min": "lowest signal-to-noise ratio in r (measured, if not in the file)",
    "p_sf_min": "lowest probability to form stars",
}
#: Options that the function has under the same name.
_SAME = (
    *("scale", "combine", "selected_only", "paper_names"),
    *("batch_size", "partition_size", "workers", "overwrite"),
)


def add_arguments(parser):
    """Declare the options of this command."""
    add_catalog_files(
        parser,
        output="a .fits, .ecsv or .parquet file; finished parts wait in OUT.parts, and "
        "the same command goes on from there",
        overwrite="replace OUT, drop other OUT.parts",
        instead="obsid, ra, dec, redshift (or z), snr_r",
    )
    _add_criteria(parser.add_argument_group("criteria"))
    _add_methods(parser.add_argument_group("methods"))
    _add_form(parser.add_argument_group("form of the catalogue"))
    add_pace(parser)
    add_quiet(parser)


def _add_criteria(group):
    from galspec.catalog.criteria import Criteria

    default = Criteria()
    add_limits(group, default, _LIMITS)
    group.add_argument(
        "--z-optional", action="store_true", help="keep spectra of unknown redshift"
    )
    group.add_argument(
        "--bad-bits",
        metavar="NAMES",
        help="flags that leave a spectrum out, separated by commas, or none (default: "
        f"{default.to_meta()['bad_bits']})",
    )


def _add_methods(group):
    add = group.add_argument
    for role, prefix, default in (
        ("estimator", "", "gas-metallicity"),
        ("classifier", "classifier-", "star-forming-classifier"),
    ):
        add(
            f"--{role}",
            metavar="NAME",
            default=default,
            help="in the list (default: %(default)s)",
        )
        add_weights(group, prefix)
    add_offline(group)
    add_engine(group)
    add_prior(group)
    add("--scale", metavar="NAME", help="give metallicities on another scale, e.g. T04")


def _add_form(group):
    add = group.add_argument
    add(
        "--combine",
        type=float,
        metavar="ARCSEC",
        help="give each object one row: spectra that are no farther apart",
    )
    add("--selected-only", action="store_true", help="leave out what is not selected")
    add(
        "--paper-names",
        action="store_true",
        help="z, Z_pred and Z_pred_err for redshift, oh and oh_err",
    )


def run(arguments):
    """Make the catalogue and write it.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a file is unreadable or a spectrum cannot be classified.
    """
    from galspec.catalog import CatalogError, metallicity_catalog

    options = _options(arguments)
    files = files_of(arguments)
    try:
        with kept_parts(arguments.output):
            table = metallicity_catalog(files, arguments.output, **options)
    except (CatalogError, TypeError, ValueError, OSError, ImportError) as error:
        raise CommandError(as_option(error)) from error
    if not arguments.quiet:
        print(_summary(table.meta), file=sys.stderr)
    return int(table.meta["n_lost"] > 0)


@contextlib.contextmanager
def kept_parts(output):
    """Tell who interrupts the making of a catalogue how it goes on.

    Parameters
    ----------
    output : str
    """
    from galspec.catalog.parts import parts_folder

    try:
        yield
    except KeyboardInterrupt:
        kept = f"finished parts are kept in {parts_folder(output)}"
        print(f"galspec: {kept}; the same command goes on", file=sys.stderr)
        raise


def files_of(arguments):
    """Names of files and folders, or a table of files, as the command line gives them.

    Parameters
    ----------
    arguments : argparse.Namespace
        With ``files`` and ``table``.

    Returns
    -------
    list of str or `~astropy.table.Table`

    Raises
    ------
    CommandError
        If there are none, or both.
    """
    if arguments.table is None:
        return file_names(arguments.files)
    if arguments.files:
        raise CommandError("give either files or --table, not both")
    from galspec.evaluation.tables import EvaluationError, read_table

    try:
        return read_table(arguments.table)
    except EvaluationError as error:
        raise CommandError(f"--table: {error}") from error


def _options(arguments):
    """Keywords of `galspec.catalog.metallicity_catalog`."""
    return {
        "criteria": _criteria(arguments),
        "classifier": _method(
            arguments.classifier, weight_options(arguments, "classifier_")
        ),
        "estimator": _method(arguments.estimator, weight_options(arguments)),
        "prior": prior_of(arguments),
        "progress_bar": sys.stderr.isatty() and not arguments.quiet,
        **{name: getattr(arguments, name) for name in _SAME},
    }


def _method(name, weights):
    return get_estimator(name).pretrained(**weights)


def _criteria(arguments):
    from galspec.catalog import Criteria

    limits = {name: getattr(arguments, name) for name in _LIMITS}
    if arguments.bad_bits is not None:
        limits["bad_bits"] = _bits(arguments.bad_bits)
    try:
        return Criteria(z_needed=not arguments.z_optional, **limits)
    except ValueError as error:
        raise CommandError(as_option(error)) from error


def _bits(text):
    from galspec.flags import Flags

    bits = Flags(0)
    for name in text.upper().replace("-", "_").split(","):
        if name == "NONE":
            continue
        if name not in Flags.__members__:
            raise CommandError(
                f"--bad-bits: there is no flag {name!r}; there are "
                f"{', '.join(Flags.__members__)}"
            )
        bits |= Flags[name]
    return bits


def as_option(error):
    """What a function says of a keyword, in words of the command line.

    Parameters
    ----------
    error : Exception

    Returns
    -------
    str
    """
    return str(error).replace("overwrite=True", "--overwrite")


def _summary(meta):
    """One line with the numbers of spectra, and of the criteria they fail."""
    told = ", ".join(meta["reasons"].replace("=", " ").split(",")) or "none"
    return f"{meta['n_spec']} spectra, {meta['n_sel']} selected; left out: {told}"
