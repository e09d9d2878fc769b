"""Sections on quantities: predicted against true, Table 1, scatter in bins."""

import numpy as np

from galspec.evaluation.metrics import (
    BINS,
    binned_summary,
    bootstrap_error,
    residual_summary,
)
from galspec.evaluation.report.blocks import (
    Figure,
    LeftOut,
    Section,
    Table,
    Text,
    fixed,
)
from galspec.evaluation.report.figures import (
    axis_label,
    cloud,
    histogram,
    legend_above,
    limits,
    logarithmic,
    panel,
    reference,
    running,
    with_errors,
)
from galspec.evaluation.tables import numbers

__all__ = ["comparison", "one_to_one", "scatter_in_bins", "useful_edges"]

NAMES = {"snr_r": "signal-to-noise ratio", "redshift": "redshift"}
SYMBOLS = {"snr_r": "S/N", "redshift": "z"}


def one_to_one(data, target):
    """Predicted against true values, and the distribution of their differences."""
    true, predicted = data.true(target), data.predicted(target)
    key, title = ("targets", target.name, "summary"), target.description
    if true is None:
        missing = LeftOut(f"A column '{target.name}' with labels would give it.")
        return Section(f"Predicted against true: {title}", [missing], {}, key)
    metrics = _summary(data, true, predicted)
    ends = limits(true, predicted)
    true_label, label = axis_label(target, "true"), axis_label(target, "predicted")
    with panel(true_label, label, height=4.4) as (figure, axis):
        cloud(axis, true, predicted, (*ends, *ends))
        axis.plot(ends, ends, color="black", lw=0.8, ls=":", label="equal")
        running(axis, true, predicted)
        legend_above(axis, 3)
    caption = f"Predicted against true values. {in_words(metrics, target)}"
    blocks = [
        Figure(f"one_to_one_{target.name}", figure, caption),
        _differences(data, target, true, predicted),
    ]
    if metrics["slope"] < 0.9:
        blocks.append(Text(_flattening(metrics["slope"])))
    return Section(f"Predicted against true: {title}", blocks, metrics, key)


def comparison(data, target, compare=()):
    """Table 1: the estimator, other estimates, and the mean label.

    Parameters
    ----------
    data : `~galspec.evaluation.labelled.LabelledSet`
    target : `~galspec.Target`
    compare : sequence of str
        Columns with other estimates of the same target.

    Returns
    -------
    Section
    """
    key, title = ("targets", target.name, "comparison"), "Table 1"
    title = f"{title}: {target.description}"
    if (true := data.true(target)) is None:
        missing = LeftOut(f"A column '{target.name}' with labels would give it.")
        return Section(title, [missing], {}, key)
    name = data.provenance.get("estimator", "estimator")
    estimates = {name: data.predicted(target)}
    known = np.isfinite(true) & np.isfinite(estimates[name])
    flags = data.flags()
    if flags is not None and np.any(flags[known]):
        estimates[f"{name}, unflagged"] = np.where(flags == 0, estimates[name], np.nan)
    for column in compare:
        estimates[column] = numbers(data.table, column, target.unit)
    training = data.training_labels(target)
    labels = true[known] if training is None else training
    estimates["mean label"] = np.full(len(true), labels.mean() if labels.size else 0)
    # all on the same rows, so that they can be compared
    true = np.where(known, true, np.nan)
    metrics = {label: _summary(data, true, e) for label, e in estimates.items()}
    rows = [_row(label, row, target_scale(true)) for label, row in metrics.items()]
    header = ("estimate", "n", "bias", "sigma", "NMAD", "slope")
    told = "training part" if training is not None else "rows measured here"
    blocks = [
        Table("Estimates minus labels", header, rows),
        Text(
            f"sigma: standard deviation, with its bootstrap error. Mean label: that of "
            f"the {told}, the least that an estimator must beat. All rows of the table "
            "are of the spectra for which the estimator has a value."
        ),
    ]
    if not compare:
        blocks.append(
            LeftOut("No other methods: name columns with their estimates to compare.")
        )
    return Section(title, blocks, metrics, key)


