"""Split-conformal calibration of predicted errors, by signal-to-noise."""

import dataclasses
import functools

import numpy as np

__all__ = ["Calibration"]

#: The central 68 % of a Gaussian: what ``X_err`` means.
ONE_SIGMA = 0.6827
#: Levels at which the width of the interval is tabulated.
LEVELS = (0.0, 0.25, 0.5, ONE_SIGMA, 0.8, 0.9, 0.95, 0.975, 0.99, 0.999)
#: Known labels from which a target, or spectra of every class from which a classifier,
#: is calibrated anew: of fewer, the width at 68 % is itself uncertain by more than a
#: third.
ENOUGH = 10


@dataclasses.dataclass(frozen=True)
class Calibration:
    """How wide an interval of a given level is, in units of the predicted sigma.

    Parameters
    ----------
    edges : tuple of float
        Inner edges of the signal-to-noise bins, ascending.
    widths : tuple
        Shape (n_targets, n_bins, n_levels): half-widths at `LEVELS`.
    """

    edges: tuple
    widths: tuple

    @classmethod
    def fit(cls, error, sigma, snr, *, bins=6, least=1):
        """Learn the widths from a calibration set that served for nothing else.

        Lei et al. (2018, JASA 113, 1094), algorithm 2 with locally weighted scores
        (their eq. 15), within bins of equal count in signal-to-noise.

        Parameters
        ----------
        error : `numpy.ndarray`, shape (n, n_targets)
            Predicted minus true; NaN where the truth is not known.
        sigma : `numpy.ndarray`, shape (n, n_targets)
            Predicted standard deviation.
        snr : `numpy.ndarray`, shape (n,)
            Signal-to-noise of the spectra; NaN counts as 0.
        bins : int
            Fewer where a bin would hold less than 100 spectra.
        least : int
            Known errors that a bin needs; where it has fewer of a target, those of all
            bins serve.

        Returns
        -------
        Calibration

        Raises
        ------
        ValueError
            If the truth of a target is not known of any spectrum.
        """
        unknown = np.flatnonzero(~np.isfinite(error).any(axis=0))
        if len(unknown):
            raise ValueError(
                f"no label of target {unknown.tolist()} (counted from 0) is known in "
                "the calibration part: more labelled spectra are needed"
            )
        snr = np.nan_to_num(snr)
        bins = max(1, min(bins, len(snr) // 100))
        edges = np.unique(np.quantile(snr, np.arange(1, bins) / bins))
        index = np.searchsorted(edges, snr, side="right")
        score = np.abs(error) / sigma
        widths = [
            [
                _conformal_quantiles(column, index == b, least)
                for b in range(len(edges) + 1)
            ]
            for column in score.T
        ]
        return cls(tuple(map(float, edges)), tuple(map(tuple, widths)))

    def renewed(self, error, sigma, snr):
        """Itself, with the targets of which enough is known calibrated anew.

        Parameters
        ----------
        error, sigma, snr : `numpy.ndarray`
            As for `fit`, but the truth of a target need not be known.

        Returns
        -------
        Calibration
            Its bins divide those of both, where some targets keep their widths.
        """
        known = np.count_nonzero(np.isfinite(error), axis=0) >= ENOUGH
        if not known.any():
            return self
        new = Calibration.fit(error[:, known], sigma[:, known], snr, least=ENOUGH)
        if known.all():
            return new
        edges = tuple(sorted({*self.edges, *new.edges}))
        widths = self._divided(edges)
        widths[known] = new._divided(edges)
        return Calibration(edges, tuple(map(tuple, widths.tolist())))

    def _divided(self, edges):
        """Widths in the bins of more edges than its own."""
        inside = np.searchsorted(self.edges, (-np.inf, *edges), side="right")
        return np.asarray(self.widths, dtype=float)[:, inside]

    def half_width(self, sigma, snr, level=ONE_SIGMA):
        """Half-width of the central interval that holds the truth with ``level``.

        Parameters
        ----------
        sigma : `numpy.ndarray`, shape (n, n_targets)
            Predicted standard deviation.
        snr : `numpy.ndarray`, shape (n,)
            Signal-to-noise of the spectra; the lowest bin serves where it is NaN.
        level : float
            Between 0 and 0.999.

        Returns
        -------
        `numpy.ndarray`, shape (n, n_targets)

        Raises
        ------
        ValueError
            If the level is not within the calibrated ones.
        """
        if not 0 < level <= LEVELS[-1]:
            raise ValueError(
                f"interval is {level}; a level above 0 and up to {LEVELS[-1]} is needed"
            )
        index = np.searchsorted(self.edges, np.nan_to_num(snr), side="right")
        return sigma * self._factor(level)[:, index].T

    @functools.cached_property
    def _table(self):
        return np.asarray(self.widths, dtype=float)

    def _factor(self, level):
        """Width at a level, linear between those of the table: (n_targets, n_bins)."""
        low = np.searchsorted(LEVELS, level, side="right") - 1
        if LEVELS[low] == level:
            return self._table[..., low]
        step = LEVELS[low + 1] - LEVELS[low]
        slope = (self._table[..., low + 1] - self._table[..., low]) / step
        return slope * (level - LEVELS[low]) + self._table[..., low]

    def to_config(self):
        """The calibration as a dict that JSON can hold."""
        return {"levels": list(LEVELS), **dataclasses.asdict(self)}

    @classmethod
    def from_config(cls, config):
        """Build what `to_config` described."""
        return cls(tuple(config["edges"]), tuple(config["widths"]))


def _conformal_quantiles(score, inside, least):
    """Quantiles with the finite-sample correction (n + 1) / n.

    Of all known scores where a bin has too few.
    """
    known = np.isfinite(score)
    enough = np.count_nonzero(known & inside) >= least
    score = score[known & inside] if enough else score[known]
    levels = np.minimum(np.array(LEVELS) * (len(score) + 1) / len(score), 1)
    return tuple(np.quantile(score, levels).astype(float).tolist())
