"""Tune trained weights of SEDPredictor on observed stars.

    python scripts/fine_tune_sed_predictor.py --run runs/sed-default \\
        --emulator sed-emulator.safetensors --correction sed-correction.safetensors \\
        --lines sed-lines.safetensors --scale sed-scale.safetensors --stars DIR

goes on from RUN/weights.safetensors by the public ``fine_tune``, on noisy copies of
stars of MILES and on simulated ones, and writes RUN/tuned.safetensors. DIR holds
miles.npz. Stars of the test part of the split, and those of the pairs, serve for
nothing. Networks of the folds are averaged: where only the last layer moves, which is
linear, that is their ensemble, in the time of one.
"""

import argparse
import dataclasses
import logging
import pathlib

import numpy as np
import torch
from sed_residuals import BANDS, band_names, cell, inside, markdown
from sed_tuning_stars import completed, library, mixed
from train_sed_predictor import training_source

from galspec import SEDPredictor
from galspec.cli.fine_tune import layers_of
from galspec.engines.torch_ensemble import TorchEnsemble
from galspec.epochs import labelled_part
from galspec.simulation import EmpiricalCorrection, StellarEmulator
from galspec.simulation.sed_templates import EmulatedFlux
from galspec.training.splits import folds_by_object

__all__ = ["averaged", "in_order_of_folds", "report_table"]

CARD = """
Of these spectra, {copies} copies of each of {stars} stars of MILES with the noise of
the simulator, on the flux scale of CALSPEC, and {rehearsal} simulated spectra for each
of them. Beyond 3540-7410 angstrom stars go on as the corrected emulator that fits them.
The networks of the folds were averaged into one; errors calibrated: {calibration}.
Bias, NMAD and rms of ln(predicted / true), out of fold:

{table}
"""
#: Effective temperatures of stars that are in the domain, K: somewhat more than
#: 5000-9750.
HOME = (4900.0, 9850.0)
#: What errors are calibrated on.
CALIBRATIONS = {
    "simulated": "on simulated stars alone",
    "folds": "on these spectra, out of fold",
}


def in_order_of_folds(values, groups, folds, seed):
    """Values of spectra in the order that the report of ``fine_tune`` has them.

    Parameters
    ----------
    values, groups : ndarray, shape (n,)
    folds, seed : int

    Returns
    -------
    ndarray, shape (n,)
    """
    return values[np.argsort(folds_by_object(groups, folds, seed), kind="stable")]


def report_table(report, observed):
    """What tuning has brought, by band, for observed and for simulated stars.

    Parameters
    ----------
    report : `galspec.tuning_report.TuningReport`
    observed : ndarray of bool, shape (n,)
        In the order of the report.
    """
    rows = []
    for name, part in (("MILES", observed), ("simulated", ~observed)):
        for when in ("before", "after"):
            ratio = (getattr(report, when) - report.labels)[part]
            cells = [cell(ratio[:, inside(band)]) for band in BANDS]
            rows.append([name, when, *cells])
    return markdown(["stars", "", *band_names()], rows)


def averaged(models):
    """One network with the mean parameters of several.

    Parameters
    ----------
    models : list of `torch.nn.Module`
        Changed: the first becomes the mean.

    Returns
    -------
    list of `torch.nn.Module`
        The one.
    """
    states = [dict(model.named_parameters()) for model in models]
    with torch.no_grad():
        for name, value in states[0].items():
            value.copy_(torch.stack([state[name] for state in states]).mean(dim=0))
    return models[:1]


def settle(estimator, templates, arguments):
    """Make one network of those of the folds, and calibrate it on simulated stars.

    These also tell where it is at home: among stars of MILES are some whose spectra are
    peculiar, and the first stage learns from stars beyond `HOME`, so that it can tell.
    """
    learned = estimator._learned
    ensemble = TorchEnsemble(averaged(list(learned.models)))
    learned = dataclasses.replace(learned, ensemble=ensemble)
    size = arguments.calibration_size
    source = training_source(dataclasses.replace(templates, teff=HOME), size, size)
    known, *_ = labelled_part(estimator, source.validation(), "validation")
    parts = source.calibration()
    inputs, labels, snr, _ = labelled_part(estimator, parts, "calibration")
    simulated = learned.at_home(known, inputs).calibrated(inputs, labels, snr)
    if arguments.calibration == "folds":
        kept = learned.calibration
        simulated = dataclasses.replace(simulated, calibration=kept)
    estimator._learned = simulated


def parser_of():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("run", "emulator", "correction", "lines", "scale", "stars"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--layers", type=layers_of, default="head")
    parser.add_argument("--learning-rate", type=float)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--copies", type=int, default=12)
    parser.add_argument("--rehearsal", type=float, default=1.0)
    parser.add_argument("--calibration", choices=CALIBRATIONS, default="simulated")
    parser.add_argument("--calibration-size", type=int, default=4096)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--seed", type=int, default=0)
    return parser


def main():
    arguments = parser_of().parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(arguments.threads)
    emulator = StellarEmulator.load(path=arguments.emulator)
    correction, lines, scale = [
        EmpiricalCorrection.load(path=path)
        for path in (arguments.correction, arguments.lines, arguments.scale)
    ]
    templates = EmulatedFlux(emulator, correction, lines)
    stars = library(arguments.stars / "miles.npz", test=False)
    stars = completed(stars, emulator, correction, scale)
    estimator = SEDPredictor.pretrained(path=arguments.run / "weights.safetensors")
    tune(estimator, stars, templates, arguments)
    print(estimator.card)
    estimator.save(arguments.run / "tuned.safetensors")


def tune(estimator, stars, templates, arguments):
    """Tune the weights, and say so in their card."""
    folds, seed = arguments.folds, arguments.seed
    batch, labels, groups, observed = mixed(
        stars, templates, arguments.copies, arguments.rehearsal, seed
    )
    estimator.fine_tune(
        batch,
        labels,
        groups=groups,
        layers=arguments.layers,
        folds=folds,
        seed=seed,
        progress_bar=False,
        options=estimator.tuning_options(
            epochs=arguments.epochs,
            learning_rate=arguments.learning_rate,
            batch_size=64,
        ),
    )
    settle(estimator, templates, arguments)
    estimator.card += CARD.format(
        copies=arguments.copies,
        stars=len(stars),
        rehearsal=arguments.rehearsal,
        calibration=CALIBRATIONS[arguments.calibration],
        table=report_table(
            estimator.tuning, in_order_of_folds(observed, groups, folds, seed)
        ),
    )


if __name__ == "__main__":
    main()
