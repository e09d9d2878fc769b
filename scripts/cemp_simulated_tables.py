"""What the card of CEMPParams reports of simulated stars, as tables."""

import itertools

import numpy as np
from train_cemp_params import labels_of

from galspec import CEMPParams
from galspec.carbon_enhancement import CRITERIA
from galspec.evaluation import coverage, residual_summary
from galspec.learned_stars import derived
from galspec.simulation import StarPrior, StarSimulator
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH

__all__ = [
    "SNR_BINS",
    "coverage_table",
    "detection",
    "draw",
    "in_scope",
    "measure",
    "nmad_row",
    "scatter_table",
]

SNR_BINS = (5, 10, 20, 30, 40, 60, 100, 150)
NAMES = tuple(target.name for target in CEMPParams.targets)
#: Labels within which the precision is quoted: [Fe/H] above, Teff between.
SCOPE = (-3.0, (4300.0, 6500.0))
#: A G band is measurable that 1 dex less carbon weakens by so much of the continuum,
#: on average over the band (vacuum angstrom): five sigma at S/N 50.
G_BAND, MEASURABLE = (4276.0, 4321.0), 0.02


def draw(templates, n, seed, *, snr=(5.0, 150.0), **prior):
    """Stars of the test part as LAMOST would see them."""
    simulator = StarSimulator(templates, prior=StarPrior(snr=snr, **prior))
    return simulator.draw(n, seed, split="test")


def measure(estimator, batch, truth, **options):
    """Truth and result of spectra, as one table."""
    table = estimator.predict(batch, interval=0.95, progress_bar=False, **options)
    for name, values in zip(NAMES, labels_of(truth).T, strict=True):
        table["true_" + name] = values
    table["true_snr_r"] = np.asarray(truth["snr_r"])
    return table


def in_scope(truth, emulator):
    """Stars that precision is quoted for: within `SCOPE`, with a measurable G band."""
    labels = np.stack([np.asarray(truth[name], float) for name in LABELS], axis=1)
    feh, (cool, hot) = SCOPE
    inside = (labels[:, LABELS.index("feh")] > feh) & (labels[:, 0] > cool)
    return inside & (labels[:, 0] < hot) & (g_band(labels, emulator) > MEASURABLE)


def g_band(labels, emulator):
    """By how much 1 dex less carbon weakens the G band."""
    less = labels.copy()
    less[:, LABELS.index("cfe")] -= 1
    band = np.abs(10**LOG_WAVELENGTH - np.mean(G_BAND)) < np.diff(G_BAND) / 2
    here, there = (emulator(stars)[0][:, band] for stars in (labels, less))
    return (there - here).mean(axis=1)


def scatter_table(table):
    """Bias and scatter (NMAD, standard deviation) of each label by S/N, as markdown."""
    lines = [
        "| S/N_r | n | " + " | ".join(NAMES) + " |",
        "|---|---|" + "---|" * len(NAMES),
    ]
    for low, high in itertools.pairwise(SNR_BINS):
        part = between(table, low, high)
        cells = [cell(part, name) for name in NAMES]
        lines.append(f"| {low}-{high} | {len(part)} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def between(table, low, high):
    """Rows of a range of S/N."""
    snr = np.asarray(table["true_snr_r"])
    return table[(snr >= low) & (snr < high)]


def cell(table, name):
    """Bias, NMAD and standard deviation, in words."""
    m = residual_summary(table["true_" + name], np.asarray(table[name].value))
    digits = 0 if name == "teff" else 3
    return f"{m['bias']:+.{digits}f}, {m['nmad']:.{digits}f}, {m['sigma']:.{digits}f}"


def coverage_table(table):
    """Share of truths within the 68 % and 95 % intervals, by S/N, as markdown."""
    lines = [
        "| S/N_r | " + " | ".join(NAMES) + " |",
        "|---|" + "---|" * len(NAMES),
    ]
    for low, high in itertools.pairwise(SNR_BINS):
        part = between(table, low, high)
        cells = []
        for name in NAMES:
            value, error = part[name].value, part[name + "_err"].value
            true = part["true_" + name]
            one = coverage(true, value - error, value + error)
            two = coverage(true, part[name + "_lo"].value, part[name + "_hi"].value)
            cells.append(f"{100 * one:.0f}, {100 * two:.0f}")
        lines.append(f"| {low}-{high} | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def nmad(table, names, digits):
    """NMAD of labels in words: Teff in kelvin, the others with so many digits."""
    words = []
    for name in names:
        m = residual_summary(table["true_" + name], np.asarray(table[name].value))
        words.append(f"{m['nmad']:.{0 if name == 'teff' else digits}f}")
    return ", ".join(words)


def nmad_row(name, table, library, bins, digits):
    """A row of a report: NMAD of the labels by S/N, and on stars of a library."""
    cells = [nmad(between(table, *limits), NAMES[:4], digits) for limits in bins]
    # whose carbon is not known
    cells.append(nmad(library, NAMES[:3], digits))
    return f"| {name} | {' | '.join(cells)} |"


def detection(table, criterion="default", p=0.5):
    """Purity and completeness of the stars with ``p_cemp`` above a limit.

    Returns
    -------
    purity, completeness : float
    """
    rule = CRITERIA[criterion]
    limit = rule.carbon_limit(table["true_teff"], table["true_logg"])
    true = (table["true_feh"] < rule.feh) & (table["true_cfe"] > limit)
    values = {name: np.asarray(table[name]) for name in table.colnames}
    found = derived(values, rule)["p_cemp"] > p
    return np.mean(true[found]), np.mean(found[true])
