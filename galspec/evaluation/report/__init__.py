"""The report: every table and figure of a paper from one labelled set."""

import io
import json
import pathlib

import numpy as np
from astropy.table import QTable

from galspec.evaluation.labelled import labelled_set
from galspec.evaluation.report.blocks import Figure, LeftOut, fixed, percent
from galspec.evaluation.report.classes import check_classes, classification
from galspec.evaluation.report.intervals import intervals
from galspec.evaluation.report.mass import mass_metallicity
from galspec.evaluation.report.page import render_page
from galspec.evaluation.report.redshifts import redshift_sections, redshift_tiles
from galspec.evaluation.report.sample import (
    catalogue,
    flag_counts,
    label_histograms,
    sample,
)
from galspec.evaluation.report.values import comparison, one_to_one, scatter_in_bins
from galspec.evaluation.tables import EvaluationError, is_class, numbers
from galspec.plotting import require_matplotlib

__all__ = ["evaluate"]


def evaluate(
    estimator,
    labelled,
    folder,
    *,
    predictions=None,
    columns=None,
    split=None,
    scale=None,
    weights=None,
    compare=None,
    thresholds=(0.5, 0.85),
    prior=None,
    classes=None,
    photometry=None,
    progress_bar=False,
):
    """Compare estimates with labels, and write a report.

    The report follows from the estimator's targets: probabilities of classes
    (``p_NAME``, valid from 0 to 1) are judged against a column of true classes, all
    other targets against labels. Redshifts with densities are judged as photometric
    redshifts are. What a missing column prevents is left out, with a line that names
    the column.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator` or `~galspec.ELGPhotoZ`
        Trained; of a class, the weights are loaded where they are needed. Where the
        estimates are given, they are not.
    labelled : path-like or `~astropy.table.Table`
        An ECSV, CSV, FITS or Parquet file. A column with the name of a target holds its
        labels, unless there is a column ``true_NAME``: that holds the labels then, and
        NAME an estimate. Further columns are found by name: ``file``, ``redshift`` (or
        ``z``), ``snr_r``, ``mag``, ``mass`` (log10 of solar masses), ``group`` (the
        object, for the bootstrap), ``split`` and ``class``. -9999 is no value.
    folder : path-like
        Where index.html, figures/, metrics.json and joined.ecsv are written; made if it
        is not there.
    predictions : path-like or `~astropy.table.Table`, optional
        The estimator's result, matched by ``file``, ``obsid`` or ``object_id``, or row
        by row. Without it, and without estimates in ``labelled``, the estimator
        predicts for the files that ``labelled`` names.
    columns : dict of str to str, optional
        Columns that are called something else, such as
        ``{"oh": "oh_p50", "mass": "lgm_fib_p50"}``.
    split : str, optional
        Which part of the split is measured on; "test" where there is one.
    scale : str, optional
        Scale of the labels, if the estimator is to give its values on that.
    weights : dict, optional
        What ``pretrained`` of a class is to be given, such as ``{"tag": "feng2025"}``.
    compare : list of str or dict of str to list of str, optional
        Columns of ``labelled`` with estimates by other methods; by target where there
        is more than one.
    thresholds : sequence of float
        Probabilities from which on an object counts as a member of a class.
    prior : dict of str to float, optional
        Shares of classes in the parent sample, such as ``{"sf": 0.25}``.
    classes : dict of str to str, optional
        True classes as the estimator calls them, such as ``{"2": "sf"}``, where that
        does not follow from names and descriptions.
    photometry : dict, optional
        How photometry in ``labelled`` is to be read, such as ``{"survey": "ls-dr9"}``:
        keywords of `galspec.ELGPhotoZ.gather`.
    progress_bar : bool
        Show one while predicting.

    Returns
    -------
    dict
        What is in metrics.json.

    Raises
    ------
    EvaluationError
        If a column that is needed is missing, or is not what it should be.
    ImportError
        If matplotlib is not installed.

    Examples
    --------
    >>> from galspec import GasMetallicity
    >>> from galspec.evaluation import evaluate
    >>> metrics = evaluate(
    ...     GasMetallicity, "test.ecsv", "report", predictions="estimates.ecsv"
    ... )  # doctest: +SKIP
    """
    require_matplotlib()
    compare = _by_target(compare, estimator.targets)

    def check(labels):
        """Refuse a wrong call before hours of prediction, not after them."""
        for target in labels.values:
            for column in compare.get(target.name, ()):
                numbers(labels.table, column, target.unit)
        check_classes(labels, prior=prior, classes=classes)

    data = labelled_set(
        estimator,
        labelled,
        predictions=predictions,
        columns=columns,
        split=split,
        scale=scale,
        weights=weights,
        photometry=photometry,
        check=check,
        progress_bar=progress_bar,
    )
    folder = pathlib.Path(folder)
    (folder / "figures").mkdir(parents=True, exist_ok=True)
    # first, so that estimates that took hours outlive whatever may go wrong below
    _write_joined(folder, data)
    sections = [] if data.densities else [sample(data)]
    if data.classes:
        sections += classification(
            data, thresholds=thresholds, prior=prior, classes=classes
        )
    for target in data.values:
        if target in data.densities:
            sections += redshift_sections(data, target)
            continue
        sections += _value_sections(data, target, compare.get(target.name, ()))
    sections.append(flag_counts(data))
    metrics = _metrics(data, sections)
    _write(folder, data, sections, metrics)
    return metrics


