"""What flows through galspec: a batch of spectra as plain arrays of agreed meaning."""

import dataclasses

import numpy as np

from galspec.flags import Flags

__all__ = ["SpectrumBatch"]

#: Rows brighter or fainter than this are rescaled so that float32 holds their ivar.
_SAFE_FLUX = (1e-12, 1e12)
#: Identifiers that are text: empty, not NaN, where a spectrum has none.
TEXT_COLUMNS = frozenset({"file", "obsid", "problem", "object_id"})


@dataclasses.dataclass(frozen=True, eq=False)
class SpectrumBatch:
    """Spectra as arrays, without units, between the two ends of the pipeline.

    Build it with `SpectrumBatch.gather` (anything with units) or
    `SpectrumBatch.from_arrays` (arrays that already have the agreed meaning).

    Parameters
    ----------
    wavelength : `numpy.ndarray`, shape (n_pix,) or (n, n_pix), float64
        Vacuum wavelength in angstrom, ascending; one axis for all, or one a row.
    flux : `numpy.ndarray`, shape (n, n_pix), float32
        Flux per unit wavelength in any unit that is constant along a row; finite.
    ivar : `numpy.ndarray`, shape (n, n_pix), float32
        Inverse variance of ``flux``; finite, never negative.
    mask : `numpy.ndarray`, shape (n, n_pix), bool
        True where a pixel must not be used.
    redshift : `numpy.ndarray`, shape (n,), float64
        Explicitly known redshifts; NaN where unknown.
    ids : dict of str to `numpy.ndarray`
        Identifier columns, each of length n, that end up in the result table.
    flags : `numpy.ndarray`, shape (n,), int64
        Bits of `galspec.flags.Flags` that are known so far.
    continuum : `numpy.ndarray`, shape (n, n_pix), float32, optional
        What the flux was divided by, where a recipe has done so; see
        `galspec.transforms.Normalise`.
    """

    wavelength: np.ndarray
    flux: np.ndarray
    ivar: np.ndarray
    mask: np.ndarray
    redshift: np.ndarray
    ids: dict
    flags: np.ndarray
    continuum: np.ndarray | None = None

    def __len__(self):
        return len(self.flux)

    def __repr__(self):
        return (
            f"<SpectrumBatch of {len(self)} spectra, {self.flux.shape[1]} pixels, "
            f"{'one axis' if self.wavelength.ndim == 1 else 'an axis each'}>"
        )

    def __getitem__(self, rows):
        """Select rows by a slice, an index array or a boolean array."""
        if np.ndim(rows) == 0 and not isinstance(rows, slice):
            rows = [rows]
        shared = self.wavelength.ndim == 1
        return SpectrumBatch(
            wavelength=self.wavelength if shared else self.wavelength[rows],
            flux=self.flux[rows],
            ivar=self.ivar[rows],
            mask=self.mask[rows],
            redshift=self.redshift[rows],
            ids={name: column[rows] for name, column in self.ids.items()},
            flags=self.flags[rows],
            continuum=None if self.continuum is None else self.continuum[rows],
        )

    def replace(self, **changes):
        """A copy with some fields exchanged, as `dataclasses.replace`."""
        return dataclasses.replace(self, **changes)

    @classmethod
    def from_arrays(
        cls,
        wavelength,
        flux,
        *,
        ivar=None,
        mask=None,
        redshift=None,
        ids=None,
        flags=None,
    ):
        """Build a batch from arrays that already have the agreed meaning.

        Parameters
        ----------
        wavelength : array_like, shape (n_pix,) or (n, n_pix)
            Vacuum wavelength in angstrom, ascending and finite.
        flux : array_like, shape (n, n_pix) or (n_pix,)
            Flux per unit wavelength.
        ivar : array_like, optional
            Inverse variance, shaped as ``flux``. Where not given, it is one, and zeros
            at either end of a spectrum count as missing.
        mask : array_like of bool, optional
            True where a pixel must not be used.
        redshift : array_like, shape (n,), optional
            NaN where unknown.
        ids : dict of str to array_like, optional
            Identifier columns.
        flags : array_like of int, shape (n,), optional
            Bits known so far.

        Returns
        -------
        SpectrumBatch
            Its mask also covers pixels that are not finite or have no positive
            inverse variance.

        Raises
        ------
        ValueError
            If shapes do not fit, or wavelengths are not finite or do not ascend.

        Examples
        --------
        >>> import numpy as np
        >>> from galspec import SpectrumBatch
        >>> batch = SpectrumBatch.from_arrays(
        ...     np.linspace(4000, 5000, 4), [[1, 2, np.nan, 4]])
        >>> batch.mask
        array([[False, False,  True, False]])
        """
        wavelength = _native(wavelength).astype(np.float64, copy=False)
        flux = np.atleast_2d(_native(flux))
        n = len(flux)
        _check_shape("wavelength", wavelength.shape, flux.shape, flux.shape[1:])
        _check_axis(wavelength)
        bad = ~np.isfinite(flux)
        if mask is not None:
            mask = np.atleast_2d(mask)
            _check_shape("mask", mask.shape, flux.shape)
            bad |= mask.astype(bool)
        if ivar is not None:
            ivar = np.atleast_2d(_native(ivar))
            _check_shape("ivar", ivar.shape, flux.shape)
            bad |= ~((ivar > 0) & np.isfinite(ivar))
        else:
            bad |= _padding(flux)
        flux, ivar = _to_float32(flux, ivar, bad)
        known = np.zeros(n, np.int64) if flags is None else np.array(flags, np.int64)
        redshift, unphysical = _redshift_column(redshift, n)
        known[unphysical] |= Flags.REDSHIFT_OUT_OF_RANGE
        return cls(
            wavelength=wavelength,
            flux=flux,
            ivar=ivar,
            mask=bad,
            redshift=redshift,
            ids={k: np.asarray(v) for k, v in (ids or {}).items()},
            flags=known,
        )

    @classmethod
    def gather(cls, data, *, redshift=None, medium=None):
        """Gather spectra of any form, with units, into one batch.

        Parameters
        ----------
        data : object
            A specutils `~specutils.Spectrum` (one or many dimensions, any axis order,
            ascending or descending), `~specutils.SpectrumList`,
            `~specutils.SpectrumCollection`, a list of spectra, a
            `~astropy.table.QTable` or a mapping with the columns ``wavelength``,
            ``flux`` and optionally ``ivar`` or ``uncertainty``, ``mask`` and
            ``redshift`` (other columns of one value a row are kept as identifiers),
            or a `SpectrumBatch`.
        redshift : float, array_like or `~astropy.units.Quantity`, optional
            One for all or one a spectrum; a velocity is converted. It takes precedence
            over what the data say. A specutils redshift of 0 counts as unknown,
            because it is the default there.
        medium : {'vacuum', 'air'}, optional
            What the wavelengths are measured in; vacuum when not told.

        Returns
        -------
        SpectrumBatch
            One row a spectrum, in the order of the input; ragged input is padded
            under the mask.

        Raises
        ------
        TypeError
            If ``data`` is nothing that holds spectra.
        ValueError
            If shapes do not fit, the medium is unknown, or a column is missing.
        astropy.units.UnitConversionError
            If the spectral axis has no unit of wavelength, frequency, energy or
            wavenumber, or the flux no unit of flux.

        Examples
        --------
        >>> import numpy as np
        >>> import astropy.units as u
        >>> from galspec import SpectrumBatch
        >>> SpectrumBatch.gather(
        ...     {"wavelength": np.linspace(0.4, 0.8, 5) * u.um,
        ...      "flux": np.ones((2, 5)) * u.Unit("erg / (s cm2 AA)")})
        <SpectrumBatch of 2 spectra, 5 pixels, one axis>
        """
        from galspec.gathering import collect

        if medium not in (None, "vacuum", "air"):
            raise ValueError(f"medium is {medium!r}; it can be 'vacuum' or 'air'")
        if isinstance(data, cls):
            if medium == "air":
                raise ValueError(
                    "medium='air' for a SpectrumBatch or for files that galspec has "
                    "read: their wavelengths are in vacuum already"
                )
            pieces = [data]
        else:
            pieces = [cls.from_arrays(**arrays) for arrays in collect(data, medium)]
        batch = cls.concatenate(pieces)
        if redshift is None:
            return batch
        column, unphysical = _redshift_column(redshift, len(batch))
        flags = batch.flags | np.where(unphysical, Flags.REDSHIFT_OUT_OF_RANGE, 0)
        return batch.replace(redshift=column, flags=flags)

    @classmethod
    def concatenate(cls, batches):
        """Join batches row by row; different axes are padded under the mask.

        Parameters
        ----------
        batches : iterable of SpectrumBatch
            May be empty, which gives an empty batch.

        Returns
        -------
        SpectrumBatch

        Raises
        ------
        ValueError
            If some of them have a continuum and others have none.
        """
        batches = list(batches)
        if not batches:
            return cls.from_arrays(np.empty(0), np.empty((0, 0)))
        if len(batches) == 1:
            return batches[0]
        normalised = sum(b.continuum is not None for b in batches)
        if normalised not in (0, len(batches)):
            raise ValueError(
                f"{normalised} of {len(batches)} batches have a continuum: normalise "
                "all of them or none"
            )
        first = batches[0].wavelength
        if not all(_same_axis(first, b.wavelength) for b in batches[1:]):
            n_pix = max(b.flux.shape[1] for b in batches)
            batches = [_padded(b, n_pix) for b in batches]
            first = None
        names = list(dict.fromkeys(name for b in batches for name in b.ids))
        columns = ["flux", "ivar", "mask", "redshift", "flags"]
        columns += ["continuum"] * bool(normalised)
        joined = {k: np.concatenate([getattr(b, k) for b in batches]) for k in columns}
        return cls(
            wavelength=(
                np.concatenate([b.wavelength for b in batches])
                if first is None
                else first
            ),
            ids={k: np.concatenate([_id_column(b, k) for b in batches]) for k in names},
            **joined,
        )


