"""The search for carbon-enhanced metal-poor stars, from files to ranked candidates."""

import pathlib
import typing

import numpy as np

from galspec.catalog.cemp.cuts import adjusted
from galspec.catalog.cemp.pages import check_pages, write_pages
from galspec.catalog.cemp.rows import SearchRows
from galspec.catalog.cemp.tables import candidate_table, spectra_table
from galspec.catalog.crossmatch import check_positions, with_nearest
from galspec.catalog.making import check_call, make
from galspec.catalog.methods import ready_method
from galspec.catalog.parts import is_unfinished
from galspec.io.tables import check_output, write_table
from galspec.positions import arcseconds
from galspec.quality import as_number

__all__ = ["SearchResult", "cemp_search", "spectra_path"]


class SearchResult(typing.NamedTuple):
    """What a search found.

    Parameters
    ----------
    candidates : `~astropy.table.QTable`
        By rank, with labels and errors.
    spectra : `~astropy.table.QTable`
        Every spectrum, with ``selected`` and ``reason``.
    """

    candidates: object
    spectra: object


def cemp_search(
    files,
    output=None,
    *,
    estimator=None,
    criterion="default",
    cuts=None,
    p_min=0.5,
    match=None,
    radius=3.0,
    pages=None,
    batch_size=128,
    partition_size=1000,
    workers=None,
    progress_bar=None,
    overwrite=False,
):
    """Search files of stellar spectra for carbon-enhanced metal-poor stars.

    Spectra that pass the cuts get labels and the index of the G band; those that are
    probable enough are candidates, ranked by their probability.

    With an ``output``, finished parts are kept beside it until it is written, and an
    interrupted call goes on when it is repeated, as of `metallicity_catalog`. A second
    table beside it, ``candidates.spectra.fits`` for ``candidates.fits``, tells what
    became of every spectrum.

    Parameters
    ----------
    files : path-like, iterable of path-like, or table
        As for `metallicity_catalog`.
    output : path-like, optional
        A .fits, .ecsv or .parquet file for the candidates.
    estimator : object, str or tuple of str, optional
        What gives ``p_cemp``: an estimator that is ready to predict, the name of an
        installed one, or its name and the tag of its weights.
        ``CEMPParams.pretrained()`` when not given.
    criterion : str
        Which definition of carbon enhancement, as `~galspec.CEMPParams` knows them.
    cuts : mapping of str to float or None, optional
        Other limits than those of `galspec.catalog.CEMP_CUTS`, by name; None switches
        a cut off. A spectrum of which a value is not known passes its cut.
    p_min : float
        Lowest probability of a candidate.
    match : table or path-like, optional
        A table with ``ra`` and ``dec``; the columns of its nearest row come with each
        candidate, as ``match_NAME``, with ``match_separation``.
    radius : float or `~astropy.units.Quantity`
        Largest separation of a match; arcseconds where it has no unit.
    pages : path-like, optional
        A folder for a picture of each candidate. Needs matplotlib.
    batch_size, partition_size, workers, progress_bar, overwrite
        As for `metallicity_catalog`.

    Returns
    -------
    SearchResult
        The tables ``candidates`` and ``spectra``. Their ``meta`` has the method, the
        cuts, versions, and how many spectra each cut removed (``reasons``) or could
        not judge (``unknown``).

    Raises
    ------
    TypeError, ValueError
        If the call itself is wrong; never because of a file.
    OSError
        If an output exists or cannot be written.
    CatalogError
        If there are parts of another search, or another process is making this one.
    ImportError
        If pages are wanted and matplotlib is not installed.
    galspec.weights.WeightsError
        If weights are not to be had.

    Examples
    --------
    >>> from galspec.catalog import cemp_search
    >>> found = cemp_search("spectra/", cuts={"snr_g": 10})  # doctest: +SKIP
    >>> found.candidates["rank", "obsid", "p_cemp"]  # doctest: +SKIP
    """
    sizes = {"batch_size": batch_size, "partition_size": partition_size}
    check_call(output, overwrite, workers=workers, **sizes)
    _check_places(output, pages, overwrite)
    match, radius = _other_table(match), arcseconds(radius)
    cuts, p_min = adjusted(cuts), _probability(p_min)
    method = ready_method("estimator", estimator or "cemp-params", "cfe")
    options = {} if criterion == "default" else {"criterion": criterion}
    maker = SearchRows(method, cuts, p_min, options)
    template = maker.template

    def finish(rows, meta):
        meta = meta | {"unknown": _unknown(rows, cuts)}
        candidates = candidate_table(rows, template, meta)
        if match is not None and len(candidates):
            check_positions(candidates, "the candidates")
            candidates = with_nearest(candidates, match, radius)
            candidates.meta["radius"] = radius
        found = SearchResult(candidates, spectra_table(rows, template, meta))
        if pages is not None:
            write_pages(pages, candidates, rows, bool(progress_bar))
        if output is not None:
            write_table(found.spectra, spectra_path(output))
            write_table(candidates, output)
        return found

    return make(
        files,
        output,
        maker,
        finish,
        workers=workers,
        progress_bar=progress_bar,
        overwrite=overwrite,
        **sizes,
    )


def spectra_path(output):
    """Where the table of all spectra stands, beside that of the candidates.

    Parameters
    ----------
    output : path-like

    Returns
    -------
    `pathlib.Path`

    Examples
    --------
    >>> from galspec.catalog.cemp.search import spectra_path
    >>> spectra_path("candidates.fits").name
    'candidates.spectra.fits'
    """
    path = pathlib.Path(output)
    return path.with_name(f"{path.stem}.spectra{path.suffix}")


def _check_places(output, pages, overwrite):
    """Refuse what would be overwritten, but for what an interrupted call left."""
    if output is not None:
        overwrite = overwrite or is_unfinished(output)
        check_output(spectra_path(output), overwrite)
    if pages is not None:
        check_pages(pages, overwrite)


def _other_table(match):
    """The table to match with, found out to be usable before any work is done."""
    if match is None:
        return None
    from galspec.evaluation.tables import read_table

    table = read_table(match)
    check_positions(table, "the table to match")
    return table


def _probability(value):
    number = as_number("p_min", value)
    if not 0 <= number <= 1:
        raise ValueError(f"p_min is {number}; a probability lies between 0 and 1")
    return number


def _unknown(rows, cuts):
    """How many spectra each cut could not judge."""
    on = [cut for cut in cuts if cut.limit is not None]
    judged = np.isfinite(rows["p_cemp"])
    counts = {c.name: np.count_nonzero(judged & np.isnan(rows[c.column])) for c in on}
    return ",".join(f"{name}={n}" for name, n in counts.items() if n)
