"""Train the weights of StellarNitrogen on simulated stars, in about a minute.

    pip install -e ".[train]" -e weights
    python train.py

The stars come from the emulator of stellar spectra that galspec carries: nothing is
downloaded, and their labels are known exactly. The weights go into the data-only
distribution in ``weights/``, and their SHA-256 into its registry.
"""

import pathlib

import numpy as np
from stellar_nitrogen import StellarNitrogen

from galspec.simulation import (
    CorrectedStars,
    EmpiricalCorrection,
    EmulatedStars,
    SimulatedSource,
    StarSimulator,
    StellarEmulator,
)
from galspec.weights import register

PACKAGE = pathlib.Path(__file__).parent / "weights" / "stellar_nitrogen_weights"
#: New stars in every epoch, so that none is learned by heart.
EPOCH = 8192
#: That choose the best epoch; twice as many calibrate the errors.
HELD_OUT = 2048
#: Of a test set that serves for nothing else.
TEST_STARS = 5_000

CARD = """\
# StellarNitrogen, default

[N/Fe] of stars between 4000 and 7000 K.

## Training data

{stars} simulated spectra, new ones in every epoch, as LAMOST takes them (resolving
power 1800, S/N from 5 to 150 per pixel), made by the emulator of stellar spectra in
galspec: synthetic spectra in local thermodynamic equilibrium, one-dimensional
atmospheres, [Fe/H] from -4 to 0.4, [N/Fe] from -0.5 to 2.2, with galspec's correction
by a library of observed stars, which knows nothing of nitrogen.

## How good it is

On {tested} other stars of the same simulator:

| error that it states (dex) | share of the stars | scatter about the truth (dex) | \
truth within the error |
|---|---|---|---|
{rows}

## Where it must not be trusted

It was never compared with measured abundances of real stars: it is an example of a
plugin. The line lists, the atmospheres and the assumed calibration all leave their
marks in values for real spectra. Where the bands of CN vanish (hot or metal-poor
stars), the spectrum says nothing, and the row is flagged UNINFORMATIVE.
"""


def simulated_stars():
    """Stars of the emulator, corrected by what observed ones tell."""
    correction = EmpiricalCorrection.load()
    emulator = StellarEmulator.load().smoothed(float(correction.fwhm))
    return CorrectedStars(EmulatedStars(emulator), correction)


def rows_of_card(table, truth):
    """How far values lie from the truth, by the error that they come with."""
    error = table["nfe_err"].value
    away = np.abs(table["nfe"].value - truth)
    for low, high in ((0, 0.2), (0.2, 0.3), (0.3, 0.4), (0.4, 2)):
        here = (low <= error) & (error < high)
        scatter = np.sqrt(np.mean(away[here] ** 2))
        within = np.mean(away[here] < error[here])
        yield f"| {low} to {high} | {here.mean():.2f} | {scatter:.2f} | {within:.2f} |"


def main():
    """Draw stars, fit, test, write the card, save and register."""
    simulator = StarSimulator(simulated_stars())
    source = SimulatedSource([simulator], "nfe", epoch_size=EPOCH, held_out=HELD_OUT)
    estimator = StellarNitrogen()
    options = estimator.fit_options()
    estimator.fit(source, options=options, device="cpu")

    [(spectra, truth)] = source.draw("test", TEST_STARS)
    rows = rows_of_card(estimator.predict(spectra), np.asarray(truth["nfe"]))
    estimator.card = CARD.format(
        stars=options.epochs * EPOCH, tested=TEST_STARS, rows="\n".join(rows)
    )
    print(estimator.card)

    path = PACKAGE / estimator.name / "default.safetensors"
    estimator.save(path)
    entry = register(
        path, estimator.name, "default", registry=PACKAGE / "registry.json"
    )
    print(f"{path}: {entry.size} bytes, SHA-256 {entry.sha256}")


if __name__ == "__main__":
    main()
