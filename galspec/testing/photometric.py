"""What estimators that work on photometry have to keep."""

import dataclasses

import numpy as np

from galspec.flags import Flags
from galspec.magnitudes import magnitude
from galspec.surveys import SURVEYS, Columns, Survey
from galspec.testing.checks import Checks
from galspec.testing.tables import columns

__all__ = ["PhotometricChecks"]

#: How the tables of the checks call their columns.
FLUXES = Columns("flux_{band}", "ivar_{band}")
MAGNITUDES = Columns("mag_{band}", "magerr_{band}", unit="mag")
#: Of the objects.
EBV = 0.03
#: Pixels of a stamp on a side, where the network says nothing of them.
PIXELS = 64
#: How far from one the integral of a density may be, summed in float32.
CLOSE = 1e-3


class PhotometricChecks(Checks):
    """See `galspec.testing.checks.Checks`.

    Data are a dict of columns ``flux_BAND`` and ``ivar_BAND`` with units, and ``ebv``:
    galaxies redder than a flat spectrum. For networks that see images, ``stamps`` is
    among them, and half of the galaxies have some.

    Parameters
    ----------
    estimator : `~galspec.PhotometricEstimator`
        Trained.
    """

    names = (
        *Checks.names,
        "densities_are_densities",
        "one_object_gives_one_row",
        "units_do_not_matter",
        "band_order_does_not_matter",
        "missing_values_are_alike",
        "not_detected_is_not_missing",
        "too_few_bands_are_flagged",
        "unknown_reddening_is_flagged",
        "another_survey_is_refused",
    )

    def __init__(self, estimator):
        super().__init__(estimator)
        empty = estimator.nothing()
        self.bands = empty.bands
        survey = SURVEYS.get(empty.survey.name, empty.survey)
        self.survey = dataclasses.replace(survey, columns=(FLUXES,))

    def draw(self, n=6):
        """See `Checks`."""
        import astropy.units as u

        rng = np.random.default_rng(5)
        slope, place = rng.uniform(0.1, 0.5, (n, 1)), np.arange(len(self.bands))
        size = (n, len(self.bands))
        flux = 10 ** (rng.uniform(0.3, 1.5, (n, 1)) + slope * place)
        flux *= np.exp(rng.normal(0, 0.05, size))
        ivar = (0.02 * flux + 0.05) ** -2.0
        data = {"ebv": np.full(n, EBV)}
        for k, band in enumerate(self.bands):
            data[f"flux_{band}"] = flux[:, k] * u.nmgy
            data[f"ivar_{band}"] = ivar[:, k] / u.nmgy**2
        if "stamps" in self.estimator.network.inputs:
            data["stamps"] = _stamps(flux, self.estimator.network, rng)
        return data

    def take(self, data, rows):
        """See `Checks`."""
        return {name: column[rows] for name, column in data.items()}

    def nothing(self):
        """See `Checks`."""
        return self.take(self.draw(1), slice(0))

    def swapped(self, data):
        """See `Checks`."""
        kinds = {"stamps": ">f4"}
        return {k: v.astype(kinds.get(k, ">f8")) for k, v in data.items()}

    def spoiled(self, data, row):
        """See `Checks`."""
        data = {**data, **self._without_image(data, row)}
        for kind, value in (("flux", np.nan), ("flux", np.inf), ("ivar", 0.0)):
            changed = self._changed(data, self.bands, row, kind, value)
            yield f"{kind} {value}", changed

    def wrong_calls(self):
        """See `Checks`."""
        import astropy.units as u

        data = self.draw()
        name = f"flux_{self.bands[0]}"
        heavy = {**data, name: data[name].value * u.kg}
        lonely = {k: v for k, v in data.items() if k != f"ivar_{self.bands[0]}"}
        many = np.zeros(len(data["ebv"]) + 1)
        return (
            ("a flux in kg", heavy, {}),
            ("a flux without errors", lonely, {}),
            ("an E(B-V) too many", data, {"ebv": many}),
            ("a survey that is none", data, {"survey": "no-such-survey"}),
            ("interval 1.5", data, {"interval": 1.5}),
        )

    def predicted(self, data, estimator=None, *, survey=None, **options):
        """See `Checks`."""
        table = {k: v for k, v in data.items() if k != "stamps"}
        survey = survey or self.survey
        options |= {"survey": survey, "stamps": data.get("stamps")}
        return (estimator or self.estimator).predict(table, **options)

    def densities_are_densities(self):
        """Densities integrate to one, and limits of redshift are in order.

        Normalise what you put into ``z_phot_pdf``, and take the limits from it.
        """
        table = self.drawn
        total = np.asarray(table["z_phot_pdf"]) @ np.diff(table.z_edges)
        assert np.all(np.abs(total - 1) < CLOSE), f"densities integrate to {total}"
        order = ("lo95", "lo68", "median", "hi68", "hi95")
        limits = [np.asarray(table[f"z_phot_{name}"]) for name in order]
        assert np.all(np.diff(limits, axis=0) >= 0), "limits are not in order"
        last = table.z_edges[-1]
        assert limits[0].min() >= 0, "limits below zero"
        assert limits[-1].max() <= last, "limits beyond the bins"

    def one_object_gives_one_row(self):
        """A table of one object gives one row.

        Keep the first axis in ``_predict_batch``: squeeze nothing.
        """
        from astropy.table import QTable

        data = self.draw(1)
        stamps = data.pop("stamps", None)
        table = self.estimator.predict(QTable(data), survey=self.survey, stamps=stamps)
        assert len(table) == 1, f"{len(table)} rows"

    def units_do_not_matter(self):
        """Nanomaggies, microjansky and AB magnitudes give the same.

        Leave ``gather`` as it is: a batch is in nanomaggies.
        """
        import astropy.units as u

        data, expected = self.draw(), self.drawn
        jansky, magnitudes = dict(data), dict(data)
        factor = (3631e-9 * u.Jy).to(u.uJy) / u.nmgy
        for band in self.bands:
            flux, ivar = (data[f"{kind}_{band}"] for kind in ("flux", "ivar"))
            jansky[f"flux_{band}"] = flux * factor
            jansky[f"ivar_{band}"] = ivar / factor**2
            value, error = magnitude(flux.value, ivar.value)
            magnitudes[f"mag_{band}"] = value
            magnitudes[f"magerr_{band}"] = error
        self.assert_same(self.predicted(jansky), expected)
        survey = dataclasses.replace(self.survey, columns=(MAGNITUDES,))
        self.assert_same(self.predicted(magnitudes, survey=survey), expected)

    def band_order_does_not_matter(self):
        """A batch may have its bands in any order, and others besides.

        Take bands by name, with ``batch.select(bands)``.
        """
        from galspec.photometry import PhotometryBatch

        data = self.draw()
        stamps = data.get("stamps")
        table = {k: v for k, v in data.items() if k != "stamps"}
        batch = PhotometryBatch.gather(table, survey=self.survey)
        batch = batch.select(self.bands)
        batch = batch if stamps is None else batch.with_stamps(stamps)
        turned = batch.select((*batch.bands[::-1], "no-such-band"))
        self.assert_same(self.estimator.predict(turned), self.drawn)

    def missing_values_are_alike(self):
        """NaN, zero inverse variance, a mask and -99 mean the same: not observed.

        Look at ``batch.observed`` or the inverse variance, never at flux without one.
        """
        from astropy.utils.masked import Masked

        data, band = self.draw(), self.bands[-1:]
        rows = np.arange(len(data["ebv"]))
        expected = self.predicted(self._changed(data, band, rows, "flux", np.nan))
        for kind, value in (("ivar", 0.0), ("flux", -99.0)):
            table = self.predicted(self._changed(data, band, rows, kind, value))
            self.assert_same(table, expected)
        name = f"flux_{band[0]}"
        masked = {**data, name: Masked(data[name], mask=np.ones(len(rows), bool))}
        self.assert_same(self.predicted(masked), expected)

    def not_detected_is_not_missing(self):
        """A flux below zero is a measurement, not a missing band.

        Take no logarithm of fluxes; use ``asinh`` or fluxes over their errors.
        """
        data, first = self.draw(), self.bands[:1]
        table = self.predicted(self._changed(data, first, 2, "flux", -0.05))
        for name in columns(self.estimator):
            assert np.isfinite(table[name][2]), f"{name} of what was not detected"
        missing = self.predicted(self._changed(data, first, 2, "flux", np.nan))
        densities = [each["z_phot_pdf"][2] for each in (table, missing)]
        assert not np.array_equal(*densities), "it counts as not observed"

    def too_few_bands_are_flagged(self):
        """An object with one band has a flag: it has no colour.

        Begin the recipe with ``Bands``, which flags such rows.
        """
        data = {**self.draw(), **self._without_image(self.draw(), 2)}
        alone = self._changed(data, self.bands[1:], 2, "flux", np.nan)
        flags = self.predicted(alone)["flags"][2]
        assert flags & int(Flags.LOW_COVERAGE), f"flags are {flags}"

    def unknown_reddening_is_flagged(self):
        """Where E(B-V) is unknown the row has a flag, or counts as free of dust.

        Give NaN with REDDENING_MISSING, unless the recipe says that photometry is free
        of the Milky Way.
        """
        data = self.draw()
        data["ebv"][2] = np.nan
        table = self.predicted(data)
        if table["flags"][2] & int(Flags.REDDENING_MISSING):
            assert np.isnan(table[columns(self.estimator)[0]][2]), "it has a guess"
            return
        data["ebv"][2] = 0
        self.assert_same(table, self.predicted(data))

    def another_survey_is_refused(self):
        """Filters that the network has not learned are refused.

        Begin the recipe with ``Bands``, which names the surveys that the network knows.
        """
        extinction = dict.fromkeys(self.bands, 1.0)
        other = Survey("another", self.bands, extinction, columns=(FLUXES,))
        try:
            self.predicted(self.draw(), survey=other)
        except ValueError:
            return
        raise AssertionError("a survey that it does not know raises nothing")

    def _changed(self, data, bands, rows, kind, value):
        """Data with one value in some bands of some rows."""
        data = dict(data)
        for band in bands:
            name = f"{kind}_{band}"
            data[name] = data[name].copy()
            data[name][rows] = value * data[name].unit
        return data

    def _without_image(self, data, row):
        if "stamps" not in data:
            return {}
        stamps = data["stamps"].copy()
        stamps[row] = np.nan
        return {"stamps": stamps}


def _stamps(flux, network, rng):
    """Round blobs of these fluxes; of every second galaxy there is no image."""
    n_pix = getattr(network, "pixels", PIXELS)
    y, x = np.mgrid[:n_pix, :n_pix] - (n_pix - 1) / 2
    blob = np.exp(-(x**2 + y**2) / 2 / (n_pix / 20) ** 2)
    stamps = flux[:, :, None, None] * blob / blob.sum()
    stamps += rng.normal(0, 0.003, stamps.shape)
    stamps[1::2] = np.nan
    return stamps.astype(np.float32)
