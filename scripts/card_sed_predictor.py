"""Measure trained weights of SEDPredictor, write their card and embed them.

    python scripts/card_sed_predictor.py default --run runs/sed-default --epochs 140 \\
        --emulator sed-emulator.safetensors --correction sed-correction.safetensors \\
        --lines sed-lines.safetensors --grid sed_grid.npz --stars DIR

measures RUN/tuned.safetensors, or RUN/weights.safetensors where there is none, on
simulated stars and on real ones that served for nothing else, and writes the weights
with their card to galspec/weights/data/sed-predictor/TAG.safetensors. DIR holds
miles.npz, calspec.npz, stelib.npz, sed_pairs.csv, ngsl and kurucz_stds_v5.fit.
"""

import argparse
import pathlib
import textwrap
import time

import numpy as np
import sed_real_tables as real
import sed_simulated_tables as simulated
from sed_information import information_table
from sed_residuals import Measured, flagged

from galspec import SEDPredictor
from galspec.simulation import EmpiricalCorrection, StellarEmulator
from galspec.simulation.sed_templates import EmulatedFlux, SyntheticFlux
from galspec.simulation.stellar_emulator_fit import read_grid
from galspec.simulation.stellar_layout import ENERGY
from galspec.weights import register

RECIPES = {
    "default": "rest frame, 4000-7000 A on a logarithmic grid of 1e-4 dex, divided by "
    "the mean of the flux under a Gaussian of 100 A; weighted projections of the depth "
    "of all lines and a residual network; mean and log sigma of ln(flux) at each "
    "wavelength by a Gaussian likelihood",
    "uaranet": "the same input; the residual network with soft-thresholded attention "
    "of UaRA-net (Yang, Yuan & Duan 2024, arXiv:2401.13167). Unlike the source, it is "
    "trained on our own synthesis and not tuned on NGSL",
}
CARD = """# SEDPredictor, weights `{tag}`

Energy distributions of stars of 5000-9750 K, 2500-10475 A at R = 200, 1 at 5500 A and
not reddened, from spectra of 4000-7000 A at R about 2000.

## How it was made

{recipe}

First stage: {members} network(s), {epochs} epochs of {size} new spectra each, learned
from {passes} time(s), batch {batch}, learning rate {rate}. Reproduce with
`scripts/train_sed_predictor.py {tag} --epochs {epochs} --epoch-size {size} --passes
{passes} --members {members}`{tuning}, measure with `scripts/card_sed_predictor.py
{tag}`.

Training data: an emulator of {grid_size} synthetic spectra of 4400-12 500 K (weights
`energy` of `StellarEmulator`), corrected by observed stars of MILES (Falcon-Barroso et
al. 2011, A&A 532, A95), on the flux scale of CALSPEC, and of CALSPEC (Bohlin, Gordon &
Tremblay 2014, PASP 126, 711), freed of reddening (weights `energy` and `energy-lines`
of `EmpiricalCorrection`). Seven of nine spectra are of a slitless spectrograph in
space, one as LAMOST and one as SDSS would see them: resolution 1000-2500, mostly 2000,
noise of S/N 10-150, radial velocity known to 10 km/s, reddening, errors of the
response, half of them divided by one continuum or another, three of ten without errors.
{tuned}
Home, for the flag OUT_OF_DOMAIN, are simulated stars of 4900-9850 K.

## In simulation

Residuals are ln(predicted / true) of all pixels of a band: bias, NMAD, rms. Stars of
5000-9750 K as in training; wavelengths in angstrom.

{n_emulated} emulated stars at each S/N:

{emulated}

What these labels allow at best, by the Fisher information of the lines at R = 2000 in
white noise, everything else known (NMAD; `scripts/sed_information.py`):

{information}

The source, rms on its own simulations at S/N 20: about 0.12, 0.05, 0.005 and 0.01.

By effective temperature:

{heat}

The paper of the source: at 6000 K 0.042, 0.021 and 0.015 in 2550-4000 A at S/N 20, 40
and 80, and 0.003, 0.001 and 0.001 in 6200-10000 A; at 8000 K 0.012, 0.006 and 0.005 in
2550-4000 A.

Synthetic spectra of {n_stars} stars that neither the emulator nor the network has seen,
again and again with other noise:

{synthetic}

Share of the truth within the 68 % interval, per cent, emulated stars:

{coverage}

AB magnitudes of distributions that are 1 at 5500 A, bias and NMAD in thousandths,
emulated stars:

{photometry}

## On real stars

Spectra of MILES and STELIB, flux of CALSPEC and NGSL, of stars that served for nothing:
mean and rms of each star; for all, mean bias with its error, and rms. NGSL differs from
the others by 1-2 %, and is 2.5-5 % low at 3700-4200 A.

{pairs}

MILES, stars of the test part of the split: bias, NMAD, rms, coverage in per cent. Its
flux is that of MILES, which differs from that of CALSPEC by 1 % in places.

{miles}

Models by R. Kurucz of F and G stars, 5000-7000 K, by which SDSS calibrates its flux: an
independent theory, and no observed flux.

{kurucz}

Flagged OUT_OF_DOMAIN; of the simulated stars above {wrong}:

{domain}

Speed: {speed:.0f} spectra a second with {threads} thread(s), {busy:.1f} ms of a core a
spectrum.

## Where it must not be trusted

- Outside 5000-9750 K, log g 1.4-4.9, [Fe/H] -2.4 to 0.5: supergiants, and what the
  flags do not catch of the hot and cool stars above.
- Below 3000 A: lines of 4000-7000 A hardly tell the abundances, the gravity and the
  activity that the ultraviolet depends on; 38 stars of CALSPEC correct the synthesis
  there.
- Between 3540 and 3750 A, the Balmer jump of stars above 7000 K.
- Resolving power below 1000: lines look weak, and stars too hot.
- Spectra of two stars, emission lines, chemically peculiar and carbon stars.
- Errors hold for simulated stars as those of training. Real stars differ from them, and
  the flux scales of libraries by 1 % and more: see the coverage of MILES above.
- Errors of neighbouring pixels go together: one star is too hot, or too cool, at all
  wavelengths.
"""


