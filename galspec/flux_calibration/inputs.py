"""From spectra with units to arrays of counts and fluxes on one grid of wavelengths."""

import dataclasses

import numpy as np

from galspec.conversion import COUNTS
from galspec.flags import WITHOUT_VALUE, Flags
from galspec.flux_calibration.line_spread import Smoothing, missing_width
from galspec.gathering import collect
from galspec.sed import RESOLUTION

__all__ = ["Stars", "gather_stars"]

#: Distributions with one of these bits are not used.
_DISTRUSTED = (
    WITHOUT_VALUE
    | Flags.OUT_OF_RANGE
    | Flags.OUT_OF_DOMAIN
    | Flags.REDSHIFT_OUT_OF_RANGE
)
#: Flux of the arrays; what `galspec.conversion.per_wavelength` gives.
_FLUX = "1e-17 erg / (s cm2 AA)"


@dataclasses.dataclass(frozen=True, eq=False)
class Stars:
    """What was counted and what was predicted, pixel by pixel.

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,)
        Vacuum angstrom.
    counts, noise : `numpy.ndarray`, shape (n_stars, n_pix)
        In ``unit``; the noise is a standard deviation.
    flux : `numpy.ndarray`, shape (n_stars, n_pix)
        Predicted, in ``flux_unit``.
    flux_error : `numpy.ndarray`, shape (n_stars, n_pix)
        Of the flux, relative to it.
    good : `numpy.ndarray` of bool, shape (n_stars, n_pix)
        Where all of these are known.
    unit, flux_unit : `~astropy.units.UnitBase`
    relative : bool
        Whether the flux of each star has a free scale.
    """

    wavelength: np.ndarray
    counts: np.ndarray
    noise: np.ndarray
    flux: np.ndarray
    flux_error: np.ndarray
    good: np.ndarray
    unit: object
    flux_unit: object
    relative: bool


def gather_stars(observed, predicted, resolution, mask, medium):
    """Bring counts and predicted fluxes to one grid and resolution.

    Parameters
    ----------
    observed, predicted, resolution, mask, medium
        See `galspec.flux_calibration.response`.

    Returns
    -------
    Stars
        On the wavelengths of ``predicted``.

    Raises
    ------
    ValueError, TypeError, astropy.units.UnitConversionError
        See `galspec.flux_calibration.response`.
    """
    import astropy.units as u

    flux_unit = _flux_unit(predicted)
    wavelength, flux, flux_error, trusted = _predicted(predicted)
    unit = _count_unit(observed)
    pieces = _pieces(observed, medium)
    n = sum(len(piece["flux"]) for piece in pieces)
    if n != len(flux):
        raise ValueError(
            f"observed_counts holds {n} stars and predicted_sed {len(flux)}: one "
            "distribution a star is needed, in the same order"
        )
    width = _observed_width(resolution, wavelength)
    own = wavelength / RESOLUTION
    counts, variance, good = _on_grid(pieces, wavelength, missing_width(width, own))
    flux, flux_error, known = _blurred(
        wavelength, flux, flux_error, missing_width(own, width)
    )
    good &= known & trusted[:, None] & ~_masked(mask, wavelength)
    if not good.any():
        raise ValueError(_nothing_in_common(pieces, wavelength, trusted))
    return Stars(
        wavelength,
        counts,
        np.sqrt(np.where(good, variance, 1)),
        np.where(good, flux, 1),
        np.where(good, flux_error / np.where(good, flux, 1), 0),
        good,
        unit,
        flux_unit,
        flux_unit == u.dimensionless_unscaled,
    )


def _listed(spectra, name):
    listed = list(spectra) if isinstance(spectra, (list, tuple)) else [spectra]
    for spectrum in listed:
        if not hasattr(spectrum, "spectral_axis"):
            raise TypeError(
                f"{name} holds {type(spectrum).__name__}: a specutils Spectrum, or a "
                "list of these, is needed"
            )
    return listed


def _is_flux_density(unit):
    import astropy.units as u

    return unit.is_equivalent(u.Unit(_FLUX), u.spectral_density(5500 * u.AA))


def _flux_unit(predicted):
    """None for a shape, 1e-17 erg / (s cm2 AA) for a flux; counts are an error."""
    import astropy.units as u

    unit = _listed(predicted, "predicted_sed")[0].flux.unit
    if unit == u.dimensionless_unscaled:
        return u.dimensionless_unscaled
    if not _is_flux_density(unit):
        raise u.UnitConversionError(
            f"predicted_sed has the unit {str(unit)!r}: a flux density, such as "
            "erg / (s cm2 AA), or no unit is needed"
        )
    return u.Unit(_FLUX)


def _count_unit(observed):
    """The unit of the first spectrum, which has to be one of counts for all."""
    import astropy.units as u

    units = [spectrum.flux.unit for spectrum in _listed(observed, "observed_counts")]
    for unit in units:
        counted = any(base.name in COUNTS for base in unit.decompose().bases)
        if not counted and unit != u.dimensionless_unscaled:
            raise u.UnitConversionError(
                f"observed_counts has the unit {str(unit)!r}: counts that nothing has "
                f"calibrated are needed, such as ct, electron / s or {COUNTS[1]}"
            )
        if unit != units[0]:
            raise u.UnitConversionError(
                f"observed_counts has the units {str(units[0])!r} and {str(unit)!r}: "
                "one unit for all is needed"
            )
    return units[0]


