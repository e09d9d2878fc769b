"""Band fluxes of templates at any redshift, tabulated once."""

import dataclasses

import numpy as np

from galspec.simulation.galaxy_templates import LN_STEP, WAVELENGTH

__all__ = ["BandFluxes", "band_weights"]

#: Steps of the table in ln(1 + z); 600 km/s.
_STEP = 2e-3


def band_weights(filters, redshifts):
    """Return what turns spectra at rest into fluxes in bands.

    Parameters
    ----------
    filters : sequence of str or speclite.filters.FilterResponse
        The bands; names are those of speclite.
    redshifts : array-like, shape (n_redshifts,)
        Redshifts at which the galaxies are.

    Returns
    -------
    ndarray, shape (n_wavelength, n_redshifts, n_filters), float32
        ``spectra @ weights`` are AB maggies of spectra on
        `galspec.simulation.galaxy_templates.WAVELENGTH`, in erg / s / cm2 / angstrom at
        the distance where they are seen but for the redshift: Hogg et al. 2002,
        arXiv:astro-ph/0210394, eq. 8 with the flux of a source at 10 pc.

    Raises
    ------
    ValueError
        If a band reaches beyond the templates at one of the redshifts.
    """
    from astropy import units
    from speclite.filters import ab_reference_flux, load_filter

    redshifts = np.asarray(redshifts, dtype=float)
    weights = np.empty((len(WAVELENGTH), len(redshifts), len(filters)), np.float32)
    for column, band in enumerate(filters):
        band = load_filter(band) if isinstance(band, str) else band
        _check_reach(band, redshifts)
        reference = ab_reference_flux(band.wavelength * units.AA).value
        photons = band.wavelength * band.response
        zero_point = np.trapezoid(photons * reference, band.wavelength)
        seen = WAVELENGTH[:, None] * (1.0 + redshifts)
        response = np.interp(seen, band.wavelength, band.response, left=0.0, right=0.0)
        # d(lambda) = lambda d(ln lambda); light is spread over 1 + z more angstrom.
        weights[..., column] = seen**2 * response * LN_STEP / zero_point
        weights[..., column] /= 1.0 + redshifts
    return weights


def _check_reach(band, redshifts):
    """Raise if a band reaches beyond the templates."""
    inside = band.response > 1e-3 * band.response.max()
    low, high = band.wavelength[inside][[0, -1]] / (
        1.0 + np.array([redshifts.max(), redshifts.min()])
    )
    if low < WAVELENGTH[0] or high > WAVELENGTH[-1]:
        raise ValueError(
            f"{band.name} at redshifts {redshifts.min():g}-{redshifts.max():g} needs "
            f"templates at {low:.0f}-{high:.0f} angstrom: they have "
            f"{WAVELENGTH[0]:.0f}-{WAVELENGTH[-1]:.0f}"
        )


@dataclasses.dataclass(frozen=True, eq=False)
class BandFluxes:
    """Fluxes of templates over a grid of redshifts, between which it interpolates.

    Parameters
    ----------
    table : ndarray, shape (n_templates, n_redshifts, n_bands), float32
        AB maggies at 10 pc of templates whose absolute magnitude in r of SDSS is zero.
    bands : tuple of str
        Names of the bands.
    ultraviolet : ndarray, shape (n_templates,)
        u - r at rest, SDSS bands, AB magnitudes.
    """

    table: np.ndarray
    bands: tuple
    ultraviolet: np.ndarray

    @classmethod
    def of(cls, templates, filters, z_max):
        """Tabulate the fluxes of templates.

        Parameters
        ----------
        templates : GalaxyTemplates
            The templates.
        filters : dict of str to str or speclite.filters.FilterResponse
            Filter of each band; names are those of speclite.
        z_max : float
            Highest redshift that will be asked for.

        Returns
        -------
        BandFluxes
            The table, some five seconds for three thousand templates and six bands.
        """
        rest = templates.flux @ band_weights(("sdss2010-u", "sdss2010-r"), [0.0])[:, 0]
        n_redshifts = int(np.ceil(np.log1p(z_max) / _STEP)) + 2
        redshifts = np.expm1(_STEP * np.arange(n_redshifts))
        weights = band_weights(tuple(filters.values()), redshifts)
        table = templates.flux @ weights.reshape(len(WAVELENGTH), -1)
        table /= rest[:, 1:]
        return cls(
            table=table.reshape(len(templates), n_redshifts, len(filters)),
            bands=tuple(filters),
            ultraviolet=-2.5 * np.log10(rest[:, 0] / rest[:, 1]),
        )

    def at(self, template, redshift):
        """Return the fluxes of galaxies of unit luminosity at 10 pc.

        Parameters
        ----------
        template : ndarray of int, shape (n,)
            Number of the template.
        redshift : ndarray, shape (n,)
            Redshifts, from zero to the highest of the table.

        Returns
        -------
        ndarray, shape (n, n_bands), float32
            AB maggies; times ``10 ** (-0.4 * (M_r + distance modulus))`` those seen.
        """
        position = np.log1p(redshift) / _STEP
        lower = position.astype(int)
        share = (position - lower).astype(np.float32)[:, None]
        below, above = self.table[template, lower], self.table[template, lower + 1]
        return below + share * (above - below)
