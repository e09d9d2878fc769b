"""The continuum of ionised gas and the Balmer lines too crowded to list."""

import functools

import numpy as np

from galspec.simulation.continuum import LOG_STEP, REST_LOG_WAVELENGTH
from galspec.simulation.lines import BALMER, LINES

__all__ = ["nebular_continuum", "nebular_spectrum"]

# Flux of the nebular continuum per angstrom, in 1e-4 of the flux of H-beta, at 10^4 K,
# 100 cm^-3 and He+/H+ = 0.08, as PyNeb gives it (Luridiana et al. 2015, A&A 573, A42).
# Free-bound of H and He: Ercolano & Storey 2006, MNRAS 372, 1875; free-free: Storey &
# Hummer 1991, Comput. Phys. Commun. 66, 129; two-photon decay: Osterbrock & Ferland
# 2006, chapter 4; H-beta, 1.235e-25 erg cm^3 / s: Storey & Hummer 1995, MNRAS 272, 41.
# The edges are those of the Balmer (3647 angstrom) and Paschen series (8205).
_CONTINUUM = np.array(
    [
        (2850.0, 46.7),
        (3000.0, 48.3),
        (3200.0, 50.8),
        (3400.0, 54.1),
        (3600.0, 54.0),
        (3646.5, 54.7),
        (3647.5, 11.6),
        (3700.0, 10.7),
        (3900.0, 9.75),
        (4300.0, 8.40),
        (4861.0, 7.28),
        (5300.0, 6.74),
        (5800.0, 6.31),
        (6500.0, 5.87),
        (7200.0, 5.49),
        (8000.0, 5.04),
        (8204.0, 4.85),
        (8206.0, 2.20),
        (8600.0, 2.11),
        (9100.0, 1.99),
    ]
)
#: Highest Balmer line: beyond, lines are 0.8 angstrom apart.
_LAST_LINE = 40
# Dispersion of these lines, gas and spectrograph together, in pixels of 69 km/s.
_LINE_PIXELS = 1.6


@functools.cache
def nebular_spectrum():
    """Return the continuum and the Balmer lines from H11 on, relative to H-beta.

    Returns
    -------
    ndarray, shape (n_rest,), float32
        Flux per angstrom over the flux of H-beta, without dust, on
        `galspec.simulation.continuum.REST_LOG_WAVELENGTH`.
    """
    rest = 10**REST_LOG_WAVELENGTH
    spectrum = 1e-4 * np.interp(rest, *_CONTINUUM.T)
    for n in range(11, _LAST_LINE + 1):
        # Case B falls as n**-3 to 2 % at n = 25, 15 % at 40: Storey & Hummer 1995.
        centre = 3647.05 / (1.0 - 4.0 / n**2)
        flux = BALMER["H10"] * (10.0 / n) ** 3
        pixels = (REST_LOG_WAVELENGTH - np.log10(centre)) / LOG_STEP
        sigma = _LINE_PIXELS * LOG_STEP * np.log(10.0) * centre
        profile = np.exp(-0.5 * (pixels / _LINE_PIXELS) ** 2)
        spectrum += flux * profile / (np.sqrt(2 * np.pi) * sigma)
    return spectrum.astype(np.float32)


@functools.cache
def _reddening():
    """Return -0.4 ln(10) (k - k(H-beta)) on the rest-frame pixels, law of the lines."""
    from astropy import units as u
    from dust_extinction.parameter_averages import CCM89

    law = CCM89(Rv=3.1)
    excess = 3.1 * (law(10**REST_LOG_WAVELENGTH * u.AA) - law(LINES["Hbeta"] * u.AA))
    return (-0.4 * np.log(10.0) * excess).astype(np.float32)


def nebular_continuum(flux_hb, ebv):
    """Return the light of the gas between its lines, dimmed by the dust of the lines.

    Parameters
    ----------
    flux_hb : ndarray, shape (n,)
        Flux of H-beta as it leaves the galaxy.
    ebv : ndarray, shape (n,)
        E(B-V) of the lines in magnitudes; Cardelli, Clayton & Mathis 1989, ApJ 345,
        245, with R_V = 3.1.

    Returns
    -------
    ndarray, shape (n, n_rest), float32
        Flux per angstrom on `galspec.simulation.continuum.REST_LOG_WAVELENGTH`.
    """
    ebv = np.asarray(ebv, dtype=np.float32)[:, None]
    flux = np.asarray(flux_hb, dtype=np.float32)[:, None]
    return flux * nebular_spectrum() * np.exp(ebv * _reddening())
