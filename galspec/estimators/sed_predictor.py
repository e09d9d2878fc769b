"""Spectral energy distributions of stars from their normalised spectra."""

import astropy.units as u
import numpy as np

from galspec import reddening, sed_scale
from galspec.flags import Flags
from galspec.learned_spectra import LearnedSpectra
from galspec.networks import ProjectionConfig, SoftMaskAttentionConfig
from galspec.sed import WAVELENGTH
from galspec.sed_spectrum import AXIS, stars_shape, to_spectrum
from galspec.spectral_estimator import SpectralEstimator
from galspec.targets import Target
from galspec.transforms import (
    Coverage,
    GaussianContinuum,
    NoiseFromScatter,
    Normalise,
    Recipe,
    Resample,
    RestFrame,
    log_grid,
)
from galspec.velocity import with_velocities

__all__ = ["SEDPredictor"]

_STEPS = (
    NoiseFromScatter(),
    RestFrame(),
    Resample(log_grid(4000, 7000, 1e-4)),
    Coverage(0.5),
    Normalise(GaussianContinuum(100.0, weighted=False)),
)
_OUTPUTS = 2 * len(WAVELENGTH)


class SEDPredictor(SpectralEstimator):
    """The energy distribution of a star, 2500-10475 angstrom, from lines in its blue.

    Lines between 4000 and 7000 angstrom tell what star it is, and so how its flux goes
    with wavelength: every star with such a spectrum becomes a standard of flux (Yang et
    al. 2024, arXiv:2401.13167). The recipe divides spectra by their continua, so that
    it does not matter whether they come normalised, calibrated or as counts.

    ``predict`` gives a `~specutils.Spectrum`
    (`~galspec.energy_distributions.EnergyDistributions`): flux per wavelength on
    ``galspec.sed.WAVELENGTH``, at R = 200 in the rest frame and in vacuum, 1 at 5500
    angstrom, without reddening, which lines do not know. Its ``uncertainty`` is the
    calibrated 68 % error, masked is what is not known, and ``meta`` has the provenance
    and for each star identifiers, ``snr``, ``domain`` and ``flags``. Many spectra give
    flux of the shape (n, 574), one spectrum (574,), a cube (ny, nx, 574).
    ``predict_batches`` gives the same as a table, with columns ``sed`` and ``sed_err``;
    `galspec.sed_spectrum.to_spectrum` makes a spectrum of that.

    The star is brought to the rest frame by ``redshift=``, its radial velocity over the
    speed of light. Where that is not known, the velocity is measured by
    cross-correlation, and the star flagged VELOCITY_MEASURED.

    Parameters
    ----------
    recipe : `~galspec.transforms.Recipe`, optional
        Preprocessing; that of ``default`` when not given.
    network : `~galspec.networks.NetworkConfig`, optional
        Architecture; that of ``default`` when not given.

    Notes
    -----
    ``predict`` takes besides

    - ``ebv``: E(B-V) in magnitudes, one for all or one a star, that reddens the result
      (0 unless given), and ``law``, the name of the extinction law, one of
      `galspec.reddening.LAWS` (G23 unless given), with R(V) = 3.1;
    - ``scale_to``: what is known of the star's flux, which turns the result into flux
      units: a wavelength and the flux there, ``(5500 * u.AA, 1e-14 * u.erg / u.s /
      u.cm**2 / u.AA)``, or a band and the AB magnitude in it, ``("sdss2010-r", 15.3 *
      u.ABmag)``; see `galspec.synthetic_photometry.band_names`. Reddening comes first.

    Where either is given for each star, one whose value is NaN or masked has no result,
    and is flagged OUT_OF_RANGE.

    Labels of ``fit`` are natural logarithms of energy distributions that are 1 at 5500
    angstrom, of the shape (n, 574) on ``galspec.sed.WAVELENGTH``, NaN where not known:
    see `galspec.sed.at_r200` and `galspec.sed.normalised`.
    """

    name = "sed-predictor"
    targets = (
        Target(
            "sed",
            u.dimensionless_unscaled,
            "flux per wavelength",
            valid=(1e-4, 10),
            size=len(WAVELENGTH),
        ),
    )
    derived = (Target("velocity", u.km / u.s, "radial velocity", (-np.inf, np.inf)),)
    target_wavelength = WAVELENGTH
    learned_type = LearnedSpectra
    losses = ("sharp-gaussian", "mse")
    result_options = {
        "ebv": "E(B-V) in magnitudes that reddens the result",
        "law": f"extinction law: {', '.join(reddening.LAWS)}",
        "scale_to": "BAND=MAGNITUDE (AB), such as sdss2010-r=15.3, or ANGSTROM=FLUX in "
        "erg / (s cm2 angstrom), such as 5500=1e-14, that the star has",
    }
    batch_size = 256
    examples = "stars"
    recipe = Recipe("default", *_STEPS)
    network = ProjectionConfig(width=224, outputs=_OUTPUTS)
    references = ("arXiv:2401.13167",)
    alternatives = {
        "uaranet": (
            Recipe("uaranet", *_STEPS),
            SoftMaskAttentionConfig(outputs=_OUTPUTS),
        )
    }

    @classmethod
    def read_option(cls, name, text):
        """As of `~galspec.SpectralEstimator`; a pair with units of ``scale_to``."""
        if name == "scale_to":
            return sed_scale.read(text)
        return super().read_option(name, text)

    def complete(self, batch):
        """Measure the radial velocities that are not known."""
        return with_velocities(batch)

    def check_options(self, *, ebv=0.0, law=reddening.LAWS[0], scale_to=None, **others):
        """As of `~galspec.SpectralEstimator`, reddening and scale included."""
        super().check_options(**others)
        reddening.check(ebv, law)
        if scale_to is not None:
            sed_scale.check(scale_to)

    def _finished(self, table, *, ebv=0.0, law=reddening.LAWS[0], scale_to=None):
        table.meta["wavelength"] = AXIS
        had = np.isfinite(table["sed"]).any(axis=1)
        if np.any(reddening.check(ebv, law)):
            reddening.redden(table, ebv, law)
        if scale_to is not None:
            sed_scale.scale(table, scale_to)
        lost = had & ~np.isfinite(table["sed"]).any(axis=1)
        table["flags"] |= np.where(lost, int(Flags.OUT_OF_RANGE), 0)
        return table

    def _result(self, table, data):
        return to_spectrum(table, shape=stars_shape(data, len(table)))
