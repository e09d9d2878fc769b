"""Answers of SDSS's services in their own form, and small spectra.

The answers were written after the documentation and astroquery's own tests
(``xid_sp.txt``), not taken from the services.
"""

import pathlib

import numpy as np
import pytest
from astropy.io import fits

DATA = pathlib.Path(__file__).parent / "data"
N_PIX = 300


def write_spec_lite(path, plate=266, mjd=51630, fiber=1, *, flux=None, z=0.05):
    """An SDSS spec-lite file of few pixels."""
    rng = np.random.default_rng([plate, fiber])
    flux = rng.normal(100, 5, N_PIX) if flux is None else flux
    n = len(flux)
    loglam = np.linspace(np.log10(3850), np.log10(9150), n)
    coadd = fits.BinTableHDU.from_columns(
        [
            fits.Column("flux", "E", array=flux),
            fits.Column("loglam", "E", array=loglam),
            fits.Column("ivar", "E", array=np.full(n, 0.04)),
            fits.Column("and_mask", "J", array=np.zeros(n, np.int32)),
        ],
        name="COADD",
    )
    about = fits.BinTableHDU.from_columns(
        [
            fits.Column("Z", "E", array=[z]),
            fits.Column("ZWARNING", "J", array=[0]),
            fits.Column("PLUG_RA", "D", array=[146.5]),
            fits.Column("PLUG_DEC", "D", array=[0.5]),
            fits.Column("SN_MEDIAN", "5E", array=[[4, 17, 20, 20, 12]]),
        ],
        name="SPECOBJ",
    )
    primary = fits.PrimaryHDU()
    primary.header.update({"PLATEID": plate, "MJD": mjd, "FIBERID": fiber})
    path.parent.mkdir(parents=True, exist_ok=True)
    fits.HDUList([primary, coadd, about]).writeto(path)
    return path


@pytest.fixture
def recorded():
    """The folder of recorded answers."""
    return DATA


@pytest.fixture
def spec_lite():
    """The function that writes an SDSS spectrum."""
    return write_spec_lite


@pytest.fixture
def no_pauses(monkeypatch):
    """Services are asked without waiting; how long one would have waited."""
    waited = []
    monkeypatch.setattr("time.sleep", waited.append)
    return waited


@pytest.fixture
def database(monkeypatch, no_pauses):
    """A SkyServer that answers from recorded files; what it was asked."""
    sdss = pytest.importorskip("astroquery.sdss")
    from astroquery.utils.mocks import MockResponse

    asked = []

    def answer(method, url, params=None, **options):
        asked.append((url, params["cmd"]))
        start = params["cmd"].partition("BETWEEN ")[2].partition(" AND")[0]
        path = DATA / f"labels-{start}.csv"
        path = path if path.exists() else DATA / "labels-none.csv"
        return MockResponse(content=path.read_bytes(), url=url)

    monkeypatch.setattr(sdss.SDSS, "_request", answer)
    return asked


@pytest.fixture
def archive(tmp_path, no_pauses):
    """A folder in the place of the Science Archive Server."""
    sdss = pytest.importorskip("astroquery.sdss")
    root = tmp_path / "sas"
    (root / "dr17").mkdir(parents=True)
    with sdss.conf.set_temp("sas_baseurl", root.as_uri()):
        yield root / "dr17" / "sdss" / "spectro" / "redux" / "26" / "spectra" / "lite"
