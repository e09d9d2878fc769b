"""Spectra and files to measure with: self-made, all distinct, no masked pixel."""

import gzip
import pathlib

import numpy as np

#: The grid of LAMOST's low-resolution spectra: log10 of the wavelength, 3909 pixels.
WAVELENGTH = 10 ** (3.5682 + 1e-4 * np.arange(3909))
LINES = (3728.8, 4862.7, 4960.3, 5008.2, 6549.9, 6564.6, 6585.3, 6718.3, 6732.7)
#: Level of the gzip files that the survey hands out.
GZIP_LEVEL = 6
#: The survey's headers have 123 cards.
MORE_CARDS = {f"CARD{number:04d}": 0.5 * number for number in range(85)}


def simulate(n, seed=0):
    """Smooth continua with emission lines and noise.

    Parameters
    ----------
    n : int
        Spectra.
    seed : int
        Of the random numbers.

    Returns
    -------
    flux, ivar : `numpy.ndarray`, shape (n, 3909)
    redshift : `numpy.ndarray`, shape (n,)
    """
    random = np.random.default_rng(seed)
    redshift = random.uniform(0.02, 0.2, n)
    slope, bend = random.normal(0, 0.5, (2, n, 1))
    x = np.log(WAVELENGTH / 6000)
    flux = np.exp(slope * x + bend * x**2)
    for rest in LINES:
        centre = rest * (1 + redshift[:, None])
        height = random.uniform(0.1, 3, (n, 1))
        flux += height * np.exp(-0.5 * ((WAVELENGTH - centre) / 3) ** 2)
    sigma = 1 / random.uniform(5, 40, (n, 1)) * (1 + np.abs(x))
    level = 10 ** random.uniform(1, 3, (n, 1))
    noisy = flux + sigma * random.normal(size=flux.shape)
    return level * noisy, (level * sigma) ** -2.0, redshift


def write_files(folder, n):
    """Write gzipped LAMOST DR10 files.

    Parameters
    ----------
    folder : path-like
        An existing folder.
    n : int
        Files.

    Returns
    -------
    list of str
        Their names.
    """
    from galspec.simulation import write_lamost_fits

    names = []
    for index, (flux, ivar, z) in enumerate(zip(*simulate(n), strict=True)):
        plain = pathlib.Path(folder, f"spec-{index:05d}.fits")
        header = {"OBSID": index, "Z": float(z)} | MORE_CARDS
        write_lamost_fits(plain, WAVELENGTH, flux, ivar, header)
        packed = plain.with_suffix(".fits.gz")
        packed.write_bytes(gzip.compress(plain.read_bytes(), GZIP_LEVEL))
        plain.unlink()
        names.append(str(packed))
    return names
