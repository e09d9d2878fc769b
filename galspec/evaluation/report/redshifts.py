"""Sections on photometric redshifts with densities: as a whole, and by parts."""

import numpy as np

from galspec.evaluation.density_metrics import even_distance
from galspec.evaluation.photoz_scores import (
    METRICS,
    parts_between,
    parts_of,
    redshift_scores,
    summary_table,
)
from galspec.evaluation.report.blocks import (
    LeftOut,
    Section,
    Table,
    Text,
    fixed,
    percent,
)
from galspec.evaluation.report.cells import cells
from galspec.evaluation.report.redshift_figures import (
    error_figure,
    metric_figure,
    pit_figure,
    redshift_figure,
)
from galspec.evaluation.tables import texts
from galspec.redshift_table import RedshiftTable

__all__ = ["redshift_sections", "redshift_tiles"]

#: Where Wei et al. (2025, arXiv:2505.24175) split bright from faint, in r.
SPLIT = 21.5
#: Widths of bins in magnitude and in redshift.
MAGNITUDES, REDSHIFTS = 0.5, 0.2
_INFINITY = float("inf")


def redshift_sections(data, target):
    """Tables and figures of photometric redshifts.

    Parameters
    ----------
    data : `~galspec.evaluation.labelled.LabelledSet`
        With the densities of the estimates.
    target : `~galspec.Target`

    Returns
    -------
    list of Section
    """
    true = data.true(target)
    title, key = "Photometric redshifts", ("targets", target.name, "summary")
    if true is None:
        words = f"A column '{target.name}' with true redshifts would give it."
        return [Section(title, [LeftOut(words)], {}, key)]
    scores = redshift_scores(RedshiftTable(data.table), true)
    if not np.isfinite(scores["dz"]).any():
        words = "No row has a true redshift and an estimate."
        return [Section(title, [LeftOut(words)], {"n": 0}, key)]
    return [
        _whole(data, target, scores),
        _densities(target, scores),
        _by_magnitude(data, target, scores),
        _by_redshift(data, target, scores),
        _by_type(data, target, scores),
    ]


def redshift_tiles(row):
    """The numbers that one looks for first.

    Parameters
    ----------
    row : dict
        Entries of `galspec.evaluation.photoz_scores.redshift_summary`.

    Returns
    -------
    list of tuple of str
        Value, and what it is.
    """
    return [
        (fixed(row["sigma_nmad"], 0.1), "sigma NMAD"),
        (percent(row["eta15"]), "outliers above 0.15"),
        (percent(row["eta10"]), "outliers above 0.10"),
        (fixed(row["bias"], 0.1, "+"), "bias"),
        (fixed(row["pit_ks"], 0.1), "KS distance of the PIT"),
        (percent(row["coverage68"]), "within 68 % intervals"),
    ]


def _whole(data, target, scores):
    parts = {"all": np.full(len(scores), True)}
    flags = data.flags()
    if flags is not None and flags.any():
        parts["unflagged"] = flags == 0
    summary = summary_table(scores, parts, groups=data.groups())
    section = _section(summary, "Photometric redshifts", target, "summary")
    section.metrics.update(section.metrics.pop("all"))
    section.blocks.insert(0, redshift_figure(scores))
    words = "; ".join(f"{name}: {text}" for name, text in METRICS.items())
    section.blocks.append(Text(f"{words}. Errors are from the bootstrap."))
    return section


def _densities(target, scores):
    pit = np.array(scores["pit"])
    n, distance = int(np.isfinite(pit).sum()), even_distance(pit)
    typical = 0.83 / np.sqrt(max(n, 1))
    blocks = [
        pit_figure(pit, distance),
        Text(
            f"Kolmogorov-Smirnov distance of {n} values from being even: "
            f"{distance:.4f}. Right densities of so many have {typical:.4f} in the "
            "median."
        ),
    ]
    key = ("targets", target.name, "pit")
    return Section("Densities", blocks, {"n": n, "ks": distance}, key)


def _by_magnitude(data, target, scores):
    title, values = "By magnitude", data.role("mag")
    if values is None or not np.isfinite(values + scores["dz"]).any():
        missing = LeftOut("A column 'mag' would give it.")
        return Section(title, [missing], {}, ("targets", target.name, "by_mag"))
    parts = parts_between(values, (-_INFINITY, SPLIT, _INFINITY), "m")
    finer = parts_between(values, _edges(values, MAGNITUDES), "m")
    summary = summary_table(scores, parts | finer, groups=data.groups())
    section = _section(summary, title, target, "by_mag")
    column = data.columns["mag"]
    section.blocks.append(
        Text(f"m is the magnitude (column {column}), split as by Wei et al. (2025).")
    )
    summary = summary[-len(finer) :]
    section.blocks[:0] = _figures(scores, values, finer, summary, "magnitude", "mag")
    return section


def _by_redshift(data, target, scores):
    values = np.array(scores["z_spec"])
    edges = _edges(values, REDSHIFTS)
    parts = parts_between(values, edges, "z")
    summary = summary_table(scores, parts, groups=data.groups())
    section = _section(summary, "By redshift", target, "by_redshift")
    words = "spectroscopic redshift"
    section.blocks[:0] = _figures(scores, values, parts, summary, words, "redshift")
    return section


def _by_type(data, target, scores):
    title, key = "By type", ("targets", target.name, "by_type")
    parts = {}
    if "class" in data.columns:
        parts = parts_of(texts(data.table, data.columns["class"]))
    if not parts:
        missing = LeftOut("A column 'class' with types would give it.")
        return Section(title, [missing], {}, key)
    summary = summary_table(scores, parts, groups=data.groups())
    return _section(summary, title, target, "by_type")


def _figures(scores, values, parts, summary, words, name):
    places = [np.nanmedian(values[inside]) for inside in parts.values()]
    return [
        error_figure(scores, values, words, name),
        metric_figure(summary, places, ("sigma_nmad",), words, name),
        metric_figure(summary, places, ("eta15", "eta10"), words, name),
    ]


def _section(summary, title, target, name):
    """A table with a row a part, and its numbers."""
    numbers = [n for n in summary.colnames if n != "part"]
    metrics = {
        str(row["part"]): {name: row[name].item() for name in numbers}
        for row in summary
    }
    blocks = [Table(title, *cells(summary))]
    return Section(title, blocks, metrics, ("targets", target.name, name))


def _edges(values, width):
    """Round edges that hold all but a hundredth at each end, which is open."""
    values = values[np.isfinite(values)]
    if not values.size:
        return (-_INFINITY, _INFINITY)
    low, high = np.quantile(values, (0.01, 0.99))
    inner = np.arange(np.ceil(low / width), np.floor(high / width) + 0.5) * width
    return (-_INFINITY, *inner.round(6).tolist(), _INFINITY)
