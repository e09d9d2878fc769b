"""Compare CEMPParams with other methods on the very same stars.

    python scripts/compare_stellar_methods.py --emulator emulator.safetensors \\
        --correction correction.safetensors --grid cemp_grid.npz --miles miles.npz \\
        --weights runs/cemp-default/weights.safetensors --run runs/methods

Every method is fitted to stars of the training part, calibrated on those of the
calibration part, and measured on synthetic spectra of test stars and on MILES stars of
the test part. What predicts the spectrum learns from stars with hardly any noise, as
its papers do; what predicts labels learns from noisy ones. Fitted methods are kept in
the folder of the run and not fitted again; the table is RUN/methods.md.
"""

import argparse
import logging
import pathlib
import time

import cemp_real_tables as real
import cemp_simulated_tables as simulated
import numpy as np
from stellar_libraries import miles
from train_cemp_params import corrected, labels_of

from galspec import CEMPParams
from galspec.baselines.stellar_labels import (
    CannonParams,
    PayneParams,
    PCAPerceptronParams,
    SLAMParams,
)
from galspec.baselines.template_matching import TemplateMatching
from galspec.simulation import (
    CorrectedStars,
    EmpiricalCorrection,
    SimulatedSource,
    StarPrior,
    StarSimulator,
    StellarEmulator,
    SyntheticStars,
)
from galspec.simulation.stellar_emulator_fit import read_grid

LOG = logging.getLogger("compare_stellar_methods")
#: Estimator, spectra that it is fitted to, and their S/N.
BRIGHT, NOISY = (150.0, 300.0), (5.0, 150.0)
METHODS = {
    "The Cannon": (CannonParams, 4000, BRIGHT),
    "SLAM": (SLAMParams, 1000, BRIGHT),
    "The Payne": (PayneParams, 6000, BRIGHT),
    "PCA + MLP": (PCAPerceptronParams, 24000, NOISY),
    "template matching": (TemplateMatching, 4000, BRIGHT),
}
#: Of S/N.
BINS = ((5, 10), (10, 20), (20, 40), (40, 60), (60, 100))


class MethodSource(SimulatedSource):
    """Stars of one S/N to learn from, and of all to calibrate on."""

    def __init__(self, templates, n, snr):
        super().__init__([StarSimulator(templates)], labels_of, held_out=3000)
        self.seen = StarSimulator(templates, prior=StarPrior(snr=snr, ends_early=0))
        self.n = n

    def epoch(self, number):
        """The same stars in every epoch."""
        batch, truth = self.seen.draw(self.n, 7, split="train")
        return [(batch, labels_of(truth))]


def fitted(method, templates, folder):
    """A method fitted to its stars, on the pixels of CEMPParams."""
    cls, n, snr = METHODS[method]
    path = folder / f"{cls.name}.safetensors"
    if not path.exists():
        estimator = cls(recipe=CEMPParams.recipe)
        estimator.fit(MethodSource(templates, n, snr), progress_bar=False)
        estimator.save(path)
    return cls.pretrained(path=path)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("emulator", "correction", "grid", "miles", "weights", "run"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    parser.add_argument("--test-size", type=int, default=4000)
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    emulator = StellarEmulator.load(path=arguments.emulator)
    correction = EmpiricalCorrection.load(path=arguments.correction)
    stars = CorrectedStars(SyntheticStars(*read_grid(arguments.grid)), correction)
    library = miles(arguments.miles)
    batch, truth = simulated.draw(stars, arguments.test_size, 10**6 + 5, snr=(5, 100))
    scope = simulated.in_scope(truth, emulator)

    def measured(method, estimator):
        start = time.perf_counter()
        table = simulated.measure(estimator, batch, truth)[scope]
        rate = len(batch) / (time.perf_counter() - start)
        LOG.info("%s: %.0f spectra/s", method, rate)
        known = real.library(estimator, library)
        teff = np.asarray(known["true_teff"])
        known = known[(teff > 4000) & (teff < 7000)]
        return simulated.nmad_row(method, table, known, BINS, 2)

    templates, rows = corrected(emulator, correction), []
    arguments.run.mkdir(parents=True, exist_ok=True)
    for method in METHODS:
        rows.append(measured(method, fitted(method, templates, arguments.run)))
        LOG.info(rows[-1])
    rows.insert(
        0, measured("CEMPParams", CEMPParams.pretrained(path=arguments.weights))
    )
    head = [f"S/N {low}-{high}" for low, high in BINS]
    lines = [
        "NMAD of Teff (K), log g, [Fe/H] and [C/Fe] on synthetic test stars in scope, "
        "and of the first three on MILES test stars:\n",
        f"| | {' | '.join(head)} | MILES |",
        "|---|" + "---|" * (len(BINS) + 1),
        *rows,
    ]
    (arguments.run / "methods.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


if __name__ == "__main__":
    main()