def _native(values):
    """An array of native byte order, float32 or float64."""
    values = np.asarray(values)
    if values.dtype.kind not in "fiub":
        raise TypeError(f"spectra of dtype {values.dtype}: real numbers are needed")
    wide = values.dtype.kind != "f" or values.dtype.itemsize > 4
    return values.astype(np.float64 if wide else np.float32, copy=False)


def _check_shape(name, shape, *allowed):
    if shape not in allowed:
        raise ValueError(f"{name} has shape {shape}; flux needs {allowed[0]}")


def _check_axis(wavelength):
    """Interpolation gives numbers on any axis, and wrong ones on these."""
    if not np.isfinite(wavelength).all():
        raise ValueError("some wavelengths are not finite")
    if np.any(wavelength[..., 1:] < wavelength[..., :-1]):
        raise ValueError(
            "the wavelengths do not ascend: sort them, or use SpectrumBatch.gather"
        )


def _padding(flux):
    """Zeros with which spectra are filled up at either end."""
    ends = np.logical_and.accumulate(flux == 0, axis=1)
    ends |= np.logical_and.accumulate(flux[:, ::-1] == 0, axis=1)[:, ::-1]
    return ends


def _to_float32(flux, ivar, bad):
    """Copies in float32, rows of extreme brightness rescaled by a power of two."""
    flux = np.where(bad, 0, flux)
    peak = np.max(np.abs(flux), axis=1, initial=0)
    extreme = (peak > 0) & ((peak < _SAFE_FLUX[0]) | (peak > _SAFE_FLUX[1]))
    if extreme.any():
        # a power of two changes no digit, so batch and single spectra stay equal
        scale = np.ones(len(flux), np.float64)
        scale[extreme] = np.exp2(-np.round(np.log2(peak[extreme].astype(np.float64))))
        flux = flux * scale[:, None]
        if ivar is not None:
            ivar = np.where(bad, 0, ivar) / scale[:, None] ** 2
    if ivar is None:
        return flux.astype(np.float32), (~bad).astype(np.float32)
    limits = np.finfo(np.float32)
    ivar = np.where(bad, 0, np.clip(ivar, limits.tiny, limits.max))
    return flux.astype(np.float32), ivar.astype(np.float32)


