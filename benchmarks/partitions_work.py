"""What is predicted: simulated partitions, as data frames and as batches."""

import dataclasses

import numpy as np
import pandas as pd

__all__ = ["WORKS", "Told", "Work", "of_batches", "told"]

#: Of the spectra: 3700 to 9000 angstrom, as surveys sample it.
AXIS = 10 ** np.arange(np.log10(3700), np.log10(9000), 1e-4)
BANDS = ("g", "r", "i", "z", "W1", "W2")
LINES = (3728, 4341, 4862, 4960, 5008, 6549, 6565, 6585, 6718, 6733)
#: Rows that galspec itself is given at once.
ROWS = {"spectra": 256, "photometry": 2048}


@dataclasses.dataclass(frozen=True)
class Told:
    """What is kept of a partition, to compare: rows, values, and their sum."""

    rows: int
    values: int
    total: float


@dataclasses.dataclass(frozen=True)
class Work:
    """Partitions of one kind, each made of its number where it is needed.

    Parameters
    ----------
    kind : {'spectra', 'photometry'}
    rows : int
        Of a partition.
    """

    kind: str
    rows: int

    @property
    def target(self):
        return {"spectra": "oh", "photometry": "z_phot"}[self.kind]

    def estimator(self):
        """With its weights."""
        from galspec import ELGPhotoZ, GasMetallicity

        if self.kind == "photometry":
            return ELGPhotoZ.pretrained(offline=True, device="cpu")
        return GasMetallicity.pretrained("feng2025", offline=True, device="cpu")

    def function(self):
        """The estimator as a function of a partition."""
        how = {} if self.kind == "photometry" else {"wavelength": AXIS}
        return self.estimator().as_partition_function(**how)

    def arrays(self, number):
        """The simulated arrays of a partition: the same for the same number."""
        rng = np.random.default_rng(number)
        return (_photometry if self.kind == "photometry" else _spectra)(rng, self.rows)

    def frame(self, number):
        """A partition as a data frame, spectra as lists of Arrow."""
        columns = self.arrays(number)
        if self.kind == "spectra":
            columns["flux"] = _lists(columns["flux"])
        return pd.DataFrame(columns)

    def batches(self, number):
        """The same as batches, without any data frame."""
        from galspec import PhotometryBatch, SpectrumBatch

        columns, size = self.arrays(number), ROWS[self.kind]
        for start in range(0, self.rows, size):
            part = {name: c[start : start + size] for name, c in columns.items()}
            if self.kind == "photometry":
                yield PhotometryBatch.gather(part, survey="ls-dr10")
            else:
                yield SpectrumBatch.from_arrays(AXIS, part["flux"])


WORKS = ("spectra", "photometry")
_estimators = {}


def of_batches(work, number):
    """A partition without any engine: plain ``predict_batches``."""
    if work not in _estimators:
        _estimators[work] = work.estimator()
    table = _estimators[work].predict_batches(work.batches(number), workers=1)
    return told(table[work.target])


def told(values):
    """What is kept of the results of a partition."""
    values = np.asarray(getattr(values, "value", values), float)
    known = np.isfinite(values)
    return Told(len(values), int(known.sum()), float(values[known].sum()))


def _lists(flux):
    import pyarrow as pa

    lists = pa.FixedSizeListArray.from_arrays(flux.ravel(), flux.shape[1])
    kind = pa.list_(pa.float32())
    return pd.arrays.ArrowExtensionArray(lists.cast(kind))


def _spectra(rng, n):
    """Smooth continua, emission lines and noise, cheaper to make than to read."""
    x = np.linspace(-1, 1, len(AXIS), dtype=np.float32)
    lines = sum(np.exp(-0.5 * ((AXIS - line) / 3) ** 2) for line in LINES)
    shape = np.stack([np.ones_like(x), x, x**2, lines.astype(np.float32)])
    weights = rng.uniform([8, -3, -2, 0], [12, 3, 2, 20], (n, 4)).astype(np.float32)
    noise = rng.standard_normal((n, len(AXIS)), np.float32)
    return {"flux": weights @ shape + noise}


def _photometry(rng, n):
    """Fluxes of six bands and their inverse variances: twelve columns."""
    bright = 10 ** rng.uniform(0, 1.5, n)
    columns = {}
    for place, band in enumerate(BANDS):
        columns[f"flux_{band}"] = bright * (1 + 0.3 * place) * rng.uniform(0.8, 1.2, n)
        columns[f"flux_ivar_{band}"] = rng.uniform(10, 40, n)
    return columns | {"ebv": np.full(n, 0.03)}
