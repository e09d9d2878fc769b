"""The response of a spectrograph from many stars: the way in."""

import numpy as np

from galspec.flux_calibration.fitting import fit_response
from galspec.flux_calibration.inputs import gather_stars
from galspec.flux_calibration.result import Response

__all__ = ["response"]


def response(
    observed_counts,
    predicted_sed,
    *,
    resolution=None,
    knots=200.0,
    mask=(),
    medium=None,
):
    """Measure a smooth response curve from stars whose distributions are predicted.

    Every star with a predicted spectral energy distribution is a flux standard (Yang
    et al. 2024, arXiv:2401.13167). Ratios of counts and fluxes of all stars are fitted
    together with a spline. Stars and pixels that disagree with the others (variables,
    blends, wrong predictions, cosmic rays) lose their weight; flagged stars have none.

    Parameters
    ----------
    observed_counts : `~specutils.Spectrum` or list of these
        Counts or count rates of the stars, (n_stars, n_pix) or each on a grid of its
        own, with uncertainties. Counts are per pixel of one dispersion, or per
        wavelength.
    predicted_sed : `~specutils.Spectrum` or list of these
        One distribution a star, in the same order, (n_stars, n_wavelengths), at R = 200
        on vacuum wavelengths. A flux density gives an absolute response. No unit means
        a shape only: each star then has a free scale, which is fitted, and the
        response is that of the median star. Reddening is part of the distribution
        (``predict(ebv=)``). Without an uncertainty it is taken as exact.
    resolution : float or `~astropy.units.Quantity`, optional
        Of the counts: wavelength over full width at half maximum, or this width (as
        for a grism, whose dispersion is constant). Counts are smoothed to that of the
        distributions, or these to that of the counts, whichever is lower. By default
        both are the same.
    knots : float or array_like or `~astropy.units.Quantity`, optional
        Distance of the knots of the spline, or the knots, in angstrom. The response
        must not bend within a shorter distance.
    mask : iterable of pairs, optional
        Ranges of wavelength, in vacuum angstrom, that are not fitted, such as bands of
        the atmosphere. The curve goes on smoothly through them.
    medium : {'vacuum', 'air'}, optional
        What wavelengths of the counts are measured in; vacuum when not told.

    Returns
    -------
    Response
        On the wavelengths of ``predicted_sed``.

    Raises
    ------
    ValueError
        If numbers of stars differ, nothing overlaps, uncertainties are missing, or
        fewer than three stars can be used.
    TypeError
        If something is no spectrum.
    astropy.units.UnitConversionError
        If counts have a unit of flux or distributions one of counts.

    Notes
    -----
    Errors come from the scatter between stars and hold for ten stars or more. What all
    distributions have wrong in common is not in them. Nor is a common error of scale,
    which a response from shapes does not have.

    Examples
    --------
    >>> import astropy.units as u
    >>> import numpy as np
    >>> from astropy.nddata import StdDevUncertainty
    >>> from specutils import Spectrum
    >>> from galspec.flux_calibration import response
    >>> from galspec.sed import WAVELENGTH
    >>> flux = np.linspace(1, 3, 20)[:, None] * (WAVELENGTH / 5500) ** -2
    >>> seds = Spectrum(
    ...     spectral_axis=WAVELENGTH * u.AA, flux=flux * u.Unit("1e-16 erg/(s cm2 AA)"))
    >>> counts = Spectrum(
    ...     spectral_axis=WAVELENGTH * u.AA, flux=500 * flux * u.ct,
    ...     uncertainty=StdDevUncertainty(np.full(flux.shape, 10)))
    >>> curve = response(counts, seds)
    >>> print(curve.value[200])
    5e+18 cm2 Angstrom ct s / erg
    """
    import astropy.units as u

    distance = u.Quantity(knots, u.AA).to_value(u.AA)
    if not np.all(distance > 0):
        raise ValueError(f"knots are {knots}; positive angstrom are needed")
    stars = gather_stars(observed_counts, predicted_sed, resolution, mask, medium)
    return _with_units(stars, fit_response(stars, distance))


def _with_units(stars, fit):
    import astropy.units as u

    unit = stars.unit
    value = np.exp(fit.log_value)
    if not stars.relative:
        unit = unit / u.Unit("erg / (s cm2 AA)")
        value = value / stars.flux_unit.to(u.Unit("erg / (s cm2 AA)"))
    return Response(
        wavelength=stars.wavelength * u.AA,
        value=value * unit,
        error=value * fit.log_error * unit,
        n_stars=fit.n_stars,
        scatter=fit.scatter,
        chi2=fit.chi2,
        scales=fit.scales,
        weights=fit.weights,
        relative=stars.relative,
    )
