"""From a batch of spectra to rows of a catalogue: the four steps."""

import dataclasses

import numpy as np

from galspec.catalog.columns import floats
from galspec.catalog.criteria import Criteria
from galspec.signal import signal_to_noise
from galspec.spectra import TEXT_COLUMNS

__all__ = ["RowMaker"]

IDENTIFIERS = ("file", "obsid", "ra", "dec", "snr_r", "problem")


@dataclasses.dataclass(frozen=True, eq=False)
class RowMaker:
    """Classifies, selects, estimates and checks.

    Parameters
    ----------
    classifier : `~galspec.SpectralEstimator`
        With the target ``p_sf``.
    estimator : `~galspec.SpectralEstimator`
        With the target ``oh``.
    criteria : `Criteria`
    prior : dict of str to float, optional
        Shares of the classes, for the classifier.
    scale : str, optional
        Scale of the metallicities.
    """

    classifier: object
    estimator: object
    criteria: Criteria
    prior: dict | None = None
    scale: str | None = None

    def __call__(self, batch):
        """Columns of a batch, as plain arrays.

        Parameters
        ----------
        batch : `~galspec.SpectrumBatch`

        Returns
        -------
        dict of str to `numpy.ndarray`, shape (n,)
        """
        rows = _identified(batch)
        self._classify(batch, rows)
        passed = ~_any(self.criteria.failures(rows))
        self._estimate(batch, rows, passed)
        return self._checked(rows)

    def _classify(self, batch, rows):
        """Probabilities, label, signal-to-noise ratio and flags."""
        table = self.classifier.predict(batch, **self.classifier_options(), **_alone)
        for target in self.classifier.targets:
            rows[target.name] = floats(table[target.name])
        if "label" in table.colnames:
            rows["label"] = np.asarray(table["label"]).astype(str)
        has_snr = "snr" in table.colnames
        rows["snr"] = floats(table["snr"]) if has_snr else signal_to_noise(batch)
        rows["flags"] = np.asarray(table["flags"], np.int64)

    def _estimate(self, batch, rows, passed):
        """Metallicities of those that passed; those of others have no meaning."""
        for name in ("oh", "oh_err", "domain"):
            rows[name] = np.full(len(batch), np.nan)
        if not passed.any():
            return
        table = self.estimator.predict(batch[passed], scale=self.scale, **_alone)
        for name in ("oh", "oh_err", "domain"):
            if name in table.colnames:
                rows[name][passed] = floats(table[name])
        rows["flags"][passed] |= np.asarray(table["flags"], np.int64)

    def _checked(self, rows):
        """With ``selected`` and ``reason``, now that all flags are known."""
        failures = self.criteria.failures(rows)
        passed = ~_any(failures)
        failures["no_value"] = passed & ~np.isfinite(rows["oh"])
        rows["selected"] = ~_any(failures)
        rows["reason"] = _reasons(failures)
        return rows

    def classifier_options(self):
        """Keywords for the classifier's ``predict``."""
        return {} if self.prior is None else {"prior": self.prior}


#: The batch is one task of one thread already.
_alone = {"batch_size": 1 << 30, "workers": 1, "progress_bar": False}


def _identified(batch):
    rows = {}
    for name in IDENTIFIERS:
        nothing = np.full(len(batch), "" if name in TEXT_COLUMNS else np.nan)
        rows[name] = batch.ids.get(name, nothing)
    rows["redshift"] = batch.redshift
    return rows


def _any(failures):
    return np.any(list(failures.values()), axis=0)


def _reasons(failures):
    """Names of the failed criteria of each row, separated by commas."""
    names = np.array(list(failures))
    failed = np.array(list(failures.values())).T
    words = [",".join(names[row]) if row.any() else "" for row in failed]
    return np.array(words, dtype=str)
