"""Fit what observed stars correct in the flux of the emulator.

    python scripts/fit_sed_correction.py --emulator sed-emulator.safetensors \\
        --miles miles.npz --calspec calspec.npz --output sed-correction.safetensors \\
        --lines sed-lines.safetensors

Between 3540 and 7410 angstrom MILES tells the ratio of observed and synthetic energy
distributions, by Teff, log g and [Fe/H] of its catalogue. With it, those of CALSPEC
give their stars labels on the same scale; and these stars tell the ratio elsewhere.
MILES is brought to the scale of CALSPEC: one curve for all its stars, which
CALSPEC stars of any temperature show alike, 1 % in places; else what is told by CALSPEC
alone would begin with a step. What remains in the lines of MILES, over a continuum of
100 angstrom, is the second file. The cards say how well stars that were left out fit
before and after.
"""

import argparse
import pathlib

import numpy as np
from energy_libraries import calspec, miles_energies
from stellar_libraries import synthetic_labels

from galspec import SpectrumBatch
from galspec.sed import REFERENCE, WAVELENGTH, at_r200, convolved, normalised
from galspec.simulation import StellarEmulator
from galspec.simulation.stellar_correction import fit_correction
from galspec.simulation.stellar_layout import ENERGY, LABELS
from galspec.training.splits import split_by_object
from galspec.transforms import GaussianContinuum, Normalise

BANDS = ((2500, 3000), (3000, 4000), (4000, 7000), (7000, 10500))
#: Range from which stars of CALSPEC get their labels, angstrom.
TOLD = (3600.0, 7300.0)
#: Least and most of the labels, and steps of their derivatives.
LIMITS = np.array([[4850.0, 2.7, -2.5], [9900.0, 4.9, 0.5]])
STEPS = np.array([50.0, 0.1, 0.1])
#: Where the search for labels starts: dwarfs.
STARTS = tuple(
    (teff, 4.2, feh) for teff in (5200, 5800, 6500, 7500, 8500, 9300) for feh in (-2, 0)
)
#: How far labels go from the typical dwarf, for those that the spectrum does not tell:
#: weights of log g and [Fe/H] in units of the squared logarithm of the flux.
PRIOR = np.array([0.0, 0.02, 0.002])
#: Where the scale of MILES is compared with that of CALSPEC, angstrom, and the width of
#: what differs, pixels. The Balmer jump is left out.
SCALED, SMOOTH = (3750.0, 7410.0), 8.0
#: Labels of CALSPEC stars depend on the scale.
ROUNDS = 3
FOLDS = 6
#: Full widths at half maximum of the libraries at 5500 angstrom.
SED_FWHM, LINE_FWHM = 27.5, 2.5
CARD = """# What observed stars correct in the flux of synthetic ones

Quadratic polynomials of 5040 K / Teff, log g and [Fe/H] in every pixel, fitted to
{miles} stars of MILES (3540-7410 angstrom) and {calspec} of CALSPEC, which are within
150 pc and not corrected for reddening. {what},
in per cent, median over stars left out:

| | angstrom | before | after |
|---|---|---|---|
{rows}
"""


def full_labels(labels):
    """Labels of the emulator, of stars of which the first three are known."""
    every = np.full((len(labels), len(LABELS)), np.nan)
    every[:, :3] = labels
    every = synthetic_labels(every)
    return every[:, [LABELS.index(name) for name in ENERGY.labels]]


def synthetic(emulator, labels):
    """Natural logarithm of the energy distributions of labels, (n, 574)."""
    lines, continuum = emulator(full_labels(labels))
    return np.log(normalised(at_r200(ENERGY.wavelength, lines * continuum)))


