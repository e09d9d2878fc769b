"""Predictions on a cluster of Dask, and for HATS catalogues."""

import collections
import contextlib
import os
import sys

from galspec.cli import photometric
from galspec.cli.arguments import count, pair, weight_options
from galspec.cli.errors import CommandError
from galspec.cli.inputs import redshifts
from galspec.cli.output import summary_of

__all__ = ["add_clusters", "names_hats", "run_hats", "table_of_files"]

#: What `add_clusters` declares for HATS catalogues alone.
_OF_HATS = ("hats_column", "hats_unit", "hats_medium", "hats_keep")


def add_clusters(parser):
    """Declare on what machines the work is done, and what a catalogue is like.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    """
    group = parser.add_argument_group(
        "clusters and HATS catalogues",
        "FILE may be the folder of one HATS catalogue: OUT is one too then",
    )
    add = group.add_argument
    add(
        "--scheduler",
        metavar="ADDRESS",
        help="work on a cluster of Dask: local for processes on this machine, or the "
        "address of a scheduler, such as tcp://10.0.0.1:8786",
    )
    add(
        "--partition-size",
        type=count,
        default=1000,
        metavar="N",
        help="files a task of a cluster (default: %(default)d)",
    )
    add(
        "--hats-column",
        metavar="ROLE=NAME",
        type=pair,
        action="append",
        help="where spectra are, such as flux=spectrum.flux; also wavelength, "
        "loglam, ivar, uncertainty, mask, redshift, file (default: by usual names)",
    )
    add(
        "--hats-unit",
        metavar="ROLE=UNIT",
        type=pair,
        action="append",
        help="units of wavelength and flux (default: angstrom, and any)",
    )
    add(
        "--hats-medium",
        choices=("vacuum", "air"),
        help="what wavelengths are measured in (default: vacuum)",
    )
    add(
        "--hats-keep",
        metavar="NAME",
        action="append",
        help="a column that OUT has too; again for the next (default: all "
        "with one value a row)",
    )


def names_hats(arguments):
    """Whether the command line names a HATS catalogue; refuses options of others.

    Parameters
    ----------
    arguments : argparse.Namespace

    Returns
    -------
    bool

    Raises
    ------
    CommandError
        If what is for one is given for files, or the other way round.
    """
    found = [name for name in arguments.files if _is_hats(name)]
    if not found:
        given = [name for name in _OF_HATS if getattr(arguments, name)]
        if given:
            option = given[0].replace("_", "-")
            raise CommandError(f"--{option} is for HATS catalogues: this is none")
        return False
    if len(arguments.files) > 1 or arguments.examples:
        raise CommandError(f"{found[0]} is a HATS catalogue: give it alone")
    for name in ("plot", "stamps"):
        if getattr(arguments, name, None) is not None:
            raise CommandError(f"--{name} is not for HATS catalogues")
    if arguments.output is None:
        raise CommandError("-o OUT is missing: a HATS catalogue gives another")
    return True


def run_hats(cls, arguments, options_of):
    """Make a HATS catalogue of results of another.

    Parameters
    ----------
    cls : type
        The estimator.
    arguments : argparse.Namespace
    options_of : callable
        Checked keywords of ``predict``, of the estimator and the arguments.

    Returns
    -------
    int
        1 if a row has no value.

    Raises
    ------
    CommandError
        If the call is wrong.
    """
    from galspec.catalog import predict_hats
    from galspec.catalog.hats import check_folders
    from galspec.prediction import has_value

    with _told():
        check_folders(arguments.files[0], arguments.output, arguments.overwrite)
    estimator = cls.pretrained(**weight_options(arguments))
    how = {**_reading(estimator, arguments), **options_of(estimator, arguments)}
    with _told():
        made = predict_hats(
            estimator,
            arguments.files[0],
            arguments.output,
            scheduler=arguments.scheduler,
            workers=arguments.workers,
            overwrite=arguments.overwrite,
            progress_bar=_shows(arguments),
            keep=arguments.hats_keep,
            batch_size=arguments.batch_size,
            **how,
        )
        flags = made.to_dask_dataframe()["flags"].value_counts().compute()
    counts = collections.Counter({int(k): int(n) for k, n in flags.items()})
    if not arguments.quiet:
        print(summary_of(counts, cls.things), file=sys.stderr)
    return int(not all(has_value([*counts])))


def table_of_files(estimator, names, arguments, options):
    """The table that a cluster makes of files.

    Parameters
    ----------
    estimator : `~galspec.estimator.Estimator`
    names : list of str
    arguments : argparse.Namespace
    options : dict
        Keywords of ``predict``.

    Returns
    -------
    `~astropy.table.QTable`

    Raises
    ------
    CommandError
        If the cluster cannot do it.
    """
    from galspec.catalog import predict_files

    is_photometric = photometric.is_photometric(type(estimator))
    if getattr(arguments, "stamps", None) is not None:
        raise CommandError("--stamps and --scheduler do not go together")
    if is_photometric:
        how = _survey(arguments)
    else:
        how = {"redshift": redshifts(arguments.redshift, names)}
    with _told():
        return predict_files(
            estimator,
            names,
            scheduler=arguments.scheduler,
            workers=arguments.workers,
            partition_size=arguments.partition_size,
            batch_size=arguments.batch_size,
            progress_bar=_shows(arguments),
            **how,
            **options,
        )


def _reading(estimator, arguments):
    """Which columns hold what."""
    if photometric.is_photometric(type(estimator)):
        if arguments.hats_column or arguments.hats_unit or arguments.hats_medium:
            raise CommandError(
                "--hats-column, --hats-unit and --hats-medium are for spectra"
            )
        return _survey(arguments)
    how = dict(arguments.hats_column or ())
    if arguments.redshift is not None:
        try:
            how["redshift"] = float(arguments.redshift)
        except ValueError as error:
            raise CommandError(
                f"--redshift {arguments.redshift} is no number; "
                "--hats-column redshift=NAME names a column of a HATS catalogue"
            ) from error
    units, medium = dict(arguments.hats_unit or ()), arguments.hats_medium
    return {**how, "units": units, "medium": medium}


def _survey(arguments):
    if arguments.redshift is not None:
        raise CommandError("--redshift is for spectra: photometry has none")
    return {name: getattr(arguments, name) for name in ("survey", "ebv", "dust_map")}


def _is_hats(name):
    if not os.path.isdir(name):
        return False
    from galspec.catalog import is_hats

    return is_hats(name)


def _shows(arguments):
    return sys.stderr.isatty() and not arguments.quiet


@contextlib.contextmanager
def _told():
    """Errors that the user can put right, as such."""
    from galspec.catalog import ClusterError
    from galspec.partitions.reference import WorkerMismatchError

    known = (ClusterError, WorkerMismatchError, ImportError, OSError)
    try:
        yield
    except (*known, TypeError, ValueError) as error:
        raise CommandError(str(error)) from error
