"""What the card of SEDPredictor reports of simulated stars, as tables."""

import numpy as np
from sed_residuals import BANDS, band_names, cell, coverage, inside, markdown

from galspec.evaluation import residual_summary
from galspec.sed import WAVELENGTH
from galspec.simulation.sed_stars import EnergyPrior, EnergySimulator
from galspec.synthetic_photometry import BANDS as PHOTOMETRY
from galspec.synthetic_photometry import magnitudes

__all__ = [
    "HEAT",
    "SNR",
    "by_heat",
    "by_noise",
    "coverage_table",
    "draw",
    "photometry",
]

#: S/N of the source's tests.
SNR = (20, 40, 80)
#: Ranges of Teff, K; all of them last.
HEAT = ((5000, 6000), (6000, 7000), (7000, 8500), (8500, 9750), (5000, 9750))


def draw(templates, n, snr, seed):
    """Stars of the test part, 5000-9750 K, of one S/N, as the simulator shows them."""
    simulator = EnergySimulator(templates, prior=EnergyPrior(snr=(snr, snr)))
    batch, truth = simulator.draw(n, seed, split="test")
    teff = np.asarray(truth["teff"])
    rows = (teff > HEAT[-1][0]) & (teff < HEAT[-1][1])
    return batch[rows], truth[rows]


def by_noise(samples):
    """Bias and scatter by band and S/N.

    Parameters
    ----------
    samples : dict of int to Measured
        By S/N.
    """
    rows = [
        [snr, len(each.ratio), *(cell(each.ratio[:, inside(band)]) for band in BANDS)]
        for snr, each in samples.items()
    ]
    return markdown(["S/N", "n", *band_names()], rows)


def by_heat(samples):
    """Bias and scatter by band, Teff and S/N."""
    rows = []
    for low, high in HEAT[:-1]:
        for snr, each in samples.items():
            teff = np.asarray(each.truth["teff"])
            part = each.ratio[(teff > low) & (teff < high)]
            cells = [cell(part[:, inside(band)]) for band in BANDS]
            rows.append([f"{low}-{high}", snr, len(part), *cells])
    return markdown(["K", "S/N", "n", *band_names()], rows)


def coverage_table(samples):
    """Share of the truth within the 68 % intervals, per cent, by band and S/N."""
    rows = [
        [
            snr,
            *(f"{100 * coverage(m.ratio, m.width, band):.1f}" for band in BANDS),
        ]
        for snr, m in samples.items()
    ]
    return markdown(["S/N", *band_names()], rows)


def photometry(samples):
    """Bias and NMAD of AB magnitudes, in thousandths, by band and S/N.

    Both distributions are 1 at 5500 angstrom.
    """
    columns = [_magnitude_errors(each) for each in samples.values()]
    rows = [
        [band, *(f"{1000 * b:+.1f}, {1000 * s:.1f}" for b, s in cells)]
        for band, *cells in zip(PHOTOMETRY, *columns, strict=True)
    ]
    return markdown(["band", *(f"S/N {snr}" for snr in samples)], rows)


def _magnitude_errors(measured):
    true = np.exp(np.asarray(measured.truth["log_sed"], float))
    flux = np.atleast_2d(measured.spectrum.flux.value)
    errors = []
    for band in PHOTOMETRY:
        (ours, _), (theirs, _) = (
            magnitudes(WAVELENGTH, values, None, band) for values in (flux, true)
        )
        summary = residual_summary(theirs, ours)
        errors.append((summary["bias"], summary["nmad"]))
    return errors
