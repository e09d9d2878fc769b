"""Bulges and discs, so that galaxies change their colour from the centre outwards."""

import functools

import numpy as np

from galspec.simulation.sersic import INDICES

__all__ = ["bulge_light", "colours_apart", "components"]

#: Profiles of both by that of the whole galaxy, positions in `INDICES`: those whose sum
#: is about as concentrated. Most discs are exponential (Freeman 1970, ApJ 160, 811),
#: and so are many bulges of late types (Lackner & Gunn 2012, MNRAS 421, 2277).
_BULGES, _DISCS = np.array([1, 1, 3, 3, 4]), np.array([0, 1, 1, 1, 2])
#: Up to here the disc has more light, beyond the bulge.
_LATE = 2
#: Half-light radius of the bulge over that of the disc, and its spread in dex. Bulges
#: proper are smaller (Graham & Worley 2008, MNRAS 388, 1708), but discs have gradients
#: of their own (Kennedy et al. 2016, MNRAS 460, 3458, abstract): redder light reaches
#: further out. So chosen that gradients and concentrations come out.
_RATIO, _SPREAD = 0.38, 0.12
_LOG_RATIOS = np.linspace(-0.7, 0.0, 15)
_SHARES = np.linspace(0.0, 1.0, 41)


def bulge_light(index, rng):
    """Draw the share of the bulge in the light of galaxies.

    Parameters
    ----------
    index : ndarray of int, shape (n,)
        Positions of the Sersic index in ``galspec.simulation.sersic.INDICES``.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n,)
        Below one half for indices up to 1.5, above for others.
    """
    half = 0.5 * rng.random(len(index))
    return np.where(index <= _LATE, half, 1.0 - half)


def colours_apart(colour, difference, share):
    """Return the colours of bulge and disc that make up the colour of a galaxy.

    Parameters
    ----------
    colour : ndarray, shape (n,)
        Of the galaxy, magnitudes.
    difference : ndarray, shape (n,)
        Bulge less disc.
    share : ndarray, shape (n,)
        Of the bulge in the light of the second band of the colour.

    Returns
    -------
    bulge, disc : ndarray, shape (n,)
        Colours, magnitudes.
    """
    brighter = 1.0 - share + share * 10 ** (-0.4 * difference)
    disc = colour + 2.5 * np.log10(brighter)
    return disc + difference, disc


def components(shapes, share, rng):
    """Draw the shapes of bulges and discs that together look like given galaxies.

    They share the centre and the angle. The bulge is a spheroid of thickness 0.6 and
    the disc one of 0.2, both seen under the same angle: that of the two which has more
    light is as round as the galaxy.

    Parameters
    ----------
    shapes : dict of str to ndarray, shape (n,)
        Of the galaxies: ``index``, ``half_light``, ``axis_ratio`` and ``angle``, as
        of `galspec.simulation.galaxy_shapes.draw_profiles`.
    share : ndarray, shape (n,)
        Of the bulge in the light.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    bulges, discs : dict of str to ndarray, shape (n,)
        ``index``, ``half_light``, ``axis_ratio`` and ``angle``. Half of the light of
        both, seen face-on, lies within the half-light radius of the galaxy.
    """
    from scipy.ndimage import map_coordinates

    index, ratio = shapes["index"], shapes["axis_ratio"]
    log_ratio = np.log10(_RATIO) + _SPREAD * rng.standard_normal(len(index))
    log_ratio = np.clip(log_ratio, _LOG_RATIOS[0], _LOG_RATIOS[-1])
    row = share * (len(_SHARES) - 1)
    column = (log_ratio - _LOG_RATIOS[0]) / (_LOG_RATIOS[1] - _LOG_RATIOS[0])
    disc = map_coordinates(_disc_sizes(), [index, row, column], order=1)
    disc = disc * shapes["half_light"]
    # Of spheroids, 1 - q ** 2 = (1 - thickness ** 2) sin(inclination) ** 2.
    late, flat = index <= _LATE, 1.0 - ratio**2
    rounder, flatter = (
        np.sqrt(1 - flat / 1.5),
        np.sqrt(1 - np.minimum(1.5 * flat, 0.96)),
    )
    angle = shapes["angle"]
    return (
        {
            "index": _BULGES[index],
            "half_light": disc * 10**log_ratio,
            "axis_ratio": np.where(late, rounder, ratio),
            "angle": angle,
        },
        {
            "index": _DISCS[index],
            "half_light": disc,
            "axis_ratio": np.where(late, ratio, np.minimum(flatter, ratio)),
            "angle": angle,
        },
    )


@functools.cache
def _disc_sizes():
    """Return the half-light radius of discs in that of their galaxies.

    By Sersic index, `_SHARES` and `_LOG_RATIOS`.
    """
    from scipy.special import gammainc, gammaincinv

    log_radius = np.linspace(-1.5, 1.0, 1000)

    def within(index, ratio):
        n = INDICES[index]
        scaled = gammaincinv(2 * n, 0.5) * (10**log_radius / ratio) ** (1 / n)
        return gammainc(2 * n, scaled)

    table = np.empty((len(INDICES), len(_SHARES), len(_LOG_RATIOS)))
    for row, (bulge, disc) in enumerate(zip(_BULGES, _DISCS, strict=True)):
        outer = within(disc, 1.0)
        for column, log_ratio in enumerate(_LOG_RATIOS):
            inner = within(bulge, 10**log_ratio)
            for step, share in enumerate(_SHARES):
                light = share * inner + (1 - share) * outer
                table[row, step, column] = 10 ** -np.interp(0.5, light, log_radius)
    return table
