"""Magnitudes that a spectrum has in the bands of surveys."""

import functools
import importlib.resources
import warnings

import astropy.units as u
import numpy as np
from astropy.nddata import StdDevUncertainty

__all__ = ["BANDS", "band_names", "coverage", "magnitudes", "synthetic_photometry"]

#: Bands that serve unless told: Gaia, SDSS and Johnson-Cousins.
BANDS = (
    *(f"gaiadr3-{band}" for band in ("BP", "G", "RP")),
    *(f"sdss2010-{band}" for band in "ugriz"),
    *(f"bessell-{band}" for band in "UBVRI"),
)
#: In which fluxes are, that magnitudes are of.
FLUX_UNIT = u.erg / u.s / u.cm**2 / u.AA
#: Share of a band's response that a spectrum has to cover.
COVERED = 0.99
#: Magnitudes per relative change of flux.
_POGSON = 2.5 / np.log(10)


def synthetic_photometry(spectrum, bands=BANDS):
    """AB magnitudes and their errors, as a detector that counts photons gives them.

    Parameters
    ----------
    spectrum : `~specutils.Spectrum`
        One, many or a cube; such as
        `~galspec.estimators.sed_predictor.SEDPredictor` predicts.
        Flux without a unit is taken as erg / (s cm2 angstrom): then only differences
        between bands mean anything. Bands take its wavelengths as they are, in vacuum
        or air.
    bands : sequence of str, or str
        Some of `band_names`.

    Returns
    -------
    `~astropy.table.QTable`
        A row for each spectrum (of a cube, the last axis first): the band's name and
        name + ``_err``, in AB magnitudes. NaN where the spectrum, or what is not masked
        of it, covers less than 99 % of the band's response, with a warning.

    Raises
    ------
    TypeError
        If it is no spectrum.
    ValueError
        If there is no such band.
    astropy.units.UnitConversionError
        If its flux is neither a flux density nor without a unit.
    ImportError
        If speclite is not installed.

    Notes
    -----
    Errors at neighbouring wavelengths go together: the star is a little hotter than
    predicted everywhere, not at one pixel. They are therefore added up as if they were
    all of one sign, sum(w F err) / sum(w F): no band's error is larger than that. It is
    the right one for a band that a predicted shape errs in as a whole, and too large
    for one that spans 5500 angstrom, where the shape is fixed and errors change sign.
    Errors of a spectrum with independent noise come out far too large. Where there is
    no uncertainty, errors are NaN.

    Magnitudes of Gaia and Johnson that catalogues give are on the scale of Vega. AB
    less Vega is 0.114, 0.015 and 0.356 mag in G, BP and RP (Riello et al. 2021, A&A
    649, A3), and 0.79, -0.09, 0.02, 0.21 and 0.45 in U, B, V, R and I (Blanton & Roweis
    2007, AJ 133, 734, table 1).
    """
    from astropy.table import QTable

    bands = [bands] if isinstance(bands, str) else bands
    for band in bands:
        _response(band)
    wavelength, flux, error = _arrays(spectrum)
    table, lacking = QTable(), []
    for band in bands:
        magnitude, width = magnitudes(wavelength, flux, error, band)
        table[band] = magnitude * u.ABmag
        table[f"{band}_err"] = width * u.mag
        if np.isnan(magnitude).any():
            lacking.append(band)
    if lacking:
        _warn(lacking)
    return table


def band_names():
    """Names of all bands that there are, without asking the network.

    Returns
    -------
    list of str

    Raises
    ------
    ImportError
        If speclite is not installed.
    """
    _filters()
    folder = importlib.resources.files("speclite") / "data" / "filters"
    names = (path.name for path in folder.iterdir())
    return sorted(name.removesuffix(".ecsv") for name in names if "-" in name)


def coverage(wavelength, band):
    """Whether wavelengths cover a band well enough for a magnitude.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,)
        Angstrom, ascending.
    band : str

    Returns
    -------
    bool
    """
    return bool(_weights(wavelength, band)[2] >= COVERED)


