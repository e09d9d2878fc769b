"""The catalogue of metallicities: from files to a table, in parts."""

from galspec.catalog.columns import catalog_table, published
from galspec.catalog.criteria import Criteria
from galspec.catalog.duplicates import combine_duplicates
from galspec.catalog.making import check_call, make
from galspec.catalog.methods import ready_method
from galspec.catalog.rows import RowMaker
from galspec.io.tables import write_table
from galspec.positions import arcseconds

__all__ = ["metallicity_catalog"]


def metallicity_catalog(
    files,
    output=None,
    *,
    criteria=None,
    classifier=None,
    estimator=None,
    prior=None,
    scale=None,
    combine=None,
    selected_only=False,
    paper_names=False,
    batch_size=128,
    partition_size=1000,
    workers=None,
    progress_bar=None,
    overwrite=False,
):
    """Make a catalogue of gas-phase metallicities from files of galaxy spectra.

    Every spectrum is classified; those that fulfil the criteria get a metallicity,
    which is checked. Every spectrum is a row, and ``reason`` says why it is not
    selected.

    With an ``output``, finished parts are kept in a folder beside it, called as the
    output with ``.parts`` behind, until the catalogue is written. A call that was
    interrupted goes on from there when it is repeated.

    Parameters
    ----------
    files : path-like, iterable of path-like, or table
        A file, a folder (every FITS file below it), a list of these, or a table with
        the column ``file`` and any of ``obsid``, ``ra``, ``dec``, ``redshift`` (or
        ``z``) and ``snr_r``, which take precedence over what the files say.
    output : path-like, optional
        A .fits, .ecsv or .parquet file for the catalogue.
    criteria : `Criteria`, optional
        Which spectra are selected.
    classifier, estimator : object, str or tuple of str, optional
        What gives ``p_sf``, and what gives ``oh``: an estimator that is ready to
        predict, the name of an installed one, or its name and the tag of its weights.
        ``StarFormingClassifier.pretrained()`` and ``GasMetallicity.pretrained()`` when
        not given.
    prior : dict of str to float, optional
        Share of each class in the sample, for the classifier.
    scale : str, optional
        Give the metallicities on another scale than the estimator's own, such as
        "T04".
    combine : float or `~astropy.units.Quantity`, optional
        Give each object one row: see `combine_duplicates`, whose radius it is.
    selected_only : bool
        Leave out rows that are not selected.
    paper_names : bool
        Call columns as Feng, Wang & Li (2025) do: ``z``, ``Z_pred``, ``Z_pred_err``.
    batch_size : int
        Spectra that are worked on together.
    partition_size : int
        Files a part.
    workers : int, optional
        Threads that read and predict; as many as cores when not given.
    progress_bar : bool, optional
        Show one; by itself from 10 000 files on.
    overwrite : bool
        Replace an output that exists, and drop parts of another catalogue.

    Returns
    -------
    `~astropy.table.QTable`
        What was written. Its ``meta`` has the methods, their weights with SHA-256, the
        criteria, the scale, versions, numbers and the date.

    Raises
    ------
    TypeError, ValueError
        If the call itself is wrong; never because of a file.
    OSError
        If the output exists or cannot be written.
    CatalogError
        If there are parts of another catalogue (one of other files, methods or
        criteria), or another process is making this one.
    galspec.weights.WeightsError
        If weights are not to be had.

    Examples
    --------
    >>> from galspec import example_spectra
    >>> from galspec.catalog import metallicity_catalog
    >>> table = metallicity_catalog(example_spectra())  # doctest: +SKIP
    >>> table["oh"][table["selected"]]  # doctest: +SKIP
    """
    sizes = {"batch_size": batch_size, "partition_size": partition_size}
    check_call(output, overwrite, workers=workers, **sizes)
    if combine is not None:
        combine = arcseconds(combine)
    maker = _maker(criteria, classifier, estimator, prior, scale)

    def finish(rows, meta):
        table = _table(rows, maker, meta)
        if combine is not None:
            table = combine_duplicates(table, combine)
        table = published(table, selected_only=selected_only, paper_names=paper_names)
        if output is not None:
            write_table(table, output)
        return table

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


def _maker(criteria, classifier, estimator, prior, scale):
    criteria = Criteria() if criteria is None else criteria
    if not isinstance(criteria, Criteria):
        raise TypeError(f"criteria is {criteria!r}; it has to be of Criteria")
    estimator = ready_method("estimator", estimator or "gas-metallicity", "oh")
    classifier = ready_method(
        "classifier", classifier or "star-forming-classifier", "p_sf"
    )
    return RowMaker(classifier, estimator, criteria, prior, scale)


def _table(rows, maker, meta):
    meanings = {each.name: each.description for each in maker.classifier.targets}
    return catalog_table(rows, meanings, meta)
