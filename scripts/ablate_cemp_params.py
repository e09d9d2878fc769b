"""What each part of CEMPParams is worth: short trainings without it.

    python scripts/ablate_cemp_params.py default --emulator emulator.safetensors \\
        --correction correction.safetensors --miles miles.npz --run runs/ablations \\
        --epochs 12 --epoch-size 12288

trains every variant of a form for as long, measures all on the same stars of the
validation part, and writes RUN/ablations-TAG.md. Trainings resume.
"""

import argparse
import dataclasses
import logging
import pathlib

import cemp_real_tables as real
import cemp_simulated_tables as simulated
import numpy as np
from stellar_libraries import miles
from train_cemp_params import corrected, training_source

from galspec import CEMPParams
from galspec.networks import PyramidConfig, SpectrogramConfig
from galspec.simulation import EmpiricalCorrection, StarSimulator, StellarEmulator
from galspec.transforms import Denoise, Recipe, RestFrame, Window

BINS = ((10, 20), (40, 60))


def changed(form, *, name, steps=None, **network):
    """A form with other steps, or other fields of its network."""
    recipe = form.recipe if steps is None else Recipe(name, *steps)
    return CEMPParams(
        recipe=recipe, network=dataclasses.replace(form.network, **network)
    )


def variants(tag):
    """Variants of a form, by what is different."""
    form = CEMPParams.variant(tag)
    steps = form.recipe.transformers
    if tag == "hfsnet":
        plain = [step for step in steps if not isinstance(step, Denoise)]
        without_experts = SpectrogramConfig(stream=PyramidConfig())
        return {
            "hfsnet": form,
            "continuum stream alone": changed(form, name="one", normalised=None),
            "normalised stream alone": changed(form, name="one", continuum=None),
            "no experts": changed(form, name="one", continuum=without_experts),
            "no denoising": changed(form, name="plain", steps=plain),
        }
    denoised = [RestFrame(), Denoise(), *steps[1:]]
    return {
        "default": form,
        "with denoising": changed(form, name="denoised", steps=denoised),
        "3800-5700 alone": _windows(form, ((3800, 5700),)),
        "3800-5700 and 5900-6850": _windows(form, ((3800, 5700), (5900, 6850))),
        "5900-8800 alone": _windows(form, ((5900, 6850), (8420, 8800))),
        "all of 3800-8800": changed(
            form,
            name="all",
            steps=[step for step in steps if not isinstance(step, Window)],
        ),
    }


def _windows(form, segments):
    """The form on other windows."""
    steps = list(form.recipe.transformers)
    place = next(i for i, step in enumerate(steps) if isinstance(step, Window))
    steps[place] = Window(segments)
    return changed(form, name="windows", steps=steps)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=("default", *CEMPParams.alternatives))
    for name in ("emulator", "correction", "miles", "run"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--epoch-size", type=int, default=12288)
    parser.add_argument("--test-size", type=int, default=6000)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    emulator = StellarEmulator.load(path=arguments.emulator)
    correction = EmpiricalCorrection.load(path=arguments.correction)
    templates, library = corrected(emulator, correction), miles(arguments.miles)
    source = training_source(templates, library, arguments.epoch_size, held_out=1024)
    batch, truth = StarSimulator(templates).draw(
        arguments.test_size, 11, split="validation"
    )
    scope = simulated.in_scope(truth, emulator)
    rows = []
    for name, estimator in variants(arguments.tag).items():
        estimator.fit(
            source,
            options=CEMPParams.variant(arguments.tag).fit_options(
                epochs=arguments.epochs
            ),
            checkpoint=arguments.run / f"{arguments.tag}-{name.replace(' ', '-')}",
            progress_bar=False,
        )
        table = simulated.measure(estimator, batch, truth)[scope]
        known = real.library(estimator, library, "validation")
        teff = np.asarray(known["true_teff"])
        known = known[(teff > 4000) & (teff < 7000)]
        rows.append(simulated.nmad_row(name, table, known, BINS, 3))
        logging.info(rows[-1])
    lines = [
        "NMAD of Teff (K), log g, [Fe/H] and [C/Fe] on emulated stars of the "
        "validation part in scope, and of the first three on MILES stars of that "
        f"part, after {arguments.epochs} epochs of {arguments.epoch_size} spectra:\n",
        f"| | {' | '.join(f'S/N {low}-{high}' for low, high in BINS)} | MILES |",
        "|---|---|---|---|",
        *rows,
    ]
    text = "\n".join(lines) + "\n"
    (arguments.run / f"ablations-{arguments.tag}.md").write_text(text)
    print(text)


if __name__ == "__main__":
    main()
