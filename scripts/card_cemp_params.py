"""Measure trained weights of CEMPParams, write their card and embed them.

    python scripts/card_cemp_params.py default --run runs/cemp-default --epochs 60 \\
        --emulator emulator.safetensors --correction correction.safetensors \\
        --grid cemp_grid.npz --stars DIR --tables DIR

measures on simulated stars and on real ones that served for nothing else, and writes
the weights with their card to galspec/weights/data/cemp-params/TAG.safetensors. DIR of
the stars holds miles.npz, cemp_real, lamost_dr10, lamost_dr1 and abundances; that of
the tables may hold ``ablations.md`` and ``methods.md``, which
``scripts/compare_stellar_methods.py`` writes.
"""

import argparse
import pathlib

import cemp_real_tables as real
import cemp_simulated_tables as simulated
import numpy as np
from astropy.table import vstack
from stellar_libraries import miles
from train_cemp_params import corrected

from galspec import CEMPParams
from galspec.flags import describe
from galspec.simulation import (
    CorrectedStars,
    EmpiricalCorrection,
    StellarEmulator,
    SyntheticStars,
)
from galspec.simulation.stellar_emulator_fit import read_grid
from galspec.training.splits import FRACTIONS
from galspec.weights import register

RECIPES = {
    "default": "rest frame, 3800-8800 A without the join of the arms and what the air "
    "absorbs, on a logarithmic grid of 1e-4 dex, divided by the mean of the flux "
    "weighted by a Gaussian of 100 A; weighted projections of the depth of all lines "
    "and a residual network; mean and log sigma by a Gaussian likelihood",
    "hfsnet": "the recipe and network of the Heterogeneous Feature Stream Network: "
    "3800-5700 and 5900-8000 A, wavelet denoising, continuum (running median) and "
    "normalised flux in streams of their own, mixture of four experts, squared error. "
    "Unlike the source, it is trained on simulated and library stars",
}
#: How the training went, where it was not all of one piece.
HISTORY = {
    "default": "The simulator changed on the way, to what it is now: in the first 15 "
    "epochs no spectrum ended below 5000 A, in the first 45 low resolution was about "
    "3.9 A (now 4.6 A, with more scatter), and in the first 120 the flux calibration "
    "erred by 0.05 (now 0.1 for LAMOST, 0.4 for low resolution). The best epoch is one "
    "of those since.",
    "hfsnet": "The correction, here and in the tests below, is an earlier one: [Fe/H] "
    "of the libraries is as published (on the scale of high resolution it would be "
    "0.25 dex less below -1.4), and it holds the oxygen of the air at 7570-7730 A.",
}
CARD = """# CEMPParams, weights `{tag}`

Teff, log g, [Fe/H] and [C/Fe] of stars of 4000-7000 K from spectra of R about 1800.

## How it was made

Recipe: {recipe}. {members} network(s), {epochs} epochs of {size} new spectra each,
learned from {passes} time(s), batch {batch}, learning rate {rate}. Reproduce with
`scripts/train_cemp_params.py {tag} --epochs {epochs} --epoch-size {size} --passes
{passes} --members {members}`, measure with `scripts/card_cemp_params.py {tag}`.

Training data: four of five spectra are of an emulator of synthetic spectra, corrected
by observed stars (cards: those of the weights `stellar-emulator` and
`stellar-correction`), one is of MILES (Falcon-Barroso et al. 2011, A&A 532, A95), whose
[C/Fe] is not known. Six of ten are as LAMOST would see them, one as SDSS, three as some
spectrograph of 2.5-9 A: resolution, noise shapes, radial velocity known to 8 km/s,
reddening, errors of the flux calibration, sky lines, bad and missing pixels; 15 % (of
the last, half) end between 4600 and 7000 A, 8 % come without errors. Parts are split by
star: 63 % training, 9 % validation, 10 % calibration of the errors, 18 % test. A
quarter of the emulated stars is carbon-enhanced, far more than of real ones: `p_cemp`
holds for such a sample.

{history}

## In simulation

Stars with [Fe/H] > -3, Teff 4300-6500 K and a G band that 1 dex less carbon would
weaken by 2 % of the continuum, which is 5 sigma at S/N 50. Bias, NMAD and standard
deviation of each label, by S/N in r.

Synthetic spectra of {n_synthetic} stars that neither the emulator nor the network has
seen:

{synthetic}

Emulated stars:

{emulated}

All synthetic test stars, whatever their labels:

{all_stars}

Share of the truth within the 68 % and 95 % intervals, per cent, emulated stars and all
labels:

{coverage}

Carbon-enhanced metal-poor stars with `p_cemp` > 0.5 at S/N > 20: {detection}.

Spectra that end at 5100 A, S/N 40-60, same stars: {short}.

Without a redshift, S/N 20-100: {blind}.

## On real spectra

- MILES, {n_miles} stars of the test part, 4000-7000 K: {miles}. {n_jina} stars of all
  parts with [C/Fe] in JINAbase, which no training has seen: {jina}.
- LAMOST DR10, {n_dr10} stars against the labels of their pipeline: {dr10}.
- LAMOST DR1, {n_dr1} stars of S/N_g > 20 against the same: {dr1}.
- Stars with high-resolution labels, observed at low resolution to 5100-5800 A, radial
  velocity not given:

{casper}

{ablations}{methods}
## Where it must not be trusted

- Outside 4000-7000 K, log g 0-5, [Fe/H] -4 to 0.5; metal-rich stars below 4300 K, whose
  TiO bands the synthesis lacks.
- Giants of much carbon below 4500 K: the atmospheres behind the spectra are not
  carbon-enhanced.
- [C/Fe] where the row is flagged UPPER_LIMIT.
- Subclasses by neutron-capture elements are not given.
- [C/Fe] is that of the atmosphere: giants below log g = 2 have turned carbon into
  nitrogen, and papers often give what they had before, which is `cfe_natal`.
- Errors of real stars do not include the scales of libraries: about 30 % more.
- Spectra of R below 700, and emission-line or composite spectra.
"""


