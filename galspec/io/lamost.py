"""LAMOST low-resolution spectra, of every release, told apart by their structure.

* Image (DR1 to DR7): five rows, flux, inverse variance, wavelength, ANDMASK, ORMASK.
  In DR1 the third row is the "Subcontinuum" instead, and the wavelength is
  10**(COEFF0 + COEFF1 * i).
* Table (DR8 and later): an empty primary HDU and a table of one row with the array
  columns FLUX, IVAR, WAVELENGTH, ANDMASK, ORMASK.

Wavelengths are in vacuum; fluxes are calibrated relatively.
Formats: https://www.lamost.org/lmusers/ (data release documents, "FITS of spectra").
"""

import pathlib

import numpy as np

from galspec.io import loggrid
from galspec.io.pieces import MORE_FIELDS, ROW_FIELDS, Piece, number, on_axis

__all__ = ["describe", "parse", "recognises"]

IMAGE_ROWS = 5
# the single-arm spectra of the medium-resolution survey have PIXMASK, no ANDMASK
TABLE_COLUMNS = ("FLUX", "IVAR", "WAVELENGTH", "ANDMASK")
BANDS = "ugriz"


def recognises(hdus):
    """Whether a file is a LAMOST low-resolution spectrum.

    Parameters
    ----------
    hdus : list of LightHDU or AstropyHDU
        At least the first two, where there are two.

    Returns
    -------
    bool
    """
    header = hdus[0].header
    # the five-row image of SDSS's first releases looks the same, but for its makers
    makers = (str(header.get(key, "")) for key in ("TELESCOP", "ORIGIN", "AUTHOR"))
    if not any("LAMOST" in maker for maker in makers):
        return False
    if header.get("NAXIS") == 2:
        return header.get("NAXIS2") == IMAGE_ROWS
    return len(hdus) > 1 and set(TABLE_COLUMNS) <= set(hdus[1].columns)


def parse(hdus):
    """The spectrum of a LAMOST file.

    Parameters
    ----------
    hdus : list of LightHDU or AstropyHDU
        Of a file that `recognises` accepts.

    Returns
    -------
    Piece
        Of one row; masked where ANDMASK is set or there is no inverse variance.

    Raises
    ------
    ValueError
        If the file has no usable wavelengths.
    """
    header = hdus[0].header
    if header.get("VACUUM", True) is False:
        raise ValueError("the header says that the wavelengths are in air")
    if header.get("NAXIS") == 2:
        flux, ivar, third, andmask, _ = hdus[0].image()
        wavelength = _image_wavelength(header, third)
    else:
        arrays = (hdus[1].column(name).ravel() for name in TABLE_COLUMNS)
        flux, ivar, wavelength, andmask = arrays
    wavelength, first = on_axis(wavelength)
    about = describe(header, bands="gri")
    return Piece(
        wavelength=wavelength,
        flux=flux[None],
        ivar=ivar[None],
        mask=((andmask != 0) | ~(ivar > 0))[None],
        first=first,
        obsid=[about["obsid"]],
        **{k: np.array([about[k]]) for k in ROW_FIELDS},
        more={k: np.array([about[k]]) for k in MORE_FIELDS},
    )


def _image_wavelength(header, third_row):
    """The third row if it is the wavelength, else what the header defines (DR1)."""
    if loggrid.looks_like_wavelength(third_row):
        return third_row
    start, step = number(header.get("COEFF0")), number(header.get("COEFF1"))
    if not 3 <= start <= 5 or not 0 < step < 0.01:
        raise ValueError("no row with wavelengths, and no COEFF0 and COEFF1")
    return 10 ** (start + step * np.arange(len(third_row)))


def describe(header, bands=BANDS):
    """What the header says about a spectrum.

    Parameters
    ----------
    header : Header or `astropy.io.fits.Header`
        The primary header.
    bands : str, optional
        Bands for which the signal-to-noise ratio is wanted.

    Returns
    -------
    dict
        ``obsid`` (str; the file's name without ending in DR1, which had no numbers),
        ``ra`` and ``dec`` in degrees, ``redshift``, ``redshift_err`` and
        ``snr_<band>``, NaN where unknown.
    """
    about = {
        "obsid": str(header.get("OBSID", "")) or _stem(header.get("FILENAME", "")),
        "ra": number(header.get("RA")),
        "dec": number(header.get("DEC")),
        "redshift": number(header.get("Z")),
        "redshift_err": number(header.get("Z_ERR")),
    }
    for band in bands:
        snr = header.get(f"SNR{band.upper()}")
        about[f"snr_{band}"] = number(header.get(f"SN_{band.upper()}", snr))
    return about


def _stem(filename):
    return pathlib.PurePath(str(filename)).name.partition(".fits")[0]