def _by_target(compare, targets):
    """Columns to compare with, by target."""
    names = [target.name for target in targets if not is_class(target)]
    if not isinstance(compare, dict):
        if compare and len(names) != 1:
            raise EvaluationError(
                f"compare: say of which target {', '.join(compare)} are estimates; "
                f"the estimator has {', '.join(names) or 'none'}"
            )
        return {names[0]: list(compare)} if compare else {}
    for name in compare:
        if name not in names:
            raise EvaluationError(
                f"compare: {name!r} is no target; there is {', '.join(names)}"
            )
    return compare


def _value_sections(data, target, compare):
    sections = [
        one_to_one(data, target),
        comparison(data, target, compare),
        scatter_in_bins(data, target, "snr_r"),
        scatter_in_bins(data, target, "redshift"),
        intervals(data, target),
        label_histograms(data, target),
        catalogue(data, target),
    ]
    if target.name == "oh":
        sections.insert(-2, mass_metallicity(data, target))
    return sections


def _metrics(data, sections):
    """All numbers of the report, nested as the sections' keys say."""
    metrics = {"provenance": data.provenance, "notes": list(data.notes)}
    known = [np.isfinite(data.predicted(target)) for target in data.targets]
    metrics["without_value"] = int(np.sum(~np.all(known, axis=0)))
    metrics["left_out"] = {
        "/".join(section.key): block.text
        for section in sections
        for block in section.blocks
        if isinstance(block, LeftOut)
    }
    for section in sections:
        place = metrics
        for part in section.key:
            place = place.setdefault(part, {})
        place.update(section.metrics)
    return _jsonable(metrics)


def _jsonable(value):
    """Plain numbers, and None for NaN, which JSON does not know."""
    if isinstance(value, dict):
        return {str(key): _jsonable(entry) for key, entry in value.items()}
    if isinstance(value, (list, tuple)):
        return [_jsonable(entry) for entry in value]
    if isinstance(value, (float, np.floating)):
        return float(value) if np.isfinite(value) else None
    return int(value) if isinstance(value, np.integer) else value


def _write_joined(folder, data):
    """Densities in a file of their own: as text they were a hundred times the rest."""
    from galspec.io.tables import write_table

    table = data.table.copy(copy_data=False)
    for target in data.densities:
        names = [n for n in table.colnames if n.startswith(target.name)]
        names += [n for n in ("snr", "domain", "flags") if data.has(n)]
        write_table(QTable(table[names]), folder / f"{target.name}.fits")
        table.remove_column(f"{target.name}_pdf")
    table.write(folder / "joined.ecsv", format="ascii.ecsv", overwrite=True)


def _write(folder, data, sections, metrics):
    """The page last: where it is, the report is complete."""
    pictures = {}
    for section in sections:
        for block in section.blocks:
            if isinstance(block, Figure):
                picture = pictures[block.name] = _png(block.figure)
                (folder / "figures" / f"{block.name}.png").write_bytes(picture)
    text = json.dumps(metrics, indent=1, allow_nan=False)
    (folder / "metrics.json").write_text(text + "\n", encoding="utf-8")
    facts = {**data.provenance, "also used": _columns(data)}
    title = f"Evaluation of {data.provenance['estimator']}"
    page = render_page(
        title, facts, data.notes, _tiles(data, metrics), sections, pictures
    )
    (folder / "index.html").write_text(page, encoding="utf-8")


def _png(figure):
    file = io.BytesIO()
    # no date and no version inside: equal results give equal files
    figure.savefig(file, format="png", dpi=200, metadata={"Software": None})
    return file.getvalue()


def _columns(data):
    """Which column serves for what, where the name does not say so."""
    words = (
        role if role == name else f"{role} ({name})"
        for role, name in data.columns.items()
    )
    return ", ".join(words) or "none but labels and estimates"


def _tiles(data, metrics):
    """The numbers that one looks for first."""
    tiles = [(str(len(data)), "galaxies" if data.densities else "spectra")]
    for target in data.values:
        entry = metrics["targets"][target.name]
        row = {k: np.nan if v is None else v for k, v in entry["summary"].items()}
        if not row.get("n"):
            continue
        if target in data.densities:
            tiles += redshift_tiles(row)
            continue
        name = f" of {target.name}"
        for key, words, sign in (("sigma", "sigma", ""), ("bias", "bias", "+")):
            tiles.append((fixed(row[key], row["null"], sign), words + name))
        tiles.append((fixed(row["slope"], 1), "slope" + name))
        if (share := entry["intervals"].get("68 %")) is not None:
            tiles.append((percent(share), "within 68 % errors" + name))
    for name, rows in metrics.get("classes", {}).get("detection", {}).items():
        accuracy = next(iter(rows.values()))["accuracy"]
        tiles.append((percent(accuracy), f"accuracy of {name}"))
    return tiles
