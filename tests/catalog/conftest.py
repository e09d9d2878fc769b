"""Small spectra with known headers, and methods that read them off the flux.

Flux is 10 * p_sf left of 5000 angstrom and 10 * (12 + log10(O/H)) right of it.
"""

import astropy.units as u
import numpy as np
import pytest

from galspec import Flags, SpectralEstimator, Target
from galspec.catalog.columns import texts
from galspec.classifier import SpectralClassifier, class_targets
from galspec.flags import WITHOUT_VALUE
from galspec.simulation import write_lamost_fits

WAVELENGTH = 10 ** (1e-4 * np.arange(36_900, 37_100))


def levels(batch):
    """What a spectrum says: p_sf and metallicity; NaN where there is nothing."""
    wavelength = np.broadcast_to(batch.wavelength, batch.flux.shape)
    for side in (wavelength < 5000, wavelength > 5000):
        good = side & ~batch.mask
        with np.errstate(invalid="ignore"):
            yield (batch.flux * good).sum(axis=1) / good.sum(axis=1) / 10


def base(batch):
    flags = batch.flags.copy()
    empty = batch.mask.all(axis=1) & ((flags & int(WITHOUT_VALUE)) == 0)
    flags[empty] |= int(Flags.NO_DATA)
    return {**batch.ids, "redshift": batch.redshift}, flags


class Sorter(SpectralClassifier):
    """Reads the classes off the flux."""

    name = "sorter"
    network = None
    targets = class_targets({"sf": "a star-forming galaxy", "agn": "an active nucleus"})
    references = ("none",)

    def _predict_batch(self, batch, interval, prior=None):
        rows, flags = base(batch)
        p, _ = levels(batch)
        if prior is not None:
            share = self.prior_shares(prior)[0]
            p = p * share / (p * share + (1 - p) * (1 - share))
        label = np.where(p > 0.5, "sf", "agn")
        label[np.isnan(p)] = ""
        rows |= {"p_sf": p, "p_sf_err": 0 * p, "p_agn": 1 - p, "p_agn_err": 0 * p}
        return rows | {"label": label, "snr": 5 + 0 * p, "flags": flags}


class Meter(SpectralEstimator):
    """Reads the metallicity off the flux."""

    name = "meter"
    targets = (Target("oh", u.dex, "12 + log10(O/H)", valid=(7, 9)),)
    scale = "PP04 O3N2"
    references = ("none",)
    seen = 0

    @staticmethod
    def convert(value, from_, to, error=None):
        if to != "T04":
            raise ValueError(f"scale {to!r} is not known")
        return value + 0.1 * u.dex if error is None else (value + 0.1 * u.dex, error)

    def _predict_batch(self, batch, interval):
        self.seen += len(batch)
        rows, flags = base(batch)
        _, oh = levels(batch)
        flags = flags | np.where(oh > 9, int(Flags.OUT_OF_RANGE), 0)
        domain = np.full(len(batch), 0.5)
        return (
            rows
            | {"oh": oh, "oh_err": 0.05 + 0 * oh, "domain": domain}
            | {"flags": flags}
        )


@pytest.fixture
def methods():
    """Keywords with a classifier and an estimator that need no weights."""
    return {"classifier": Sorter(), "estimator": Meter()}


@pytest.fixture
def write_file(tmp_path):
    """Write one spectrum; ``p`` and ``oh`` are what the methods will find."""
    folder = tmp_path / "spectra"
    folder.mkdir()

    def write(number, *, p=0.95, oh=8.5, z=0.1, snr=10.0, ra=None, dec=5.0):
        flux = np.where(WAVELENGTH < 5000, 10 * p, 10 * oh)
        header = {"OBSID": number, "Z": z, "SNRR": snr}
        header |= {"RA": 10.0 + number if ra is None else ra, "DEC": dec}
        path = folder / f"spec-{number:04d}.fits.gz"
        write_lamost_fits(path, WAVELENGTH, flux, np.ones_like(flux), header)
        return str(path)

    return write


@pytest.fixture
def same():
    """Compare two catalogues, but for the date."""

    def compare(one, other, meta=True):
        assert one.colnames == other.colnames
        for name in one.colnames:
            if one[name].dtype.kind in "US":
                assert list(texts(one[name])) == list(texts(other[name]))
            else:
                np.testing.assert_array_equal(one[name], other[name])
        if meta:
            a, b = ({**t.meta, "date": ""} for t in (one, other))
            assert a == b

    return compare


@pytest.fixture(scope="module")
def cluster():
    """Two processes on this machine, found by their address like any others."""
    distributed = pytest.importorskip("distributed")
    with distributed.LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        processes=True,
        dashboard_address="127.0.0.1:0",
    ) as cluster:
        yield cluster.scheduler_address
