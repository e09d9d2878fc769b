"""Section on errors: do the intervals hold as much of the truth as they say?"""

import itertools

import numpy as np

from galspec.evaluation.metrics import BINS, coverage
from galspec.evaluation.report.blocks import (
    Figure,
    LeftOut,
    Section,
    Table,
    Text,
    fixed,
    percent,
)
from galspec.evaluation.report.figures import (
    COLORS,
    FILL,
    legend_above,
    logarithmic,
    panel,
    reference,
    with_errors,
)
from galspec.evaluation.report.values import NAMES, useful_edges

__all__ = ["intervals"]

#: Pulls beyond this are counted in the outermost bins.
WIDEST = 5.0


def intervals(data, target):
    """Coverage of the 68 and 95 % intervals by S/N, and the pulls."""
    key = ("targets", target.name, "intervals")
    title = f"Errors: {target.description}"
    true, error = data.true(target), data.predicted(target, "_err")
    if true is None or error is None:
        column = target.name if true is None else f"{target.name}_err"
        return Section(title, [LeftOut(f"A column '{column}' would give it.")], {}, key)
    given = _given(data, target, error)
    metrics = {name: coverage(true, *ends) for name, ends in given.items()}
    if not any(np.isfinite(share) for share in metrics.values()):
        missing = LeftOut(f"No row has a label and an error '{target.name}_err'.")
        return Section(title, [missing], {}, key)
    pulls = (data.predicted(target) - true) / np.where(error > 0, error, np.nan)
    pulls = pulls[np.isfinite(pulls)]
    blocks = [_pull_figure(target, pulls)]
    by_snr = []
    if data.role("snr_r") is None:
        blocks.append(LeftOut("Not by S/N: a column 'snr_r' would give it."))
    else:
        by_snr = _by_snr(true, data.role("snr_r"), given)
        blocks.insert(0, _coverage_figure(target, by_snr, given))
    blocks.append(_coverage_table(metrics, by_snr, len(pulls)))
    if len(given) < 2:
        columns = f"'{target.name}_lo' and '{target.name}_hi'"
        blocks.append(LeftOut(f"No 95 % intervals: columns {columns} would give them."))
    metrics = {**metrics, "by_snr_r": by_snr}
    metrics |= {"pull_mean": pulls.mean(), "pull_std": pulls.std()}
    if data.has(f"true_{target.name}_err"):
        blocks.append(Text("The pulls leave out that labels have errors of their own."))
    return Section(title, blocks, metrics, key)


def _given(data, target, error):
    """Lower and upper limits of each interval that the estimator gives."""
    value = data.predicted(target)
    given = {"68 %": (value - error, value + error)}
    ends = data.predicted(target, "_lo"), data.predicted(target, "_hi")
    if all(end is not None for end in ends):
        given["95 %"] = ends
    return given


def _by_snr(true, snr, given):
    rows = []
    for low, high in itertools.pairwise(useful_edges(snr, BINS["snr_r"])):
        inside = (snr >= low) & (snr < high)
        known = inside & np.isfinite(true) & np.isfinite(given["68 %"][0])
        row = {"low": float(low), "high": float(high), "n": int(known.sum())}
        for name, (lower, upper) in given.items():
            share = coverage(true[inside], lower[inside], upper[inside])
            row[name] = share
            row[f"{name} error"] = np.sqrt(share * (1 - share) / max(row["n"], 1))
        rows.append(row)
    return rows


def _coverage_figure(target, rows, given):
    with panel(NAMES["snr_r"], "share within the interval", height=3.0) as (fig, axis):
        for name, color in zip(given, COLORS, strict=False):
            with_errors(axis, rows, name, f"{name} error", color=color, label=name)
            reference(axis, float(name.removesuffix(" %")) / 100)
        axis.set_ylim(0.4 if all(_is_high(row) for row in rows) else 0, 1.02)
        logarithmic(axis, rows)
        legend_above(axis)
    caption = "Share of true values within the intervals; dotted: what they claim."
    return Figure(f"coverage_{target.name}", fig, caption)


def _is_high(row):
    return not row["n"] or row["68 %"] > 0.45


def _pull_figure(target, pulls):
    grid = np.linspace(-WIDEST, WIDEST, 201)
    label = "(predicted − true) / error"
    with panel(label, "density", height=3.0) as (figure, axis):
        clipped = np.clip(pulls, -WIDEST, WIDEST)
        style = {"color": FILL, "histtype": "stepfilled", "density": True}
        axis.hist(clipped, bins=40, range=(-WIDEST, WIDEST), **style)
        normal = np.exp(-(grid**2) / 2) / np.sqrt(2 * np.pi)
        axis.plot(grid, normal, color=COLORS[1], lw=1.5, label="unit normal")
        legend_above(axis)
    caption = (
        f"Pulls: mean {fixed(pulls.mean(), 3, '+')}, standard deviation "
        f"{fixed(pulls.std(), 3)} (1 if errors are right). Those beyond {WIDEST:g} are "
        "in the outermost bins."
    )
    return Figure(f"pulls_{target.name}", figure, caption)


def _coverage_table(overall, rows, n):
    names = list(overall)
    cells = [("all", str(n), *(percent(overall[name]) for name in names))]
    for row in rows:
        label = f"{row['low']:g} to {row['high']:g}"
        shares = (percent(row[name]) if row["n"] else "–" for name in names)
        cells.append((label, str(row["n"]), *shares))
    header = ("S/N", "n", *(f"within {name}" for name in names))
    return Table("Share of true values within the intervals", header, cells)
