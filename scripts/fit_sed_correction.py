"""Fit what observed stars correct in the flux of the emulator.

    python scripts/fit_sed_correction.py --emulator sed-emulator.safetensors \\
        --miles miles.npz --calspec calspec.npz --output sed-correction.safetensors \\
        --lines sed-lines.safetensors --scale sed-scale.safetensors

Between 3540 and 7410 angstrom MILES tells the ratio of observed and synthetic energy
distributions, by Teff, log g and [Fe/H] of its catalogue; and what remains in its
lines, over a continuum of 100 angstrom, which is the second file. With both, lines give
the stars of CALSPEC labels on the same scale; and these stars tell the ratio elsewhere.
MILES is brought to the scale of CALSPEC by a smooth factor, linear in 1 / Teff and
[Fe/H]: the third file. The cards say how well stars that were left out fit before and
after.
"""

import argparse
import functools
import pathlib

import numpy as np
from energy_libraries import calspec, miles_energies
from sed_line_labels import full_labels, labels_from_lines, with_corrections

from galspec import SpectrumBatch
from galspec.sed import REFERENCE, WAVELENGTH, at_r200, convolved, normalised
from galspec.simulation import StellarEmulator
from galspec.simulation.stellar_correction import EmpiricalCorrection, fit_correction
from galspec.simulation.stellar_layout import ENERGY
from galspec.training.splits import split_by_object
from galspec.transforms import GaussianContinuum, Normalise

BANDS = ((2500, 3000), (3000, 4000), (4000, 7000), (7000, 10500))
#: Where the scale of MILES is compared with that of CALSPEC, angstrom, and the width of
#: what differs, pixels. At the Balmer jump, which is left out, it goes on as before.
SCALED, SMOOTH = (3750.0, 7410.0), 8.0
OVERLAP = (3535.0, 7415.0)
FOLDS = 6
#: Bands in which lines are compared, angstrom.
LINE_BANDS = ((4000, 4500), (4500, 5500), (5500, 7000))
#: Full widths at half maximum of the libraries at 5500 angstrom.
SED_FWHM, LINE_FWHM = 27.5, 2.5
CARD = """# What observed stars correct in the flux of synthetic ones

Quadratic polynomials of 5040 K / Teff, log g and [Fe/H] in every pixel, fitted to
{miles} stars of MILES (3540-7410 angstrom) and {calspec} of CALSPEC. {what},
in per cent, median over stars left out:

| | angstrom | before | after |
|---|---|---|---|
{rows}
"""
SCALE_CARD = """# What brings MILES to the flux scale of CALSPEC

Linear in 5040 K / Teff and [Fe/H], smooth over {smooth:g} pixels at R = 200, from
{calspec} stars of CALSPEC that have their labels from lines.
"""


def synthetic(emulator, labels):
    """Natural logarithm of the energy distributions of labels, (n, 574)."""
    lines, continuum = emulator(full_labels(labels))
    return np.log(normalised(at_r200(ENERGY.wavelength, lines * continuum)))


def on_one_scale(emulator, stars, others):
    """Labels of stars that have none, and the scale of the flux of those that have.

    Parameters
    ----------
    emulator : StellarEmulator
    stars : ObservedFlux
        With labels, as MILES.
    others : ObservedFlux
        Without, as CALSPEC.

    Returns
    -------
    labels : ndarray, shape (n, 3)
        Of the others, as lines go with labels in MILES.
    scale : EmpiricalCorrection
        What the flux of MILES is to be multiplied by.
    """
    correction = corrected([_ratio(emulator, stars.labels, stars.log_sed)])
    nothing_left_out = np.zeros(len(stars), bool)
    lines, _ = fitted_lines(emulator, correction, stars, nothing_left_out)
    flux_of = functools.partial(with_corrections, emulator, correction, lines)
    labels, _ = labels_from_lines(flux_of, others)
    _, ratio = _ratio(emulator, labels, others.log_sed)
    return labels, scale_of(labels, ratio - np.log(correction(labels)))


def scale_of(labels, ratio):
    """What one library is to be multiplied by, so that its flux is as of another.

    Parameters
    ----------
    labels : ndarray, shape (n, 3)
        Of stars of the other.
    ratio : ndarray, shape (n, 574)
        Natural logarithm of their flux over that of the first library's stars of the
        same labels; NaN where not known.

    Returns
    -------
    EmpiricalCorrection
        Linear in 1 / Teff and [Fe/H], smooth, 1 at 5500 angstrom and beyond `OVERLAP`.
    """
    from scipy.ndimage import gaussian_filter1d

    x = np.stack([5040 / labels[:, 0], labels[:, 2]], axis=1)
    middle, spread = x.mean(axis=0), x.std(axis=0)
    design = np.concatenate([np.ones((len(x), 1)), (x - middle) / spread], axis=1)
    used = (SCALED[0] < WAVELENGTH) & (SCALED[1] > WAVELENGTH)
    smooth = gaussian_filter1d(_robust(design, ratio[:, used]), SMOOTH, mode="nearest")
    overlap = (OVERLAP[0] < WAVELENGTH) & (OVERLAP[1] > WAVELENGTH)
    curves = np.zeros((10, len(WAVELENGTH)), np.float32)
    for place, row in zip((0, 1, 3), smooth, strict=True):
        zero = np.interp(REFERENCE, WAVELENGTH[used], row)
        curves[place, overlap] = np.interp(WAVELENGTH[overlap], WAVELENGTH[used], row)
        curves[place, overlap] -= zero
    teff, feh = zip(middle, spread, x.min(axis=0), x.max(axis=0), strict=True)
    limits = np.array([teff, (4.0, 1.0, 4.0, 4.0), feh]).T
    return EmpiricalCorrection(curves, *limits, np.array(SED_FWHM))


