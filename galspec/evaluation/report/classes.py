"""Sections on class probabilities: Table 2, purity, reliability."""

import re

import numpy as np

from galspec.evaluation.classification import (
    class_weights,
    confusion,
    detection_summary,
    reliability,
)
from galspec.evaluation.report.blocks import (
    Figure,
    LeftOut,
    Section,
    Table,
    Text,
    fixed,
    percent,
)
from galspec.evaluation.report.figures import COLORS, legend_above, panel
from galspec.evaluation.tables import EvaluationError, texts

__all__ = ["check_classes", "classification", "true_classes"]

#: What the codes of MPA-JHU's bptclass mean (Brinchmann et al. 2004, MNRAS 351, 1151).
BPT_CLASSES = {
    "-1": "unclassifiable",
    "1": "star-forming",
    "2": "star-forming, low S/N",
    "3": "composite",
    "4": "agn",
    "5": "liner, low S/N",
}
#: Names of classes that hold whatever no other class does.
REST = ("rest", "other", "others")
#: Bins of the reliability diagram with fewer objects are not judged.
FEWEST = 30


def classification(data, *, thresholds=(0.5, 0.85), prior=None, classes=None):
    """Confusion, purity and reliability of class probabilities.

    Parameters
    ----------
    data : `~galspec.evaluation.labelled.LabelledSet`
    thresholds : sequence of float
        Probabilities from which on an object is taken for a member.
    prior, classes
        As for `~galspec.evaluation.evaluate`.

    Returns
    -------
    list of Section
    """
    key, title = ("classes",), "Table 2: classes"
    if "class" not in data.columns:
        missing = LeftOut("A column 'class' with the true classes would give it.")
        return [Section(title, [missing], {}, key)]
    raw, true = true_classes(data, classes)
    names = [target.name.removeprefix("p_") for target in data.classes]
    given = {
        name: data.predicted(t) for name, t in zip(names, data.classes, strict=True)
    }
    known = np.all([np.isfinite(p) for p in given.values()], axis=0) & (raw != "")
    if not known.any():
        missing = LeftOut("No row has a true class and a probability.")
        return [Section(title, [missing], {}, key)]
    raw, true = raw[known], true[known]
    given = {name: p[known] for name, p in given.items()}
    weights = _weights(true, prior)
    return [
        _confusion_section(raw, true, _chosen(given, thresholds[0]), names),
        _detection_section(true, given, thresholds, prior, weights),
        _reliability_section(true, given),
    ]


def check_classes(data, *, prior=None, classes=None):
    """Refuse classes and shares that do not fit the labels.

    Parameters
    ----------
    data : `~galspec.evaluation.labelled.LabelledSet`
        Estimates are not needed.
    prior, classes
        As for `~galspec.evaluation.evaluate`.

    Raises
    ------
    EvaluationError
        If they name a class that is not there, or shares that cannot be.
    """
    if not data.classes or "class" not in data.columns:
        return
    raw, true = true_classes(data, classes)
    if np.any(raw != ""):
        _weights(true[raw != ""], prior)


def true_classes(data, classes=None):
    """True classes as the table has them, and as the estimator calls them.

    A class is one of the estimator's if it has the name behind ``p_``, or if it is a
    phrase in the description of one target alone. A target called rest, other or
    others holds all that is left.

    Parameters
    ----------
    data : `~galspec.evaluation.labelled.LabelledSet`
    classes : dict of str to str, optional
        True classes to names of the estimator's, where they do not follow.

    Returns
    -------
    raw, true : `numpy.ndarray` of str, shape (n,)
        "" where the class is unknown. In ``true``, what is none of the estimator's
        classes keeps its own name.

    Raises
    ------
    EvaluationError
        If ``classes`` names something that is not there.
    """
    column = data.columns["class"]
    raw = texts(data.table, column)
    classes = {str(key): name for key, name in (classes or {}).items()}
    names = [target.name.removeprefix("p_") for target in data.classes]
    for key, name in classes.items():
        if key not in raw or name not in names:
            raise EvaluationError(
                f"class {key!r} cannot stand for {name!r}: column {column!r} has "
                f"{', '.join(np.unique(raw))}; the estimator has {', '.join(names)}"
            )
    kinds = np.unique(raw[raw != ""])
    if data.table[column].dtype.kind in "if":
        # codes that were stored as floats, or with a sign
        codes = {kind: re.sub(r"\.0$", "", kind) for kind in kinds}
        words = {kind: BPT_CLASSES.get(code, code) for kind, code in codes.items()}
    else:
        words = {kind: kind for kind in kinds}
    found = {
        kind: classes.get(kind) or _class_of(words[kind], data.classes)
        for kind in kinds
    }
    shown, ours = {**words, "": ""}, {**found, "": ""}
    return (
        np.array([shown[kind] for kind in raw.tolist()], dtype=str),
        np.array([ours[kind] for kind in raw.tolist()], dtype=str),
    )


def _class_of(word, targets):
    names = [target.name.removeprefix("p_") for target in targets]
    if _plain(word) in names:
        return _plain(word)
    phrase = rf"(?<![\w-]){re.escape(word.lower())}(?![\w-])"
    told = [
        name
        for name, target in zip(names, targets, strict=True)
        if re.search(phrase, target.description.lower())
    ]
    if len(told) == 1:
        return told[0]
    return next((name for name in names if name in REST), word)


def _plain(word):
    return re.sub(r"[^a-z0-9]+", "_", word.lower()).strip("_")


def _chosen(given, threshold):
    """The most probable class; of a single one, whether it is probable enough."""
    names, values = list(given), np.array(list(given.values()))
    if len(names) == 1:
        return np.where(values[0] >= threshold, names[0], f"not {names[0]}")
    return np.array(names)[np.argmax(values, axis=0)]