def scatter_in_bins(data, target, role):
    """Sigma with its bootstrap error in bins of S/N or redshift."""
    key = ("targets", target.name, f"by_{role}")
    title = f"Scatter by {NAMES[role]}: {target.description}"
    true, by = data.true(target), data.role(role)
    lacking = [
        f"'{name}'"
        for name, column in ((target.name, true), (role, by))
        if column is None or not np.isfinite(column).any()
    ]
    if lacking:
        missing = LeftOut(f"A column {' and a column '.join(lacking)} would give it.")
        return Section(title, [missing], {}, key)
    edges = useful_edges(by, BINS[role])
    predicted, groups = data.predicted(target), data.groups()
    bins = binned_summary(true, predicted, by, edges, groups=groups)
    n_all = int(np.sum(np.isfinite(true + predicted)))
    metrics = {"bins": bins, "outside": n_all - sum(row["n"] for row in bins)}
    header = (SYMBOLS[role], "n", "bias", "sigma", "NMAD", "mean label")
    rows = [_bin_row(row, target_scale(true)) for row in bins]
    blocks = [Table(f"By {NAMES[role]}", header, rows)]
    if any(row["n"] > 1 for row in bins):
        blocks.insert(0, _bins_figure(target, role, bins))
    if metrics["outside"]:
        blocks.append(Text(f"{metrics['outside']} rows lie outside the bins."))
    return Section(title, blocks, metrics, key)


def useful_edges(values, edges):
    """The given bins, or six with equal numbers where these would say little.

    That is where they hold less than half of the values, or one bin more than 80 %.

    Parameters
    ----------
    values : array_like, shape (n,)
    edges : sequence of float

    Returns
    -------
    tuple of float
    """
    values = values[np.isfinite(values)]
    counts = np.histogram(values, edges)[0]
    if counts.sum() >= 0.5 * len(values) and counts.max() <= 0.8 * len(values):
        return tuple(edges)
    found = np.unique(np.quantile(values, np.linspace(0, 1, 7)))
    # rounding would lose the ends, and the last bin lacks its upper edge
    last = np.nextafter(found[-1], np.inf)
    return (*found[:-1].tolist(), float(last)) if len(found) > 1 else tuple(edges)


def target_scale(true):
    """Scatter of labels, which says how many digits there are to show."""
    return float(np.nanstd(true)) if np.isfinite(true).any() else np.nan


def in_words(row, target):
    """One line with the metrics of a target.

    Parameters
    ----------
    row : dict
        What `~galspec.evaluation.residual_summary` gives.
    target : `~galspec.Target`

    Returns
    -------
    str
    """
    unit = f" {target.unit}" if str(target.unit or "") else ""
    bias, sigma, nmad = (
        fixed(row[name], row["null"], sign)
        for name, sign in (("bias", "+"), ("sigma", ""), ("nmad", ""))
    )
    return (
        f"n = {row['n']}, slope {fixed(row['slope'], 1)}, bias {bias}{unit}, "
        f"sigma {sigma}{unit}, NMAD {nmad}{unit}."
    )


def _summary(data, true, predicted):
    known = np.isfinite(true) & np.isfinite(predicted)
    groups = data.groups()
    error = bootstrap_error(
        np.std,
        (predicted - true)[known],
        groups=None if groups is None else groups[known],
    )
    return {**residual_summary(true, predicted), "sigma_err": error}


def _differences(data, target, true, predicted):
    sets, labels = [predicted - true], ["all"]
    if (flags := data.flags()) is not None and np.any(flags):
        sets, labels = [*sets, sets[0][flags == 0]], [*labels, "unflagged"]
    label = axis_label(target, "predicted minus true")
    with panel(label, "spectra", height=2.8) as (figure, axis):
        histogram(axis, sets, labels, bins=40)
        reference(axis, 0, vertical=True)
    caption = "Predicted minus true values."
    return Figure(f"differences_{target.name}", figure, caption)


def _flattening(slope):
    return (
        f"The slope of predicted against true is {slope:.2f}: high labels get lower "
        "estimates and low ones higher, as is typical of estimators that minimise "
        "squared errors. Relations with other quantities come out flatter than they "
        "are."
    )


def _bins_figure(target, role, bins):
    with panel(NAMES[role], axis_label(target, "σ of"), height=3.0) as (figure, axis):
        with_errors(axis, bins, "sigma", "sigma_err")
        if role == "snr_r":
            logarithmic(axis, bins)
        axis.set_ylim(bottom=0)
    caption = f"Scatter of predicted minus true by {NAMES[role]}."
    return Figure(f"sigma_{role}_{target.name}", figure, caption)


def _bin_row(row, scale):
    # one row has no scatter
    several = row["n"] > 1
    return (
        f"{row['low']:.3g} to {row['high']:.3g}",
        str(row["n"]),
        fixed(row["bias"], scale, "+"),
        _with_error(row, scale) if several else "–",
        fixed(row["nmad"], scale) if several else "–",
        fixed(row["null"], scale) if several else "–",
    )


def _row(label, row, scale):
    return (
        label,
        str(row["n"]),
        fixed(row["bias"], scale, "+"),
        _with_error(row, scale),
        fixed(row["nmad"], scale),
        fixed(row["slope"], 1),
    )


def _with_error(row, scale):
    if not np.isfinite(row["sigma_err"]):
        return fixed(row["sigma"], scale)
    return f"{fixed(row['sigma'], scale)} ± {fixed(row['sigma_err'], scale)}"
