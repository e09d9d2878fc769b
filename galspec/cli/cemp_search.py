"""search stellar spectra for carbon-enhanced metal-poor stars"""

import sys

from galspec.cli.arguments import (
    add_catalog_files,
    add_engine,
    add_offline,
    add_pace,
    add_quiet,
    add_weights,
    pair,
    share,
    weight_options,
)
from galspec.cli.catalog import as_option, files_of, kept_parts
from galspec.cli.errors import CommandError
from galspec.registry import get_estimator

__all__ = ["COMMAND", "add_arguments", "run"]

COMMAND = "cemp-search"

#: Options that the function has under the same name.
_SAME = (
    *("criterion", "p_min", "match", "radius", "pages"),
    *("batch_size", "partition_size", "workers", "overwrite"),
)


def add_arguments(parser):
    """Declare the options of this command."""
    add_catalog_files(
        parser,
        output="a .fits, .ecsv or .parquet file for the candidates; what became of "
        "every spectrum stands beside it in a table called OUT.spectra",
        overwrite="replace OUT and pages",
        instead="obsid, ra, dec, redshift (or z)",
    )
    parser.add_argument(
        "--pages", metavar="FOLDER", help="draw a page for every candidate"
    )
    _add_selection(parser.add_argument_group("selection"))
    _add_match(parser.add_argument_group("cross-match"))
    _add_method(parser.add_argument_group("method"))
    add_pace(parser)
    add_quiet(parser)


def _add_selection(group):
    from galspec.catalog.cemp.cuts import CEMP_CUTS, describe

    add = group.add_argument
    add(
        "--cut",
        metavar="NAME=LIMIT",
        type=pair,
        action="append",
        default=[],
        help=f"another limit of a cut (default: {describe(CEMP_CUTS)}; also: g_band, "
        "the index of the G band over its error); again for the next cut",
    )
    add(
        "--no-cut",
        metavar="NAME",
        choices=[cut.name for cut in CEMP_CUTS],
        action="append",
        default=[],
        help="switch a cut off; again for the next one",
    )
    add(
        "--p-min",
        type=share,
        default=0.5,
        metavar="P",
        help="lowest probability of a candidate (default: %(default)g)",
    )
    add(
        "--criterion",
        default="default",
        metavar="NAME",
        help="what counts as carbon-enhanced, such as beers2005 or aoki2007",
    )


def _add_match(group):
    add = group.add_argument
    add(
        "--match",
        metavar="TABLE",
        help="a table with ra and dec: the columns of the nearest row come with each "
        "candidate",
    )
    add(
        "--radius",
        type=float,
        default=3.0,
        metavar="ARCSEC",
        help="largest separation (default: %(default)g)",
    )


def _add_method(group):
    group.add_argument(
        "--estimator",
        metavar="NAME",
        default="cemp-params",
        help="in the list (default: %(default)s)",
    )
    add_weights(group)
    add_offline(group)
    add_engine(group)


def run(arguments):
    """Search, and write the candidates.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    int
        1 if a file is unreadable or a spectrum has no value.
    """
    from galspec.catalog import CatalogError, cemp_search

    files = files_of(arguments)
    try:
        with kept_parts(arguments.output):
            found = cemp_search(files, arguments.output, **_options(arguments))
    except (CatalogError, TypeError, ValueError, OSError, ImportError) as error:
        raise CommandError(as_option(error)) from error
    if not arguments.quiet:
        print(_summary(found), file=sys.stderr)
    return int(found.candidates.meta["n_lost"] > 0)


def _options(arguments):
    """Keywords of `galspec.catalog.cemp_search`."""
    method = get_estimator(arguments.estimator)
    return {
        "estimator": method.pretrained(**weight_options(arguments)),
        "cuts": _cuts(arguments),
        "progress_bar": sys.stderr.isatty() and not arguments.quiet,
        **{name: getattr(arguments, name) for name in _SAME},
    }


def _cuts(arguments):
    """Limits by name; None where a cut is switched off."""
    cuts = {}
    for name, text in arguments.cut:
        try:
            cuts[name] = float(text)
        except ValueError as error:
            raise CommandError(f"--cut {name}={text}: {text} is no number") from error
    both = sorted({*cuts} & {*arguments.no_cut})
    if both:
        raise CommandError(f"--cut and --no-cut of {', '.join(both)}: give one of them")
    return cuts | dict.fromkeys(arguments.no_cut)


def _summary(found):
    """How many candidates there are, and what each cut removed or could not judge."""
    meta = found.candidates.meta
    lines = [f"{meta['n_spec']} spectra, {meta['n_sel']} candidates"]
    for words, name in (("left out", "reasons"), ("passed as unknown", "unknown")):
        if meta[name]:
            told = ", ".join(meta[name].replace("=", " ").split(","))
            lines.append(f"{words}: {told}")
    return "\n".join(lines)
