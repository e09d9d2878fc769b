"""What lines can tell of energy distributions at best, by their Fisher information.

Teff, log g, [Fe/H] and the other labels of the emulator are free, within their scatter
over its stars; the noise is white. No unbiased estimate is better (Cramer & Rao).
"""

import numpy as np
from fit_sed_emulator import BANDS, seen
from sed_residuals import band_names, inside, markdown
from sed_simulated_tables import SNR

from galspec.simulation.stellar_templates import EmulatedStars

__all__ = ["information_table", "least_errors"]

#: Steps of the derivatives, in units of the scatter of the labels.
STEP = 0.05


def least_errors(derivatives, distributions, snr):
    """Errors of logarithmic distributions that no estimate undercuts.

    Parameters
    ----------
    derivatives : ndarray, shape (n, n_pix, n_labels)
        Of normalised spectra by labels, which have a scatter of 1.
    distributions : ndarray, shape (n, n_wavelengths, n_labels)
        The same of the distributions.
    snr : float
        Per pixel.

    Returns
    -------
    ndarray, shape (n, n_wavelengths)
    """
    fisher = snr**2 * np.einsum("npi,npj->nij", derivatives, derivatives)
    covariance = np.linalg.inv(fisher + np.eye(fisher.shape[-1]))
    variance = np.einsum("npi,nij,npj->np", distributions, covariance, distributions)
    return np.sqrt(variance)


def information_table(templates, n=300, seed=0):
    """NMAD of residuals at best, by band and S/N, of 5000-9750 K.

    Parameters
    ----------
    templates : `galspec.simulation.EmulatedFlux`
    n : int
        Stars.
    seed : int

    Returns
    -------
    str
    """
    rng = np.random.default_rng(seed)
    labels = EmulatedStars(templates.emulator, templates.scatter).draw_labels(
        9 * n, rng
    )
    labels = labels[(labels[:, 0] > 5000) & (labels[:, 0] < 9750)][:n]
    slopes = [
        _difference(templates, labels, shift)
        for shift in np.diag(STEP * templates.emulator.labels.std(axis=0))
    ]
    lines, distributions = (
        np.stack(parts, axis=2) for parts in zip(*slopes, strict=True)
    )
    rows = []
    for snr in SNR:
        errors = least_errors(lines, distributions, snr)
        drawn = np.abs(errors * rng.standard_normal(errors.shape))
        cells = [f"{1.4826 * np.median(drawn[:, inside(b)]):.4f}" for b in BANDS]
        rows.append([snr, *cells])
    return markdown(["S/N", *band_names()], rows)


def _difference(templates, labels, shift):
    """Derivatives of normalised spectra and of distributions along one label."""
    above, below = (_seen(templates, labels + s) for s in (shift, -shift))
    return [(a - b) / (2 * STEP) for a, b in zip(above, below, strict=True)]


def _seen(templates, labels):
    stars = templates.at(labels)
    return seen(stars.flux, 1), stars.log_sed
