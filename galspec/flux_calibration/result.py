"""A response curve, and spectra that it calibrates."""

import dataclasses

import numpy as np

from galspec.conversion import vacuum_angstrom

__all__ = ["Response"]

#: Weight of a star that counts as rejected.
_REJECTED = 0.01


@dataclasses.dataclass(frozen=True, eq=False)
class Response:
    """Counts for each unit of flux, by wavelength; what `response` measures.

    Parameters
    ----------
    wavelength : `~astropy.units.Quantity`, shape (n_pix,)
        In vacuum.
    value, error : `~astropy.units.Quantity`, shape (n_pix,)
        Response and its standard error, in counts per unit of flux; NaN outside of the
        wavelengths that stars determine. Of a ``relative`` response the scale is that
        of the median star, and the error is that of the shape only: its mean deviation
        over wavelength, by the information of the stars, is zero.
    n_stars : `numpy.ndarray` of int, shape (n_pix,)
        How many stars have weight.
    scatter : `numpy.ndarray`, shape (n_pix,)
        Relative scatter of the stars beyond their stated errors.
    chi2 : `numpy.ndarray`, shape (n_pix,)
        Mean squared deviation of the stars in units of their stated errors.
    scales : `numpy.ndarray`, shape (n_stars,)
        Counts of each star relative to the expected ones; NaN without usable pixels.
    weights : `numpy.ndarray`, shape (n_stars,)
        From 1 for a star that agrees with the others to 0 for one that is not used.
    relative : bool
        Whether only the shape is determined.
    """

    wavelength: object
    value: object
    error: object
    n_stars: np.ndarray
    scatter: np.ndarray
    chi2: np.ndarray
    scales: np.ndarray
    weights: np.ndarray
    relative: bool

    def __repr__(self):
        known = self.wavelength[np.isfinite(self.value)].value
        return (
            f"<Response {'(shape) ' if self.relative else ''}in {self.value.unit}, "
            f"{known.min():.0f}-{known.max():.0f} angstrom, of "
            f"{np.count_nonzero(~self.rejected)} stars, "
            f"{np.count_nonzero(self.rejected)} rejected>"
        )

    @property
    def rejected(self):
        """Stars without weight, `numpy.ndarray` of bool, shape (n_stars,)."""
        return self.weights < _REJECTED

    def calibrate(self, spectrum, *, medium=None):
        """Turn counts into fluxes.

        Parameters
        ----------
        spectrum : `~specutils.Spectrum`
            Counts in the unit and dispersion of those that the response was measured
            on, of any number of dimensions.
        medium : {'vacuum', 'air'}, optional
            What its wavelengths are measured in; vacuum when not told.

        Returns
        -------
        `~specutils.Spectrum`
            On the same spectral axis, with a standard deviation that has the errors of
            the counts and of the response; NaN and masked where there is no response.

        Raises
        ------
        astropy.units.UnitConversionError
            If the counts have another unit.
        """
        from astropy.nddata import StdDevUncertainty
        from specutils import Spectrum

        counts = spectrum.flux
        self._check_unit(counts.unit)
        axis = spectrum.spectral_axis_index
        shape = np.ones(counts.ndim, int)
        shape[axis] = -1
        value, error = (
            part.reshape(shape)
            for part in self._at(vacuum_angstrom(spectrum.spectral_axis, medium))
        )
        flux = (counts / (value * self.value.unit)).to(self._flux_unit())
        noise = 0 * counts
        if spectrum.uncertainty is not None:
            noise = spectrum.uncertainty.represent_as(StdDevUncertainty).quantity
        noise = (noise / (value * self.value.unit)).to_value(flux.unit)
        unknown = np.broadcast_to(np.isnan(value), flux.shape)
        return Spectrum(
            flux=flux,
            spectral_axis=spectrum.spectral_axis,
            spectral_axis_index=axis,
            uncertainty=StdDevUncertainty(
                np.hypot(noise, flux.value * error), unit=flux.unit
            ),
            mask=unknown if spectrum.mask is None else unknown | spectrum.mask,
            meta=dict(spectrum.meta),
        )

    def _check_unit(self, unit):
        import astropy.units as u

        wanted = self.value.unit * self._flux_unit()
        if not unit.is_equivalent(wanted):
            raise u.UnitConversionError(
                f"the spectrum has the unit {str(unit)!r}; the response was measured "
                f"on counts in {wanted.to_string()!r}"
            )

    def _flux_unit(self):
        import astropy.units as u

        if self.relative:
            return u.dimensionless_unscaled
        return u.Unit("erg / (s cm2 AA)")

    def _at(self, wavelength):
        """Response and its relative error at wavelengths, NaN outside."""
        from scipy.interpolate import make_interp_spline

        known = np.isfinite(self.value.value)
        own, value = self.wavelength.value[known], self.value.value[known]
        inside = (wavelength >= own[0]) & (wavelength <= own[-1])
        curve = make_interp_spline(own, np.log(value), k=min(3, len(own) - 1))
        error = np.interp(wavelength, own, (self.error.value[known] / value))
        logs = np.where(inside, curve(np.where(inside, wavelength, own[0])), np.nan)
        return np.exp(logs), error

    def plot(self, path=None):
        """Draw the curve with its error, and the errors and the scatter below it.

        Parameters
        ----------
        path : str or path-like, optional
            Where to save the picture; its suffix says in which format.

        Returns
        -------
        `matplotlib.figure.Figure`
            Independent of pyplot and of any display.

        Raises
        ------
        ImportError
            If matplotlib is not installed.
        """
        from galspec.flux_calibration.drawing import plot_response

        return plot_response(self, path)