def _predicted(predicted):
    """Axis, fluxes, their errors (zero where none are given), and whom to trust."""
    pieces = collect(predicted)
    wavelength = pieces[0]["wavelength"]
    for piece in pieces:
        if piece["wavelength"].ndim > 1 or not np.array_equal(
            piece["wavelength"], wavelength
        ):
            raise ValueError("predicted_sed has more than one grid of wavelengths")
    flux = np.concatenate([piece["flux"] for piece in pieces]).astype(float)
    error = np.concatenate([_error(piece) for piece in pieces])
    error[~np.concatenate([_good(piece) for piece in pieces])] = np.nan
    spectra = _listed(predicted, "predicted_sed")
    flags = [*map(_flags, spectra, (len(piece["flux"]) for piece in pieces))]
    trusted = (np.concatenate(flags) & int(_DISTRUSTED)) == 0
    return wavelength, flux, error, trusted


def _flags(spectrum, n):
    """Of each star; 0 where there are none."""
    flags = np.ravel(spectrum.meta.get("flags", 0)).astype(int)
    if flags.size not in (1, n):
        raise ValueError(
            f"predicted_sed has flags of {flags.size} stars in its meta, and {n} "
            "stars: choose flags as you chose the stars"
        )
    return np.broadcast_to(flags, (n,))


def _error(piece):
    if piece["ivar"] is None:
        return np.zeros(piece["flux"].shape)
    with np.errstate(divide="ignore"):
        return np.where(piece["ivar"] > 0, piece["ivar"], np.inf) ** -0.5


def _good(piece):
    """Pixels that nothing speaks against."""
    good = np.isfinite(piece["flux"])
    if piece["mask"] is not None:
        good &= ~piece["mask"]
    return good


def _pieces(observed, medium):
    """Groups of spectra of one axis, with inverse variances."""
    pieces = collect(observed, medium)
    for number, piece in enumerate(pieces):
        if piece["ivar"] is None:
            raise ValueError(
                f"observed_counts has no uncertainty (spectrum {number}): pass it, "
                "such as StdDevUncertainty(sqrt(counts + background))"
            )
    return pieces


def _observed_width(resolution, wavelength):
    """Full width at half maximum of the counts' line-spread function, angstrom."""
    import astropy.units as u

    if resolution is None:
        return wavelength / RESOLUTION
    width = u.Quantity(resolution)
    if not np.all(np.isfinite(width.value) & (width.value > 0)) or width.ndim:
        raise ValueError(f"resolution is {resolution}; one positive number is needed")
    if width.unit == u.dimensionless_unscaled:
        return wavelength / width.value
    return np.broadcast_to(width.to_value(u.AA), wavelength.shape)


def _on_grid(pieces, wavelength, sigma):
    """Counts, variances and good pixels on a grid; spectra of one axis at once."""
    rows, axis, smooth = [], None, None
    for piece in pieces:
        shape = piece["flux"].shape
        good = _good(piece) & (piece["ivar"] > 0)
        variance = 1 / np.where(good, piece["ivar"], 1)
        flux = np.where(good, piece["flux"], 0).astype(float)
        own_axis = piece["wavelength"].ndim > 1
        for row in range(shape[0]) if own_axis else [slice(None)]:
            these = piece["wavelength"][row] if own_axis else piece["wavelength"]
            if axis is None or not np.array_equal(axis, these):
                axis, smooth = these, Smoothing(these, wavelength, sigma)
            part = (np.atleast_2d(x[row]) for x in (flux, variance, good))
            rows.append(smooth(*part))
    return (np.concatenate(parts) for parts in zip(*rows, strict=True))


def _blurred(wavelength, flux, error, sigma):
    """Distributions at a lower resolution, and where they are known.

    Errors of neighbouring wavelengths are correlated: they are averaged, and do not
    decrease.
    """
    known = np.isfinite(flux) & np.isfinite(error) & (flux > 0)
    if not np.any(sigma > 0):
        return flux, error, known
    smooth = Smoothing(wavelength, wavelength, sigma)
    flux, _, enough = smooth(flux, error, known)
    return flux, smooth(error, error, known)[0], enough


def _masked(mask, wavelength):
    """Which wavelengths lie in one of the ranges."""
    import astropy.units as u

    inside = np.zeros(len(wavelength), bool)
    for limits in mask:
        ends = u.Quantity(limits, u.AA).to_value(u.AA)
        if ends.shape != (2,) or not ends[0] < ends[1]:
            raise ValueError(f"mask has the range {limits}: (low, high) is needed")
        low, high = ends
        inside |= (wavelength >= low) & (wavelength <= high)
    return inside


def _nothing_in_common(pieces, wavelength, trusted):
    """Say why there is no pixel to compare."""
    if not trusted.any():
        return f"all {len(trusted)} distributions are flagged as not to be trusted"
    ends = [(np.min(p["wavelength"]), np.max(p["wavelength"])) for p in pieces]
    low, high = min(end[0] for end in ends), max(end[1] for end in ends)
    return (
        f"observed_counts ({low:.0f}-{high:.0f} angstrom) and predicted_sed "
        f"({wavelength[0]:.0f}-{wavelength[-1]:.0f} angstrom) have no usable "
        "wavelength in common: check units, masks and uncertainties"
    )
