"""Small good files of every survey, and bytes to make bad ones of."""

import gzip
import random

import numpy as np
import pytest
from astropy.io import fits

N_PIX = 40
FIRST = 35_700

#: What a header may be made to say.
_NUMBERS = ("0", "-1", "1", "2", "999", "1000000007", str(2**31), str(2**63), "9" * 60)
_WORDS = ("T", "F", "1E400", "NAN", "'x'", "", "(1,2)", "1.5")
_FORMS = ("'1PE(9)'", "'0A'", "'40L'", "'40C'", "'99999999E'", "'1QD'", "'X'", "'1A'")


def _bits(data, rng):
    data = bytearray(data)
    for _ in range(rng.choice((1, 1, 2, 8))):
        data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
    return bytes(data)


def _truncated(data, rng):
    return data[: rng.randrange(len(data))]


def _without_a_piece(data, rng):
    start = rng.randrange(len(data))
    return data[:start] + data[start + rng.choice((1, 80, 2880)) :]


def _repeated(data, rng):
    start = rng.randrange(len(data))
    return data[:start] + data[start:] * 2


def _other_card(data, rng):
    """Another value in a card of a FITS header."""
    cards = [
        at
        for at in range(0, len(data) - 79, 80)
        if data[at + 8 : at + 10] == b"= " and data[at : at + 8].isascii()
    ]
    if not cards:
        return _bits(data, rng)
    data = bytearray(data)
    for at in rng.sample(cards, min(len(cards), rng.choice((1, 1, 2, 3)))):
        form = data[at : at + 5] == b"TFORM"
        value = rng.choice(_FORMS if form else (*_NUMBERS, *_WORDS))
        data[at + 10 : at + 80] = value.rjust(20).ljust(70).encode()[:70]
    return bytes(data)


_WAYS = (_bits, _truncated, _without_a_piece, _repeated, _other_card, _other_card)


def _spectrum():
    rng = np.random.default_rng(1)
    flux = rng.normal(100, 10, N_PIX).astype(np.float32)
    return flux, rng.uniform(0.1, 1, N_PIX).astype(np.float32)


def _table(columns, name):
    return fits.BinTableHDU.from_columns(
        [fits.Column(*column[:2], array=column[2]) for column in columns], name=name
    )


def _lamost(layout):
    flux, ivar = _spectrum()
    wavelength = (10 ** (1e-4 * (FIRST + np.arange(N_PIX)))).astype(np.float32)
    rows = dict.fromkeys(("FLUX", "IVAR", "WAVELENGTH", "ANDMASK", "ORMASK"))
    rows |= {"FLUX": flux, "IVAR": ivar, "WAVELENGTH": wavelength}
    arrays = [np.zeros(N_PIX, np.float32) if v is None else v for v in rows.values()]
    if layout == "image":
        hdus = [fits.PrimaryHDU(np.array(arrays))]
    else:
        named = zip(rows, arrays, strict=True)
        columns = [(name, f"{N_PIX}E", values[None]) for name, values in named]
        hdus = [fits.PrimaryHDU(), _table(columns, "COADD")]
    cards = {"TELESCOP": "LAMOST", "OBSID": 101, "RA": 332.5, "DEC": -2.25, "Z": 0.05}
    hdus[0].header.update(cards)
    return hdus


def _sdss():
    flux, ivar = _spectrum()
    loglam = 1e-4 * (FIRST + np.arange(N_PIX))
    coadd = [("flux", "E", flux), ("loglam", "E", loglam), ("ivar", "E", ivar)]
    coadd.append(("and_mask", "J", np.zeros(N_PIX, int)))
    about = [("Z", "E", [0.067]), ("Z_ERR", "E", [1e-4]), ("ZWARNING", "J", [0])]
    about += [("PLUG_RA", "D", [146.5]), ("PLUG_DEC", "D", [0.5])]
    about.append(("SN_MEDIAN", "5E", [[4, 17, 30, 33, 22]]))
    hdus = [fits.PrimaryHDU(), _table(coadd, "COADD"), _table(about, "SPECOBJ")]
    hdus[0].header.update({"TELESCOP": "SDSS", "PLATEID": 266, "MJD": 51630})
    return hdus


def _desi():
    ids = 39_633_297_352_951_412 + np.arange(2)
    columns = [("TARGETID", "K", ids), ("TARGET_RA", "D", [1.0, 2.0])]
    columns.append(("TARGET_DEC", "D", [3.0, 4.0]))
    hdus = [fits.PrimaryHDU(), _table(columns, "FIBERMAP")]
    for number, arm in enumerate("BRZ"):
        axis = 3600.0 + 0.8 * np.arange(30) + 20 * number
        ones = np.ones((2, 30), np.float32)
        for name, values in {"WAVELENGTH": axis, "FLUX": ones, "IVAR": ones}.items():
            hdus.append(fits.ImageHDU(values, name=f"{arm}_{name}"))
    return hdus


def _mutated(data, seed):
    """Bytes with some damage, the same for the same seed."""
    rng = random.Random(seed)  # noqa: S311 (no secret)
    for _ in range(rng.choice((1, 1, 2))):
        data = rng.choice(_WAYS)(data, rng) or b"x"
    return data


@pytest.fixture(scope="session")
def originals(tmp_path_factory):
    """The bytes of a good file of each kind, by a name."""
    folder = tmp_path_factory.mktemp("good")
    made = {
        "lamost-image": _lamost("image"),
        "lamost-table": _lamost("table"),
        "sdss": _sdss(),
        "desi": _desi(),
    }
    content = {}
    for name, hdus in made.items():
        fits.HDUList(hdus).writeto(folder / name)
        content[name] = (folder / name).read_bytes()
    content["lamost-table-gz"] = gzip.compress(content["lamost-table"])
    return content


@pytest.fixture(scope="session")
def mutated():
    """Damage bytes, the same way for the same seed."""
    return _mutated