def labels_from_flux(model, log_sed, rounds=8):
    """Labels of stars from their energy distributions, by least squares.

    Parameters
    ----------
    model : callable
        From labels (n, 3) to logarithms (n, 574).
    log_sed : ndarray, shape (n, 574)

    Returns
    -------
    ndarray, shape (n, 3)
    """
    low, high = TOLD
    used = (low < WAVELENGTH) & (high > WAVELENGTH)
    seen = log_sed[:, used]
    starts = np.array(STARTS)
    grid = model(starts)[:, used]
    nearest = np.argmin(((seen[:, None] - grid) ** 2).sum(axis=2), axis=1)
    labels, middle = starts[nearest].astype(float), np.array([0, 4.2, -0.3])
    for _ in range(rounds):
        found = model(labels)[:, used]
        slopes = [
            model(labels + step * unit)[:, used] - found
            for step, unit in zip(STEPS, np.eye(3), strict=True)
        ]
        jacobian = np.stack(slopes, axis=2)
        normal = np.einsum("npi,npj->nij", jacobian, jacobian)
        normal += np.diag(PRIOR * STEPS**2 + 1e-6)
        moment = np.einsum("npi,np->ni", jacobian, seen - found)
        moment += PRIOR * STEPS * (middle - labels)
        change = np.linalg.solve(normal, moment[..., None])[..., 0]
        labels = np.clip(labels + np.clip(change, -5, 5) * STEPS, *LIMITS)
    return labels


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
        Of the others, as flux goes with labels in MILES.
    scale : ndarray, shape (574,)
        Natural logarithm of what MILES is to be multiplied by; 0 where it ends.
    """
    plain, theirs = synthetic(emulator, stars.labels), stars.log_sed
    seen, scale = others.log_sed, np.zeros(len(WAVELENGTH))
    for _ in range(ROUNDS):
        first = corrected([(stars.labels, theirs + scale - plain)])

        def model(labels, first=first):
            return synthetic(emulator, labels) + np.log(first(labels))

        labels = labels_from_flux(model, seen)
        scale = scale + common(seen - model(labels))
    return labels, scale


def common(ratio):
    """What differs between libraries for all stars alike.

    Parameters
    ----------
    ratio : ndarray, shape (n, 574)
        Natural logarithm of the flux of one over that of the other; NaN where not
        known.

    Returns
    -------
    ndarray, shape (574,)
        The smoothed median within `SCALED`, 0 elsewhere; and 0 at 5500 angstrom.
    """
    from scipy.ndimage import gaussian_filter1d

    used = (SCALED[0] < WAVELENGTH) & (SCALED[1] > WAVELENGTH)
    curve = np.zeros(len(WAVELENGTH))
    middle = np.nanmedian(ratio[:, used], axis=0)
    curve[used] = gaussian_filter1d(middle, SMOOTH, mode="nearest")
    curve[used] -= np.interp(REFERENCE, WAVELENGTH, curve)
    return curve


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
    lines, continuum = emulator(full_labels(stars.labels))
    factor = [
        np.interp(ENERGY.wavelength, WAVELENGTH, row)
        for row in correction(stars.labels)
    ]
    smooth = convolved(
        ENERGY.wavelength, lines * continuum * factor, ENERGY.wavelength, 2000.0
    )
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
    for name in ("emulator", "miles", "calspec", "output", "lines"):
        parser.add_argument(f"--{name}", type=pathlib.Path, required=True)
    arguments = parser.parse_args()
    emulator = StellarEmulator.load(path=arguments.emulator)
    stars = miles_energies(arguments.miles)
    stars = stars[np.isfinite(stars.labels).all(axis=1)]
    test = split_by_object(stars.names) == "test"
    others = calspec(arguments.calspec)
    labels, scale = on_one_scale(emulator, stars[~test], others)
    parts = [
        _ratio(emulator, stars.labels[~test], stars.log_sed[~test] + scale),
        _ratio(emulator, labels, others.log_sed),
    ]
    correction = corrected(parts)
    rows = np.arange(len(others))
    remain = held_out(parts, [rows[rows % FOLDS == fold] for fold in range(FOLDS)])
    _, ratio = _ratio(emulator, stars.labels[test], stars.log_sed[test] + scale)
    after = ratio - np.log(correction(stars.labels[test]))
    text = table("CALSPEC", parts[1][1], remain, WAVELENGTH, BANDS)
    text += "\n" + table("MILES", ratio, after, WAVELENGTH, BANDS[1:3])
    counts = {"miles": np.count_nonzero(~test), "calspec": len(others)}
    card = CARD.format(what="Rms of the ratio at R = 200", rows=text, **counts)
    correction.save(arguments.output, card)
    print(card)
    fit_lines(emulator, correction, stars, test, counts, arguments.lines)


def fit_lines(emulator, correction, stars, test, counts, path):
    """Fit and save the correction of lines."""
    ratio, known = line_ratios(emulator, correction, stars)
    lines = fit_correction(stars.labels[~test], ratio[~test], known[~test], LINE_FWHM)
    before = np.where(known, ratio, np.nan)[test]
    after = before - np.log(lines(stars.labels[test]))
    bands = ((4000, 4500), (4500, 5500), (5500, 7000))
    text = table("MILES", before, after, ENERGY.wavelength, bands)
    card = CARD.format(what="Rms of the ratio of lines", rows=text, **counts)
    lines.save(path, card)
    print(card)


if __name__ == "__main__":
    main()
