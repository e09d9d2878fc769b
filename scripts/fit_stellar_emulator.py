"""Fit the emulator of stellar spectra to a grid, and measure it on stars left out.

    python scripts/fit_stellar_emulator.py cemp_grid.npz --output emulator.safetensors

The stars of the test part of the split are never fitted. The card, with the error on
them, is part of the file; it is printed too.
"""

import argparse
import pathlib

import numpy as np
from scipy.ndimage import gaussian_filter1d

from galspec.constants import SPEED_OF_LIGHT
from galspec.simulation import LAMOST
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH
from galspec.simulation.stellar_emulator_fit import fit_emulator, read_grid
from galspec.training.splits import split_by_object

#: Ranges that errors are quoted for, angstrom.
RANGES = ((3800, 4200), (4200, 4400), (4400, 5200), (5200, 6500), (6500, 8800))
#: What the emulator does not know of.
LIMITS = """
Synthetic spectra of one-dimensional atmospheres in local thermodynamic equilibrium,
computed with Turbospectrum; the atmospheres are not carbon-enhanced, and TiO is
missing, so that metal-rich stars below 4300 K are wrong. Beyond the labels of its
stars an emulator knows nothing.
"""


def at_survey_resolution(depth):
    """Depths of lines as LAMOST would see them, without noise."""
    step = SPEED_OF_LIGHT * np.log(10) * (LOG_WAVELENGTH[1] - LOG_WAVELENGTH[0])
    return gaussian_filter1d(depth, LAMOST.dispersion(5000.0) / step, axis=1)


def error_table(emulator, labels, depth, log_continuum):
    """Median and 90 % of the rms error in each range, in per cent of the continuum."""
    normalised, continuum = emulator(labels)
    error = at_survey_resolution(1 - normalised) - at_survey_resolution(depth)
    lines = ["| angstrom | median | 90 % |", "|---|---|---|"]
    pixels = 10**LOG_WAVELENGTH
    for low, high in RANGES:
        inside = (pixels > low) & (pixels < high)
        rms = 100 * np.sqrt(np.mean(error[:, inside] ** 2, axis=1))
        lines.append(f"| {low}-{high} | {np.median(rms):.2f} | {_most(rms):.2f} |")
    rms = 100 * (np.log(continuum) - log_continuum).std(axis=1)
    lines.append(f"| continuum | {np.median(rms):.2f} | {_most(rms):.2f} |")
    return "\n".join(lines)


def _most(values):
    return np.quantile(values, 0.9)


def card(grid, fitted, left_out, table):
    """What the emulator was made of, and how well it does."""
    ranges = ", ".join(
        f"{name} {grid[:, i].min():.4g} to {grid[:, i].max():.4g}"
        for i, name in enumerate(LABELS)
    )
    return (
        f"# Emulator of stellar spectra\n\nFitted to {fitted} spectra; {left_out} "
        f"were left out. Labels: {ranges}.\n\nRms error of the normalised flux at "
        "the resolution of LAMOST, on the stars left out, in per cent of the "
        f"continuum:\n\n{table}\n{LIMITS}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("grid", type=pathlib.Path)
    parser.add_argument("--output", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    labels, depth, continuum = read_grid(arguments.grid)
    test = split_by_object(np.arange(len(labels))) == "test"
    emulator = fit_emulator(labels[~test], depth[~test], continuum[~test])
    table = error_table(emulator, labels[test], depth[test], continuum[test])
    text = card(labels, np.count_nonzero(~test), np.count_nonzero(test), table)
    emulator.save(arguments.output, text)
    print(text)


if __name__ == "__main__":
    main()