def _redshift_column(redshift, n):
    """One float64 redshift a row (NaN unknown), and which rows were unphysical."""
    if redshift is None:
        return np.full(n, np.nan), np.zeros(n, bool)
    unit = getattr(redshift, "unit", None)
    if unit is not None:
        import astropy.units as u

        as_velocity = unit.is_equivalent(u.km / u.s)
        if not (as_velocity or unit.is_equivalent(u.dimensionless_unscaled)):
            raise u.UnitConversionError(
                f"redshift has the unit {str(unit)!r}; a number or a velocity is needed"
            )
        equivalency = u.doppler_redshift() if as_velocity else []
        redshift = redshift.to_value(u.dimensionless_unscaled, equivalency)
    column = np.array(np.ma.filled(np.ma.asarray(redshift, np.float64), np.nan))
    if column.ndim and column.shape != (n,):
        raise ValueError(f"redshift has shape {column.shape}; there are {n} spectra")
    column = np.broadcast_to(column, (n,)).copy()
    unphysical = np.isinf(column) | (column <= -1)
    column[unphysical] = np.nan
    return column, unphysical


def _same_axis(a, b):
    return a is b or (a.ndim == b.ndim == 1 and np.array_equal(a, b))


def _padded(batch, n_pix):
    """The batch with an axis for each row, continued under the mask to ``n_pix``."""
    n, have = batch.flux.shape
    wavelength = np.broadcast_to(batch.wavelength, (n, have))
    extra = n_pix - have
    end = wavelength[:, -1:] if have else np.zeros((n, 1))
    tail = end + np.arange(1, extra + 1)
    fill = ((0, 0), (0, extra))
    return batch.replace(
        wavelength=np.hstack([wavelength, tail]),
        flux=np.pad(batch.flux, fill),
        ivar=np.pad(batch.ivar, fill),
        mask=np.pad(batch.mask, fill, constant_values=True),
        continuum=None if batch.continuum is None else np.pad(batch.continuum, fill),
    )


def _id_column(batch, name):
    """An identifier column; an empty one where this batch does not have it."""
    if name in batch.ids:
        return batch.ids[name]
    return np.full(len(batch), "" if name in TEXT_COLUMNS else np.nan)
