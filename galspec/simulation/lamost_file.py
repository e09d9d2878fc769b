"""Write spectra in the file format of LAMOST DR8-DR10 low-resolution spectra."""

import itertools

import numpy as np

__all__ = ["write_lamost_fits"]

_COLUMNS = ("FLUX", "IVAR", "WAVELENGTH", "ANDMASK", "ORMASK", "NORMALIZATION")
# Keywords a reader of these files looks at: value unless given, comment.
_KEYWORDS = {
    "OBSID": (0, "Unique number ID of this spectrum"),
    "AUTHOR": ("galspec", "Who compiled the information"),
    "DATA_V": ("SIMULATED", "Data release version"),
    "N_EXTEN": (2, "The amount of extension"),
    # readers tell LAMOST's files from other tables by this
    "TELESCOP": ("LAMOST", "Format of this file; the spectrum is simulated"),
    "ORIGIN": ("SIMULATED", "Organization responsible for creating this file"),
    "LMJD": (0, "Local Modified Julian Day"),
    "MJD": (0, "Modified Julian Day"),
    "PLANID": ("SIMULATED", "Plan ID in use"),
    "RA": (0.0, "[deg] Right ascension of object"),
    "DEC": (0.0, "[deg] Declination of object"),
    "DESIG": ("", "Designation of target"),
    "FIBERID": (0, "Fiber ID of Object"),
    "OBJTYPE": ("GALAXY", "Object type from input catalog"),
    "SPID": (0, "Spectrograph ID"),
    "HELIO": (True, "Heliocentric correction"),
    "VACUUM": (True, "Wavelengths are in vacuum"),
    "CLASS": ("GALAXY", "Class of object"),
    "SUBCLASS": ("Non", "Subclass of object"),
    "Z": (-9999.0, "Redshift of object"),
    "Z_ERR": (-9999.0, "Redshift error of object"),
}
# Bands of the S/N keywords in angstrom: the SDSS filters at half of their peak
# (Fukugita et al. 1996, AJ 111, 1748).
_BANDS = {
    "U": (3700.0, 3850.0),
    "G": (4050.0, 5500.0),
    "R": (5550.0, 6950.0),
    "I": (6950.0, 8450.0),
    "Z": (8450.0, 9100.0),
}


def write_lamost_fits(path, wavelength, flux, ivar, header=None):
    """Write one spectrum as a LAMOST DR8-DR10 file.

    An empty primary unit holds the keywords, a table COADD of one row the arrays.

    Parameters
    ----------
    path : str or pathlib.Path
        File to write; compressed if its name ends in ``.gz``. Overwritten.
    wavelength : array-like, shape (n_pix,)
        Vacuum wavelength in angstrom.
    flux : array-like, shape (n_pix,)
        Flux per angstrom, any unit.
    ivar : array-like, shape (n_pix,)
        Inverse variance; masked pixels have 0.
    header : dict, optional
        Keywords to set beside or instead of those that are always there; SNRU to
        SNRZ come from the spectrum, COEFF0 and COEFF1 from the wavelength.

    Raises
    ------
    ValueError
        If the arrays differ in shape.
    """
    from astropy.io import fits

    wavelength, flux, ivar = (np.asarray(a, float) for a in (wavelength, flux, ivar))
    if not wavelength.shape == flux.shape == ivar.shape:
        raise ValueError(
            "wavelength, flux and ivar must have one shape, got "
            f"{wavelength.shape}, {flux.shape} and {ivar.shape}"
        )
    primary = fits.PrimaryHDU()
    primary.header["FILENAME"] = (str(path).rsplit("/", 1)[-1], "")
    for key, (value, comment) in _KEYWORDS.items():
        primary.header[key] = (value, comment)
    primary.header["COEFF0"] = (np.log10(wavelength[0]), "log10 of first pixel")
    step = np.log10(wavelength[-1] / wavelength[0]) / (len(wavelength) - 1)
    primary.header["COEFF1"] = (step, "Log10 dispersion per pixel")
    primary.header.update(_signal_to_noise(wavelength, flux, ivar))
    primary.header.update(header or {})
    table = fits.BinTableHDU.from_columns(
        _columns(wavelength, flux, ivar), name="COADD"
    )
    fits.HDUList([primary, table]).writeto(path, overwrite=True)


def _columns(wavelength, flux, ivar):
    """Return the six columns of one row each, all single precision as in LAMOST."""
    from astropy.io import fits

    good = ivar > 0
    mask = np.where(good, 0.0, 1.0)
    # The flux over its running median: what the files hold beside the flux.
    normal = flux / _running_median(flux)
    arrays = (flux, ivar, wavelength, mask, mask, normal)
    return [
        fits.Column(name, f"{len(array)}E", array=array[None].astype(">f4"))
        for name, array in zip(_COLUMNS, arrays, strict=True)
    ]


def _running_median(flux):
    """Return a smooth positive level of the flux: medians of 50 pieces, joined."""
    edges = np.linspace(0, len(flux), 51).astype(int)
    pairs = itertools.pairwise(edges)
    level = np.array([np.median(flux[a:b]) for a, b in pairs if b > a])
    centre = np.linspace(0, len(flux) - 1, len(level))
    level = np.clip(level, 1e-3 * np.abs(level).max() + 1e-30, None)
    return np.interp(np.arange(len(flux)), centre, level)


def _signal_to_noise(wavelength, flux, ivar):
    """Return SNRU to SNRZ: median S/N per pixel of the good pixels in each band."""
    ratio = flux * np.sqrt(np.clip(ivar, 0.0, None))
    keywords = {}
    for band, (low, high) in _BANDS.items():
        inside = (wavelength > low) & (wavelength < high) & (ivar > 0)
        value = np.median(ratio[inside]) if inside.any() else -9999.0
        comment = f"SNR of {band.lower()} filter"
        keywords[f"SNR{band}"] = (round(float(value), 2), comment)
    return keywords
