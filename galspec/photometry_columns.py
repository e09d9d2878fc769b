"""Columns of any table as plain numbers: found, converted, or named as wrong."""

from collections.abc import Mapping

import numpy as np

__all__ = ["TableColumns"]

#: Numbers that stand for a missing value.
MISSING = (-99.0, -999.0, -9999.0, -99.99)


class TableColumns:
    """A table, or a mapping, whose columns are known by their names in any case.

    Parameters
    ----------
    table : `~astropy.table.Table` or mapping of str to array_like

    Raises
    ------
    TypeError
        If it is neither.
    ValueError
        If columns have different lengths.
    """

    def __init__(self, table):
        if not (isinstance(table, Mapping) or hasattr(table, "colnames")):
            raise TypeError(
                f"cannot gather photometry from {type(table).__name__}: pass a table "
                "or a mapping; galspec.io.read_photometry reads files, and "
                "astropy.table.Table.from_pandas makes a table of a data frame"
            )
        self._table = table
        self.names = list(table.keys())
        # of names that differ only by case the first counts
        self._lower = {name.lower(): name for name in reversed(self.names)}
        lengths = {name: len(table[name]) for name in self.names}
        if len(set(lengths.values())) > 1:
            raise ValueError(f"columns have different lengths: {lengths}")
        self._length = next(iter(lengths.values()), 0)

    def __len__(self):
        return self._length

    def has(self, name):
        """Whether there is a column of that name.

        Parameters
        ----------
        name : str or None

        Returns
        -------
        bool
        """
        return name is not None and name.lower() in self._lower

    def require(self, name, purpose):
        """Raise an error that lists the columns, if there is no such column.

        Parameters
        ----------
        name : str or None
        purpose : str
            What it is for.

        Raises
        ------
        ValueError
        """
        if not self.has(name):
            raise ValueError(
                f"there is no column {name!r} for {purpose}; the table has "
                f"{', '.join(self.names)}"
            )

    def numbers(self, name):
        """A column as numbers without their unit.

        Parameters
        ----------
        name : str

        Returns
        -------
        `numpy.ndarray`, float64, shape (n,) or (n, m)
            NaN where it is masked, infinite, or a mark for missing values.

        Raises
        ------
        ValueError
            If it holds something else.
        """
        column = self._table[self._lower[name.lower()]]
        missing = np.asarray(getattr(column, "mask", False))
        values = np.asarray(getattr(column, "unmasked", column))
        try:
            if values.dtype == object:  # None where there is no value, or lists
                values = np.array(_rows(values.tolist()))
            values = np.array(values, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise ValueError(f"column {name!r} holds no numbers: {error}") from error
        values[np.broadcast_to(missing, values.shape)] = np.nan
        values[~np.isfinite(values) | np.isin(values, MISSING)] = np.nan
        return values

    def unit(self, name):
        """The unit of a column, also by the names that the Legacy Surveys give it.

        Parameters
        ----------
        name : str

        Returns
        -------
        `~astropy.units.UnitBase` or None
            None where it has none.

        Raises
        ------
        astropy.units.UnitConversionError
            If it is no unit that astropy knows.
        """
        import astropy.units as u

        unit = getattr(self._table[self._lower[name.lower()]], "unit", None)
        if not isinstance(unit, u.UnrecognizedUnit):
            return None if unit == u.dimensionless_unscaled else unit
        try:
            return u.Unit(unit.to_string().lower().replace("nanomaggies", "nmgy"))
        except ValueError as error:
            raise u.UnitConversionError(
                f"column {name!r} is in {unit}, which is no unit that is known"
            ) from error

    def fluxes(self, name, unit, power=1):
        """A column of flux densities, or of their inverse variances, in nanomaggies.

        Parameters
        ----------
        name : str
        unit : str or `~astropy.units.UnitBase`
            What it is in, or the fluxes are, where it has no unit itself.
        power : int
            1, or -2 for inverse variances.

        Returns
        -------
        `numpy.ndarray`, float64

        Raises
        ------
        astropy.units.UnitConversionError
            If its unit is another kind.
        """
        import astropy.units as u

        values, own = self.numbers(name), self.unit(name)
        base = u.Unit(unit) if own is None else own ** (1 / power)
        try:
            factor = base.to(u.nmgy, equivalencies=u.zero_point_flux(3631 * u.Jy))
        except u.UnitConversionError as error:
            raise u.UnitConversionError(
                f"column {name!r} is in {own or unit}: no "
                f"{'flux density' if power == 1 else 'inverse variance of one'}"
            ) from error
        return values * factor**power

    def magnitudes(self, name):
        """A column of magnitudes, AB where that matters, or of plain numbers.

        Parameters
        ----------
        name : str

        Returns
        -------
        `numpy.ndarray`, float64

        Raises
        ------
        astropy.units.UnitConversionError
            If it has another unit.
        """
        import astropy.units as u

        unit = self.unit(name)
        if unit not in (None, u.mag, u.ABmag, u.dimensionless_unscaled):
            raise u.UnitConversionError(
                f"column {name!r} is in {unit}: no AB magnitudes"
            )
        return self.numbers(name)

    def angles(self, name):
        """A column of angles in degrees.

        Parameters
        ----------
        name : str

        Returns
        -------
        `numpy.ndarray`, float64

        Raises
        ------
        ValueError
            If there is none.
        """
        import astropy.units as u

        self.require(name, "the place on the map of dust")
        return self.numbers(name) * (self.unit(name) or u.deg).to(u.deg)

    def identifier(self, name):
        """A column as it is: "", -1 or NaN where it is masked.

        Parameters
        ----------
        name : str

        Returns
        -------
        `numpy.ndarray`, shape (n,)

        Raises
        ------
        ValueError
            If it does not hold one value a row.
        """
        column = self._table[self._lower[name.lower()]]
        values = np.asarray(getattr(column, "unmasked", column))
        if values.shape != (len(self),):
            raise ValueError(
                f"column {name!r} has shape {values.shape}: one value a row is needed"
            )
        if values.dtype.kind == "S":
            values = np.char.decode(values, "utf-8", "replace")
        values = values.astype(values.dtype.newbyteorder("="), copy=False)
        missing = np.broadcast_to(getattr(column, "mask", False), values.shape)
        if not missing.any():
            return values
        blank = {"U": "", "O": "", "i": -1, "u": 0}.get(values.dtype.kind, np.nan)
        return np.where(missing, blank, values)


def _rows(values):
    """Numbers, or lists of as many of them, with NaN in place of None."""
    many = next((v for v in values if np.ndim(v)), None)
    if many is None:
        return [np.nan if value is None else value for value in values]
    return [_rows([None] * len(many) if v is None else list(v)) for v in values]
