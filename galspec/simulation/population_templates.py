"""Templates of galaxies that are put together from populations, gas and dust."""

import numpy as np

from galspec.simulation.galaxy_templates import (
    EDGES,
    WAVELENGTH,
    GalaxyTemplates,
    attenuation,
)
from galspec.simulation.histories import formation_histories
from galspec.simulation.population_grids import LOG_AGE

__all__ = ["population_templates"]

#: Templates made at a time: the arrays of a chunk stay within tens of megabytes.
_CHUNK = 500
#: Ages up to which stars are in the clouds that they formed in, 10 Myr: Charlot & Fall
#: 2000, ApJ 539, 718.
_CLOUDS = LOG_AGE < 7.05
#: Ages up to which star formation counts as ongoing.
_ONGOING = LOG_AGE < 7.55


def population_templates(grids, n, seed, *, passive=0.1, agn=0.07):
    """Compose templates of random histories, metals, gas and dust.

    Histories are those of ``galspec.simulation.histories``, with ongoing star formation
    that is up to tenfold of what went before in some. Gas has the metals of the stars
    and an ionisation that falls with them (Perez-Montero 2014, MNRAS 441, 2663);
    attenuation curves scatter about the steep ones of Salim, Boquien & Lee 2018, ApJ
    859, 11; stars in their clouds and gas see more of it; what dust absorbs it emits.
    Active nuclei have the continuum of Vanden Berk et al. 2001, AJ 122, 549, without
    their broad lines, and hot dust as in Richards et al. 2006, ApJS 166, 470; of every
    second one the dust alone is seen.

    Parameters
    ----------
    grids : PopulationGrids
        Stars, gas and dust emission.
    n : int
        Number of templates.
    seed : int
        The same seed gives the same templates.
    passive : float, optional
        Share that formed nearly all stars long ago.
    agn : float, optional
        Share with an active nucleus.

    Returns
    -------
    GalaxyTemplates
        Each a group of its own, named by its number.
    """
    starts = range(0, n, _CHUNK)
    seeds = np.random.SeedSequence(seed).spawn(len(starts))
    parts = []
    for start, child in zip(starts, seeds, strict=True):
        rng = np.random.default_rng(child)
        numbers = np.arange(start, min(start + _CHUNK, n))
        parts.append(_chunk(grids, numbers, rng, passive, agn))
    return GalaxyTemplates.concatenate(parts)


def _chunk(grids, numbers, rng, passive, agn):
    """Return templates of some numbers."""
    n = len(numbers)
    old = rng.random(n) < passive
    mass = _histories(old, rng)
    log_metal = np.where(old, rng.normal(0.0, 0.2, n), rng.normal(-0.25, 0.3, n))
    stars, young = _starlight(grids, mass, log_metal)
    gas = _gaslight(grids, mass, log_metal, rng)
    ebv = np.where(old, rng.exponential(0.03, n), rng.gamma(1.6, 0.12, n))
    # Stars see 0.44 of the colour excess of the gas, with a scatter: Calzetti 2000.
    clouds = np.clip(rng.normal(2.0, 0.4, n), 1.0, 3.0)
    curve = attenuation(rng.normal(-0.3, 0.25, (n, 1)))
    screen = 10 ** (-0.4 * ebv[:, None] * curve)
    behind = 10 ** (-0.4 * (ebv * clouds)[:, None] * curve)
    flux = stars * screen + (young + gas) * behind
    absorbed = ((stars + young + gas - flux) * np.diff(EDGES)).sum(axis=1)
    flux += absorbed[:, None] * grids.dust[rng.integers(0, len(grids.dust), n)]
    nucleus = rng.random(n) < agn
    flux[nucleus] += _nuclei(flux[nucleus], rng)
    templates = GalaxyTemplates.from_arrays(
        [f"population {number}" for number in numbers],
        flux / flux[:, [np.searchsorted(WAVELENGTH, 5500.0)]],
        ebv=ebv,
        age=_first_age(mass),
    )
    templates.kinds[nucleus] = "agn"
    return templates