def simulated_tables(estimator, templates, synthetic, n):
    """Everything that the card says of simulated stars."""
    emulated, real_synthetic = (
        {
            snr: Measured(estimator, *simulated.draw(each, n, snr, 10**6 + snr))
            for snr in simulated.SNR
        }
        for each in (templates, synthetic)
    )
    any_of = next(iter(real_synthetic.values())).truth["object_id"]
    wrong = ", ".join(
        f"{100 * flagged(each.spectrum).mean():.1f} % at S/N {snr}"
        for snr, each in emulated.items()
    )
    return {
        "n_emulated": len(next(iter(emulated.values())).ratio),
        "n_stars": len(np.unique(any_of)),
        "emulated": simulated.by_noise(emulated),
        "heat": simulated.by_heat(emulated),
        "synthetic": simulated.by_noise(real_synthetic),
        "coverage": simulated.coverage_table(emulated),
        "photometry": simulated.photometry(emulated),
        "wrong": wrong,
        "information": information_table(templates),
    }


def real_tables(estimator, folder):
    """Everything that the card says of real stars, and of others' models."""
    return {
        "pairs": real.pair_table(real.paired(estimator, folder)),
        "miles": real.miles_table(estimator, folder / "miles.npz"),
        "kurucz": real.kurucz_table(estimator, folder / "kurucz_stds_v5.fit"),
        "domain": real.domain_table(estimator, folder),
    }


def speed(estimator, templates, n, threads):
    """Spectra a second, and milliseconds of a core that each takes."""
    batch, _ = simulated.draw(templates, n, 40, 1)
    estimator.predict(batch[:64], workers=threads)
    start, used = time.perf_counter(), time.process_time()
    estimator.predict(batch, workers=threads, progress_bar=False)
    wall, busy = time.perf_counter() - start, time.process_time() - used
    return {
        "speed": len(batch) / wall,
        "busy": 1000 * busy / len(batch),
        "threads": threads,
    }


def parser_of():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("tag", choices=RECIPES)
    for name in ("run", "emulator", "correction", "lines", "grid", "stars"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    parser.add_argument("--test-size", type=int, default=3000, help="for each S/N")
    parser.add_argument("--speed-size", type=int, default=4000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--epochs", type=int, required=True, help="of the run")
    parser.add_argument("--passes", type=int, default=1, help="of the run")
    parser.add_argument("--members", type=int, default=1, help="of the run")
    parser.add_argument("--epoch-size", type=int, default=8192, help="of the run")
    parser.add_argument("--output", type=pathlib.Path, help="instead of the package")
    return parser


def card(estimator, tuned, arguments):
    """The text."""
    corrections = [
        EmpiricalCorrection.load(path=path)
        for path in (arguments.correction, arguments.lines)
    ]
    emulator = StellarEmulator.load(path=arguments.emulator)
    templates = EmulatedFlux(emulator, *corrections)
    synthetic = SyntheticFlux(*read_grid(arguments.grid, ENERGY), *corrections)
    options = estimator.fit_options()
    return CARD.format(
        tag=arguments.tag,
        recipe=textwrap.fill(f"Recipe: {RECIPES[arguments.tag]}.", 88),
        members=arguments.members,
        passes=arguments.passes,
        epochs=arguments.epochs,
        size=arguments.epoch_size,
        batch=options.batch_size,
        rate=options.learning_rate,
        tuning=" and `scripts/fine_tune_sed_predictor.py`" if tuned else "",
        tuned=estimator.card if tuned else "",
        grid_size=len(emulator.labels),
        **speed(estimator, templates, arguments.speed_size, arguments.threads),
        **simulated_tables(estimator, templates, synthetic, arguments.test_size),
        **real_tables(estimator, arguments.stars),
    )


def main():
    arguments = parser_of().parse_args()
    path = arguments.run / "tuned.safetensors"
    tuned = path.exists()
    path = path if tuned else arguments.run / "weights.safetensors"
    estimator = SEDPredictor.pretrained(path=path)
    estimator.card = card(estimator, tuned, arguments)
    print(estimator.card)
    package = pathlib.Path(__file__).parents[1] / "galspec" / "weights" / "data"
    path = package / SEDPredictor.name / f"{arguments.tag}.safetensors"
    path = arguments.output or path
    path.parent.mkdir(parents=True, exist_ok=True)
    estimator.save(path)
    if not arguments.output:
        register(path, SEDPredictor.name, arguments.tag)


if __name__ == "__main__":
    main()
