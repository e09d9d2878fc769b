"""Cuts in redshift and signal-to-noise ratio, which every sample of spectra shares."""

import dataclasses

import numpy as np

__all__ = ["QualityCuts", "as_number"]


@dataclasses.dataclass(frozen=True)
class QualityCuts:
    """Base of the criteria of catalogues and of training sets.

    The default cuts are those of Feng, Wang & Li (2025).

    Parameters
    ----------
    z_min, z_max : float
        Lowest and highest redshift, both included.
    snr_min : float
        Lowest signal-to-noise ratio.

    Raises
    ------
    TypeError, ValueError
        If a limit is no number, or limits exclude everything.
    """

    z_min: float = 0.002
    z_max: float = 0.3
    snr_min: float = 3.0

    def __post_init__(self):
        for name in ("z_min", "z_max", "snr_min"):
            object.__setattr__(self, name, as_number(name, getattr(self, name)))
        if not self.z_min < self.z_max:
            raise ValueError(
                f"z_min is {self.z_min} and z_max is {self.z_max}; "
                "z_min has to be the smaller one"
            )

    def quality_failures(self, z, snr):
        """Which rows fail which cut.

        Parameters
        ----------
        z, snr : `numpy.ndarray`, shape (n,)
            NaN where unknown.

        Returns
        -------
        dict of str to `numpy.ndarray` of bool, shape (n,)
        """
        return {
            "redshift_unknown": np.isnan(z),
            "redshift_low": z < self.z_min,
            "redshift_high": z > self.z_max,
            "snr_unknown": np.isnan(snr),
            "snr_low": snr < self.snr_min,
        }


def as_number(name, value):
    """A float; NaN compares with nothing, so that it would select everything.

    Parameters
    ----------
    name : str
        Of the parameter, for the error.
    value : object

    Returns
    -------
    float

    Raises
    ------
    TypeError, ValueError
        If it is no number.
    """
    if isinstance(value, (str, bytes, bool)):
        raise TypeError(f"{name} is {value!r}; it has to be a number")
    try:
        number = float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"{name} is {value!r}; it has to be a number") from error
    if np.isnan(number):
        raise ValueError(f"{name} is {value!r}; it has to be a number")
    return number
