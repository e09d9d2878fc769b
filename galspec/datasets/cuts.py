"""Which galaxies serve for training: cuts with names, which tell whom they drop."""

import dataclasses

import numpy as np

from galspec.evaluation.tables import column_of, numbers, require
from galspec.quality import QualityCuts

__all__ = ["Cuts"]


@dataclasses.dataclass(frozen=True)
class Cuts(QualityCuts):
    """What a galaxy must fulfil to serve for training.

    The defaults are those of Feng, Wang & Li (2025) for metallicities.

    Parameters
    ----------
    z_min, z_max : float
        Lowest and highest redshift, both included.
    snr_min : float
        Lowest signal-to-noise ratio in r; where that is not known, of the whole
        spectrum (``sn_median``).
    classes : tuple of int, optional
        Codes of ``bptclass`` that serve: 1 are star-forming galaxies (Brinchmann et al.
        2004, MNRAS 351, 1151). All, for a classifier, if None.
    oh_needed : bool
        Whether ``oh_p50`` has to be known.
    reliable_only : bool
        Whether rows that the MPA-JHU pipeline calls unreliable are left out too.

    Raises
    ------
    TypeError, ValueError
        If a limit is no number, or limits exclude everything.

    Examples
    --------
    >>> from astropy.table import Table
    >>> from galspec.datasets import Cuts
    >>> table = Table({"z": [0.05, 0.1, 0.4], "snr_r": [9, 2, 8], "bptclass": [1, 1, 4],
    ...                "oh_p50": [8.9, 8.8, -9999]})
    >>> Cuts().counts(table)["snr_low"]
    1
    >>> len(Cuts().select(table))
    1
    """

    classes: tuple | None = (1,)
    oh_needed: bool = True
    reliable_only: bool = False

    def __post_init__(self):
        super().__post_init__()
        if self.classes is not None:
            if isinstance(self.classes, str) or not np.iterable(self.classes):
                raise TypeError(
                    f"classes is {self.classes!r}; codes of bptclass needed"
                )
            object.__setattr__(self, "classes", tuple(int(c) for c in self.classes))

    def failures(self, table):
        """Which rows fail which cut.

        Parameters
        ----------
        table : `~astropy.table.Table`
            With ``z`` or ``redshift``; ``snr_r``, ``snrr`` or ``sn_median``; and, as
            far as the cuts need them, ``bptclass``, ``oh_p50`` and ``reliable``.

        Returns
        -------
        dict of str to `numpy.ndarray` of bool, shape (n,)

        Raises
        ------
        galspec.evaluation.EvaluationError
            If a column is missing.
        """
        table = _plain(table)
        z = numbers(table, column_of(table, "redshift", {}) or "redshift")
        failed = self.quality_failures(z, _snr(table))
        if self.classes is not None:
            failed["class"] = ~np.isin(numbers(table, "bptclass"), self.classes)
        if self.oh_needed:
            failed["oh_unknown"] = np.isnan(numbers(table, "oh_p50"))
        if self.reliable_only:
            failed["unreliable"] = numbers(table, "reliable") != 1
        return failed

    def counts(self, table):
        """How many rows fail each cut; one row may fail several.

        Parameters
        ----------
        table : `~astropy.table.Table`
            As for `failures`.

        Returns
        -------
        dict of str to int
        """
        return {name: int(fails.sum()) for name, fails in self.failures(table).items()}

    def select(self, table):
        """The rows that fail no cut.

        Parameters
        ----------
        table : `~astropy.table.Table`
            As for `failures`.

        Returns
        -------
        `~astropy.table.Table`
            ``meta`` has the cuts and how many rows each of them drops.
        """
        failed = self.failures(table)
        kept = table[~np.any(list(failed.values()), axis=0)]
        kept.meta |= self.to_meta()
        kept.meta |= {f"dropped_{n}": int(fails.sum()) for n, fails in failed.items()}
        return kept

    def to_meta(self):
        """The cuts as flat entries of a table's header.

        Returns
        -------
        dict
        """
        classes = "all" if self.classes is None else ",".join(map(str, self.classes))
        return {f"cut_{k}": v for k, v in dataclasses.asdict(self).items()} | {
            "cut_classes": classes
        }


def _plain(table):
    """Columns with units instead of quantities."""
    from astropy.table import Table

    return Table(table, copy=False)


def _snr(table):
    name = column_of(table, "snr_r", {})
    snr = np.full(len(table), np.nan) if name is None else numbers(table, name)
    if "sn_median" in table.colnames:
        return np.where(np.isfinite(snr), snr, numbers(table, "sn_median"))
    require(table, name or "snr_r")
    return snr