def simulated_tables(estimator, emulator, correction, grid, n):
    """Everything that the card says of simulated stars."""
    emulated = corrected(emulator, correction)
    synthetic = CorrectedStars(SyntheticStars(*read_grid(grid)), correction)
    batch, truth = simulated.draw(synthetic, n, 10**6)
    table = simulated.measure(estimator, batch, truth)
    scope = simulated.in_scope(truth, emulator)
    other, other_truth = simulated.draw(emulated, n, 10**6 + 1)
    wide = simulated.measure(estimator, other, other_truth)
    bright = table[table["true_snr_r"] > 20]
    rules = ", ".join(
        "{}: purity {:.3f}, completeness {:.3f}".format(
            rule, *simulated.detection(bright, rule)
        )
        for rule in ("default", "beers2005", "aoki2007")
    )
    return {
        "n_synthetic": len(np.unique(truth["object_id"])),
        "synthetic": simulated.scatter_table(table[scope]),
        "emulated": simulated.scatter_table(
            wide[simulated.in_scope(other_truth, emulator)]
        ),
        "all_stars": simulated.scatter_table(table),
        "coverage": simulated.coverage_table(wide),
        "detection": f"{rules} ({len(bright)} spectra)",
        "short": real.words(_short(estimator, synthetic, emulator, n // 4)),
        "blind": real.words(_blind(estimator, synthetic, emulator, n // 4)),
    }


def _short(estimator, stars, emulator, n):
    """Stars in scope whose spectra end at 5100 angstrom."""
    batch, truth = simulated.draw(stars, n, 10**6 + 2, snr=(40.0, 60.0))
    cut = batch.replace(mask=batch.mask | (batch.wavelength > 5100))
    table = simulated.measure(estimator, cut, truth)
    return table[simulated.in_scope(truth, emulator)]


def _blind(estimator, stars, emulator, n):
    """Stars in scope whose radial velocity is not given."""
    batch, truth = simulated.draw(stars, n, 10**6 + 3, snr=(20.0, 100.0))
    blind = batch.replace(redshift=np.full(len(batch), np.nan))
    table = simulated.measure(estimator, blind, truth)
    return table[simulated.in_scope(truth, emulator)]


def real_tables(estimator, folder):
    """Everything that the card says of real stars."""
    stars = miles(folder / "miles.npz")
    table = real.library(estimator, stars)
    cool = (table["true_teff"] > 4000) & (table["true_teff"] < 7000)
    # carbon of no star was learned from
    parts = [real.library(estimator, stars, part) for part in FRACTIONS]
    known = vstack(parts)
    known["true_cfe"] = real.carbon_of(
        list(known["true_name"]), folder / "abundances" / "jinabase_2025.csv"
    )
    dr10 = real.lamost(estimator, folder / "lamost_dr10")
    dr1 = real.lamost(estimator, folder / "lamost_dr1")
    good = (np.asarray(dr1["true_snrg"], float) > 20) & (dr1["true_teff"] > 4000)
    good &= np.asarray(dr1["true_teff"]) < 7000
    return {
        "n_miles": np.count_nonzero(cool),
        "miles": real.words(table, cool, ("teff", "logg", "feh")),
        "jina": real.words(known, names=("cfe",)),
        "n_jina": np.count_nonzero(np.isfinite(known["true_cfe"])),
        "n_dr10": len(dr10),
        "dr10": real.words(dr10),
        "n_dr1": np.count_nonzero(good),
        "dr1": real.words(dr1, good),
        "casper": casper_table(real.casper(estimator, folder / "cemp_real")),
    }


def casper_table(table):
    """A markdown table with a row for each star."""
    lines = [
        "| star | Teff | log g | [Fe/H] | [C/Fe] | natal | p_cemp | flags |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for row in table:
        cells = [
            f"{row[name].value:.{digits}f} ± {row[name + '_err'].value:.{digits}f} "
            f"({row['true_' + name]:.{digits}f})"
            for name, digits in (("teff", 0), ("logg", 2), ("feh", 2), ("cfe", 2))
        ]
        flags = ", ".join(describe(row["flags"])) or "none"
        cells.append(f"{row['cfe_natal'].value:.2f}")
        cells.append(f"{row['p_cemp'].value:.2f}")
        lines.append(f"| {row['true_object']} | {' | '.join(cells)} | {flags} |")
    words = f"In brackets high resolution. {real.words(table)}"
    # where it is not given, a star is not one that has lost carbon
    table["true_cfe_natal"], natal = table["true_cfe"], table["cfe_natal"]
    natal[:] = np.where(np.isfinite(natal), natal, table["cfe"])
    natal = real.words(table, names=("cfe_natal",))
    return "\n".join([*lines, "", f"{words}; against [C/Fe] before mixing: {natal}."])


def section(folder, name, title):
    """A section that another script has written, if it has."""
    path = folder / name if folder else None
    if path is None or not path.exists():
        return ""
    return f"## {title}\n\n{path.read_text().strip()}\n\n"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=RECIPES)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--emulator", type=pathlib.Path, required=True)
    parser.add_argument("--correction", type=pathlib.Path, required=True)
    parser.add_argument("--grid", type=pathlib.Path, required=True)
    parser.add_argument("--stars", type=pathlib.Path, required=True)
    parser.add_argument("--tables", type=pathlib.Path)
    parser.add_argument("--test-size", type=int, default=12000)
    parser.add_argument("--epochs", type=int, required=True, help="of the run")
    parser.add_argument("--passes", type=int, default=1, help="of the run")
    parser.add_argument("--members", type=int, default=1, help="of the run")
    parser.add_argument("--epoch-size", type=int, default=8192, help="of the run")
    arguments = parser.parse_args()
    estimator = CEMPParams.pretrained(path=arguments.run / "weights.safetensors")
    emulator = StellarEmulator.load(path=arguments.emulator)
    correction = EmpiricalCorrection.load(path=arguments.correction)
    options = estimator.fit_options()
    estimator.card = CARD.format(
        tag=arguments.tag,
        recipe=RECIPES[arguments.tag],
        history=HISTORY[arguments.tag],
        members=arguments.members,
        passes=arguments.passes,
        epochs=arguments.epochs,
        size=arguments.epoch_size,
        batch=options.batch_size,
        rate=options.learning_rate,
        ablations=section(arguments.tables, "ablations.md", "Ablations"),
        methods=section(arguments.tables, "methods.md", "Other methods"),
        **simulated_tables(
            estimator, emulator, correction, arguments.grid, arguments.test_size
        ),
        **real_tables(estimator, arguments.stars),
    )
    print(estimator.card)
    package = pathlib.Path(__file__).parents[1] / "galspec" / "weights" / "data"
    path = package / CEMPParams.name / f"{arguments.tag}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    estimator.save(path)
    register(path, CEMPParams.name, arguments.tag)


if __name__ == "__main__":
    main()
