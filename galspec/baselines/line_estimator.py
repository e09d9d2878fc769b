"""What all abundances from emission lines share: fluxes in, values with errors out."""

import astropy.units as u
import numpy as np

from galspec.baselines.bpt import BPT_LINES, bpt_table
from galspec.baselines.dust import BALMER, deredden
from galspec.baselines.line_table import line_arrays
from galspec.flags import Flags
from galspec.line_fitting import fit_lines
from galspec.prediction import has_value, unreadable_alone, with_identifiers
from galspec.quantiles import sorted_quantiles
from galspec.results import result_table, to_scale
from galspec.signal import signal_to_noise
from galspec.spectral_estimator import SpectralEstimator
from galspec.targets import Target
from galspec.training.calibration import ONE_SIGMA
from galspec.transforms import Recipe

__all__ = ["LineEstimator"]

#: Rows that are drawn together.
_ROWS = 256


class LineEstimator(SpectralEstimator):
    """Base of estimators that work on the fluxes of emission lines.

    `predict` takes spectra of known redshift, in which the lines are fitted first
    (`galspec.line_fitting.fit_lines`); `predict_lines` takes fluxes that were measured
    elsewhere. A subclass declares ``lines`` and defines ``abundance``.

    Parameters
    ----------
    snr : float
        Least signal-to-noise ratio of each line that is needed.
    dust_correction : bool, optional
        Whether fluxes are first corrected for dust by the Balmer decrement, see
        `galspec.baselines.dust.deredden`. Not given: only where lines far apart are
        compared. Fluxes that are free of dust change by no more than their noise.
    draws : int
        Of the Monte Carlo propagation of errors.
    seed : int
        Equal seeds give equal errors.
    """

    recipe = Recipe("lines")
    targets = (Target("oh", u.dex, "12 + log10(O/H)", valid=(7.0, 9.4)),)
    #: Names of the lines that the method needs.
    lines = ()
    #: Whether dust is corrected for where the user does not say.
    dust_correction = False

    def __init__(self, *, snr=3.0, dust_correction=None, draws=400, seed=0):
        super().__init__()
        if draws < 2:
            raise ValueError(f"draws is {draws}; errors need 2 or more")
        self.snr, self.draws, self.seed = snr, draws, seed
        if dust_correction is not None:
            self.dust_correction = dust_correction

    def abundance(self, lines):
        """12 + log10(O/H) of line fluxes without dust.

        Parameters
        ----------
        lines : dict of str to `numpy.ndarray`
            Arrays of any one shape.

        Returns
        -------
        `numpy.ndarray`
            NaN where the method does not hold.
        """
        raise NotImplementedError(f"{type(self).__name__} defines no abundance")

    def predict_lines(self, lines, *, interval=None, scale=None):
        """Estimate the abundance from line fluxes.

        Parameters
        ----------
        lines : `~astropy.table.Table` or mapping
            Columns ``X`` and ``X_err`` for each line of ``self.lines`` (and, for the
            correction for dust, for ``Halpha`` and ``Hbeta``), named as
            `galspec.line_fitting.fit_lines` names them; with units or without.
        interval, scale
            As for `predict`.

        Returns
        -------
        `~astropy.table.QTable`
            One row a row of ``lines``, in their order: ``oh``, ``oh_err``, with an
            interval ``oh_lo`` and ``oh_hi``, ``bpt`` (see
            `galspec.baselines.bpt.bpt_class`) if the four lines are there, ``flags``.
            NaN with LOW_COVERAGE where a line is not known, LOW_SN where one is too
            weak, OUT_OF_RANGE where the method does not hold.

        Raises
        ------
        ValueError
            If a column is missing, or the call itself is wrong.
        """
        if scale is not None:
            self.check_scale(scale)
        rows = self._columns(lines, np.int64(0), interval)
        table = result_table(self.targets, [rows], self._meta)
        if scale is not None:
            to_scale(table, self.targets, self.convert, scale)
        return table

    @property
    def _meta(self):
        return {**super()._meta, "dust_correction": self.dust_correction}

    def _predict_batch(self, batch, interval):
        flags = batch.flags | np.where(_is_empty(batch), Flags.NO_DATA, 0)
        missing = ~np.isfinite(batch.redshift)
        flags = flags | np.where(missing, Flags.REDSHIFT_MISSING, 0)
        flags = unreadable_alone(flags)
        rows = {"redshift": batch.redshift}
        rows |= self._columns(self._measure(batch), flags, interval)
        rows["snr"] = np.where(has_value(flags), signal_to_noise(batch), np.nan)
        return with_identifiers(batch, rows)

    def _measure(self, batch):
        """Table of the lines of spectra."""
        return fit_lines(batch)

    def _columns(self, table, flags, interval):
        """Result columns of a table of lines."""
        if interval is not None and not 0 < interval < 1:
            raise ValueError(f"interval is {interval}; it has to lie between 0 and 1")
        names = tuple(dict.fromkeys((*self.lines, *BALMER * self.dust_correction)))
        flux, error = line_arrays(table, names)
        with np.errstate(invalid="ignore"):
            known = np.all(np.isfinite(flux) & (error >= 0) & (error < np.inf), axis=1)
            clear = known & np.all((flux > 0) & (flux >= self.snr * error), axis=1)
        flags = flags | np.where(has_value(flags) & ~known, Flags.LOW_COVERAGE, 0)
        flags = flags | np.where(known & ~clear, Flags.LOW_SN, 0)
        good = clear & has_value(flags)
        rows = self._estimates(names, flux, error, good, interval)
        lost = good & ~np.isfinite(rows["oh"])
        if all(name in table.keys() for name in BPT_LINES):  # noqa: SIM118
            rows["bpt"] = np.array(bpt_table(table)["bpt"])
        rows["flags"] = (flags | np.where(lost, Flags.OUT_OF_RANGE, 0)).astype(np.int64)
        return rows

    def _estimates(self, names, flux, error, good, interval):
        """Value, error and limits of the good rows among NaN."""
        levels = [0.5 - ONE_SIGMA / 2, 0.5 + ONE_SIGMA / 2]
        if interval is not None:
            levels += [0.5 - interval / 2, 0.5 + interval / 2]
        result = np.full((len(flux), 1 + len(levels)), np.nan)
        # The same draws for every row: a row's error must not depend on the others.
        noise = np.random.default_rng(self.seed)
        noise = noise.standard_normal((self.draws, len(names)))
        rows = np.flatnonzero(good)
        for some in (rows[k : k + _ROWS] for k in range(0, len(rows), _ROWS)):
            drawn = flux[some, None] + error[some, None] * noise
            result[some, 0] = self._clean_abundance(names, flux[some])
            drawn = np.sort(self._clean_abundance(names, drawn), axis=1)  # NaN is last
            count = np.count_nonzero(np.isfinite(drawn), axis=1)
            result[some, 1:] = sorted_quantiles(drawn, count, levels)
        result[~np.isfinite(result[:, 0])] = np.nan
        value, low, high, *limits = result.T
        columns = {"oh": value, "oh_err": (high - low) / 2}
        return columns | dict(zip(("oh_lo", "oh_hi"), limits, strict=False))

    def _clean_abundance(self, names, flux):
        """Abundance of fluxes (..., n_lines), without dust where that is wanted."""
        lines = {name: flux[..., index] for index, name in enumerate(names)}
        with np.errstate(invalid="ignore", divide="ignore", over="ignore"):
            return self.abundance(deredden(lines) if self.dust_correction else lines)


def _is_empty(batch):
    """Whether nothing is seen: no pixel, or the same in all."""
    usable = ~batch.mask
    highest = np.max(batch.flux, axis=1, where=usable, initial=-np.inf)
    lowest = np.min(batch.flux, axis=1, where=usable, initial=np.inf)
    return ~(highest > lowest)
