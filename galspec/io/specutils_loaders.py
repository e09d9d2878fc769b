"""LAMOST loaders for ``Spectrum.read`` and ``SpectrumList.read`` of specutils."""

import contextlib

from galspec.io import fits_light, lamost
from galspec.io.fits_fallback import AstropyHDU

__all__ = ["identify_lamost", "load_lamost", "register"]

LABEL = "LAMOST low-resolution"
# specutils' reader of any table claims the newer LAMOST files too, with priority 6
PRIORITY = 20
#: Bytes in which the headers that tell the format always lie.
HEADERS = 2**16


def register():
    """Register the LAMOST loader with specutils; again changes nothing."""
    from specutils.io.registers import data_loader

    data_loader(
        LABEL,
        identifier=identify_lamost,
        extensions=["fits", "fits.gz", "fit"],
        priority=PRIORITY,
        force=True,
    )(load_lamost)


def identify_lamost(origin, path, fileobj, *args, **kwargs):
    """Whether an input is a LAMOST spectrum, for the registry of `astropy.io`.

    Parameters
    ----------
    origin : {'read', 'write'}
    path : str or path-like or None
    fileobj : file-like or None
    *args
        What ``read`` was given; the first may be an `~astropy.io.fits.HDUList`.
    **kwargs
        Not used.

    Returns
    -------
    bool
        False, never an exception, for whatever is no such file.
    """
    if origin != "read":
        return False
    try:
        return lamost.recognises(_first_hdus(path, fileobj, args))
    except Exception:
        return False


def _first_hdus(path, fileobj, args):
    from astropy.io import fits

    if args and isinstance(args[0], fits.HDUList):
        return [AstropyHDU(hdu) for hdu in args[0][:2]]
    if fileobj is None:
        content = fits_light.load(path)
    else:
        position = fileobj.tell()
        content = fileobj.read(HEADERS)
        fileobj.seek(position)
    return list(fits_light.iter_hdus(content[:HEADERS], complete=False))[:2]


def load_lamost(file_obj, **kwargs):
    """Read a LAMOST low-resolution spectrum of any release.

    Parameters
    ----------
    file_obj : str, path-like, file-like or `~astropy.io.fits.HDUList`
        The file, gzipped or not.
    **kwargs
        For `astropy.io.fits.open`.

    Returns
    -------
    `~specutils.Spectrum`
        Wavelength in vacuum, flux in relative units, inverse variance, and a mask
        where ANDMASK is set or there is no inverse variance. ``meta`` has ``obsid``,
        ``ra``, ``dec``, ``redshift`` (NaN where the survey gives none), ``snru`` to
        ``snrz`` and ``snr_r``, ``class``, ``subclass`` and ``header``.

    Raises
    ------
    ValueError
        If the file is no such spectrum.
    """
    import astropy.units as u
    from astropy.nddata import InverseVariance
    from specutils import Spectrum

    with _opened(file_obj, **kwargs) as hdus:
        light = [AstropyHDU(hdu) for hdu in hdus[:2]]
        if not lamost.recognises(light):
            raise ValueError("this is no LAMOST low-resolution spectrum")
        piece = lamost.parse(light)
        header = hdus[0].header.copy()
        # copies of native byte order, that outlive the file
        flux, ivar = (values[0].astype("=f4") for values in (piece.flux, piece.ivar))
    return Spectrum(
        flux=flux * u.dimensionless_unscaled,
        spectral_axis=piece.wavelength * u.AA,
        uncertainty=InverseVariance(ivar * u.dimensionless_unscaled),
        mask=piece.mask[0],
        meta=_meta(header),
    )


@contextlib.contextmanager
def _opened(file_obj, **kwargs):
    from astropy.io import fits

    if isinstance(file_obj, fits.HDUList):
        yield file_obj  # the caller's to close
        return
    with fits.open(file_obj, **kwargs) as hdus:
        yield hdus


def _meta(header):
    about = lamost.describe(header)
    for band in lamost.BANDS:
        about[f"snr{band}"] = about[f"snr_{band}"]
        if band != "r":
            del about[f"snr_{band}"]
    about["class"] = header.get("CLASS", "")
    about["subclass"] = header.get("SUBCLASS", "")
    about["header"] = header
    return about
