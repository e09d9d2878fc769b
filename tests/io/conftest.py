"""Files of each survey's format, written with astropy, as small as can be."""

import gzip

import numpy as np
import pytest
from astropy.io import fits

N_PIX = 300
FIRST = 35_682


def _spectrum(seed):
    """Flux, inverse variance and ANDMASK with each kind of bad pixel."""
    rng = np.random.default_rng(seed)
    flux = rng.normal(100, 10, N_PIX).astype(np.float32)
    ivar = rng.uniform(0.1, 1, N_PIX).astype(np.float32)
    andmask = np.zeros(N_PIX, np.float32)
    andmask[3], ivar[5], ivar[6], flux[7] = 2, 0, -1, np.nan
    return flux, ivar, andmask


def _lamost_header(primary, cards):
    primary.header["TELESCOP"] = "LAMOST"
    primary.header["COEFF0"], primary.header["COEFF1"] = FIRST * 1e-4, 1e-4
    primary.header["RA"], primary.header["DEC"] = 332.5, -2.25
    primary.header["FILENAME"] = "spec-55859-F5902_sp01-001.fits"
    primary.header["Z"], primary.header["CLASS"] = -1.387e-4, "STAR"
    primary.header.update(cards)


def _finish(hdus, path, zipped):
    hdus.writeto(path, overwrite=True)
    if zipped:
        packed = path.with_name(path.name + ".gz")
        packed.write_bytes(gzip.compress(path.read_bytes()))
        return packed
    return path


@pytest.fixture
def make_lamost(tmp_path):
    """Write a LAMOST file: layout 'dr1', 'dr7' or 'dr10'."""

    def make(layout, *, seed=0, zipped=False, name=None, first=FIRST, cards=()):
        flux, ivar, andmask = _spectrum(seed)
        wavelength = 10 ** (1e-4 * (first + np.arange(N_PIX)))
        snr = "SN_R" if layout == "dr1" else "SNRR"
        cards = {"COEFF0": first * 1e-4, snr: 27.5, **dict(cards)}
        if layout != "dr1":
            cards.setdefault("OBSID", 101001)
        third = np.ones(N_PIX) if layout == "dr1" else wavelength
        arrays = [flux, ivar, third.astype(np.float32), andmask, andmask]
        if layout == "dr10":
            names = ["FLUX", "IVAR", "WAVELENGTH", "ANDMASK", "ORMASK"]
            columns = [
                fits.Column(name, f"{N_PIX}E", array=values[None])
                for name, values in zip(names, arrays, strict=True)
            ]
            table = fits.BinTableHDU.from_columns(columns, name="COADD")
            hdus = fits.HDUList([fits.PrimaryHDU(), table])
        else:
            hdus = fits.HDUList([fits.PrimaryHDU(np.array(arrays, np.float32))])
        _lamost_header(hdus[0], cards)
        path = tmp_path / (name or f"{layout}-{seed}-{first}.fits")
        return _finish(hdus, path, zipped)

    return make


@pytest.fixture
def make_sdss(tmp_path):
    """Write an SDSS spec-lite file."""

    def make(*, first=35_700, name="spec-0266-51630-0168.fits"):
        flux, ivar, _ = _spectrum(1)
        flux[7] = 1
        bits = np.zeros(N_PIX, np.int32)
        bits[10], bits[11] = 1 << 23, 1 << 4  # a bright sky line; a whole-fibre warning
        coadd = fits.BinTableHDU.from_columns(
            [
                fits.Column("flux", "E", array=flux),
                fits.Column("loglam", "E", array=1e-4 * (first + np.arange(N_PIX))),
                fits.Column("ivar", "E", array=ivar),
                fits.Column("and_mask", "J", array=bits),
            ],
            name="COADD",
        )
        about = fits.BinTableHDU.from_columns(
            [
                fits.Column("Z", "E", array=[0.067]),
                fits.Column("ZWARNING", "J", array=[0]),
                fits.Column("PLUG_RA", "D", array=[146.5]),
                fits.Column("PLUG_DEC", "D", array=[0.5]),
                fits.Column("SN_MEDIAN", "5E", array=[[4, 17, 30, 33, 22]]),
            ],
            name="SPECOBJ",
        )
        hdus = fits.HDUList([fits.PrimaryHDU(), coadd, about])
        cards = {"TELESCOP": "SDSS 2.5-M", "VERS2D": "v5_3_12", "RA": 145.0}
        cards |= {"PLATEID": 266, "MJD": 51630, "FIBERID": 168}
        hdus[0].header.update(cards)
        return _finish(hdus, tmp_path / name, zipped=False)

    return make


@pytest.fixture
def make_desi(tmp_path):
    """Write a DESI coadd file of flat spectra: 1, 2, ... in each arm."""

    def make(*, n=3, name="coadd-sv3-dark-1.fits"):
        targets = 39_633_297_352_951_412 + np.arange(n)
        fibermap = fits.BinTableHDU.from_columns(
            [
                fits.Column("TARGETID", "K", array=targets),
                fits.Column("TARGET_RA", "D", array=np.arange(n) + 10.0),
                fits.Column("TARGET_DEC", "D", array=np.arange(n) + 20.0),
            ],
            name="FIBERMAP",
        )
        scores = fits.BinTableHDU.from_columns(
            [fits.Column("MEDIAN_COADD_SNR_R", "E", array=np.arange(n) + 1.0)],
            name="SCORES",
        )
        hdus = fits.HDUList([fits.PrimaryHDU(), fibermap])
        hdus[0].header["INFIL000"] = "the first of the files that were added"
        for arm, (start, end) in {"B": (0, 50), "R": (40, 90), "Z": (80, 130)}.items():
            flux = np.ones((n, end - start), np.float32) * np.arange(1, n + 1)[:, None]
            unit = "1e-17 erg / (s cm2 Angstrom)"
            inverse = "1e34 s2 cm4 Angstrom2 / erg2"
            arrays = {
                "WAVELENGTH": (3600 + 0.8 * np.arange(start, end), "Angstrom"),
                "FLUX": (flux, unit),
                "IVAR": (np.full_like(flux, 4), inverse),
                "MASK": (np.zeros(flux.shape, np.uint32), None),
            }
            for what, (values, bunit) in arrays.items():
                hdus.append(fits.ImageHDU(values, name=f"{arm}_{what}"))
                if bunit:
                    hdus[-1].header["BUNIT"] = bunit
        hdus.append(scores)
        return _finish(hdus, tmp_path / name, zipped=False)

    return make
