"""Sections on what was measured on: distributions, labels, flags."""

import numpy as np

from galspec.evaluation.report.blocks import (
    Figure,
    LeftOut,
    Section,
    Table,
    fixed,
    percent,
)
from galspec.evaluation.report.figures import axis_label, histogram, panel, reference
from galspec.evaluation.tables import numbers, texts
from galspec.flags import EXPLANATIONS, Flags

__all__ = ["catalogue", "flag_counts", "label_histograms", "sample"]

_SAMPLE = {
    "redshift": ("redshift", "redshift z"),
    "snr_r": ("signal-to-noise ratio", "signal-to-noise ratio"),
    "mag": ("magnitude", "magnitude"),
}


def sample(data):
    """Distributions of redshift, signal-to-noise ratio and magnitude."""
    blocks, metrics = [], {"n": len(data)}
    for role, (words, label) in _SAMPLE.items():
        values = data.role(role)
        if values is None or not np.isfinite(values).any():
            blocks.append(LeftOut(f"No {words}: a column '{role}' would give it."))
            continue
        values = values[np.isfinite(values)]
        low, middle, high = np.quantile(values, (0.16, 0.5, 0.84))
        metrics[role] = {"n": values.size, "median": middle, "p16": low, "p84": high}
        with panel(label, "spectra", height=2.8) as (figure, axis):
            histogram(axis, [values], [None])
        column = data.columns[role]
        caption = f"{words.capitalize()} (column {column}), median {middle:.3g}."
        blocks.append(Figure(f"sample_{role}", figure, caption))
    return Section("Sample", blocks, metrics, ("sample",))


def label_histograms(data, target):
    """Labels of a target, by part of the split where there is one."""
    name, key = f"true_{target.name}", ("targets", target.name, "labels")
    title = f"Labels: {target.description}"
    if not data.has(name):
        missing = LeftOut(f"A column '{target.name}' would give the labels.")
        return Section(title, [missing], {}, key)
    blocks, metrics = [], {}
    parts = {"all rows": numbers(data.everything, name, target.unit)}
    if "split" in data.columns:
        split = texts(data.everything, data.columns["split"])
        labels = parts.pop("all rows")
        parts = {part: labels[split == part] for part in np.unique(split)}
        parts = dict(sorted(parts.items(), key=lambda item: -len(item[1])))
    else:
        blocks.append(LeftOut("Not by split: a column 'split' would tell the parts."))
    parts = {part: values[np.isfinite(values)] for part, values in parts.items()}
    for part, values in parts.items():
        metrics[part] = {"n": values.size, **_moments(values)}
    counts = [f"{part} ({values.size})" for part, values in parts.items()]
    with panel(axis_label(target, "true"), "spectra", height=2.8) as (figure, axis):
        histogram(axis, list(parts.values()), counts)
    caption = f"Labels of {', '.join(counts)}."
    blocks.insert(0, Figure(f"labels_{target.name}", figure, caption))
    return Section(title, blocks, metrics, key)


def catalogue(data, target):
    """Values that the estimator gives, flagged ones apart."""
    values, flags = data.predicted(target), data.flags()
    known = np.isfinite(values)
    sets, names = [values[known]], ["all"]
    if flags is not None:
        sets, names = [*sets, values[known & (flags == 0)]], [*names, "unflagged"]
    metrics = {
        name: {"n": part.size, **_moments(part)}
        for name, part in zip(names, sets, strict=True)
    }
    with panel(axis_label(target, "estimated"), "spectra", height=2.8) as (
        figure,
        axis,
    ):
        histogram(
            axis, sets, [f"{n} ({len(s)})" for n, s in zip(names, sets, strict=True)]
        )
        axis.set_xlim(*axis.get_xlim())  # the lines must not widen it
        for end in target.valid:
            reference(axis, end, vertical=True)
    caption = (
        "Values of the catalogue; dotted lines: valid range "
        f"{target.valid[0]:g} to {target.valid[1]:g}."
    )
    rows = [_value_row(name, row) for name, row in metrics.items()]
    header = ("", "n", "mean", "median", "16 %", "84 %")
    blocks = [
        Figure(f"catalogue_{target.name}", figure, caption),
        Table("Values of the catalogue", header, rows),
    ]
    key = ("targets", target.name, "catalogue")
    return Section(f"Catalogue: {target.description}", blocks, metrics, key)


def flag_counts(data):
    """How many rows carry each quality bit, and what it means."""
    flags = data.flags()
    if flags is None:
        missing = LeftOut("The estimates have no column 'flags'.")
        return Section("Flags", [missing], {}, ("flags",))
    good = int(np.sum(flags == 0))
    metrics, rows = (
        {"none": good},
        [("none", str(good), percent(good / len(flags)), "")],
    )
    for bit in Flags:
        n = int(np.sum(flags & int(bit) != 0))
        if n:
            metrics[bit.name] = n
            rows.append((bit.name, str(n), percent(n / len(flags)), EXPLANATIONS[bit]))
    header = ("flag", "rows", "share", "meaning")
    table = Table("Rows with each flag; a row may have several", header, rows)
    return Section("Flags", [table], metrics, ("flags",))


def _moments(values):
    if not values.size:
        return dict.fromkeys(("mean", "median", "std", "p16", "p84"), np.nan)
    low, middle, high = np.quantile(values, (0.16, 0.5, 0.84))
    return {
        "mean": values.mean(),
        "median": middle,
        "std": values.std(),
        "p16": low,
        "p84": high,
    }


def _value_row(name, row):
    keys = ("mean", "median", "p16", "p84")
    # one digit less than scatter is given with
    return (name, str(row["n"]), *(fixed(row[key], 10 * row["std"]) for key in keys))
