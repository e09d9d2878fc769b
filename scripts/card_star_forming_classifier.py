"""Measure trained weights of StarFormingClassifier, write their card and embed them.

    python scripts/card_star_forming_classifier.py default --run runs/classifier \\
        --epochs 45 --members 2 --ingredients DIR --real DIR

measures on the test split of the simulator and on real spectra, and writes the weights
with their card to galspec/weights/data/star-forming-classifier/TAG.safetensors. Nothing
is tuned on what is measured here. DIR of the ingredients: see `galspec.simulation`; of
real spectra: with folders sdss, manga and desi. ``feng2025`` goes first: the card of
``default`` compares with it.
"""

import argparse
import pathlib

import numpy as np
import star_forming_tables as tables
from train_star_forming_classifier import INSTRUMENTS, KINDS, WEAK

from galspec import StarFormingClassifier
from galspec.simulation import DESI, LAMOST, SDSS, GalaxyIngredients
from galspec.weights import register

RECIPES = {
    "default": "that of GasMetallicity: resampled to 3700-9000 A on a logarithmic grid "
    "of 1e-4 dex, robust scale, asinh, mask as a second channel; the network finds the "
    "redshift, or takes one that is given, and reads the rest frame; cross-entropy of "
    "four classes",
    "feng2025": "the recipe and network of Feng, Wang & Li (2025): 3800-8000 A in "
    "steps of 1 A, min-max scale, eight convolutions, two sigmoid outputs, binary "
    "cross-entropy; masked pixels bridged. Unlike the paper, every epoch draws new "
    "spectra",
}
TRAINED_ON = {
    "default": "LAMOST (half), SDSS and DESI would see them",
    "feng2025": "LAMOST would see them",
}
#: Spectra drawn at a time.
CHUNK = 4000
CARD = """# StarFormingClassifier, weights `{tag}`

Whether a galaxy forms stars, from its observed-frame spectrum. Trained and calibrated
on simulated spectra; checked on simulated and on a few real ones.

## How it was made

Recipe: {recipe}. {members} network(s), {epochs} epochs of {size} newly simulated
spectra each, batch {batch}, {optimizer}, learning rate {rate}, {schedule} schedule.
Reproduce with `scripts/train_star_forming_classifier.py {tag} --epochs {epochs}
--epoch-size {size} --members {members}`, measure with
`scripts/card_star_forming_classifier.py {tag}`.

Training data: galaxies of `galspec.simulation` as {trained_on}; {kinds}; {weak} of
those with gas have lines too weak for a sample of measured lines. Ingredients: stellar
populations of Bruzual & Charlot (2003) with MILES; emission-line vectors of the DESI
Bright Galaxy Survey (Khederlarian et al. 2024, MNRAS 531, 1454), whose classes are
those of their line ratios (Kauffmann et al. 2003, Kewley et al. 2001);
photo-ionisation grids of HII-CHI-mistry (Perez-Montero 2014, MNRAS 441, 2663) and
NebulaBayes (Thomas et al. 2018, ApJ 856, 89) for the metal-poor, the active and the
retired; noise shapes of LAMOST DR10, SDSS and DESI spectra. No real spectrum served for
training. Parts are split by object (line vector): 63 % training, 9 % validation, 10 %
calibration, 18 % test. The probabilities hold for the mix of training; `prior=`
corrects them for another.

## In simulation

Test part, S/N_r 3-60 (uniform in its logarithm), every second galaxy star-forming as
in the paper's training ({paper}), no redshift given, `prior=` of this mix. "Parent
sample": the same spectra, weighed and with `prior=` as where a quarter forms stars.

{detection}

Accuracy by S/N_r, LAMOST, p_sf from 0.5 on:

{snr_table}

Where the galaxies of each kind go (LAMOST, likeliest class):

{confusion}

Lines too weak for a sample of measured lines (H-alpha of 2-8 A), LAMOST:

{weak_table}

Reliability on {n_reliable} test spectra of the training mix: share of members minus the
mean probability, its binomial error, and the number of spectra, by tenth:

{reliability}

## On real spectra

Every real galaxy at hand below z = 0.29, no redshift given, against what
`galspec.line_fitting` says of its lines:

{real_table}

## Where it must not be trusted

- Anything that is no galaxy: stars and quasars get probabilities too; `flags` tell
  many, not all of them.
- Outside redshift 0.002-0.30 and S/N_r 3-60.
- Composites are defined by two curves in a diagram; next to a curve no spectrum tells
  the side.
- Probabilities hold for the mix of classes in training, unless `prior=` names yours.
- No LAMOST spectrum of a galaxy has been at hand: LAMOST is simulated.
"""