def magnitudes(wavelength, flux, error, band):
    """AB magnitudes of plain arrays in one band.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,)
        Angstrom, ascending.
    flux : `numpy.ndarray`, shape (n, n_pix)
        In erg / (s cm2 angstrom); NaN where not known.
    error : `numpy.ndarray`, shape (n, n_pix), or None
        Of the flux.
    band : str
        One of `band_names`.

    Returns
    -------
    magnitude, error : `numpy.ndarray`, shape (n,)
        NaN where too little of the band is covered, or the flux in it is negative.
    """
    weight, zero, share = _weights(wavelength, band)
    known = np.isfinite(flux)
    whole = max(zero.sum(), np.finfo(float).tiny)
    covered = share * (known @ zero) / whole >= COVERED
    total = np.where(known, flux, 0) @ weight
    total = np.where(covered & (total > 0), total, np.nan)
    reference = np.where(covered, known @ zero, np.nan)
    magnitude = -2.5 * np.log10(total / reference)
    if error is None:
        return magnitude, np.full_like(magnitude, np.nan)
    return magnitude, _POGSON * (np.where(known, error, 0) @ weight) / total


def _weights(wavelength, band):
    """Per pixel: weight of its flux, flux of a source of 0 mag; and share covered.

    Flux is linear between pixels, and so a sum of triangles, one around each pixel.
    """
    places, response = _response(band)
    inside = wavelength[(wavelength > places[0]) & (wavelength < places[-1])]
    fine = np.union1d(places, inside)
    photons = np.gradient(fine) * fine * np.interp(fine, places, response)
    within = (fine >= wavelength[0]) & (fine <= wavelength[-1])
    fine, used = fine[within], photons[within]
    place = np.interp(fine, wavelength, np.arange(len(wavelength)))
    below = np.minimum(place.astype(int), len(wavelength) - 2)
    right = place - below
    weight, zero = np.zeros((2, len(wavelength)))
    for pixel, share in ((below, 1 - right), (below + 1, right)):
        np.add.at(weight, pixel, share * used)
        np.add.at(zero, pixel, share * used * _ab_flux(fine))
    return weight, zero, used.sum() / photons.sum()


def _ab_flux(wavelength):
    """Of a source of 0 mag (AB), 3631 Jy: erg / (s cm2 angstrom)."""
    return 3631e-23 * 2.99792458e18 / wavelength**2


@functools.cache
def _response(band):
    """Wavelengths in angstrom and response of a band."""
    if band not in (names := band_names()):
        raise ValueError(f"there is no band {band!r}; there are {', '.join(names)}")
    response = _filters().load_filter(band)
    return np.asarray(response.wavelength, float), np.asarray(response.response, float)


def _filters():
    try:
        from speclite import filters
    except ImportError as error:
        raise ImportError(
            "bands need speclite: pip install 'astro-galspec[photometry]'"
        ) from error
    return filters


def _arrays(spectrum):
    """Ascending wavelengths, flux per wavelength and its error, one row a spectrum."""
    if not hasattr(spectrum, "spectral_axis"):
        raise TypeError(
            f"a specutils Spectrum is needed, not {type(spectrum).__name__}; "
            "galspec.sed_spectrum.to_spectrum makes one of a table"
        )
    axis = spectrum.spectral_axis.to(u.AA, u.spectral())
    order, unit = np.argsort(axis.value), spectrum.flux.unit
    shape_only = unit == u.dimensionless_unscaled
    if not (shape_only or unit.is_equivalent(FLUX_UNIT, u.spectral_density(axis))):
        raise u.UnitConversionError(
            f"the spectrum has the unit {str(unit)!r}: a flux density, such as "
            "erg / (s cm2 AA), or no unit is needed"
        )

    def rows(values):
        last = np.moveaxis(values, spectrum.spectral_axis_index, -1)
        return last.reshape(-1, len(order))

    def per_wavelength(values):
        values = rows(values)
        if not shape_only:
            values = (values * unit).to_value(FLUX_UNIT, u.spectral_density(axis))
        return np.asarray(values, float)[:, order]

    flux, error = per_wavelength(spectrum.flux.value), None
    if spectrum.uncertainty is not None:
        width = spectrum.uncertainty.represent_as(StdDevUncertainty)
        error = per_wavelength(width.quantity.to_value(unit))
    if spectrum.mask is not None:
        mask = np.broadcast_to(spectrum.mask, spectrum.flux.shape)
        flux = np.where(rows(mask)[:, order], np.nan, flux)
    return axis.value[order], flux, error


def _warn(bands):
    from astropy.utils.exceptions import AstropyUserWarning

    warnings.warn(
        f"no magnitude of some spectra in {', '.join(bands)}: they do not reach, or "
        "are masked there",
        AstropyUserWarning,
        stacklevel=3,
    )
