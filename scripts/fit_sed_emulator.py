"""Fit the emulator of stars with flux to a grid, and measure it on stars left out.

    python scripts/synthesise_stars.py sed --count 0 --folder stars \\
        --merge sed_grid.npz --collect merged.npz
    python scripts/fit_sed_emulator.py merged.npz --output emulator.safetensors

The stars of the test part of the split are never fitted: they test what is trained on
the emulator. Errors are those of emulators of the other stars that lack a fifth of them
in turn. The card, with the errors, is part of the file; it is printed too.
"""

import argparse
import pathlib

import numpy as np

from galspec import SpectrumBatch
from galspec.sed import WAVELENGTH, at_r200, convolved, normalised
from galspec.simulation.stellar_emulator_fit import fit_emulator, read_grid
from galspec.simulation.stellar_layout import ENERGY
from galspec.training.splits import split_by_object
from galspec.transforms import GaussianContinuum, Normalise

#: Ranges of the energy distribution that errors are quoted for, angstrom.
BANDS = ((2500, 3000), (3000, 4000), (4000, 7000), (7000, 10500))
#: Of Teff, K.
HEAT = ((4400, 5000), (5000, 6000), (6000, 7500), (7500, 9750), (9750, 12500))
#: How users see the normalised spectrum: resolving power, and pixels in angstrom.
SEEN, PIXELS = 2000.0, np.geomspace(4000, 7000, 2431)
FOLDS = 5
CARD = """# Emulator of stars with flux

Fitted to {fitted} synthetic spectra; {test} of the test part of the split were left
out. Labels: {ranges}.

Rms error on stars left out in turn, in per cent, median and 90 % of the stars: of the
energy distribution at R = 200, 1 at 5500 angstrom,

{seds}

and of the spectrum at R = 2000 over its Gaussian continuum of 100 angstrom, 4000-7000
angstrom: {lines}.

Synthetic spectra of one-dimensional atmospheres in local thermodynamic equilibrium,
computed with Turbospectrum. The Sun differs from that of CALSPEC by 37 % below 2900
angstrom, 7-8 % at 3000-4000 and 2.5 % at 4000-5000.
"""


def distributions(normalised_flux, continuum):
    """Natural logarithms of the energy distributions, (n, 574)."""
    flux = at_r200(ENERGY.wavelength, normalised_flux * continuum)
    return np.log(normalised(flux))


def seen(normalised_flux, continuum):
    """Spectra as SEDPredictor sees them, without noise, (n, 2431)."""
    flux = normalised_flux * continuum
    sharp = convolved(ENERGY.wavelength, flux, PIXELS, SEEN)
    batch = SpectrumBatch.from_arrays(PIXELS, sharp)
    return Normalise(GaussianContinuum(100.0, weighted=False))(batch).flux


def errors(labels, depth, log_continuum):
    """Errors on stars left out in turn, of energy distributions and normalised spectra.

    Returns
    -------
    seds : ndarray, shape (n, 574)
        Natural logarithm.
    lines : ndarray, shape (n, 2431)
    """
    fold = np.arange(len(labels)) % FOLDS
    seds, lines = np.empty((len(labels), len(WAVELENGTH))), []
    true = 1 - depth, np.exp(log_continuum)
    lines = np.empty((len(labels), len(PIXELS)))
    for number in range(FOLDS):
        out = fold == number
        fitted = (part[~out] for part in (labels, depth, log_continuum))
        found = fit_emulator(*fitted, ENERGY)(labels[out])
        left_out = [part[out] for part in true]
        seds[out] = distributions(*found) - distributions(*left_out)
        lines[out] = seen(*found) - seen(*left_out)
    return seds, lines


def error_table(teff, seds):
    """Rms errors by band and effective temperature."""
    head = "| K | stars | " + " | ".join(f"{a}-{b}" for a, b in BANDS) + " |"
    rows = [head, "|---" * (len(BANDS) + 2) + "|"]
    for low, high in (*HEAT, (HEAT[0][0], HEAT[-1][1])):
        of = (teff >= low) & (teff <= high)
        cells = [
            _quoted(seds[of][:, (low_a < WAVELENGTH) & (high_a > WAVELENGTH)])
            for low_a, high_a in BANDS
            if of.any()
        ]
        rows.append(f"| {low}-{high} | {of.sum()} | " + " | ".join(cells) + " |")
    return "\n".join(rows)


def _quoted(error):
    """Median and 90 % of the rms of each star, in per cent."""
    rms = 100 * np.sqrt(np.mean(error**2, axis=1))
    return f"{np.median(rms):.2f}, {np.quantile(rms, 0.9):.2f}"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grid", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    labels, depth, continuum = read_grid(arguments.grid, ENERGY)
    test = split_by_object(np.arange(len(labels))) == "test"
    stars = tuple(part[~test] for part in (labels, depth, continuum))
    seds, lines = errors(*stars)
    ranges = ", ".join(
        f"{name} {column.min():.4g} to {column.max():.4g}"
        for name, column in zip(ENERGY.labels, labels.T, strict=True)
    )
    card = CARD.format(
        fitted=np.count_nonzero(~test),
        test=np.count_nonzero(test),
        ranges=ranges,
        seds=error_table(stars[0][:, 0], seds),
        lines=_quoted(lines),
    )
    fit_emulator(*stars, ENERGY).save(arguments.output, card)
    print(card)


if __name__ == "__main__":
    main()