def _robust(design, values):
    """Least squares of every column, without the stars that stand out."""
    weights = np.ones(len(values))
    for _ in range(3):
        root = np.sqrt(weights)[:, None]
        found = np.linalg.lstsq(design * root, values * root)[0]
        misfit = np.sqrt(np.mean((values - design @ found) ** 2, axis=1))
        weights = (misfit < 2.5 * np.median(misfit)).astype(float)
    return found


def _ratio(emulator, labels, log_sed):
    return labels, log_sed - synthetic(emulator, labels)


def corrected(parts):
    """The correction of pairs of labels and logarithms of ratios, NaN if not known."""
    labels, ratio = (np.concatenate(values) for values in zip(*parts, strict=True))
    known = np.isfinite(ratio)
    return fit_correction(labels, np.where(known, ratio, 0), known, SED_FWHM)


def held_out(parts, row_sets):
    """Logarithms of the ratios that remain of the last part, each star left out once.

    Parameters
    ----------
    parts : list of (ndarray, ndarray)
    row_sets : list of ndarray
        Rows of the last part that are left out together.
    """
    *others, (labels, ratio) = parts
    remain = np.empty_like(ratio)
    for rows in row_sets:
        keep = np.setdiff1d(np.arange(len(labels)), rows)
        fitted = corrected([*others, (labels[keep], ratio[keep])])
        remain[rows] = ratio[rows] - np.log(fitted(labels[rows]))
    return remain


def line_ratios(emulator, correction, stars):
    """Logarithms of observed over corrected normalised flux on the pixels of ENERGY."""
    flux = with_corrections(emulator, correction, None, stars.labels)
    smooth = convolved(ENERGY.wavelength, flux, ENERGY.wavelength, 2000.0)
    seen = np.stack(
        [
            np.interp(ENERGY.wavelength, stars.wavelength, row, np.nan, np.nan)
            for row in stars.flux
        ]
    )
    mask = ~(np.isfinite(seen) & np.isfinite(smooth))
    ours, theirs = (
        Normalise(GaussianContinuum(100.0, weighted=False))(
            SpectrumBatch.from_arrays(ENERGY.wavelength, values, mask=mask)
        ).flux
        for values in (seen, smooth)
    )
    known = ~mask & (ours > 0.02) & (theirs > 0.02)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.log(ours) - np.log(theirs)
    return np.where(known, ratio, 0), known


def table(names, before, after, wavelength, bands):
    """Rows of a card: rms before and after."""
    rows = []
    for low, high in bands:
        inside = (wavelength > low) & (wavelength < high)
        cells = [
            f"{100 * np.nanmedian(np.sqrt(np.nanmean(v[:, inside] ** 2, axis=1))):.1f}"
            for v in (before, after)
        ]
        rows.append(f"| {names} | {low}-{high} | {cells[0]} | {cells[1]} |")
    return "\n".join(rows)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    for name in ("emulator", "miles", "calspec", "output", "lines", "scale"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    emulator = StellarEmulator.load(path=arguments.emulator)
    stars = miles_energies(arguments.miles)
    stars = stars[np.isfinite(stars.labels).all(axis=1)]
    test = split_by_object(stars.names) == "test"
    others = calspec(arguments.calspec)
    labels, scale = on_one_scale(emulator, stars[~test], others)
    scale.save(arguments.scale, SCALE_CARD.format(smooth=SMOOTH, calspec=len(others)))
    parts = [
        _ratio(emulator, each.labels, each.log_sed + np.log(scale(each.labels)))
        for each in (stars[~test], stars[test])
    ]
    parts[1:1] = [_ratio(emulator, labels, others.log_sed)]
    *parts, (test_labels, ratio) = parts
    correction = corrected(parts)
    rows = np.arange(len(others))
    remain = held_out(parts, [rows[rows % FOLDS == fold] for fold in range(FOLDS)])
    after = ratio - np.log(correction(test_labels))
    text = table("CALSPEC", parts[1][1], remain, WAVELENGTH, BANDS)
    text += "\n" + table("MILES", ratio, after, WAVELENGTH, BANDS[1:3])
    counts = {"miles": np.count_nonzero(~test), "calspec": len(others)}
    card = CARD.format(what="Rms of the ratio at R = 200", rows=text, **counts)
    correction.save(arguments.output, card)
    print(card)
    lines, remain = fitted_lines(emulator, correction, stars, test)
    text = table("MILES", *remain, ENERGY.wavelength, LINE_BANDS)
    card = CARD.format(what="Rms of the ratio of lines", rows=text, **counts)
    lines.save(arguments.lines, card)
    print(card)


def fitted_lines(emulator, correction, stars, test):
    """The correction of lines, and ratios of test stars before and after it."""
    ratio, known = line_ratios(emulator, correction, stars)
    lines = fit_correction(stars.labels[~test], ratio[~test], known[~test], LINE_FWHM)
    before = np.where(known, ratio, np.nan)[test]
    return lines, (before, before - np.log(lines(stars.labels[test])))


if __name__ == "__main__":
    main()
