"""What the card of GasMetallicity reports, as tables: simulated, other models, real."""

import numpy as np
from astropy.table import vstack

from galspec.evaluation import binned_summary, coverage, residual_summary, sdss_oh
from galspec.evaluation.desi_truth import line_truth, read_compressed_desi
from galspec.evaluation.metrics import BINS
from galspec.flags import describe
from galspec.io import read_spectra
from galspec.simulation import GalaxyPrior, GalaxySimulator
from galspec.simulation.cross_model import (
    CrossModelSimulator,
    RecordedNoise,
    cross_model_ingredients,
)

SNR_BINS, Z_BINS = BINS["snr_r"], BINS["redshift"]
OH_BINS = (7.2, 7.5, 7.8, 8.0, 8.2, 8.4, 8.6, 8.8, 8.95)
#: Real estimates within this many of their errors, or this near, count as right.
RIGHT_ERRORS, RIGHT_DEX = 2.0, 0.1
STAR_FORMING = GalaxyPrior(kinds={"star-forming": 1.0})


def forget_redshift(batch):
    """The same spectra, observed frame alone."""
    return batch.replace(redshift=np.full(len(batch), np.nan))


def simulated(ingredients, instrument, n, seed):
    """Star-forming galaxies of the test part."""
    simulator = GalaxySimulator(ingredients, instrument=instrument, prior=STAR_FORMING)
    return simulator.draw(n, seed, split="test")


def measure(estimator, batch, truth):
    """Truth and result of spectra, as one table."""
    table = estimator.predict(batch, interval=0.95)
    table.remove_column("snr")
    for name in ("oh", "snr_r", "redshift"):
        table["true_" + name] = np.asarray(truth[name], float)
    return table


def intervals(table):
    """Coverage of the 68 % and 95 % intervals in per cent."""
    value, error = table["oh"].value, table["oh_err"].value
    return (
        100 * coverage(table["true_oh"], value - error, value + error),
        100 * coverage(table["true_oh"], table["oh_lo"].value, table["oh_hi"].value),
    )


def summary(table):
    """Metrics of a table, for one row of a report."""
    m = residual_summary(table["true_oh"], table["oh"].value)
    c68, c95 = intervals(table)
    flagged = 100 * np.mean(np.asarray(table["flags"]) != 0)
    return m | {"c68": c68, "c95": c95, "flagged": flagged}


