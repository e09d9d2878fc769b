"""What a catalogue measures of a galaxy, without an image of it."""

import numpy as np

from galspec.simulation.sersic import sharpness, within

__all__ = ["observe_catalogue"]

#: Borders of rings in arcsec where a catalogue has no apertures.
_RINGS = (0.4, 0.8, 1.3, 2.0, 3.0, 5.0)


def observe_catalogue(parts, light, flux, noise, seeing, band, radii, rng):
    """Measure galaxies ring by ring.

    Between the apertures lie rings, whose noise is independent: so apertures share the
    noise of those inside them, and the total flux, by the true profile, that of all.

    Parameters
    ----------
    parts : tuple of dict of str to ndarray, shape (n,)
        Shapes of bulges and of discs, as of `galspec.simulation.bulges.components`.
    light : ndarray, shape (n,)
        Share of the bulge in this band.
    flux, noise, seeing : ndarray, shape (n,)
        Total flux and noise of a point source in nanomaggies; seeing in arcsec.
    band : galspec.simulation.imaging_surveys.Band
        Pixels and noise of photons.
    radii : tuple of float
        Of the apertures, arcsec; there may be none.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    total, total_ivar : ndarray, shape (n,)
        Flux by the true profile, as a fit of a model gives it, and inverse variance.
    aperture, aperture_ivar : ndarray, shape (n, n_radii)
        Fluxes within the apertures and their inverse variances.
    """
    inner = slice(0, len(radii))
    radii = radii or _RINGS
    radii = np.array([*radii, 2 * radii[-1]])
    # Pixels blur what falls on them, those of WISE most.
    wide = np.hypot(seeing, 0.7 * band.pixel)
    bulge, disc = (
        within(
            part["index"],
            part["half_light"] / wide,
            part["axis_ratio"],
            radii / wide[:, None],
        )
        for part in parts
    )
    shares = disc + light[:, None] * (bulge - disc)
    area = np.pi * np.diff(radii**2, prepend=0.0)
    ring = np.maximum(np.diff(shares, axis=1, prepend=0.0), 0.0)
    sky = (noise**2 * sharpness(wide))[:, None]
    variance = sky * area + band.poisson * flux[:, None] * ring
    drawn = np.sqrt(variance) * rng.standard_normal(variance.shape)
    profile = ring / area
    square = (ring * profile).sum(axis=1)
    total = flux + (profile * drawn).sum(axis=1) / square
    spread = (profile**2 * variance).sum(axis=1) / square**2
    aperture = flux[:, None] * shares[:, inner] + np.cumsum(drawn, axis=1)[:, inner]
    return total, 1 / spread, aperture, 1 / np.cumsum(variance, axis=1)[:, inner]
