"""A target: what an estimator estimates, as a declaration."""

import dataclasses

__all__ = ["Target", "parts", "total_size", "with_ranges"]


@dataclasses.dataclass(frozen=True)
class Target:
    """One quantity that an estimator gives.

    Parameters
    ----------
    name : str
        The column's name in results; the error is ``name + "_err"``.
    unit : `~astropy.units.UnitBase`
        Of the column.
    description : str
        One line for tables and plots.
    valid : tuple of float
        Lowest and highest value, in ``unit``, on which the estimator was trained and
        tested; rows outside are flagged OUT_OF_RANGE.
    size : int
        Numbers that it consists of: a spectrum has one at each wavelength, and its
        columns have the shape (n, size).

    Raises
    ------
    ValueError
        If the name is no identifier, the range does not ascend or the size is none.

    Examples
    --------
    >>> import astropy.units as u
    >>> from galspec import Target
    >>> Target("oh", u.dex, "12 + log10(O/H)", valid=(7.0, 9.4)).name
    'oh'
    """

    name: str
    unit: object
    description: str
    valid: tuple
    size: int = 1

    def __post_init__(self):
        if not self.name.isidentifier():
            raise ValueError(f"{self.name!r} cannot be the name of a column")
        if len(self.valid) != 2 or not self.valid[0] < self.valid[1]:
            raise ValueError(
                f"the valid range {self.valid} of {self.name} does not ascend"
            )
        if self.size < 1:
            raise ValueError(f"the size of {self.name} is {self.size}; 1 or more")


def total_size(targets):
    """How many numbers targets consist of together.

    Parameters
    ----------
    targets : tuple of Target

    Returns
    -------
    int
    """
    return sum(target.size for target in targets)


def parts(targets):
    """Where each target stands in an array of all numbers.

    Parameters
    ----------
    targets : tuple of Target

    Yields
    ------
    target : Target
    part : int or slice
        Of the last axis: what it takes there has the shape (n,) for a number and
        (n, size) for more.
    """
    start = 0
    for target in targets:
        stop = start + target.size
        yield target, start if target.size == 1 else slice(start, stop)
        start = stop


def with_ranges(targets, ranges):
    """Targets with other valid ranges.

    Parameters
    ----------
    targets : tuple of Target
    ranges : sequence of (float, float)
        One for each target, in its unit.

    Returns
    -------
    tuple of Target
    """
    return tuple(
        dataclasses.replace(target, valid=tuple(map(float, limits)))
        for target, limits in zip(targets, ranges, strict=True)
    )
