"""DESI co-added spectra: many targets a file, three spectrograph arms a target.

Format: https://desidatamodel.readthedocs.io (coadd-SURVEY-PROGRAM-PIXNUM.fits).
The arms sample one linear wavelength grid, in vacuum, and overlap.
"""

import numpy as np

from galspec.io.limits import MAX_PIXELS, LimitError
from galspec.io.pieces import Piece

__all__ = ["join_arms", "parse", "recognises"]

ARMS = "BRZ"
#: Deviation from the common grid that is allowed, in pixels.
TOLERANCE = 1e-3
#: Pixels of all targets of a file: thirty thousand targets.
MAX_TOTAL = 2**28


def recognises(hdus):
    """Whether a file is a DESI coadd (or "spectra") file.

    Parameters
    ----------
    hdus : list of LightHDU or AstropyHDU

    Returns
    -------
    bool
    """
    names = {hdu.name for hdu in hdus}
    return "FIBERMAP" in names and any(f"{arm}_FLUX" in names for arm in ARMS)


def parse(hdus):
    """The spectra of a DESI coadd file, arms joined.

    Parameters
    ----------
    hdus : list of LightHDU or AstropyHDU
        Of a file that `recognises` accepts.

    Returns
    -------
    Piece
        One row a target. The redshifts are NaN: DESI keeps them in another file.
    """
    by_name = {hdu.name: hdu for hdu in hdus}
    arms = [
        [by_name[f"{arm}_{what}"].image() for what in ("WAVELENGTH", "FLUX", "IVAR")]
        + [by_name[f"{arm}_MASK"].image() if f"{arm}_MASK" in by_name else 0]
        for arm in ARMS
        if f"{arm}_FLUX" in by_name
    ]
    wavelength, flux, ivar, mask = combine(arms)
    targets, scores = by_name["FIBERMAP"], by_name.get("SCORES")
    unknown = np.full(len(flux), np.nan)
    snr = "MEDIAN_COADD_SNR_R"
    has_snr = scores is not None and snr in scores.columns
    return Piece(
        wavelength=wavelength,
        flux=flux,
        ivar=ivar,
        mask=mask,
        redshift=unknown,
        ra=targets.column("TARGET_RA").ravel(),
        dec=targets.column("TARGET_DEC").ravel(),
        snr_r=scores.column(snr).ravel() if has_snr else unknown,
        obsid=_names(targets.column("TARGETID").ravel()),
    )


def _names(numbers):
    if numbers.dtype.kind not in "iu":
        raise ValueError(f"TARGETID is of type {numbers.dtype}, no whole numbers")
    return [str(number) for number in numbers]


def combine(arms):
    """Combine arms that sample one linear grid, weighted by inverse variance.

    Parameters
    ----------
    arms : list of (wavelength, flux, ivar, mask)
        Wavelength of shape (n_arm,), the others (n, n_arm); a mask is bad where it is
        not zero.

    Returns
    -------
    wavelength : `numpy.ndarray`, shape (n_pix,), float64
    flux, ivar : `numpy.ndarray`, shape (n, n_pix), float64
        Zero where nothing was measured.
    mask : `numpy.ndarray`, shape (n, n_pix), bool

    Raises
    ------
    ValueError
        If the arms do not share a linear grid or a number of targets.
    """
    axes = [np.asarray(arm[0], np.float64) for arm in arms]
    wavelength, places = _common_grid(axes)
    if len({len(arm[1]) for arm in arms}) > 1:
        raise ValueError("the arms have different numbers of targets")
    shape = (len(arms[0][1]), len(wavelength))
    if shape[0] * shape[1] > MAX_TOTAL:
        raise LimitError(f"{shape[0]} targets in one file are too many")
    total, weight = np.zeros(shape), np.zeros(shape)
    for (_, flux, ivar, mask), at in zip(arms, places, strict=True):
        flux, ivar = np.asarray(flux, np.float64), np.asarray(ivar, np.float64)
        good = (np.asarray(mask) == 0) & (ivar > 0) & np.isfinite(flux * ivar)
        total[:, at] += np.where(good, flux * ivar, 0)
        weight[:, at] += np.where(good, ivar, 0)
    mask = weight <= 0
    flux = np.divide(total, weight, out=np.zeros(shape), where=~mask)
    return wavelength, flux, weight, mask


