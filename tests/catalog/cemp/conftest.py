"""Small spectra of stars, and a method that reads their labels off the flux.

Right of 5000 angstrom the flux is 100 * p_cemp; left of it lies a G band.
"""

import astropy.units as u
import numpy as np
import pytest

from galspec import Flags, SpectralEstimator, Target
from galspec.flags import WITHOUT_VALUE
from galspec.simulation import write_lamost_fits

WAVELENGTH = 10 ** (1e-4 * np.arange(36_100, 39_200))


class Reader(SpectralEstimator):
    """Columns as `CEMPParams` gives them."""

    name = "reader"
    targets = (
        Target("teff", u.K, "effective temperature", valid=(4000, 7000)),
        Target("logg", u.dex, "log10 of the gravity in cm/s2", valid=(0, 5)),
        Target("feh", u.dex, "[Fe/H]", valid=(-4, 1)),
        Target("cfe", u.dex, "[C/Fe]", valid=(-1, 4)),
    )
    derived = (Target("p_cemp", u.dimensionless_unscaled, "P(CEMP)", (0, 1)),)
    options = ("criterion",)
    references = ("none",)
    seen = 0

    def check_options(self, *, criterion="default", **options):
        super().check_options(**options)
        if criterion not in ("default", "strict"):
            raise ValueError(f"criterion is {criterion!r}")

    def _predict_batch(self, batch, interval, criterion="default"):
        self.seen += len(batch)
        flags = batch.flags.copy()
        empty = batch.mask.all(axis=1) & ((flags & int(WITHOUT_VALUE)) == 0)
        flags[empty] |= int(Flags.NO_DATA)
        red = (np.broadcast_to(batch.wavelength, batch.flux.shape) > 5000) & ~batch.mask
        with np.errstate(invalid="ignore"):
            p = (batch.flux * red).sum(axis=1) / red.sum(axis=1) / 100
        p = np.clip(np.round(p, 2), 0, 1)
        p = p if criterion == "default" else p / 2
        rows = {**batch.ids, "redshift": batch.redshift}
        labels = {"teff": 5000, "logg": 2, "feh": -3, "cfe": 2 * p}
        for name, value in labels.items():
            rows |= {name: value + 0 * p, f"{name}_err": 0.1 + 0 * p}
        metal = np.where(p > 0.5, "EMP", "MP")
        return {**rows, "p_cemp": p, "metal_class": metal, "snr": 9 + p, "flags": flags}


@pytest.fixture
def reader():
    """A method that needs no weights."""
    return Reader()


@pytest.fixture
def write_star(tmp_path):
    """Write one spectrum; ``p`` is the probability that the method will find."""
    folder = tmp_path / "stars"
    folder.mkdir()

    def write(number, *, p=0.9, z=1e-4, band=0.5, noise=1.0, **cards):
        flux = np.full(len(WAVELENGTH), 100 * p)
        blue = WAVELENGTH < 5000
        rest = WAVELENGTH[blue] / (1 + z)
        flux[blue] = 100 * (1 - band * (abs(rest - 4300) < 10))
        draws = np.random.default_rng(number).normal(0, noise, len(flux))
        header = {"OBSID": number, "Z": z, "Z_ERR": 1e-5, "SNRG": 50.0, "SNRI": 60.0}
        header |= {"RA": 10.0 + number, "DEC": 5.0} | cards
        header = {key: value for key, value in header.items() if value is not None}
        path = folder / f"star-{number:04d}.fits"
        ivar = np.full(len(flux), noise**-2)
        write_lamost_fits(path, WAVELENGTH, flux + draws, ivar, header)
        return str(path)

    return write