def _weights(true, prior):
    if not prior:
        return None
    try:
        return class_weights(true, prior)
    except ValueError as error:
        raise EvaluationError(f"prior: {error}") from error


def _confusion_section(raw, true, chosen, names):
    rows, columns, counts = confusion(raw, chosen)
    ours = dict(zip(raw.tolist(), true.tolist(), strict=True))
    by_row = np.argsort([_rank(ours[row], names) for row in rows], kind="stable")
    by_column = np.argsort([_rank(c, names) for c in columns], kind="stable")
    counts = counts[np.ix_(by_row, by_column)]
    rows, columns = [rows[i] for i in by_row], [columns[i] for i in by_column]
    cells = [
        (name, str(row.sum()), *(f"{n} ({percent(n / row.sum())})" for n in row))
        for name, row in zip(rows, counts, strict=True)
    ]
    metrics = {
        name: dict(zip(columns, row.tolist(), strict=True))
        for name, row in zip(rows, counts, strict=True)
    }
    header = ("true class", "n", *(f"called {name}" for name in columns))
    blocks = [Table("True classes and what they were called", header, cells)]
    if (others := [row for row in rows if ours[row] not in names]) and len(names) > 1:
        text = f"None of the estimator's classes: {', '.join(others)}."
        blocks.append(Text(text + " They count as the rest for each of them."))
    return Section("Table 2: classes", blocks, metrics, ("classes", "confusion"))


def _rank(name, names):
    """Classes of the estimator first, in its order."""
    return names.index(name) if name in names else len(names)


def _detection_section(true, given, thresholds, prior, weights):
    metrics, rows, blocks = {}, [], []
    for name, probability in given.items():
        member = true == name
        if not member.any():
            blocks.append(LeftOut(f"No row is of class {name}."))
            continue
        for threshold in thresholds:
            row = detection_summary(member, probability, threshold=threshold)
            row["precision_at_prior"] = np.nan
            if weights is not None:
                at_prior = detection_summary(
                    member, probability, threshold=threshold, weights=weights
                )
                row["precision_at_prior"] = at_prior["precision"]
            metrics.setdefault(name, {})[f"{threshold:g}"] = row
            rows.append(_detection_row(name, threshold, row))
        blocks.append(_purity_figure(name, member, probability, weights))
    header = ("class", "from p", "purity", "completeness", "F1", "specificity")
    header = (*header, "purity at prior")
    blocks.insert(0, Table("Members by their probability", header, rows))
    blocks.insert(1, _prior_note(true, prior))
    key = ("classes", "detection")
    return Section("Purity and completeness", blocks, metrics, key)


def _detection_row(name, threshold, row):
    shown = ("precision", "recall", "f1", "specificity", "precision_at_prior")
    return (name, f"{threshold:g}", *(percent(row[key]) for key in shown))


def _prior_note(true, prior):
    names, counts = np.unique(true, return_counts=True)
    mix = ", ".join(
        f"{n} {percent(c / len(true))}" for n, c in zip(names, counts, strict=True)
    )
    if not prior:
        return LeftOut(
            f"Purity holds for the mix of this set ({mix}). Name the shares in the "
            "parent sample (prior) to have it for that."
        )
    wanted = ", ".join(f"{name} {percent(share)}" for name, share in prior.items())
    return Text(f"Mix of this set: {mix}. Prior: {wanted}.")


def _purity_figure(name, member, probability, weights):
    grid = np.linspace(0, 0.99, 100)
    curves = [("purity", "precision", None, "-"), ("completeness", "recall", None, "-")]
    if weights is not None:
        curves.append(("purity at prior", "precision", weights, "--"))
    with panel(f"least p({name})", "share", height=3.0) as (figure, axis):
        for (label, key, weight, style), color in zip(curves, COLORS, strict=False):
            values = [
                detection_summary(member, probability, threshold=t, weights=weight)[key]
                for t in grid
            ]
            axis.plot(grid, values, ls=style, color=color, label=label)
        axis.set_ylim(0, 1.02)
        legend_above(axis, 3)
    caption = f"Purity and completeness of {name} by the threshold."
    return Figure(f"purity_{name}", figure, caption)


def _reliability_section(true, given):
    metrics, rows = {}, []
    with panel("given probability", "share of members", height=4.2) as (figure, axis):
        axis.plot([0, 1], [0, 1], color="black", lw=0.8, ls=":")
        for number, (name, probability) in enumerate(given.items()):
            bins = reliability(true == name, probability)
            full = [row for row in bins if row["n"] >= FEWEST]
            off = [abs(row["share"] - row["probability"]) for row in full]
            metrics[name] = {"bins": bins, "largest": max(off, default=np.nan)}
            rows.append((name, str(len(full)), fixed(max(off, default=np.nan), 1)))
            shown = [row for row in bins if row["n"]]
            axis.errorbar(
                [row["probability"] for row in shown],
                [row["share"] for row in shown],
                yerr=[row["error"] for row in shown],
                fmt="o-",
                ms=4,
                lw=1.2,
                color=COLORS[number % len(COLORS)],
                label=name,
            )
        axis.set(xlim=(-0.02, 1.02), ylim=(-0.02, 1.02))
        legend_above(axis, 4)
    caption = (
        "Share of members among objects with a given probability, by tenths, with the "
        "error of such a share. Probabilities hold for the mix of classes they were "
        "made for: in a set of another mix the shares differ from them."
    )
    header = ("class", "tenths", "largest deviation")
    blocks = [
        Figure("reliability", figure, caption),
        Table(
            f"Deviation in tenths with {FEWEST} objects or more; 0 if calibrated",
            header,
            rows,
        ),
    ]
    return Section("Reliability", blocks, metrics, ("classes", "reliability"))
