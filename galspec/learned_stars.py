"""Labels of stars with the covariance of their abundances, and what follows of them."""

import dataclasses

import numpy as np

from galspec.carbon_enhancement import (
    CRITERIA,
    SOLAR_CARBON,
    joint_probability,
    metal_class,
)
from galspec.carbon_evolution import natal_carbon
from galspec.flags import Flags
from galspec.learned_values import LearnedValues

__all__ = ["LearnedStars"]

#: Where the abundances stand among the targets of `CEMPParams`.
FEH, CFE, CH = 2, 3, 4
#: An error of [C/Fe] above this, dex: the bands of carbon are lost in noise.
UPPER_LIMIT = 0.4
#: Errors alone may tell of no tighter correlation than this.
CORRELATION = 0.98


@dataclasses.dataclass(frozen=True, eq=False)
class LearnedStars(LearnedValues):
    """See `~galspec.learned_values.LearnedValues`.

    Networks give [Fe/H], [C/Fe] and [C/H] with an error each. The values must agree
    with each other, so [C/H] is the sum of the other two; its error is its own, and the
    three errors together tell the covariance.
    """

    def posterior(self, inputs):
        """As of `LearnedValues`, with [C/H] = [Fe/H] + [C/Fe]."""
        mean, sigma, distance = super().posterior(inputs)
        mean[:, CH] = mean[:, FEH] + mean[:, CFE]
        return mean, sigma, distance

    def _value(self, mean, part, pixels):
        if part != CH:
            return super()._value(mean, part, pixels)
        return sum(super(LearnedStars, self)._value(mean, k, None) for k in (FEH, CFE))

    def columns(self, inputs, snr, estimator, interval, *, criterion="default"):
        """Labels and errors, and what follows of them: see `CEMPParams`."""
        columns, distance, flags = super().columns(inputs, snr, estimator, interval)
        lost = columns["cfe_err"] > UPPER_LIMIT
        flags |= np.where(lost, int(Flags.UPPER_LIMIT), 0)
        return columns | derived(columns, CRITERIA[criterion]), distance, flags


def derived(columns, criterion):
    """What follows of the labels and their errors.

    Parameters
    ----------
    columns : dict of str to `numpy.ndarray`
        ``teff``, ``logg``, ``feh``, ``cfe``, ``ch`` and the errors of the last four.
    criterion : `~galspec.carbon_enhancement.Criterion`

    Returns
    -------
    dict of str to `numpy.ndarray`
        ``cov_feh_ch``, ``a_c``, ``a_c_err``, ``cfe_natal``, ``cfe_natal_err``,
        ``p_cemp`` and ``metal_class``.
    """
    feh, cfe, ch = (columns[name + "_err"] for name in ("feh", "cfe", "ch"))
    # variance of a sum: it tells the covariance of what is added
    covariance = (ch**2 - feh**2 - cfe**2) / 2
    covariance = np.clip(covariance, -CORRELATION * feh * cfe, CORRELATION * feh * cfe)
    matrix = np.empty((len(feh), 2, 2))
    matrix[:, 0, 0], matrix[:, 1, 1] = feh**2, cfe**2
    matrix[:, 0, 1] = matrix[:, 1, 0] = covariance
    limit = criterion.carbon_limit(columns["teff"], columns["logg"])
    probability = joint_probability(
        columns["feh"], columns["cfe"], matrix, (criterion.feh, limit)
    )
    natal, natal_err = natal_carbon(
        *(columns[name] for name in ("logg", "feh", "cfe")),
        logg_err=columns["logg_err"],
        cfe_err=cfe,
    )
    return {
        "cov_feh_ch": feh**2 + covariance,
        "a_c": columns["ch"] + SOLAR_CARBON,
        "a_c_err": ch,
        "cfe_natal": natal,
        "cfe_natal_err": natal_err,
        "p_cemp": probability,
        "metal_class": metal_class(columns["feh"]),
    }
