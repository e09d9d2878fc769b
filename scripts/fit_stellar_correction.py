"""Fit what observed stars correct in the spectra of the emulator.

    python scripts/fit_stellar_correction.py --emulator emulator.safetensors \\
        --miles miles.npz --stelib stelib.npz --output correction.safetensors

MILES tells it up to 7350 angstrom, STELIB above. Only stars of the training part of the
split are used; the card says how well those of the test part fit before and after.
"""

import argparse
import pathlib

import numpy as np
from stellar_libraries import miles, stelib, synthetic_labels

from galspec import SpectrumBatch
from galspec.simulation import StellarEmulator
from galspec.simulation.line_spread import at_resolution
from galspec.simulation.stellar_correction import fit_correction
from galspec.simulation.stellar_emulator import LOG_WAVELENGTH
from galspec.training.splits import split_by_object
from galspec.transforms import GaussianContinuum, Normalise, Resample, log_grid

#: Where STELIB takes over from MILES, angstrom.
BORDER = 7350.0
#: Where oxygen and water of the air absorb, which STELIB still shows, angstrom.
TELLURIC = ((7570.0, 7730.0), (8100.0, 8370.0))
#: Of the Gaussian that both are divided by, angstrom: that of CEMPParams.
WIDTH = 100.0
#: Ranges that residuals are quoted for, angstrom.
RANGES = ((3800, 4200), (4200, 4400), (4400, 5200), (5200, 6500), (6500, 7350))
CARD = """# What observed stars correct in synthetic spectra

Quadratic polynomials of 5040 K / Teff, log g and [Fe/H] in every pixel, fitted to the
ratio of observed and emulated spectra of {miles} stars of MILES and, above {border:g}
angstrom, {stelib} of STELIB. Median over {test} test stars of MILES of the rms
difference of the normalised flux, in per cent of the continuum:

| angstrom | synthetic | corrected |
|---|---|---|
{rows}
"""


def ratios(emulator, library, part):
    """Labels, log ratio of observed over emulated normalised flux, and where known."""
    rows = split_by_object(library.names) == part
    labels = synthetic_labels(library.labels[rows])
    flux = library.flux[rows]
    absorbed = np.zeros(library.wavelength.shape, bool)
    for low, high in TELLURIC:
        absorbed |= (library.wavelength > low) & (library.wavelength < high)
    bad = ~(flux > 0) | absorbed
    observed = SpectrumBatch.from_arrays(library.wavelength, flux, mask=bad)
    observed = Resample(_grid())(observed)
    normalised, continuum = emulator(labels)
    spectra = at_resolution(
        normalised * continuum, LOG_WAVELENGTH, emulator.fwhm, library.fwhm
    )
    emulated = observed.replace(flux=spectra, ivar=np.ones_like(spectra))
    ours, theirs = (
        Normalise(GaussianContinuum(WIDTH))(b) for b in (observed, emulated)
    )
    known = ~(ours.mask | theirs.mask) & (ours.flux > 0.02) & (theirs.flux > 0.02)
    with np.errstate(invalid="ignore", divide="ignore"):
        log_ratio = np.log(ours.flux) - np.log(theirs.flux)
    return labels, np.where(known, log_ratio, 0), known, theirs.flux


def _grid():
    pixels = 10**LOG_WAVELENGTH
    return log_grid(pixels[0], pixels[-1], LOG_WAVELENGTH[1] - LOG_WAVELENGTH[0])


def residual_rows(correction, labels, log_ratio, known, emulated):
    """Rows of the card: rms before and after, in each range."""
    pixels, factor = 10**LOG_WAVELENGTH, correction(labels)
    observed = emulated * np.exp(log_ratio)
    rows = []
    for low, high in RANGES:
        inside = known & (pixels > low) & (pixels < high)
        before, after = (
            100 * np.median(_rms(observed - model, inside))
            for model in (emulated, emulated * factor)
        )
        rows.append(f"| {low}-{high} | {before:.2f} | {after:.2f} |")
    return "\n".join(rows)


def _rms(difference, inside):
    square = np.where(inside, difference, 0) ** 2
    return np.sqrt(square.sum(axis=1) / np.maximum(inside.sum(axis=1), 1))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("emulator", "miles", "stelib", "output"):
        parser.add_argument("--" + name, type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    emulator = StellarEmulator.load(path=arguments.emulator)
    blue, red = miles(arguments.miles), stelib(arguments.stelib)
    parts = [ratios(emulator, library, "train")[:3] for library in (blue, red)]
    pixels = 10**LOG_WAVELENGTH
    parts[0][2][:, pixels > BORDER] = False
    parts[1][2][:, pixels <= BORDER] = False
    labels, log_ratio, known = map(np.concatenate, zip(*parts, strict=True))
    correction = fit_correction(labels, log_ratio, known, blue.fwhm)
    test = ratios(emulator, blue, "test")
    card = CARD.format(
        miles=len(parts[0][0]),
        stelib=len(parts[1][0]),
        border=BORDER,
        test=len(test[0]),
        rows=residual_rows(correction, *test),
    )
    correction.save(arguments.output, card)
    print(card)


if __name__ == "__main__":
    main()
