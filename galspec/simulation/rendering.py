"""Turn line fluxes and rest-frame continua into arrays on observed pixels."""

import numpy as np

from galspec.constants import SPEED_OF_LIGHT
from galspec.simulation.continuum import LOG_STEP, REST_LOG_WAVELENGTH
from galspec.simulation.lines import BALMER, LINES, column, group_attenuation
from galspec.simulation.nebular import nebular_spectrum

__all__ = ["broad_lines", "emission_lines", "line_fluxes", "shifted"]

_LINE_WAVELENGTH = np.array(list(LINES.values()))
_BROAD = ("Halpha", "Hbeta", "Hgamma", "Hdelta")


def line_fluxes(lines, log_ew_ha, ebv, rest):
    """Return line fluxes in the units of the continuum times angstrom.

    Parameters
    ----------
    lines : ndarray, shape (n, len(LINES))
        Dust-free fluxes relative to H-beta.
    log_ew_ha : ndarray, shape (n,)
        log10 of the equivalent width of H-alpha in angstrom, against starlight and
        the continuum of the gas together.
    ebv : ndarray, shape (n,)
        E(B-V) of the lines in magnitudes.
    rest : ndarray, shape (n, n_rest)
        Starlight on `REST_LOG_WAVELENGTH`.

    Returns
    -------
    ndarray, shape (n, len(LINES))
        Fluxes in the rest frame.
    """
    k = group_attenuation()
    alpha = column("Halpha")
    dust = 10 ** (-0.4 * ebv[:, None] * (k - k[alpha]))
    relative = lines / lines[:, alpha : alpha + 1] * dust
    wavelength = 10**REST_LOG_WAVELENGTH
    near = np.abs(wavelength - _LINE_WAVELENGTH[alpha]) < 60.0
    level = np.median(rest[:, near], axis=1)
    # The gas adds a continuum of its own, in proportion to the line.
    to_beta = lines[:, column("Hbeta")] / lines[:, alpha]
    gas_share = 10**log_ew_ha * to_beta * np.median(nebular_spectrum()[near])
    flux = 10**log_ew_ha * level / (1.0 - np.minimum(gas_share, 0.9))
    return relative * flux[:, None]


def shifted(rest, first, n_pixels):
    """Return rows of a grid from a fractional pixel on, by linear interpolation.

    Parameters
    ----------
    rest : ndarray, shape (n, n_rest), float32
        The rows; their end values go on beyond the ends.
    first : ndarray, shape (n,)
        Fractional pixel of each row that comes first.
    n_pixels : int
        Number of pixels to return.

    Returns
    -------
    ndarray, shape (n, n_pixels), float32
        The interpolated rows.
    """
    whole = np.floor(first).astype(int)
    part = (first - whole).astype(np.float32)[:, None]
    columns = whole[:, None] + np.arange(n_pixels + 1)
    columns = np.clip(columns, 0, rest.shape[1] - 1)
    taken = np.take_along_axis(rest, columns, axis=1)
    return (1.0 - part) * taken[:, :-1] + part * taken[:, 1:]


def emission_lines(fluxes, redshift, widths, log_start, n_pixels):
    """Return Gaussian emission lines on observed pixels.

    Flux per angstrom and rest-frame equivalent widths are kept as in the rest
    frame: a redshift moves the lines and no more.

    Parameters
    ----------
    fluxes : ndarray, shape (n, len(LINES))
        Line fluxes in the rest frame.
    redshift : ndarray, shape (n,)
        Redshifts.
    widths : ndarray, shape (n,) or (n, len(LINES))
        Observed dispersion of the lines, instrument included, km/s.
    log_start : float
        log10 of the wavelength of the first pixel in angstrom.
    n_pixels : int
        Number of pixels.

    Returns
    -------
    ndarray, shape (n, n_pixels), float32
        Flux per angstrom.
    """
    emission = np.zeros((len(fluxes), n_pixels), dtype=np.float32)
    widths = np.broadcast_to(widths.reshape(len(fluxes), -1), fluxes.shape)
    for k in range(len(LINES)):
        _add_line(emission, k, fluxes[:, k], redshift, widths[:, k], log_start, 28)
    return emission


def broad_lines(flux_ha, redshift, widths, log_start, n_pixels):
    """Return the broad Balmer lines of type 1 nuclei on observed pixels.

    Parameters
    ----------
    flux_ha : ndarray, shape (n,)
        Flux of broad H-alpha; the others follow with a decrement of 3.1 (Dong et
        al. 2008, MNRAS 383, 581) and case B among themselves.
    redshift, log_start, n_pixels
        As in `emission_lines`.
    widths : ndarray, shape (n,)
        Dispersion of the lines, km/s.

    Returns
    -------
    ndarray, shape (n, n_pixels), float32
        Flux per angstrom.
    """
    emission = np.zeros((len(flux_ha), n_pixels), dtype=np.float32)
    for name in _BROAD:
        ratio = 3.1 if name == "Halpha" else BALMER[name]
        flux = flux_ha * ratio / 3.1
        _add_line(emission, column(name), flux, redshift, widths, log_start, 180)
    return emission


def _add_line(emission, k, flux, redshift, widths, log_start, reach):
    """Add line k of every row in place, within reach pixels of its centre."""
    wavelength, n_pixels = _LINE_WAVELENGTH[k], emission.shape[1]
    centre = (np.log10(wavelength * (1.0 + redshift)) - log_start) / LOG_STEP
    columns = np.rint(centre).astype(int)[:, None] + np.arange(-reach, reach + 1)
    sigma = widths / (SPEED_OF_LIGHT * np.log(10.0) * LOG_STEP)
    distance = (columns - centre[:, None]) / sigma[:, None]
    peak = flux / (np.sqrt(2 * np.pi) * wavelength * widths / SPEED_OF_LIGHT)
    profile = peak[:, None] * np.exp(-0.5 * distance**2)
    inside = (columns >= 0) & (columns < n_pixels)
    profile = np.where(inside, profile, 0.0).astype(np.float32)
    rows = np.arange(len(emission))[:, None]
    # No pixel occurs twice in a row but the clipped ones, which add zero.
    emission[rows, np.clip(columns, 0, n_pixels - 1)] += profile
