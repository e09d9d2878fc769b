"""Which template a simulated galaxy gets: one of its kind, colour and age."""

import numpy as np

from galspec.training.splits import FRACTIONS, split_by_object

__all__ = ["TemplateChoice"]

#: Templates within this of the wanted u - r are as good as each other, magnitudes.
_NEAR = 0.05
#: As many nearest ones have to do where the colour is rare.
_FEW = 5
#: Templates that are tried for one that is younger than the universe.
_TRIES = 8


class TemplateChoice:
    """Templates of one part of the split, by kind, each sorted by colour.

    Parameters
    ----------
    templates : GalaxyTemplates
        All templates.
    ultraviolet : ndarray, shape (n_templates,)
        Their u - r at rest.
    split : str or None
        The part; all templates where None.

    Raises
    ------
    ValueError
        If ``split`` is not the name of a part.
    """

    def __init__(self, templates, ultraviolet, split):
        if split is not None and split not in FRACTIONS:
            raise ValueError(f"no split {split!r}: it is one of {', '.join(FRACTIONS)}")
        order = np.argsort(ultraviolet, kind="stable")
        if split is not None:
            order = order[split_by_object(templates.groups)[order] == split]
        kinds = templates.kinds[order]
        self.pools = {
            "line": order[np.isin(kinds, ("star-forming", "starburst"))],
            "agn": order[kinds == "agn"],
            "passive": order[kinds == "passive"],
        }
        self.ultraviolet, self.age = ultraviolet, templates.age

    def choose(self, kind, ur, redshift, rng):
        """Return a template for each galaxy.

        Parameters
        ----------
        kind : ndarray, shape (n,), str
            "line", "agn" or "passive".
        ur : ndarray, shape (n,)
            Wanted u - r at rest.
        redshift : ndarray, shape (n,)
            No template older than the universe then is taken if there is another.
        rng : numpy.random.Generator
            Source of randomness.

        Returns
        -------
        ndarray of int, shape (n,)
            Numbers of templates.

        Raises
        ------
        ValueError
            If the part has no template of a kind that is wanted.
        """
        chosen = np.empty(len(ur), dtype=int)
        universe = age_of_universe(redshift)
        for name in np.unique(kind):
            rows, pool = kind == name, self.pools[name]
            if len(pool) == 0:
                raise ValueError(f"no template of kind {str(name)!r} in this part")
            low, high = _ranges(self.ultraviolet[pool], ur[rows])
            tries = low + rng.random((_TRIES, len(low))) * (high - low)
            tries = pool[tries.astype(int)]
            # An unknown age, NaN, is no hindrance; the last try has to do.
            fits = ~(self.age[tries] > universe[rows])
            fits[-1] = True
            chosen[rows] = tries[np.argmax(fits, axis=0), np.arange(len(low))]
        return chosen


def _ranges(colours, wanted):
    """Return the first and the last but one of the templates near a colour."""
    low = np.searchsorted(colours, wanted - _NEAR)
    high = np.searchsorted(colours, wanted + _NEAR)
    low = np.clip(np.minimum(low, high - _FEW), 0, max(len(colours) - _FEW, 0))
    return low, np.clip(np.maximum(high, low + _FEW), 1, len(colours))


def age_of_universe(redshift):
    """Return the age for H0 = 70 km/s/Mpc and 0.3 of matter, without radiation.

    Parameters
    ----------
    redshift : ndarray
        Redshifts.

    Returns
    -------
    ndarray
        Gyr.
    """
    vacuum, matter = 0.7, 0.3
    grown = np.sqrt(vacuum / matter) * (1 + redshift) ** -1.5
    return 13.968 * 2 / (3 * np.sqrt(vacuum)) * np.arcsinh(grown)
