"""What estimators that work on spectra have to keep."""

import numpy as np

from galspec.flags import Flags
from galspec.testing.checks import Checks
from galspec.testing.tables import as_table

__all__ = ["SpectralChecks"]

#: Redshift of the spectra, by what the estimator is for.
REDSHIFTS = {"galaxies": 0.05, "stars": 2e-4}
#: Noise of a pixel, where the median flux is about 1.
NOISE = 0.03
#: Width of the lines, in units of their wavelength: 230 km/s.
WIDTH = 1 / 1300
#: log10 of the wavelengths of survey spectra: first, last and step.
PIXELS = (3.569, 3.959, 1e-4)
#: Vacuum wavelengths (angstrom) and depths of lines of stars: hydrogen, calcium,
#: CH, magnesium, sodium.
DIPS = {
    3934.8: 0.6,
    3969.6: 0.6,
    4102.9: 0.4,
    4305.6: 0.4,
    4341.7: 0.4,
    4862.7: 0.5,
    5175.3: 0.3,
    5891.6: 0.3,
    6564.6: 0.5,
    8544.4: 0.3,
    8664.5: 0.3,
}


class SpectralChecks(Checks):
    """See `galspec.testing.checks.Checks`.

    Data are a dict of ``wavelength``, ``flux`` and ``ivar`` with units, and
    ``redshift``: galaxies with the emission lines of ionised gas, or stars for an
    estimator whose ``examples`` are stars, with noise, on a log grid that covers what
    surveys observe and what the recipe wants.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        Trained.
    """

    names = (
        *Checks.names,
        "one_spectrum_gives_one_row",
        "units_do_not_matter",
        "axis_order_does_not_matter",
        "bad_pixels_are_alike",
        "too_little_coverage_is_flagged",
    )

    @property
    def redshift(self):
        """Of the spectra."""
        return REDSHIFTS.get(self.estimator.examples, REDSHIFTS["galaxies"])

    def draw(self, n=6):
        """See `Checks`."""
        import astropy.units as u

        rng = np.random.default_rng(5)
        wavelength = self._wavelength()
        slopes = rng.uniform(-2, 1, n)
        flux = np.array([(wavelength / 6000) ** slope for slope in slopes])
        if self.estimator.examples == "stars":
            dips = {rest: -rng.uniform(0.4, 1, n) * d for rest, d in DIPS.items()}
            flux *= 1 + _profiles(dips, wavelength, self.redshift)
        else:
            flux += _profiles(_emission(n, rng), wavelength, self.redshift)
        flux += rng.normal(0, NOISE, flux.shape)
        unit = u.Unit("1e-17 erg / (s cm2 AA)")
        return {
            "wavelength": wavelength * u.AA,
            "flux": flux * unit,
            "ivar": np.full(flux.shape, NOISE**-2) / unit**2,
            "redshift": np.full(n, self.redshift),
        }

    def _wavelength(self):
        """That of surveys, and as far beyond as grids of the recipe reach."""
        low, high, step = PIXELS
        for transformer in self.estimator.recipe.transformers:
            if hasattr(transformer, "grid"):
                ends = np.log10(transformer.grid.wavelength[[0, -1]])
                shift = np.log10(1 + self.redshift)
                low, high = min(low, ends[0]), max(high, ends[1] + shift)
        return 10 ** np.arange(low, high, step)

    def take(self, data, rows):
        """See `Checks`."""
        return {k: v if k == "wavelength" else v[rows] for k, v in data.items()}

    def nothing(self):
        """See `Checks`."""
        return []

    def swapped(self, data):
        """See `Checks`."""
        return {k: v.astype(">f8") for k, v in data.items()}

    def spoiled(self, data, row):
        """See `Checks`."""
        for value in (np.nan, np.inf, 0.0):
            flux = data["flux"].copy()
            flux[row] = value * flux.unit
            yield value, {**data, "flux": flux}

    def wrong_calls(self):
        """See `Checks`."""
        import astropy.units as u

        data = self.draw()
        heavy = {**data, "wavelength": data["wavelength"].value * u.kg}
        many = np.zeros(len(data["flux"]) + 1)
        return (
            ("a wavelength in kg", heavy, {}),
            ("a redshift too many", data, {"redshift": many}),
            ("the medium water", data, {"medium": "water"}),
            ("interval 1.5", data, {"interval": 1.5}),
        )

    def predicted(self, data, estimator=None, **options):
        """See `Checks`."""
        estimator = estimator or self.estimator
        return as_table(estimator, estimator.predict(data, **options))

    def one_spectrum_gives_one_row(self):
        """A `~specutils.Spectrum` without any dimension but its own gives one row.

        Leave ``gather`` as it is: it takes whatever `SpectrumBatch.gather` does.
        """
        from specutils import Spectrum

        data = self.draw(1)
        spectrum = Spectrum(flux=data["flux"][0], spectral_axis=data["wavelength"])
        rows = len(self.predicted(spectrum, redshift=self.redshift))
        assert rows == 1, f"{rows} rows"

    def units_do_not_matter(self):
        """Units of wavelength and flux make no difference, frequencies included.

        Work on the batch, which is in angstrom, and on scaled flux: begin or end the
        recipe with ``ScaleRobust``, ``ScaleMinMax`` or ``Normalise``.
        """
        import astropy.units as u

        data, expected = self.draw(), self.drawn
        axis = data["wavelength"]
        for unit in (u.nm, u.um):
            other = {**data, "wavelength": axis.to(unit)}
            self.assert_same(self.predicted(other), expected)
        # frequencies descend, and the flux is one per unit frequency
        flux = data["flux"].to(u.Jy, u.spectral_density(axis))
        factor = (flux / data["flux"]).to(u.Jy / data["flux"].unit)
        other = {
            "wavelength": axis.to(u.GHz, u.spectral()),
            "flux": flux,
            "ivar": data["ivar"] / factor**2,
            "redshift": data["redshift"],
        }
        self.assert_same(self.predicted(other), expected)

    def axis_order_does_not_matter(self):
        """Descending wavelengths and a spectral axis in front make no difference.

        Leave ``gather`` as it is: a batch always ascends, with pixels last.
        """
        from specutils import Spectrum

        data = self.draw()
        turned = Spectrum(
            flux=data["flux"].T[::-1],
            spectral_axis=data["wavelength"][::-1],
            spectral_axis_index=0,
        )
        plain = Spectrum(flux=data["flux"], spectral_axis=data["wavelength"])
        tables = [self.predicted(s, redshift=self.redshift) for s in (turned, plain)]
        self.assert_same(*tables)

    def bad_pixels_are_alike(self):
        """NaN, a mask and zero inverse variance mean the same: not observed.

        Look at ``batch.mask``, which is all three, and never at flux beneath it.
        """
        data = self.draw()
        bad = np.zeros(data["flux"].shape, bool)
        bad[:, 1200:1230] = True
        nan, wild, zero = data["flux"].copy(), data["flux"].copy(), data["ivar"].copy()
        nan[bad], wild[bad], zero[bad] = np.nan, 1e4 * wild.unit, 0
        expected = self.predicted({**data, "flux": nan})
        for changes in ({"mask": bad}, {"ivar": zero}):
            table = self.predicted({**data, "flux": wild, **changes})
            self.assert_same(table, expected)

    def too_little_coverage_is_flagged(self):
        """A spectrum of 50 pixels has a flag: it is none.

        Put ``Coverage`` behind ``Resample`` in the recipe.
        """
        data = self.draw(1)
        short = {k: v if k == "redshift" else v[..., :50] for k, v in data.items()}
        flags = self.predicted(short)["flags"][0]
        told = f"flags are {flags}, without LOW_COVERAGE or NO_DATA"
        assert flags & int(Flags.LOW_COVERAGE | Flags.NO_DATA), told


def _emission(n, rng):
    """Peaks of lines of gas: ratios are those of star-forming galaxies."""
    hbeta, oxygen = rng.uniform(3, 8, n), rng.uniform(0.7, 3, n)
    halpha, nitrogen = 3.1 * hbeta, rng.uniform(0.1, 0.35, n)
    peaks = {3728.5: 1.5 * hbeta, 4862.7: hbeta, 6564.6: halpha}
    peaks |= {5008.2: oxygen * hbeta, 4960.3: oxygen * hbeta / 2.98}
    peaks |= {4364.4: 0.015 * oxygen * hbeta}
    peaks |= {6585.3: nitrogen * halpha, 6549.9: nitrogen * halpha / 2.94}
    return peaks | {6718.3: 0.18 * halpha, 6732.7: 0.13 * halpha}


def _profiles(peaks, wavelength, redshift):
    """Sum of Gaussian lines, (n, n_pix); peaks are by wavelength in the rest frame."""
    return sum(
        peak[:, None]
        * np.exp(-0.5 * ((wavelength / rest / (1 + redshift) - 1) / WIDTH) ** 2)
        for rest, peak in peaks.items()
    )
