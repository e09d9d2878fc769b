"""What the card of StarFormingClassifier reports, as tables: simulated and real."""

import itertools

import numpy as np
from astropy.io import fits
from train_star_forming_classifier import CLASSES, KINDS, SCATTER

from galspec import SpectrumBatch
from galspec.baselines.bpt import bpt_table
from galspec.evaluation import (
    class_weights,
    confusion,
    detection_summary,
    reliability,
)
from galspec.evaluation.desi_truth import read_compressed_desi
from galspec.flags import describe
from galspec.io import read_spectra
from galspec.line_fitting import fit_lines
from galspec.simulation import GalaxyPrior, GalaxySimulator

#: Bins of Feng, Wang & Li (2025), in S/N of the r band per pixel.
SNR_BINS = (3, 5, 7, 10, 15, 25, 60)
#: Of the paper: every second galaxy forms stars. Of its parent sample, a quarter.
PAPER = KINDS["feng2025"]
PARENT_SHARE = 0.25
#: Selection of the catalogue.
SURE = 0.85
#: Below this equivalent width of H-alpha (angstrom), old stars can ionise the gas
#: (Cid Fernandes et al. 2011, MNRAS 413, 1687).
RETIRED_WIDTH = 3.0
BPT = {"star-forming": "sf", "composite": "composite", "AGN": "agn"}


def simulated(ingredients, instrument, n, seed, **prior):
    """Galaxies of the test part, redshift forgotten, and their true classes."""
    simulator = GalaxySimulator(
        ingredients, instrument=instrument, prior=GalaxyPrior(scatter=SCATTER, **prior)
    )
    batch, truth = simulator.draw(n, seed, split="test")
    truth["class"] = [CLASSES[kind] for kind in truth["kind"]]
    return forget_redshift(batch), truth


def forget_redshift(batch):
    """The same spectra, observed frame alone."""
    return batch.replace(redshift=np.full(len(batch), np.nan))


def shares_of(kinds, classes):
    """Shares of kinds of the simulator as shares of the classes of an estimator."""
    shares = dict.fromkeys(classes, 0.0)
    for kind, share in kinds.items():
        name = CLASSES[kind]
        shares[name if name in shares else "other"] += share
    return shares


def parent_shares(classes):
    """Shares in the parent sample; those of the other classes as in the paper's mix."""
    others = (1 - PARENT_SHARE) / (1 - PAPER["star-forming"])
    kinds = {kind: share * others for kind, share in PAPER.items()}
    return shares_of(kinds | {"star-forming": PARENT_SHARE}, classes)


