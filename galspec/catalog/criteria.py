"""Which spectra belong into a catalogue: cuts with names, and who fails which."""

import dataclasses

import numpy as np

from galspec.flags import WITHOUT_VALUE, Flags, describe
from galspec.quality import QualityCuts, as_number

__all__ = ["Criteria"]

#: Values with one of these must not be trusted, or say next to nothing.
DOUBTFUL = Flags.OUT_OF_RANGE | Flags.OUT_OF_DOMAIN | Flags.UNINFORMATIVE


@dataclasses.dataclass(frozen=True)
class Criteria(QualityCuts):
    """What a spectrum must fulfil to be selected.

    The default cuts in redshift, signal-to-noise ratio and probability are those of
    Feng, Wang & Li (2025).

    Parameters
    ----------
    z_min, z_max : float
        Lowest and highest redshift, both included.
    snr_min : float
        Lowest signal-to-noise ratio: the survey's own in the r band where the file or
        the table of files has it (``snr_r``), else the measured ``snr``.
    p_sf_min : float
        Lowest probability to be a star-forming galaxy.
    z_needed : bool
        Whether a spectrum without a known redshift is left out. A catalogue of spectra
        that nobody has measured redshifts of sets it to False.
    bad_bits : `~galspec.Flags`
        Flags, of the classifier or of the estimator, that leave a spectrum out. One
        that has no value is left out in any case.

    Raises
    ------
    TypeError, ValueError
        If a limit is no number, or limits exclude everything.

    Examples
    --------
    >>> from galspec.catalog import Criteria
    >>> Criteria(z_max=0.215).to_meta()["z_max"]
    0.215
    >>> Criteria(p_sf_min=85)
    Traceback (most recent call last):
    ...
    ValueError: p_sf_min is 85.0; a probability lies between 0 and 1
    """

    p_sf_min: float = 0.85
    z_needed: bool = True
    bad_bits: Flags = DOUBTFUL

    def __post_init__(self):
        super().__post_init__()
        object.__setattr__(self, "p_sf_min", as_number("p_sf_min", self.p_sf_min))
        if not 0 <= self.p_sf_min <= 1:
            raise ValueError(
                f"p_sf_min is {self.p_sf_min}; a probability lies between 0 and 1"
            )
        if not isinstance(self.z_needed, (bool, np.bool_)):
            raise TypeError(f"z_needed is {self.z_needed!r}; it is True or False")
        object.__setattr__(self, "bad_bits", _bits(self.bad_bits))

    def to_meta(self):
        """The criteria as flat entries of a table's header.

        Returns
        -------
        dict
            Numbers, a bool, and the names of ``bad_bits`` separated by commas.
        """
        names = ",".join(describe(self.bad_bits))
        return dataclasses.asdict(self) | {
            "z_needed": bool(self.z_needed),
            "bad_bits": names,
        }

    def failures(self, rows):
        """Which rows fail which criterion.

        Parameters
        ----------
        rows : mapping of str to `numpy.ndarray`, shape (n,)
            With ``redshift``, ``snr_r``, ``snr``, ``p_sf`` and ``flags``.

        Returns
        -------
        dict of str to `numpy.ndarray` of bool, shape (n,)
            By the names that stand in the column ``reason``. Of a row without value
            only the flag that says why is named.
        """
        snr = np.where(np.isfinite(rows["snr_r"]), rows["snr_r"], rows["snr"])
        judged = (rows["flags"] & int(WITHOUT_VALUE)) == 0
        failed = self.quality_failures(rows["redshift"], snr)
        failed["redshift_unknown"] &= self.z_needed
        # a probability that is not known is none that suffices
        failed["p_sf_low"] = ~(rows["p_sf"] >= self.p_sf_min)
        failed = {name: judged & fails for name, fails in failed.items()}
        for bit in Flags:
            has = (rows["flags"] & int(bit)) != 0
            if bit & WITHOUT_VALUE:
                failed[bit.name.lower()] = has
            elif bit & self.bad_bits:
                failed[bit.name.lower()] = has & judged
        return failed


def _bits(value):
    """Flags, of an integer too; those that do not exist are an error."""
    known = int(np.bitwise_or.reduce([int(bit) for bit in Flags]))
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"bad_bits is {value!r}; it has to be of galspec.Flags")
    if value < 0 or int(value) & ~known:
        raise ValueError(f"bad_bits is {int(value)}; the known bits add up to {known}")
    return Flags(int(value))
