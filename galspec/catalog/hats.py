"""A HATS catalogue in, a HATS catalogue of results out, through LSDB."""

import contextlib
import os
import pathlib

from galspec.catalog.clusters import check_versions, connected

__all__ = ["is_hats", "predict_hats"]

#: Files that tell a catalogue, or a collection of several, from any other folder.
PROPERTIES = ("hats.properties", "properties", "collection.properties")
MARK = "hats_"


def is_hats(path):
    """Whether a folder is a HATS catalogue, or a collection with one.

    Parameters
    ----------
    path : path-like

    Returns
    -------
    bool

    Examples
    --------
    >>> from galspec.catalog import is_hats
    >>> is_hats("spectra/")
    False
    """
    folder = pathlib.Path(path)
    if (folder / PROPERTIES[-1]).is_file():
        return True
    for name in PROPERTIES[:-1]:
        with contextlib.suppress(OSError, UnicodeDecodeError):
            return MARK in (folder / name).read_text()
    return False


def predict_hats(
    estimator,
    catalog,
    output,
    *,
    scheduler=None,
    workers=None,
    overwrite=False,
    progress_bar=True,
    keep=None,
    **how,
):
    """Predict for every row of a HATS catalogue, and write the results as another.

    LSDB reads the columns that are needed and writes the catalogue; it is partitioned
    as the first one. A partition is in memory as a whole in the process that works on
    it, without the columns that are not needed.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator` or `~galspec.PhotometricEstimator`
        With weights that have a name, or a file that all workers can read.
    catalog : path-like
        A catalogue, or a collection, whose main catalogue counts.
    output : path-like
        Folder of the catalogue that is made.
    scheduler : str or distributed.Client, optional
        As for `predict_files`; when not given, threads of this process, unless it is
        connected to a cluster already.
    workers : int, optional
        Processes on this machine, or threads; as many as cores when not given.
    overwrite : bool
        Replace ``output``, if it is a HATS catalogue.
    progress_bar : bool
        Show one.
    keep : sequence of str, optional
        Columns that the results have too, beside the position; all that hold one value
        a row when not given.
    **how
        Which columns hold what, and keywords of ``predict``: as for
        ``as_partition_function`` of the estimator.

    Returns
    -------
    lsdb.catalog.Catalog
        The catalogue that was made, opened. Its properties ``galspec_...`` have
        provenance and units.

    Raises
    ------
    FileNotFoundError
        If ``catalog`` is none.
    FileExistsError
        If ``output`` is there, and is not to be replaced or is no HATS catalogue.
    ImportError
        If LSDB is not installed.
    TypeError, ValueError
        If a column is missing, or the call itself is wrong.
    ClusterError, galspec.partitions.reference.WorkerMismatchError
        As for `predict_files`.

    Examples
    --------
    >>> from galspec import ELGPhotoZ
    >>> from galspec.catalog import predict_hats
    >>> made = predict_hats(
    ...     ELGPhotoZ.pretrained(), "legacy_surveys/", "redshifts/", survey="ls-dr10"
    ... )  # doctest: +SKIP
    """
    check_folders(catalog, output, overwrite)
    lsdb = _lsdb()
    there = lsdb.open_catalog(catalog, columns="all")
    function = estimator.as_partition_function(keep=_with_position(keep, there), **how)
    needed = function.needed(there.meta)
    there = lsdb.open_catalog(catalog, columns=needed)
    there.margin = None  # rows of neighbours, which would be predicted twice
    made = there.map_partitions(function, meta=function.meta_for(there.meta))
    with _cluster(scheduler, workers):
        made.write_catalog(
            output,
            catalog_name=pathlib.Path(output).name,
            as_collection=False,
            overwrite=overwrite,
            progress_bar=progress_bar,
            tqdm_kwargs={"desc": "partitions"},
            addl_hats_properties=_properties(function),
        )
    return lsdb.open_catalog(output)


def check_folders(catalog, output, overwrite=False):
    """Refuse, before any work is done, what is no catalogue or could not be written.

    Parameters
    ----------
    catalog, output, overwrite
        As for `predict_hats`.

    Raises
    ------
    FileNotFoundError, FileExistsError
        As for `predict_hats`.
    """
    if not is_hats(catalog):
        raise FileNotFoundError(
            f"{catalog} is no HATS catalogue: it has none of {', '.join(PROPERTIES)}"
        )
    if os.path.realpath(catalog) == os.path.realpath(output):
        raise FileExistsError(f"{output} is the catalogue that is read: choose another")
    folder = pathlib.Path(output)
    if folder.is_file() or (folder.is_dir() and any(folder.iterdir())):
        # what overwriting removes is the whole folder
        if not is_hats(folder):
            raise FileExistsError(
                f"{output} is there, and is no HATS catalogue, or no finished one: "
                "remove it, or choose another"
            )
        if not overwrite:
            raise FileExistsError(f"{output} exists: give overwrite=True to replace it")
    if not folder.absolute().parent.is_dir():
        raise FileNotFoundError(f"there is no folder to make {output} in")


def _with_position(keep, catalog):
    """Columns to keep, and those that every HATS catalogue must have."""
    if keep is None:
        return None
    about = catalog.hc_structure.catalog_info
    keep = (keep,) if isinstance(keep, str) else keep
    return tuple(dict.fromkeys([about.ra_column, about.dec_column, *keep]))


@contextlib.contextmanager
def _cluster(scheduler, workers):
    """LSDB takes the cluster that is connected, or threads."""
    if scheduler is None:
        import dask

        with dask.config.set(num_workers=workers):
            yield
        return
    with connected(scheduler, workers) as client:
        check_versions(client)
        yield


def _properties(function):
    units = ", ".join(f"{name} {unit}" for name, unit in function.units.items())
    about = {**function.provenance, "units": units}
    return {f"galspec_{name}": str(value) for name, value in about.items()}


def _lsdb():
    try:
        import lsdb
    except ImportError as error:
        raise ImportError(
            f"HATS catalogues need {error.name}: pip install 'astro-galspec[hats]'"
        ) from error
    return lsdb
