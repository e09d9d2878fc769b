"""SDSS spectra of single objects: "spec" and "spec-lite" files (since DR8).

Format: https://data.sdss.org/datamodel/files/BOSS_SPECTRO_REDUX/RUN2D/spectra/PLATE4/
"""

import numpy as np

from galspec.io.pieces import Piece, number, on_axis

__all__ = ["parse", "recognises"]

TABLE_COLUMNS = ("FLUX", "LOGLAM", "IVAR")
#: Bits from here on speak of a pixel, those below of a whole fibre in one exposure.
FIRST_PIXEL_BIT = 16
BANDS = "ugriz"


def recognises(hdus):
    """Whether a file is an SDSS spectrum of a single object.

    Parameters
    ----------
    hdus : list of LightHDU or AstropyHDU

    Returns
    -------
    bool
    """
    return len(hdus) > 1 and set(TABLE_COLUMNS) <= set(hdus[1].columns)


def parse(hdus):
    """The co-added spectrum of an SDSS file.

    Parameters
    ----------
    hdus : list of LightHDU or AstropyHDU
        Of a file that `recognises` accepts.

    Returns
    -------
    Piece
        Of one row. Redshift, position and signal-to-noise ratio come from the table
        SPECOBJ (SPALL in BOSS); the primary header's RA is that of the telescope.
    """
    flux, loglam, ivar = (hdus[1].column(name).ravel() for name in TABLE_COLUMNS)
    with np.errstate(over="ignore"):  # in a damaged file
        wavelength, first = on_axis(10 ** loglam.astype(np.float64))
    header = hdus[0].header
    fibre = [int(header.get(key, 0)) for key in ("PLATEID", "MJD", "FIBERID")]
    snr = _band_snr(hdus)
    return Piece(
        wavelength=wavelength,
        flux=flux[None],
        ivar=ivar[None],
        mask=(_bad_pixels(hdus[1]) | ~(ivar > 0))[None],
        redshift=_catalogued(hdus, "Z")[:1],
        ra=_catalogued(hdus, "PLUG_RA")[:1],
        dec=_catalogued(hdus, "PLUG_DEC")[:1],
        snr_r=snr["r"],
        obsid=["{:04d}-{:05d}-{:04d}".format(*fibre)],
        first=first,
        more={
            "snr_g": snr["g"],
            "snr_i": snr["i"],
            "redshift_err": _catalogued(hdus, "Z_ERR")[:1],
        },
    )


def _band_snr(hdus):
    """Signal-to-noise ratio by band, NaN where the file does not have it."""
    snr = _catalogued(hdus, "SN_MEDIAN")
    known = snr[:5] if len(snr) >= len(BANDS) else np.full(len(BANDS), np.nan)
    return dict(zip(BANDS, known[:, None], strict=True))


def _bad_pixels(table):
    """Pixels bad in every exposure.

    specutils masks every pixel with any bit. The bits of whole fibres (such as "many
    bad columns", which may cover half a good spectrum) would throw away what the
    pipeline itself still gives a weight, so they are left out here.
    https://www.sdss4.org/dr17/algorithms/bitmasks/#SPPIXMASK
    """
    if "AND_MASK" not in table.columns:
        return False
    return (table.column("AND_MASK").ravel() >> FIRST_PIXEL_BIT) != 0


def _catalogued(hdus, name):
    """Values of the object's own table; one NaN where it does not have them."""
    for hdu in hdus[2:]:
        if {"Z", "ZWARNING"} <= set(hdu.columns) and name in hdu.columns:
            values = hdu.column(name)[0][: len(BANDS)]
            return np.array([number(value) for value in values])
    return np.full(1, np.nan)
