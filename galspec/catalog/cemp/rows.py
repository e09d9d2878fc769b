"""From a batch of spectra to rows of the search: cuts, labels, G band, verdict."""

import dataclasses
import functools

import numpy as np

from galspec.catalog.cemp.cuts import describe
from galspec.catalog.columns import floats
from galspec.catalog.provenance import method_entries
from galspec.catalog.rows import ALONE, any_of, identified, reasons
from galspec.constants import SPEED_OF_LIGHT
from galspec.flags import WITHOUT_VALUE, Flags
from galspec.io.pieces import MORE_FIELDS
from galspec.line_indices import CH4300
from galspec.signal import signal_to_noise
from galspec.transforms import Window

__all__ = ["IDENTIFIERS", "SearchRows", "rest_redshift"]

IDENTIFIERS = ("file", "obsid", "ra", "dec", "problem")
#: Angstrom, by centre and width of the bands g' and i' (Fukugita et al. 1996, AJ 111,
#: 1748: 4800 and 1400, 7700 and 1500).
BANDS = {"snr_g": (4100, 5500), "snr_i": (6950, 8450)}
#: Columns that results have only where velocities were measured.
VELOCITY = ("velocity", "velocity_err")


@dataclasses.dataclass(frozen=True, eq=False)
class SearchRows:
    """Cuts, estimates and judges spectra.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        Whose results have ``p_cemp``.
    cuts : tuple of `~galspec.catalog.cemp.cuts.Cut`
    p_min : float
        Lowest ``p_cemp`` of a candidate.
    options : dict
        Keywords for the estimator's ``predict``.
    """

    estimator: object
    cuts: tuple
    p_min: float
    options: dict
    #: Identifiers that it needs beside those that every batch has.
    more = MORE_FIELDS

    @functools.cached_property
    def template(self):
        """A result without rows: its columns, their units and meanings."""
        table = self.estimator.predict_batches([], workers=1, **self.options)
        if "p_cemp" not in table.colnames:
            raise ValueError(
                f"{self.estimator!r} gives no p_cemp; one that does is needed, such as "
                "CEMPParams"
            )
        return table

    def entries(self):
        """What the rows depend on beside the files.

        Returns
        -------
        dict of str to str or float
        """
        return {
            **method_entries(self.estimator, **self.options),
            "criterion": self.options.get("criterion", "default"),
            "cuts": describe(self.cuts),
            "p_min": self.p_min,
        }

    def __call__(self, batch):
        """Columns of a batch, as plain arrays.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`

        Returns
        -------
        dict of str to `numpy.ndarray`, shape (n,)
        """
        rows = identified(batch, IDENTIFIERS)
        rows |= _quality(batch)
        rows |= self._without_labels(len(batch))
        rows["flags"] = batch.flags.copy()
        passed = ~any_of(self._failures(rows))
        if passed.any():
            self._estimate(batch[passed], rows, passed)
        failures = self._failures(rows) | self._judged(rows, passed)
        rows["selected"] = ~any_of(failures)
        rows["reason"] = reasons(failures)
        return rows

    def _without_labels(self, n):
        """The columns that are still to be filled: NaN, or empty."""
        names = [*VELOCITY, *self._values(self.template), *_g_band_columns()]
        empty = dict.fromkeys(names, np.full(n, np.nan))
        for name in self._values(self.template):
            if self.template[name].dtype.kind == "U":
                empty[name] = np.zeros(n, "U32")
        return {name: column.copy() for name, column in empty.items()}

    def _values(self, table):
        """Names of what the estimator found out."""
        own = {*IDENTIFIERS, *MORE_FIELDS, *VELOCITY, "snr_r", "redshift", "flags"}
        return [name for name in table.colnames if name not in own]

    def _estimate(self, batch, rows, passed):
        table = self.estimator.predict(batch, **self.options, **ALONE)
        known = [name for name in VELOCITY if name in table.colnames]
        for name in [*self._values(self.template), *known]:
            text = table[name].dtype.kind == "U"
            rows[name][passed] = table[name] if text else floats(table[name])
        rows["flags"][passed] |= np.asarray(table["flags"], np.int64)
        unknown = np.isnan(rows["rv_err"])
        rows["rv_err"][unknown] = rows["velocity_err"][unknown]
        here = {name: rows[name][passed] for name in ("redshift", "velocity")}
        at_rest = batch.replace(redshift=rest_redshift(here))
        for name, column in _g_band(at_rest).items():
            rows[name][passed] = column

    def _failures(self, rows):
        """Who fails which cut; of files without spectrum only why they have none."""
        judged = (rows["flags"] & int(WITHOUT_VALUE)) == 0
        return {cut.name: judged & cut.fails(rows[cut.column]) for cut in self.cuts}

    def _judged(self, rows, passed):
        """Who is no candidate for what was estimated."""
        flags, p = rows["flags"], rows["p_cemp"]
        lost = {bit: (flags & int(bit)) != 0 for bit in Flags if bit & WITHOUT_VALUE}
        failures = {bit.name.lower(): has for bit, has in lost.items()}
        valued = passed & ~any_of(lost)
        failures["no_value"] = valued & np.isnan(p)
        # a probability that is not known is none that suffices
        failures["p_cemp_low"] = valued & (p < self.p_min)
        return failures


def rest_redshift(rows):
    """The redshift that was given, else that of the measured velocity.

    Parameters
    ----------
    rows : mapping of str to `numpy.ndarray`
        With ``redshift`` and ``velocity``, the latter in km/s.

    Returns
    -------
    `numpy.ndarray`
        NaN where neither is known.
    """
    measured = rows["velocity"] / SPEED_OF_LIGHT
    return np.where(np.isnan(rows["redshift"]), measured, rows["redshift"])


def _quality(batch):
    """Signal-to-noise ratios and errors of velocities, the survey's own if known."""
    known = identified(batch, MORE_FIELDS)
    rows = {"redshift": known["redshift"]}
    for name, band in BANDS.items():
        rows[name] = known[name].copy()
        if (unknown := np.isnan(known[name])).any():
            rows[name][unknown] = signal_to_noise(Window((band,))(batch)[unknown])
    error = known["redshift_err"] * SPEED_OF_LIGHT
    # surveys write 0 or less where the fit of the redshift failed
    rows["rv_err"] = np.where(error > 0, error, np.nan)
    return rows


def _g_band_columns():
    return [CH4300.name + suffix for suffix in ("", "_err", "_snr")]


def _g_band(batch):
    value, error = CH4300.measure(batch)
    with np.errstate(divide="ignore", invalid="ignore"):
        columns = (value, error, value / error)
    return dict(zip(_g_band_columns(), columns, strict=True))
