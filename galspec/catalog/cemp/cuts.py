"""Quality cuts with names: what they look at, and who fails them."""

import dataclasses

import numpy as np

from galspec.quality import as_number

__all__ = ["CEMP_CUTS", "Cut", "adjusted", "describe"]


@dataclasses.dataclass(frozen=True)
class Cut:
    """A limit on one column; a spectrum whose value is not known passes.

    Parameters
    ----------
    name, column : str
    limit : float or None
        Exceeded by good spectra, or, of an error, not exceeded. None: nobody fails.
    is_error : bool
    unit : str
    description : str
    """

    name: str
    column: str
    limit: float | None
    is_error: bool
    unit: str
    description: str

    def fails(self, values):
        """Which values fail.

        Parameters
        ----------
        values : `numpy.ndarray`, shape (n,)
            NaN where unknown.

        Returns
        -------
        `numpy.ndarray` of bool, shape (n,)
        """
        if self.limit is None:
            return np.zeros(len(values), bool)
        return values >= self.limit if self.is_error else values <= self.limit


#: Those of the manuscript on the Heterogeneous Feature Stream Network: signal-to-noise
#: ratios above 20 in g and i, velocities better than 20 km/s. Its threshold for the G
#: band is not told: off unless given.
CEMP_CUTS = (
    Cut("snr_g", "snr_g", 20.0, False, "", "signal-to-noise ratio in g"),
    Cut("snr_i", "snr_i", 20.0, False, "", "signal-to-noise ratio in i"),
    Cut("rv_err", "rv_err", 20.0, True, "km/s", "error of the radial velocity"),
    Cut("g_band", "ch4300_snr", None, False, "", "index of the G band over its error"),
)


def adjusted(limits=None):
    """The cuts with other limits.

    Parameters
    ----------
    limits : mapping of str to float or None, optional
        By name; None switches a cut off.

    Returns
    -------
    tuple of Cut

    Raises
    ------
    ValueError, TypeError
        If there is no such cut, or its limit is no number.

    Examples
    --------
    >>> from galspec.catalog.cemp.cuts import adjusted, describe
    >>> describe(adjusted({"snr_g": 10, "rv_err": None}))
    'snr_g > 10, snr_i > 20'
    """
    limits = dict(limits or {})
    for name in limits:
        if name not in {cut.name for cut in CEMP_CUTS}:
            raise ValueError(
                f"there is no cut {name!r}; there are "
                f"{', '.join(cut.name for cut in CEMP_CUTS)}"
            )
    return tuple(
        dataclasses.replace(cut, limit=_limit(cut.name, limits[cut.name]))
        if cut.name in limits
        else cut
        for cut in CEMP_CUTS
    )


def describe(cuts):
    """The cuts that are on, in one line.

    Parameters
    ----------
    cuts : tuple of Cut

    Returns
    -------
    str
    """
    signs = {True: "<", False: ">"}
    words = [
        f"{cut.name} {signs[cut.is_error]} {cut.limit:g} {cut.unit}".strip()
        for cut in cuts
        if cut.limit is not None
    ]
    return ", ".join(words)


def _limit(name, value):
    return None if value is None else as_number(f"cut {name}", value)
