"""The quality bits of a result row: what may be wrong with it, and what to do.

Every result table of galspec has an integer column ``flags``. It is zero for a row
that nothing speaks against; otherwise it is the sum of the bits below.

>>> from galspec.flags import Flags, describe
>>> describe(Flags.LOW_SN | Flags.OUT_OF_RANGE)
['LOW_SN', 'OUT_OF_RANGE']
"""

import enum

__all__ = ["EXPLANATIONS", "Flags", "describe"]


class Flags(enum.IntFlag):
    """Bits of the ``flags`` column."""

    UNREADABLE = 1
    NO_DATA = 2
    LOW_COVERAGE = 4
    LOW_SN = 8
    OUT_OF_RANGE = 16
    OUT_OF_DOMAIN = 32
    REDSHIFT_OUT_OF_RANGE = 64
    REDSHIFT_MISSING = 128
    UNINFORMATIVE = 256
    VELOCITY_MEASURED = 512
    UPPER_LIMIT = 1024
    REDDENING_MISSING = 2048


#: What each bit means and what a user can do about it.
EXPLANATIONS = {
    Flags.UNREADABLE: (
        "the file could not be read; the column 'problem' says why. All values are NaN."
    ),
    Flags.NO_DATA: (
        "no usable pixel: everything is masked, not finite, or constant; or no band "
        "that was observed. "
        "All values are NaN."
    ),
    Flags.LOW_COVERAGE: (
        "too few usable pixels inside the wavelength range that the estimator needs, "
        "or too few bands that were observed. "
        "All values are NaN; check the wavelength unit and the mask."
    ),
    Flags.LOW_SN: (
        "signal-to-noise below that of the training set; the value is given, with a "
        "larger error. Methods that measure lines give NaN where one is lost in noise."
    ),
    Flags.OUT_OF_RANGE: (
        "a value lies outside the range on which the estimator was trained and tested, "
        "and must not be trusted. Formulas and conversions, which do not hold there, "
        "give NaN."
    ),
    Flags.OUT_OF_DOMAIN: (
        "the row does not look like the training set (column 'domain'); "
        "the value is given, but must not be trusted."
    ),
    Flags.REDSHIFT_OUT_OF_RANGE: (
        "the redshift lies outside the range on which the estimator was trained."
    ),
    Flags.REDSHIFT_MISSING: (
        "the recipe needs a redshift and none was given. All values are NaN; "
        "pass redshift=."
    ),
    Flags.UNINFORMATIVE: (
        "the data hardly constrain a value: its error exceeds half of the scatter "
        "of all training labels. The value is little more than their mean."
    ),
    Flags.VELOCITY_MEASURED: (
        "no redshift was given: the radial velocity was measured by cross-correlation, "
        "and used. No objection in itself; look at its error."
    ),
    Flags.UPPER_LIMIT: (
        "the bands of carbon are lost in noise: [C/Fe] is little more than what is "
        "usual among such stars, and two errors above it an upper limit."
    ),
    Flags.REDDENING_MISSING: (
        "E(B-V) of the Milky Way is not known. All values are NaN; give ebv=, or "
        "dust_map= and coordinates."
    ),
}

#: A row with one of these bits has no value: NaN, never a guess.
WITHOUT_VALUE = (
    Flags.UNREADABLE
    | Flags.NO_DATA
    | Flags.LOW_COVERAGE
    | Flags.REDSHIFT_MISSING
    | Flags.REDDENING_MISSING
)


def describe(flags):
    """Names of the bits that are set.

    Parameters
    ----------
    flags : int
        One value of a ``flags`` column.

    Returns
    -------
    list of str
        Names of the set bits, in ascending order of the bit; empty for 0.

    Examples
    --------
    >>> describe(0)
    []
    >>> describe(3)
    ['UNREADABLE', 'NO_DATA']
    """
    return [bit.name for bit in Flags if int(flags) & bit]