def overview(named):
    """A markdown table with a row for each named table."""
    lines = [
        "| spectra | n | bias | scatter | NMAD | slope | 68 % | 95 % | flagged |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for name, table in named.items():
        m = summary(table)
        lines.append(
            f"| {name} | {m['n']} | {m['bias']:+.3f} | {m['sigma']:.4f} "
            f"| {m['nmad']:.4f} | {m['slope']:.3f} | {m['c68']:.1f} | {m['c95']:.1f} "
            f"| {m['flagged']:.1f} % |"
        )
    return "\n".join(lines)


def binned(table, column, edges, title, rival=None):
    """A markdown table of the metrics in bins of a column, beside those of a rival."""
    versus = f" {rival[0]} |" if rival else ""
    lines = [
        f"| {title} | n | bias | scatter |{versus} mean label | 68 % | 95 % |",
        "|---|---|---|---|" + "---|" * bool(rival) + "---|---|---|",
    ]
    bins, others = (
        binned_summary(part["true_oh"], part["oh"].value, table[column], edges)
        for part in (table, rival[1] if rival else table)
    )
    for m, other in zip(bins, others, strict=True):
        if m["n"] < 20:
            continue
        low, high = m["low"], m["high"]
        c68, c95 = intervals(table[(table[column] >= low) & (table[column] < high)])
        beside = f" {scatter(other)} |" if rival else ""
        lines.append(
            f"| {low:g} to {high:g} | {m['n']} | {m['bias']:+.3f} | {scatter(m)} |"
            f"{beside} {m['null']:.3f} | {c68:.1f} | {c95:.1f} |"
        )
    return "\n".join(lines)


def scatter(row):
    """Scatter with its bootstrap error, in words."""
    return f"{row['sigma']:.4f} ± {row['sigma_err']:.4f}"


def class_table(estimator, ingredients, instrument):
    """Share of flagged spectra by class, in words."""
    simulator = GalaxySimulator(ingredients, instrument=instrument)
    batch, truth = simulator.draw(3000, 10**6 + 3, split="test")
    flagged = estimator.predict(forget_redshift(batch))["flags"] != 0
    kinds = np.asarray(truth["kind"])
    return ", ".join(
        f"{kind} {100 * flagged[kinds == kind].mean():.0f} %"
        for kind in np.unique(kinds)
    )


def cross_model_simulator(ingredients, noise, like=None):
    """Galaxies of stars, gas and noise that no network was trained on."""
    recorded = read_spectra(sorted(noise.glob("*.fits*")))
    return CrossModelSimulator(
        cross_model_ingredients(ingredients),
        RecordedNoise.from_batch(recorded),
        like=like,
    )


def real(estimator, folder):
    """Real star-forming galaxies: names, truth and results with and without redshift.

    O3N2 of the line fluxes that the SDSS measured, and of lines fitted to DESI.
    """
    paths = sorted((folder / "sdss").glob("spec-*.fits"))
    sdss = read_spectra([str(path) for path in paths])
    truths = [sdss_oh(path) for path in paths]
    parts = [measured(estimator, sdss, [path.stem for path in paths], truths)]
    for path in sorted((folder / "desi").glob("*.npz")):
        batch = read_compressed_desi(path)
        names = [f"DESI EDR {row}" for row in range(len(batch))]
        parts.append(measured(estimator, batch, names, line_truth(batch)["oh"]))
    return vstack(parts)


def measured(estimator, batch, names, truth):
    """Results of real spectra that have a truth, or are within reach at least."""
    blind = estimator.predict(forget_redshift(batch))
    told = estimator.predict(batch)
    for table in (blind, told):
        table.meta.clear()
    blind["name"], blind["true_oh"] = names, np.asarray(truth, float)
    blind["true_redshift"], blind["told"] = batch.redshift, told["oh"]
    blind = blind["name", "true_redshift", "true_oh", "oh", "oh_err", "told", "flags"]
    return blind[blind["true_redshift"] < 0.30]


def real_table(table):
    """A markdown table of the real galaxies that have a truth, and what it says."""
    lines = [
        "| spectrum | z | O3N2 | estimate | with z | flags |",
        "|---|---|---|---|---|---|",
    ]
    known = np.isfinite(table["true_oh"])
    for row in table[known]:
        words = ", ".join(describe(row["flags"])) or "none"
        lines.append(
            f"| {row['name']} | {row['true_redshift']:.4f} | {row['true_oh']:.3f} "
            f"| {row['oh'].value:.3f} ± {row['oh_err'].value:.3f} "
            f"| {row['told'].value:.3f} | {words} |"
        )
    good = table[known & (np.asarray(table["flags"]) == 0)]
    m = residual_summary(good["true_oh"], good["oh"].value)
    told = residual_summary(good["true_oh"], good["told"].value)
    error = np.abs(good["oh"].value - good["true_oh"])
    right = error < np.maximum(RIGHT_ERRORS * good["oh_err"].value, RIGHT_DEX)
    others = np.asarray(table["flags"])[~known]
    lines.append(
        f"\nUnflagged: {m['n']}, bias {m['bias']:+.3f}, scatter {m['sigma']:.3f} dex "
        f"(with the redshift {told['bias']:+.3f} and {told['sigma']:.3f}); "
        f"{np.count_nonzero(right)} of them within {RIGHT_DEX} dex or "
        f"{RIGHT_ERRORS:g} errors. Of the {len(others)} spectra below z = 0.30 of "
        "other classes, or without four clear lines, "
        f"{np.count_nonzero(others)} are flagged."
    )
    return "\n".join(lines)