def by_mix(estimator, ingredients, n):
    """Rows of the table of detections, and the spectra of LAMOST with their truth."""
    paper = tables.shares_of(tables.PAPER, estimator.classes)
    parent = tables.parent_shares(estimator.classes)
    named, lamost = {}, None
    for number, instrument in enumerate((LAMOST, SDSS, DESI)):
        size = n if instrument is LAMOST else n // 4
        batch, truth = tables.simulated(
            ingredients, instrument, size, 10**6 + number, kinds=tables.PAPER
        )
        table = estimator.predict(batch, prior=paper)
        true, p_sf = np.asarray(truth["class"]), np.asarray(table["p_sf"])
        named[instrument.name] = true, p_sf, None
        if instrument is LAMOST:
            lamost = batch, truth, table
            clear = np.asarray(truth["snr_r"]) >= 5
            named["LAMOST, S/N_r from 5 on"] = true[clear], p_sf[clear], None
            asked = np.asarray(estimator.predict(batch, prior=parent)["p_sf"])
            weights = tables.parent_weights(true)
            named["LAMOST, parent sample"] = true, asked, weights
    return named, lamost


def compared(estimator, tag, lamost):
    """Arrays of p_sf by name: these weights, and those of the paper's form."""
    batch, _, table = lamost
    columns = {tag: np.asarray(table["p_sf"])}
    if tag != "feng2025":
        rival = StarFormingClassifier.pretrained("feng2025", offline=True)
        columns["feng2025"] = np.asarray(rival.predict(batch)["p_sf"])
    return columns


def mixed(estimator, tag, ingredients, n):
    """Spectra of the training mix: true classes, and arrays of probabilities."""
    true, p = [], {f"p_{name}": [] for name in reported(estimator)}
    instruments = INSTRUMENTS[tag]
    for number in range(-(-n // CHUNK)):
        batch, truth = tables.simulated(
            ingredients,
            instruments[number % len(instruments)],
            CHUNK,
            10**6 + 100 + number,
            kinds=KINDS[tag],
            weak=WEAK[tag],
        )
        table = estimator.predict(batch)
        true.extend(truth["class"])
        for name, values in p.items():
            values.extend(np.asarray(table[name]))
    return np.array(true), {name: np.array(values) for name, values in p.items()}


def reported(estimator):
    """Classes that have a column."""
    return [target.name.removeprefix("p_") for target in estimator.targets]


def weak_lines(estimator, ingredients):
    """Where galaxies of weak lines go."""
    batch, truth = tables.simulated(
        ingredients, LAMOST, 3000, 10**6 + 20, kinds=tables.PAPER, weak=1.0
    )
    gas = ~np.isin(truth["kind"], ("retired", "passive"))
    table = estimator.predict(batch[gas])
    return tables.confusion_table(truth["kind"][gas], table["label"])


def percent(shares):
    """Shares in words."""
    return ", ".join(f"{100 * share:.0f} % {name}" for name, share in shares.items())


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=KINDS)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    parser.add_argument("--real", type=pathlib.Path, required=True)
    parser.add_argument("--test-size", type=int, default=16000)
    parser.add_argument("--epochs", type=int, required=True, help="of the run")
    parser.add_argument("--members", type=int, default=1, help="of the run")
    parser.add_argument("--epoch-size", type=int, default=8192, help="of the run")
    arguments = parser.parse_args()
    tag = arguments.tag
    weights = arguments.run / "weights.safetensors"
    estimator = StarFormingClassifier.pretrained(path=weights)
    options = estimator.fit_options()
    ingredients = GalaxyIngredients.load(arguments.ingredients)
    detections, lamost = by_mix(estimator, ingredients, arguments.test_size)
    _, truth, table = lamost
    true, probabilities = mixed(estimator, tag, ingredients, 4 * arguments.test_size)
    estimator.card = CARD.format(
        tag=tag,
        recipe=RECIPES[tag],
        trained_on=TRAINED_ON[tag],
        members=arguments.members,
        epochs=arguments.epochs,
        size=arguments.epoch_size,
        batch=options.batch_size,
        optimizer=options.optimizer,
        rate=options.learning_rate,
        schedule=options.schedule,
        kinds=percent(KINDS[tag]),
        weak=f"{100 * WEAK[tag]:.0f} %",
        paper=percent(tables.PAPER),
        detection=tables.detection_table(detections),
        snr_table=tables.snr_table(
            truth["class"],
            np.asarray(truth["snr_r"]),
            compared(estimator, tag, lamost),
        ),
        confusion=tables.confusion_table(truth["kind"], table["label"]),
        weak_table=weak_lines(estimator, ingredients),
        n_reliable=len(true),
        reliability=tables.reliability_table(true, probabilities, reported(estimator)),
        real_table=tables.real_table(estimator, arguments.real),
    )
    print(estimator.card)
    package = pathlib.Path(__file__).parents[1] / "galspec" / "weights" / "data"
    path = package / StarFormingClassifier.name / f"{tag}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    estimator.save(path)
    register(path, StarFormingClassifier.name, tag)


if __name__ == "__main__":
    main()