def _histories(old, rng):
    """Return the mass formed at each age, (n, n_age)."""
    n = len(old)
    mass = formation_histories(LOG_AGE, old, rng)
    # Star formation of the last 35 Myr departs from what went before, upwards rather,
    # and goes on at 10^-11.2 a year of the mass at least: Salim et al. 2007, fig. 17.
    change = 10 ** (rng.normal(0.0, 0.25, n) + rng.exponential(0.12, n))
    mass[:, _ONGOING] *= np.where(old, 0.1 * change, change)[:, None]
    width = np.diff(10 ** (LOG_AGE[_ONGOING] + 0.05), prepend=0.0)
    rate = np.where(old, 0.0, 10 ** rng.uniform(-11.2, -10.0, n))
    mass[:, _ONGOING] += (rate * mass.sum(axis=1))[:, None] * width
    return mass


def _first_age(mass):
    """Return the age in Gyr that a twentieth of the mass exceeds."""
    younger = np.cumsum(mass, axis=1) / mass.sum(axis=1, keepdims=True)
    return 10 ** (LOG_AGE[(younger < 0.95).sum(axis=1)] - 9.0)


def _shares(nodes, values):
    """Return weights of linear interpolation, clipped at the ends, (n, n_nodes)."""
    position = np.interp(values, nodes, np.arange(len(nodes)))
    return np.clip(1.0 - np.abs(position[:, None] - np.arange(len(nodes))), 0.0, 1.0)


def _mixed(mass, shares, spectra):
    """Return sums of spectra, (..., n_age, n_wavelength), over shares and ages."""
    weights = np.einsum("na,nk->nka", mass, shares).reshape(len(mass), -1)
    return weights.astype(np.float32) @ spectra.reshape(-1, spectra.shape[-1])


def _starlight(grids, mass, log_metal):
    """Return the light of the stars outside of their clouds, and of those inside."""
    shares = _shares(grids.log_metal, log_metal)
    stars = _mixed(mass[:, ~_CLOUDS], shares, grids.stars[:, ~_CLOUDS])
    young = _mixed(mass[:, _CLOUDS], shares, grids.stars[:, _CLOUDS])
    # The gas takes what ionises it.
    ionising = WAVELENGTH < 911.8
    stars[:, ionising] = young[:, ionising] = 0.0
    return stars, young


def _gaslight(grids, mass, log_metal, rng):
    """Return lines and continuum of the gas."""
    n, n_young = len(mass), grids.gas.shape[2]
    metal = _shares(grids.log_metal, log_metal)
    scatter = rng.normal(0.0, 0.25, n)
    ionisation = _shares(grids.log_u, -2.9 - 0.7 * log_metal + scatter)
    shares = np.einsum("nm,nu->nmu", metal, ionisation).reshape(n, -1)
    # Dust within the clouds takes up to two thirds of the ionising light: Inoue 2001,
    # AJ 122, 1788.
    shares *= rng.uniform(0.35, 1.0, (n, 1))
    return _mixed(mass[:, :n_young], shares, grids.gas)


def _nuclei(hosts, rng):
    """Return the light of active nuclei, in proportion to that of their hosts."""
    n = len(hosts)
    at_5500 = hosts[:, [np.searchsorted(WAVELENGTH, 5500.0)]]
    power = (WAVELENGTH / 5500.0) ** rng.normal(-1.56, 0.2, (n, 1))
    # Starlight of the nucleus ends where its dust, of 1200-1500 K, begins to shine.
    power *= np.exp(-((WAVELENGTH / 13000.0) ** 2))
    temperature = rng.uniform(1000.0, 1500.0, (n, 1))
    planck = WAVELENGTH**-5.0 / np.expm1(1.43878e8 / (WAVELENGTH * temperature))
    planck /= planck.max(axis=1, keepdims=True)
    peak = 2.898e7 / temperature
    # Energy in each decade of the spectrum is much the same from 0.3 to 10 micron.
    dust = planck * (5500.0 / peak) * rng.uniform(0.5, 1.5, (n, 1))
    seen = rng.random((n, 1)) < 0.5
    share = 10 ** rng.uniform(-1.5, 0.5, (n, 1))
    return (share * at_5500 * (seen * power + dust)).astype(np.float32)
