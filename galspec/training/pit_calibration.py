"""Calibration of probability densities by their probability integral transform."""

import dataclasses
import functools

import numpy as np

from galspec.redshift_points import cdf_at, cumulative

__all__ = ["PITCalibration"]

#: Most knots of the map; 10 and 40 did equally well on densities of redshift.
KNOTS = 20
#: Labels that a knot needs. Its place is uncertain by about 0.1 with 25 of a hundred.
LABELS = 25
#: Labels from which densities are calibrated at all.
ENOUGH = 100
#: Share of the identity in every map: what was possible before remains possible.
_KEPT = 1e-3
#: Knots keep this distance from each other and from 0 and 1.
_APART = 1e-4
#: Intervals of the table that stands for the map: 30 times faster than the map.
_CELLS = 1024


@dataclasses.dataclass(frozen=True)
class PITCalibration:
    """A monotone map from the claimed probability below an edge to the true one.

    If the redshift lies below the claimed 10 % quantile in 15 % of all cases, that
    quantile is the 15 % quantile: Kuleshov, Fenner & Ermon (2018, ICML, PMLR 80, 2796,
    algorithm 1), Bordoloi, Lilly & Amara (2010, MNRAS 406, 881) for
    redshifts. The map is one for all rows, so it corrects offsets and widths that
    densities have in common, and not those of some of them.

    Parameters
    ----------
    claimed, true : tuple of float
        Knots of the map, both ascending from 0 to 1; (0, 1) changes nothing.
    """

    claimed: tuple = (0.0, 1.0)
    true: tuple = (0.0, 1.0)

    @classmethod
    def fit(cls, p, x, bins):
        """Learn the map from a calibration set that served for nothing else.

        Parameters
        ----------
        p : `numpy.ndarray`, shape (n, n_bins)
            Probabilities of the bins.
        x : array_like, shape (n,)
            ln(1 + z) of the true redshift. Rows are left out where it is NaN or beyond
            the bins.
        bins : `~galspec.redshift_bins.RedshiftBins`

        Returns
        -------
        PITCalibration
            The identity for fewer than 100 labels; with fewer than 20 knots for fewer
            than 500.
        """
        x = np.asarray(x, float)
        known = (x >= 0) & (x <= bins.x_max) & np.isfinite(p).all(axis=1)
        if np.count_nonzero(known) < ENOUGH:
            return cls()
        pit = cdf_at(cumulative(p[known]), np.expm1(x[known]), bins)
        levels = np.linspace(0, 1, min(KNOTS, len(pit) // LABELS) + 1)[1:-1]
        claimed, true = [0.0], [0.0]
        for place, level in zip(np.quantile(pit, levels), levels, strict=True):
            if claimed[-1] + _APART < place < 1 - _APART:
                claimed.append(float(place))
                true.append(float(level))
        return cls((*claimed, 1.0), (*true, 1.0))

    def apply(self, p):
        """Calibrated probabilities of the bins.

        Parameters
        ----------
        p : `numpy.ndarray`, shape (n, n_bins)
            As the networks give them.

        Returns
        -------
        `numpy.ndarray`, shape (n, n_bins)
            Rows sum to 1, up to rounding.
        """
        if len(self.claimed) == 2:
            return p
        values, slopes = self._table
        place = cumulative(p) * _CELLS
        cell = place.astype(np.intp)
        cdf = values[cell] + slopes[cell] * (place - cell)
        return np.diff(cdf, axis=1).astype(p.dtype, copy=False)

    @functools.cached_property
    def _table(self):
        """Values and slopes of the map in even cells, one more for claims of 1."""
        from scipy.interpolate import PchipInterpolator

        even = np.linspace(0, 1, _CELLS + 1)
        values = PchipInterpolator(self.claimed, self.true)(even)
        values = (1 - _KEPT) * values + _KEPT * even
        return values, np.append(np.diff(values), 0.0)

    def to_config(self):
        """The calibration as a dict that JSON can hold."""
        return {"claimed": list(self.claimed), "true": list(self.true)}

    @classmethod
    def from_config(cls, config):
        """Build what `to_config` described."""
        return cls(tuple(config["claimed"]), tuple(config["true"]))
