"""Oxygen abundance by the electron temperature: no calibration, but a faint line."""

import functools

import astropy.units as u
import numpy as np

from galspec.baselines.line_estimator import LineEstimator
from galspec.line_fitting import fit_lines
from galspec.targets import Target

__all__ = ["DirectTemperature"]

#: Electron temperatures (K) that are looked at.
_TEMPERATURES = np.linspace(5_000, 30_000, 1001)
#: [O II] is colder than [O III] where that is hot: T(O II) = 0.7 T(O III) + 3000 K
#: (Campbell, Terlevich & Melnick 1986, MNRAS 223, 811; Garnett 1992, AJ 103, 1330).
_SLOPE, _OFFSET = 0.7, 3_000


class DirectTemperature(LineEstimator):
    """12 + log10(O/H) by the temperature that [O III] 4363/5007 tells.

    The direct method: temperature of the O++ zone from [O III] 4363/5007, that of the
    O+ zone from it (0.7 T + 3000 K), then O+/H+ and O++/H+ from [O II] 3727 and
    [O III] 5007 over H-beta, and their sum. Emissivities are those of PyNeb (Luridiana,
    Morisset & Shaw 2015, A&A 573, A42), which the extra ``direct`` installs. [O III]
    4363 is faint: expect values below 8.5 or so, and no others.

    Parameters
    ----------
    snr, dust_correction, draws, seed
        See `~galspec.baselines.line_estimator.LineEstimator`.
    density : float
        Electrons per cm^3; of little influence below a few hundred.

    Raises
    ------
    ImportError
        When an abundance is asked for, if PyNeb is not installed.
    """

    name = "direct-temperature"
    targets = (Target("oh", u.dex, "12 + log10(O/H)", valid=(6.5, 9.0)),)
    scale = "direct"
    references = ("2015A&A...573A..42L", "1992AJ....103.1330G")
    lines = ("OIII_4363", "OIII_5007", "OII_3728", "Hbeta")
    dust_correction = True

    def __init__(
        self, *, snr=3.0, dust_correction=None, draws=400, seed=0, density=100.0
    ):
        super().__init__(
            snr=snr, dust_correction=dust_correction, draws=draws, seed=seed
        )
        self.density = density

    def abundance(self, lines):
        """As of `LineEstimator`; NaN where the temperature is not 5000 to 30 000 K."""
        strong, _, doublet, hydrogen = _emissivities(float(self.density))
        hot = self.temperature(lines)
        cold = _SLOPE * hot + _OFFSET
        hbeta = np.where(lines["Hbeta"] > 0, lines["Hbeta"], np.nan)
        twice = lines["OIII_5007"] / hbeta * _at(hot, hydrogen / strong)
        once = lines["OII_3728"] / hbeta * _at(cold, hydrogen / doublet)
        oh = np.where((once > 0) & (twice > 0), once + twice, np.nan)
        return 12 + np.log10(oh)

    def temperature(self, lines):
        """Electron temperature of the O++ zone.

        Parameters
        ----------
        lines : dict of str to `numpy.ndarray`
            Fluxes without dust; "OIII_4363" and "OIII_5007" are needed.

        Returns
        -------
        `numpy.ndarray`
            Kelvin; NaN where it is not between 5000 and 30 000 K.
        """
        strong, faint, *_ = _emissivities(float(self.density))
        above, below = (np.asarray(lines[n]) for n in ("OIII_4363", "OIII_5007"))
        ratio = np.where((above > 0) & (below > 0), above / below, np.nan)
        # the logarithm is nearly straight in 1/T
        return 1 / np.interp(
            -np.log(ratio),
            -np.log(faint / strong)[::-1],
            1 / _TEMPERATURES[::-1],
            left=np.nan,
            right=np.nan,
        )

    def _measure(self, batch):
        return fit_lines(batch, auroral=True)


def _at(temperature, values):
    """Values that are given at `_TEMPERATURES`, at other temperatures."""
    return np.interp(temperature, _TEMPERATURES, values, left=np.nan, right=np.nan)


@functools.lru_cache(maxsize=8)
def _emissivities(density):
    """[O III] 5007, [O III] 4363, [O II] 3726 + 3729 and H-beta at `_TEMPERATURES`."""
    try:
        import pyneb
    except ImportError:
        raise ImportError(
            "the direct temperature method needs PyNeb: "
            "pip install 'astro-galspec[direct]'"
        ) from None
    at = {
        "tem": _TEMPERATURES,
        "den": np.full_like(_TEMPERATURES, density),
        "product": False,
    }
    thrice, twice = pyneb.Atom("O", 3), pyneb.Atom("O", 2)
    doublet = sum(twice.getEmissivity(wave=wave, **at) for wave in (3726, 3729))
    hydrogen = pyneb.RecAtom("H", 1).getEmissivity(lev_i=4, lev_j=2, **at)
    strong, faint = (thrice.getEmissivity(wave=wave, **at) for wave in (5007, 4363))
    return strong, faint, doublet, hydrogen