def _common_grid(axes):
    """The linear grid that covers all arms, and each arm's pixels on it."""
    start = min(axis[0] for axis in axes)
    step = np.median(np.diff(axes[0]))
    places = []
    for axis in axes:
        pixel = (axis - start) / step
        if not np.all(np.abs(pixel) < 2**31):  # NaN included
            raise ValueError(f"the arm from {axis[0]:.6g} A has no usable wavelengths")
        at = np.rint(pixel).astype(int)
        off = np.max(np.abs(pixel - at))
        if not off < TOLERANCE or np.any(np.diff(at) != 1):
            raise ValueError(
                f"the arm from {axis[0]:.1f} A is not on the linear grid of "
                f"{step:.4g} A that begins at {start:.1f} A"
            )
        places.append(slice(at[0], at[-1] + 1))
    n_pix = max(place.stop for place in places)
    if n_pix > MAX_PIXELS:  # arms far apart on a fine grid
        raise LimitError(f"{n_pix} pixels; a spectrum may have {MAX_PIXELS} at most")
    return start + step * np.arange(n_pix), places


def join_arms(arms):
    """Join the arms of DESI targets into one spectrum a target.

    Parameters
    ----------
    arms : `~specutils.SpectrumList`
        As ``SpectrumList.read`` gives it for a coadd file: one
        `~specutils.Spectrum` of shape (n_targets, n_pix) an arm, in vacuum.

    Returns
    -------
    `~specutils.SpectrumList`
        One spectrum a target, in the file's order, on the arms' common linear grid;
        weighted by inverse variance where arms overlap, masked where neither has a
        good pixel. ``meta`` holds ``obsid``, ``ra`` and ``dec`` where the arms came
        with a fibermap.

    Raises
    ------
    ValueError
        If the list is empty or the arms do not share a linear grid.

    Examples
    --------
    >>> from specutils import SpectrumList                  # doctest: +SKIP
    >>> from galspec.io import join_arms
    >>> spectra = join_arms(SpectrumList.read("coadd.fits"))  # doctest: +SKIP
    """
    import astropy.units as u
    from astropy.nddata import InverseVariance
    from specutils import Spectrum, SpectrumList

    if not len(arms):
        raise ValueError("there are no arms to join")
    unit = arms[0].flux.unit
    wavelength, flux, ivar, mask = combine([_arrays(arm, unit) for arm in arms])
    return SpectrumList(
        Spectrum(
            flux=flux[i] * unit,
            spectral_axis=wavelength * u.AA,
            uncertainty=InverseVariance(ivar[i] / unit**2),
            mask=mask[i],
            meta=meta,
        )
        for i, meta in enumerate(_descriptions(arms, len(flux)))
    )


def _arrays(arm, unit):
    """One arm as arrays; its flux and inverse variance in ``unit``."""
    import astropy.units as u
    from astropy.nddata import InverseVariance

    flux = np.atleast_2d(arm.flux.to_value(unit))
    if arm.uncertainty is None:
        raise ValueError("the arms have no uncertainty; it weights their overlap")
    inverse = arm.uncertainty
    if not isinstance(inverse, InverseVariance):  # even then astropy would invert twice
        inverse = inverse.represent_as(InverseVariance)
    inverse = inverse.quantity
    ivar = np.atleast_2d(inverse.to_value(unit**-2))
    mask = np.zeros(flux.shape, bool) if arm.mask is None else np.atleast_2d(arm.mask)
    return arm.spectral_axis.to_value(u.AA), flux, ivar, mask


def _descriptions(arms, n):
    """Identifiers of each target, from the first arm that has a fibermap."""
    fibermap = next((a.meta["fibermap"] for a in arms if "fibermap" in a.meta), None)
    if fibermap is None or len(fibermap) != n:
        return [{} for _ in range(n)]
    columns = {"obsid": "TARGETID", "ra": "TARGET_RA", "dec": "TARGET_DEC"}
    return [
        {
            key: str(row[name]) if key == "obsid" else float(row[name])
            for key, name in columns.items()
        }
        for row in fibermap
    ]
