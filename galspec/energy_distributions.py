"""Energy distributions as a spectrum that stays whole when stars are chosen."""

import astropy.units as u
import numpy as np
from specutils import Spectrum

from galspec import synthetic_photometry

__all__ = ["EnergyDistributions"]


class EnergyDistributions(Spectrum):
    """What `~galspec.estimators.sed_predictor.SEDPredictor` predicts.

    A `~specutils.Spectrum` with one star or many. What ``meta`` has of each star
    follows when stars are chosen: ``seds[seds.meta["flags"] == 0]``, ``seds[3]``.
    """

    def __getitem__(self, item):
        item = int(item) if isinstance(item, np.integer) else item
        chosen = super().__getitem__(item)
        stars = self.flux.shape[:-1]
        if stars and not _is_of_wavelengths(item):
            rows = item[: len(stars)] if isinstance(item, tuple) else item
            chosen.meta |= {
                name: value[rows]
                for name, value in self.meta.items()
                if np.shape(value)[: len(stars)] == stars
            }
        return chosen

    def synthetic_photometry(self, bands=synthetic_photometry.BANDS):
        """AB magnitudes and their errors.

        Parameters
        ----------
        bands : sequence of str, or str
            Some of `galspec.synthetic_photometry.band_names`.

        Returns
        -------
        `~astropy.table.QTable`
            As of `galspec.synthetic_photometry.synthetic_photometry`.
        """
        return synthetic_photometry.synthetic_photometry(self, bands)


def _is_of_wavelengths(item):
    """Whether it is a slice between two wavelengths, of all stars."""
    return isinstance(item, slice) and any(
        isinstance(end, u.Quantity) for end in (item.start, item.stop)
    )
