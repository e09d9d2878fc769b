"""Figures of photometric redshifts, those of Wei et al. (2025, arXiv:2505.24175)."""

import numpy as np

from galspec.evaluation.photoz_metrics import OUTLIER_THRESHOLD
from galspec.evaluation.report.blocks import Figure
from galspec.evaluation.report.figures import (
    COLORS,
    FILL,
    cloud,
    legend_above,
    limits,
    panel,
    reference,
    running,
)

__all__ = ["error_figure", "metric_figure", "pit_figure", "redshift_figure"]

#: Errors are drawn up to this.
WIDEST = 0.25
PIT_BINS = 20
_WORDS = {
    "sigma_nmad": "σ NMAD of Δz / (1 + z)",
    "eta15": "share above 0.15",
    "eta10": "share above 0.10",
}


def redshift_figure(scores):
    """Photometric against spectroscopic redshifts, with the lines of outliers.

    Parameters
    ----------
    scores : `~astropy.table.QTable`
        What `galspec.evaluation.photoz_scores.redshift_scores` gives.

    Returns
    -------
    Figure
    """
    true, found = np.array(scores["z_spec"]), np.array(scores["z_phot"])
    low, high = limits(true, found)
    ends = np.array([max(low, 0.0), high])
    with panel("spectroscopic redshift", "photometric redshift", height=4.4) as (
        figure,
        axis,
    ):
        cloud(axis, true, found, (*ends, *ends))
        axis.plot(ends, ends, color="black", lw=0.8, ls=":", label="equal")
        for sign in (1, -1):
            edge = ends + sign * OUTLIER_THRESHOLD * (1 + ends)
            label = f"Δz = ±{OUTLIER_THRESHOLD:g} (1 + z)" if sign > 0 else None
            axis.plot(ends, edge, color=COLORS[1], lw=1, ls="--", label=label)
        legend_above(axis)
    caption = (
        "Photometric against spectroscopic redshifts; beyond the dashed lines are "
        "outliers."
    )
    return Figure("z_phot", figure, caption)


def error_figure(scores, values, words, name):
    """Errors along another quantity, with their running median and 68 % band.

    Parameters
    ----------
    scores : `~astropy.table.QTable`
    values : `numpy.ndarray`, shape (n,)
    words, name : str
        What the quantity is, and what the file is called.

    Returns
    -------
    Figure
    """
    error = np.array(scores["dz"])
    with panel(words, "Δz / (1 + z)", height=3.2) as (figure, axis):
        cloud(axis, values, error, (*limits(values), -WIDEST, WIDEST))
        running(axis, values, error)
        for edge in (-OUTLIER_THRESHOLD, 0, OUTLIER_THRESHOLD):
            reference(axis, edge)
        legend_above(axis)
    beyond = int(np.sum(np.abs(error) > WIDEST))
    caption = (
        f"Errors by {words}; dotted lines: 0 and ±{OUTLIER_THRESHOLD:g}. {beyond} lie "
        f"beyond ±{WIDEST:g}."
    )
    return Figure(f"dz_{name}", figure, caption)


def metric_figure(summary, places, names, words, name):
    """Metrics of parts of a sample, with their errors.

    Parameters
    ----------
    summary : `~astropy.table.QTable`
        What `galspec.evaluation.photoz_scores.summary_table` gives.
    places : array_like, shape (n_parts,)
        Where the parts lie.
    names : sequence of str
        Which metrics.
    words, name : str
        What ``places`` are of, and what the file is called.

    Returns
    -------
    Figure
    """
    label = _WORDS[names[0]] if len(names) == 1 else "share of outliers"
    with panel(words, label, height=3.0) as (figure, axis):
        for metric, color in zip(names, COLORS, strict=False):
            axis.errorbar(
                places,
                np.array(summary[metric]),
                yerr=np.array(summary[f"{metric}_err"]),
                fmt="o-",
                ms=4.5,
                lw=1.2,
                color=color,
                label=_WORDS[metric],
            )
        axis.set_ylim(bottom=0)
        if len(names) > 1:
            legend_above(axis)
    caption = f"{label.capitalize()} by {words}, at the median of each part."
    return Figure(f"{names[0]}_{name}", figure, caption)


def pit_figure(pit, distance):
    """Histogram of the probability integral transform.

    Parameters
    ----------
    pit : `numpy.ndarray`, shape (n,)
    distance : float
        Kolmogorov-Smirnov distance from an even distribution.

    Returns
    -------
    Figure
    """
    pit = pit[np.isfinite(pit)]
    with panel("probability below the true redshift", "density", height=3.0) as (
        figure,
        axis,
    ):
        axis.hist(pit, PIT_BINS, range=(0, 1), density=True, color=FILL)
        reference(axis, 1)
        scatter = np.sqrt((PIT_BINS - 1) / max(len(pit), 1))
        axis.axhspan(1 - scatter, 1 + scatter, color=COLORS[-1], alpha=0.25, lw=0)
        axis.set_xlim(0, 1)
    caption = (
        "Probability integral transform of the true redshifts. Right densities give an "
        "even histogram (dotted line, with its scatter); too narrow ones a bowl, too "
        f"wide ones a hill, shifted ones a slope. KS distance {distance:.4f}."
    )
    return Figure("pit", figure, caption)
