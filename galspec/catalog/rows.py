"""From a batch of spectra to rows of a catalogue: the four steps."""

import dataclasses

import numpy as np

from galspec.catalog.columns import floats
from galspec.catalog.criteria import Criteria
from galspec.catalog.provenance import method_entries
from galspec.signal import signal_to_noise
from galspec.spectra import TEXT_COLUMNS

__all__ = ["ALONE", "RowMaker", "any_of", "identified", "reasons"]

IDENTIFIERS = ("file", "obsid", "ra", "dec", "snr_r", "problem")
#: Keywords of ``predict`` for a batch that is one task of one thread already.
ALONE = {"batch_size": 1 << 30, "workers": 1, "progress_bar": False}


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
    #: Identifiers that it needs beside those that every batch has.
    more = ()

    def entries(self):
        """What the rows depend on beside the files.

        Returns
        -------
        dict of str to str, float or bool
            Entries of the estimator as in each of its results, those of the
            classifier, the criteria, and the prior.
        """
        classifier = method_entries(self.classifier, **self.classifier_options())
        prior = self.prior or {}
        return {
            **method_entries(self.estimator, scale=self.scale),
            "classifier": classifier["estimator"],
            "c_weights": classifier["weights"],
            "c_sha256": classifier["sha256"],
            "c_recipe": classifier["recipe"],
            "prior": ",".join(f"{name}={prior[name]:g}" for name in sorted(prior)),
            **self.criteria.to_meta(),
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
        rows = identified(batch)
        self._classify(batch, rows)
        passed = ~any_of(self.criteria.failures(rows))
        self._estimate(batch, rows, passed)
        return self._checked(rows)

    def _classify(self, batch, rows):
        """Probabilities, label, signal-to-noise ratio and flags."""
        table = self.classifier.predict(batch, **self.classifier_options(), **ALONE)
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
        table = self.estimator.predict(batch[passed], scale=self.scale, **ALONE)
        for name in ("oh", "oh_err", "domain"):
            if name in table.colnames:
                rows[name][passed] = floats(table[name])
        rows["flags"][passed] |= np.asarray(table["flags"], np.int64)

    def _checked(self, rows):
        """With ``selected`` and ``reason``, now that all flags are known."""
        failures = self.criteria.failures(rows)
        passed = ~any_of(failures)
        failures["no_value"] = passed & ~np.isfinite(rows["oh"])
        rows["selected"] = ~any_of(failures)
        rows["reason"] = reasons(failures)
        return rows

    def classifier_options(self):
        """Keywords for the classifier's ``predict``."""
        return {} if self.prior is None else {"prior": self.prior}


def identified(batch, names=IDENTIFIERS):
    """Identifiers of a batch and its redshift, as columns.

    Parameters
    ----------
    batch : `~galspec.SpectrumBatch`
    names : sequence of str

    Returns
    -------
    dict of str to `numpy.ndarray`, shape (n,)
        NaN, or empty, where a batch has no such identifier.
    """
    rows = {}
    for name in names:
        nothing = np.full(len(batch), "" if name in TEXT_COLUMNS else np.nan)
        rows[name] = batch.ids.get(name, nothing)
    rows["redshift"] = batch.redshift
    return rows


def any_of(failures):
    """Which rows fail a criterion.

    Parameters
    ----------
    failures : dict of str to `numpy.ndarray` of bool, shape (n,)

    Returns
    -------
    `numpy.ndarray` of bool, shape (n,)
    """
    return np.any(list(failures.values()), axis=0)


def reasons(failures):
    """Names of the failed criteria of each row, separated by commas.

    Parameters
    ----------
    failures : dict of str to `numpy.ndarray` of bool, shape (n,)

    Returns
    -------
    `numpy.ndarray` of str, shape (n,)
    """
    names = np.array(list(failures))
    failed = np.array(list(failures.values())).T
    words = [",".join(names[row]) if row.any() else "" for row in failed]
    return np.array(words, dtype=str)