def detection_table(named):
    """How well star-forming galaxies are found, by (true, p_sf, weights)."""
    lines = [
        "| spectra | n | p_sf from | accuracy | purity | completeness | specificity |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, (true, p_sf, weights) in named.items():
        for threshold in (0.5, SURE):
            m = detection_summary(
                np.asarray(true) == "sf", p_sf, threshold=threshold, weights=weights
            )
            lines.append(
                f"| {name} | {m['n']} | {threshold} | {m['accuracy']:.4f} "
                f"| {m['precision']:.4f} | {m['recall']:.4f} | {m['specificity']:.4f} |"
            )
    return "\n".join(lines)


def parent_weights(true):
    """Weights that give spectra of the paper's mix the shares of the parent sample."""
    member = np.where(np.asarray(true) == "sf", "sf", "rest")
    return class_weights(member, {"sf": PARENT_SHARE})


def snr_table(true, snr, columns):
    """Accuracy at 0.5 in bins of S/N, a column for each named array of p_sf."""
    lines = [
        "| S/N_r | n | " + " | ".join(columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    member = np.asarray(true) == "sf"
    for low, high in itertools.pairwise(SNR_BINS):
        rows = (snr >= low) & (snr < high)
        found = [
            f"{detection_summary(member[rows], p_sf[rows])['accuracy']:.3f}"
            for p_sf in columns.values()
        ]
        lines.append(f"| {low} to {high} | {rows.sum()} | " + " | ".join(found) + " |")
    return "\n".join(lines)


def confusion_table(kinds, labels):
    """Share of each true kind that is given each class."""
    rows, columns, counts = confusion(kinds, labels)
    lines = [
        "| true | n | " + " | ".join(columns) + " |",
        "|---|---|" + "---|" * len(columns),
    ]
    for row, count in zip(rows, counts, strict=True):
        shares = " | ".join(f"{100 * c / count.sum():.1f} %" for c in count)
        lines.append(f"| {row} | {count.sum()} | {shares} |")
    return "\n".join(lines)


def reliability_table(true, table, classes):
    """Share of members minus mean probability by tenth, and its error."""
    lines = [
        "| probability | " + " | ".join(classes) + " |",
        "|---|" + "---|" * len(classes),
    ]
    true = np.asarray(true)
    if "other" in classes:
        true = np.where(true == "sf", "sf", "other")
    columns = [
        reliability(true == name, np.asarray(table[f"p_{name}"])) for name in classes
    ]
    for cells in zip(*columns, strict=True):
        words = [
            f"{c['share'] - c['probability']:+.3f} ± {c['error']:.3f} ({c['n']})"
            for c in cells
        ]
        low, high = cells[0]["low"], cells[0]["high"]
        lines.append(f"| {low:.1f} to {high:.1f} | " + " | ".join(words) + " |")
    return "\n".join(lines)


def real_spectra(folder):
    """Names and spectra of every real galaxy with redshift below 0.29."""
    paths = sorted((folder / "sdss").glob("spec-*.fits"))
    yield [path.stem for path in paths], read_spectra([str(path) for path in paths])
    for path in sorted((folder / "manga").glob("*.fits*")):
        with fits.open(path) as hdus:
            batch = SpectrumBatch.from_arrays(
                hdus["WAVE"].data,
                hdus["FLUX"].data,
                ivar=hdus["IVAR"].data,
                mask=hdus["MASK"].data != 0,
                redshift=hdus["Z"].data.astype(float),
            )
        yield [f"MaNGA {row}" for row in range(len(batch))], batch
    for path in sorted((folder / "desi").glob("*.npz")):
        batch = read_compressed_desi(path)
        near = np.flatnonzero(batch.redshift < 0.29)
        yield [f"DESI EDR {row}" for row in near], batch[near]


def line_classes(batch):
    """Classes from fitted lines, "" where these do not tell; and H-alpha's width.

    By the BPT diagram where all four lines have S/N above 3; "passive" where the
    equivalent width of H-alpha is below 3 angstrom, whatever the diagram says.
    """
    lines = fit_lines(batch)
    names = np.array([BPT.get(name, "") for name in bpt_table(lines)["bpt"]])
    rest = np.broadcast_to(batch.wavelength, batch.flux.shape)
    rest = rest / (1 + batch.redshift[:, None])
    beside = (abs(rest - 6500) < 30) | (abs(rest - 6640) < 30)
    flux = np.where(beside & ~batch.mask, batch.flux, np.nan)
    seen = np.isfinite(flux).any(axis=1)
    level = np.full(len(batch), np.nan)
    level[seen] = np.nanmedian(flux[seen], axis=1)
    width = np.asarray(lines["Halpha"]) / level / (1 + batch.redshift)
    return np.where(width < RETIRED_WIDTH, "passive", names), width


def real_table(estimator, folder):
    """Every real galaxy: what its lines say and what the classifier; a summary."""
    lines = [
        "| spectrum | z | H-alpha EW | lines say | p_sf | label | flags |",
        "|---|---|---|---|---|---|---|",
    ]
    true, p_sf = [], []
    for names, batch in real_spectra(folder):
        classes, widths = line_classes(batch)
        table = estimator.predict(forget_redshift(batch))
        true.extend(classes)
        p_sf.extend(np.asarray(table["p_sf"]))
        for name, z, width, said, row in zip(
            names, batch.redshift, widths, classes, table, strict=True
        ):
            words = ", ".join(describe(row["flags"])) or "none"
            lines.append(
                f"| {name} | {z:.4f} | {width:.1f} | {said or 'unclear'} "
                f"| {row['p_sf']:.3f} | {row['label']} | {words} |"
            )
    true, p_sf = np.array(true), np.array(p_sf)
    clear = true != ""
    m = detection_summary(true[clear] == "sf", p_sf[clear])
    lines.append(
        f"\nOf {np.count_nonzero(true == 'sf')} clear star-forming galaxies a share of "
        f"{m['recall']:.2f} is found (p_sf from 0.5 on); specificity on the "
        f"{np.count_nonzero(clear & (true != 'sf'))} that clearly are not: "
        f"{m['specificity']:.2f}. {np.count_nonzero(~clear)} are unclear: H-alpha is "
        "there, but not all four lines."
    )
    return "\n".join(lines)
