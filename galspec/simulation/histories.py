"""Star-formation histories: when the stars of a galaxy formed, and of which metals."""

import numpy as np

__all__ = ["formation_histories", "population_weights"]

# log10 of the light at 5500 angstrom of a solar mass formed, over that at 10 Gyr,
# against log10 of the age in years: mean of 0.2-2.5 solar, to 0.15 dex, of the
# populations with MILES stars of Bruzual & Charlot 2003, MNRAS 344, 1000.
_LIGHT_OF_MASS = np.array(
    [
        (6.0, 2.34),
        (6.3, 2.43),
        (6.5, 2.76),
        (6.6, 2.76),
        (6.8, 2.64),
        (7.0, 2.31),
        (7.3, 2.03),
        (7.5, 1.91),
        (8.0, 1.61),
        (8.5, 1.30),
        (8.8, 1.07),
        (9.0, 0.91),
        (9.2, 0.72),
        (9.5, 0.43),
        (9.8, 0.17),
        (10.0, 0.00),
        (10.1, -0.09),
    ]
)
#: log10 of the age in years up to which stars ionise gas or have just done so.
_ONGOING = 7.48


def _light(log_age):
    """Return the light of a unit of mass by age, and the width of the bins in Gyr."""
    light = 10 ** np.interp(log_age, *_LIGHT_OF_MASS.T)
    middle = 0.5 * (log_age[1:] + log_age[:-1])
    last = log_age[-1] + 0.5 * (log_age[-1] - log_age[-2])
    edges = np.concatenate([[0.0], 10 ** (np.append(middle, last) - 9.0)])
    return light, np.diff(edges)


def _smooth_rates(age, old_only, rng):
    """Return star-formation rates of simple families by age in Gyr, (n, n_age)."""
    n = len(old_only)
    start = np.where(old_only, rng.uniform(4.0, 13.5, n), 13.5 * rng.beta(2, 0.8, n))
    start = np.maximum(start, 0.3)
    # rate = t**power * exp(-t / tau): declining, delayed, constant and rising.
    family = rng.choice(4, n, p=(0.35, 0.35, 0.15, 0.15))
    family = np.where(old_only, family % 2, family)
    power = np.choose(family, [0.0, 1.0, 0.0, rng.uniform(0.5, 2.5, n)])
    tau = 10 ** np.where(old_only, rng.uniform(-1, 0.1, n), rng.uniform(-0.6, 0.9, n))
    inverse = np.where(family < 2, 1.0 / tau, 0.0)
    time = np.clip(start[:, None] - age, 0.0, None)
    rate = (time > 0) * np.maximum(time, 1e-3) ** power[:, None]
    return rate * np.exp(-time * inverse[:, None])


def _bursts(log_age, old_only, rng):
    """Return the mass of bursts over that of all other stars, (n, n_age)."""
    n = len(old_only)
    happens = rng.random(n) < 0.3
    low, high = np.where(old_only, 8.4, 7.6), np.where(old_only, 9.5, 9.3)
    centre, width = rng.uniform(low, high), rng.uniform(0.05, 0.25, n)
    log_mass = np.where(old_only, rng.uniform(-3.5, -1.5, n), rng.uniform(-3, -0.6, n))
    burst = np.exp(-0.5 * ((log_age - centre[:, None]) / width[:, None]) ** 2)
    burst /= burst.sum(axis=1, keepdims=True)
    return burst * (happens * 10**log_mass)[:, None]


def formation_histories(log_age, old_only, rng):
    """Draw the mass formed at each age.

    Exponentially declining, delayed, constant and rising histories of random start,
    a third of them quenched at a random time, as many with a burst, and irregular by
    0.2 dex throughout.

    Parameters
    ----------
    log_age : ndarray, shape (n_age,)
        log10 of the age in years, ascending.
    old_only : ndarray of bool, shape (n,)
        Galaxies that formed nearly all their stars long ago.
    rng : numpy.random.Generator
        Source of randomness.

    Returns
    -------
    ndarray, shape (n, n_age)
        Mass formed in each bin of age; the smooth part sums to one in each row.
    """
    n, age = len(old_only), 10 ** (log_age - 9.0)
    rate = _smooth_rates(age, old_only, rng)
    quenched = rng.random(n) < 0.33
    since = np.where(quenched, 10 ** rng.uniform(-1.4, 0.5, n), 0.0)
    left = rng.uniform(0.0, 0.4, n)
    rate *= np.where(age < since[:, None], left[:, None], 1.0)
    mass = rate * _light(log_age)[1] * 10 ** rng.normal(0.0, 0.2, rate.shape)
    mass /= mass.sum(axis=1, keepdims=True)
    return mass + _bursts(log_age, old_only, rng)


def _ongoing_light(log_age, n, rng):
    """Return the light of constant star formation since 3-30 Myr, rows of unit sum."""
    light, width = _light(log_age)
    since = rng.uniform(6.5, _ONGOING, n)
    by_age = light * width * (log_age <= since[:, None])
    return by_age / by_age.sum(axis=1, keepdims=True)


def population_weights(library, young, log_metal, rng, *, old_only=None):
    """Return the light of the populations of galaxies with random histories.

    Ongoing star formation (up to 30 Myr) gives the light that it is told to, for it
    has to agree with the emission lines; older stars follow `formation_histories`,
    and were the poorer in metals the earlier they formed.

    Parameters
    ----------
    library : StellarLibrary
        The populations to mix.
    young : ndarray, shape (n,)
        Share of the light at 5500 angstrom of the ongoing star formation.
    log_metal : ndarray, shape (n,)
        log10 of the metallicity over the solar one of stars of 5 Gyr; clipped to the
        library.
    rng : numpy.random.Generator
        Source of the random histories.
    old_only : ndarray of bool, shape (n,), optional
        Galaxies that formed nearly all their stars long ago; none unless given.

    Returns
    -------
    ndarray, shape (n, n_metal * n_age)
        Weights that sum to one in each row.
    """
    n, log_age = len(young), library.log_age
    old_only = np.zeros(n, dtype=bool) if old_only is None else old_only
    older = formation_histories(log_age, old_only, rng) * _light(log_age)[0]
    older *= log_age > _ONGOING
    older /= older.sum(axis=1, keepdims=True)
    by_age = young[:, None] * _ongoing_light(log_age, n, rng)
    by_age += (1.0 - young)[:, None] * older
    # Enrichment of 0-0.6 dex over a Hubble time.
    slope = rng.uniform(0.0, 0.6, (n, 1))
    metal = log_metal[:, None] + slope * (0.5 - 10 ** (log_age - 10.0))
    shares = _between_nodes(library.log_metal, metal)
    return np.concatenate([share * by_age for share in shares], axis=1)


def _between_nodes(nodes, values):
    """Return weights of linear interpolation, clipped at the ends, one a node."""
    position = np.interp(values, nodes, np.arange(len(nodes)))
    return [np.clip(1.0 - np.abs(position - k), 0.0, 1.0) for k in range(len(nodes))]
