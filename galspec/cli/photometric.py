"""What goes into a prediction from photometry: tables, reddening, images."""

import os
import sys

from galspec.cli.errors import CommandError

__all__ = [
    "NAMES",
    "add_photometry",
    "batches",
    "is_photometric",
    "photometry_of",
    "with_images",
]

#: What `add_photometry` declares.
NAMES = ("survey", "ebv", "dust_map", "stamps")
#: Objects whose images are in memory together.
ROWS = 2048


def is_photometric(cls):
    """Whether a class of estimators works on photometry.

    Parameters
    ----------
    cls : type

    Returns
    -------
    bool
    """
    # there is no such class where what it would be a subclass of is not imported
    module = sys.modules.get("galspec.photometric_estimator")
    return module is not None and issubclass(cls, module.PhotometricEstimator)


def add_photometry(parser, cls):
    """Declare how tables of photometry are read, for an estimator that takes such.

    Parameters
    ----------
    parser : argparse.ArgumentParser
    cls : type
        The estimator; nothing is declared for one that works on spectra.
    """
    if not is_photometric(cls):
        return
    group = parser.add_argument_group(
        "photometry",
        "FILE or LABELLED is a table of objects: FITS, Parquet, ECSV or CSV",
    )
    add = group.add_argument
    add(
        "--survey",
        metavar="NAME",
        help="what it is of: ls-dr10, ls-dr9, sdss or cosmos (default: the first that "
        "the weights know)",
    )
    add(
        "--ebv",
        type=float,
        metavar="X",
        help="E(B-V) of the Milky Way, one for all (default: as the table says)",
    )
    add(
        "--dust-map",
        metavar="MAP",
        help="where E(B-V) comes from for objects of which nothing else tells it: sfd, "
        "or a folder with the maps of Schlegel, Finkbeiner & Davis (1998)",
    )
    add(
        "--stamps",
        metavar="FOLDER",
        help="images of the objects, as galspec cutouts leaves them (default: none)",
    )


def photometry_of(estimator, arguments, names):
    """Photometry of tables, without images.

    Parameters
    ----------
    estimator : `~galspec.PhotometricEstimator`
    arguments : argparse.Namespace
        With what `add_photometry` gave, if anything.
    names : list of str
        Of the tables.

    Returns
    -------
    `~galspec.PhotometryBatch`

    Raises
    ------
    CommandError
        If a table cannot be read, has no such columns, or is of another survey than
        the estimator knows.
    """
    from astropy.units import UnitConversionError

    reading = {name: getattr(arguments, name, None) for name in NAMES[:3]}
    try:
        batch = estimator.gather(names, **reading)
        estimator.recipe(batch[:0])
    except (ValueError, OSError, ImportError, UnitConversionError) as error:
        told = names[0] in str(error)
        text = f"{error}" if told else f"{_listed(names)}: {error}"
        raise CommandError(text) from error
    return batch


def with_images(batch, arguments):
    """Photometry with the images of the folder that was named, if one was.

    Parameters
    ----------
    batch : `~galspec.PhotometryBatch`
    arguments : argparse.Namespace

    Returns
    -------
    `~galspec.PhotometryBatch`

    Raises
    ------
    CommandError
        If there are no positions to find images by, or none of the survey.
    """
    _check_images(batch, arguments)
    folder = _folder(arguments)
    if folder is None:
        return batch
    from galspec.datasets import fetch_cutouts
    from galspec.io import read_cutouts

    ra, dec = (batch.ids[name] for name in ("ra", "dec"))
    survey, bands = batch.survey, batch.bands
    try:
        cutouts = fetch_cutouts(
            ra, dec, survey=survey, folder=folder, offline=True, progress_bar=False
        )
    except ValueError as error:
        raise CommandError(f"--stamps {folder}: {error}") from error
    stamps = read_cutouts(cutouts.files, survey=survey, bands=bands, ra=ra, dec=dec)
    return batch.with_stamps(stamps.images)


def batches(estimator, arguments, names):
    """Photometry of tables in parts, with images, which are read as late as possible.

    Parameters
    ----------
    estimator, arguments, names
        As for `photometry_of`.

    Returns
    -------
    iterator of `~galspec.PhotometryBatch`
    n : int
        Number of objects.

    Raises
    ------
    CommandError
        As for `photometry_of` and `with_images`.
    """
    if getattr(arguments, "redshift", None) is not None:
        raise CommandError("--redshift is for spectra: photometry has none")
    batch = photometry_of(estimator, arguments, names)
    _check_images(batch, arguments)
    size = arguments.batch_size or ROWS
    parts = (batch[at : at + size] for at in range(0, len(batch), size))
    return _pictured(parts, arguments), len(batch)


def _pictured(parts, arguments):
    """Parts with images; at the end a word on how many there were."""
    found = total = 0
    for part in parts:
        part = with_images(part, arguments)
        yield part
        found, total = found + _images(part), total + len(part)
    if _folder(arguments) is not None and not arguments.quiet:
        print(f"images: of {found} of {total} objects", file=sys.stderr)


def _images(batch):
    return int(batch.pictured.any(axis=1).sum())


def _folder(arguments):
    # commands that name no estimator have no such option
    return getattr(arguments, "stamps", None)


def _check_images(batch, arguments):
    folder = _folder(arguments)
    if folder is None:
        return
    if not os.path.isdir(folder):
        raise CommandError(f"--stamps {folder}: there is no such folder")
    missing = [name for name in ("ra", "dec") if name not in batch.ids]
    if missing:
        raise CommandError(
            f"--stamps {folder}: the table has no column {', '.join(missing)} to find "
            "the images by"
        )


def _listed(names):
    return names[0] if len(names) == 1 else f"{names[0]} and {len(names) - 1} more"
