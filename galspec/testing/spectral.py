"""What estimators that work on spectra have to keep."""

import numpy as np

from galspec.flags import Flags
from galspec.testing.checks import Checks
from galspec.testing.tables import as_table

__all__ = ["SpectralChecks"]

#: Of the spectra.
REDSHIFT = 0.05


class SpectralChecks(Checks):
    """See `galspec.testing.checks.Checks`.

    Data are a dict of ``wavelength``, ``flux`` and ``ivar`` with units, and
    ``redshift``: emission-line spectra with noise on a log grid.

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

    def draw(self, n=6):
        """See `Checks`."""
        import astropy.units as u

        rng = np.random.default_rng(5)
        wavelength = 10 ** (3.569 + 1e-4 * np.arange(3900))
        slopes = rng.uniform(-2, 1, n)
        flux = np.array([(wavelength / 6000) ** slope for slope in slopes])
        for rest in (3728.5, 4862.7, 4960.3, 5008.2, 6549.9, 6564.6, 6585.3, 6725.0):
            away = (wavelength / rest / (1 + REDSHIFT) - 1) * 1300
            flux += rng.uniform(0.2, 3, (n, 1)) * np.exp(-0.5 * away**2)
        flux += rng.normal(0, 0.05, flux.shape)
        unit = u.Unit("1e-17 erg / (s cm2 AA)")
        return {
            "wavelength": wavelength * u.AA,
            "flux": flux * unit,
            "ivar": np.full(flux.shape, 400.0) / unit**2,
            "redshift": np.full(n, REDSHIFT),
        }

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
        """One of specutils, without any dimension but its own."""
        from specutils import Spectrum

        data = self.draw(1)
        spectrum = Spectrum(flux=data["flux"][0], spectral_axis=data["wavelength"])
        assert len(self.predicted(spectrum, redshift=REDSHIFT)) == 1

    def units_do_not_matter(self):
        """Of wavelength and flux."""
        import astropy.units as u

        data = self.draw()
        expected = self.predicted(data)
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
        """Descending wavelengths, or the axis in front."""
        from specutils import Spectrum

        data = self.draw()
        turned = Spectrum(
            flux=data["flux"].T[::-1],
            spectral_axis=data["wavelength"][::-1],
            spectral_axis_index=0,
        )
        plain = Spectrum(flux=data["flux"], spectral_axis=data["wavelength"])
        tables = [self.predicted(s, redshift=REDSHIFT) for s in (turned, plain)]
        self.assert_same(*tables)

    def bad_pixels_are_alike(self):
        """NaN, a mask and zero inverse variance must mean the same."""
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
        """A few pixels are no spectrum."""
        data = self.draw(1)
        short = {k: v if k == "redshift" else v[..., :50] for k, v in data.items()}
        flags = self.predicted(short)["flags"][0]
        assert flags & int(Flags.LOW_COVERAGE | Flags.NO_DATA), f"flags are {flags}"
