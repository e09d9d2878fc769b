"""What flows through galspec besides spectra: a batch of photometry as plain arrays."""

import dataclasses

import numpy as np

from galspec.photometry_checks import (
    check_bands,
    check_shape,
    checked_apertures,
    checked_reddening,
    measured,
    with_no_data,
)
from galspec.survey import Survey
from galspec.surveys import get_survey

__all__ = ["PhotometryBatch"]


@dataclasses.dataclass(frozen=True, eq=False)
class PhotometryBatch:
    """Fluxes of objects in several bands as arrays, without units.

    Build it with `PhotometryBatch.gather` (a table), `galspec.io.read_photometry`
    (files) or `PhotometryBatch.from_arrays` (arrays of the meaning below).

    Parameters
    ----------
    survey : `~galspec.surveys.Survey`
        What the bands are like: extinction, apertures, softening of magnitudes.
    bands : tuple of str
        Some or all of the survey's, or others that were not observed.
    flux : `numpy.ndarray`, shape (n, n_bands), float32
        Total (model) fluxes in nanomaggies on the AB system, as observed, that is,
        dimmed by the Milky Way; NaN where not observed. Zero or less where an object
        was observed and not detected.
    ivar : `numpy.ndarray`, shape (n, n_bands), float32
        Inverse variance of ``flux``; 0 where not observed.
    aperture_flux, aperture_ivar : dict of str to `numpy.ndarray`, (n, n_radii), float32
        The same inside the radii of ``survey.apertures``, for the bands that have them.
    ebv : `numpy.ndarray`, shape (n,), float64
        Reddening E(B-V) by the Milky Way, on the scale of Schlegel, Finkbeiner & Davis
        (1998), that is in the fluxes; NaN where unknown, 0 where they are free of it.
    ids : dict of str to `numpy.ndarray`
        Identifier columns, each of length n, that end up in the result table.
    flags : `numpy.ndarray`, shape (n,), int64
        Bits of `galspec.flags.Flags` known so far: ``NO_DATA`` where no band is
        observed.
    stamps : `numpy.ndarray`, shape (n, n_bands, n_pix, n_pix), float32, optional
        Images around the objects, in nanomaggies a pixel; NaN where there is none.
    """

    survey: Survey
    bands: tuple
    flux: np.ndarray
    ivar: np.ndarray
    aperture_flux: dict
    aperture_ivar: dict
    ebv: np.ndarray
    ids: dict
    flags: np.ndarray
    stamps: np.ndarray | None = None

    def __len__(self):
        return len(self.flux)

    def __repr__(self):
        stamps = "" if self.stamps is None else ", with stamps"
        return (
            f"<PhotometryBatch of {len(self)} objects of {self.survey.name} in "
            f"{' '.join(self.bands)}{stamps}>"
        )

    def __getitem__(self, rows):
        """Select rows by a slice, an index array or a boolean array."""
        if np.ndim(rows) == 0 and not isinstance(rows, slice):
            rows = [rows]
        return self.replace(
            flux=self.flux[rows],
            ivar=self.ivar[rows],
            aperture_flux={k: v[rows] for k, v in self.aperture_flux.items()},
            aperture_ivar={k: v[rows] for k, v in self.aperture_ivar.items()},
            ebv=self.ebv[rows],
            ids={k: v[rows] for k, v in self.ids.items()},
            flags=self.flags[rows],
            stamps=None if self.stamps is None else self.stamps[rows],
        )

    def replace(self, **changes):
        """A copy with some fields exchanged, as `dataclasses.replace`."""
        return dataclasses.replace(self, **changes)

    @property
    def apertures(self):
        """Radii in arcseconds of the aperture fluxes, for the bands that have them."""
        return {band: self.survey.apertures[band] for band in self.aperture_flux}

    @property
    def redshift(self):
        """NaN, shape (n,): spectra may know theirs, photometry does not."""
        return np.full(len(self), np.nan)

    @property
    def observed(self):
        """Where there is a flux: bool, shape (n, n_bands)."""
        return np.isfinite(self.flux) & (self.ivar > 0)

    @property
    def pictured(self):
        """Where there is an image of the object itself: bool, shape (n, n_bands)."""
        if self.stamps is None:
            return np.zeros(self.flux.shape, bool)
        centre = self.stamps.shape[-1] // 2
        return np.isfinite(self.stamps[:, :, centre, centre])

    def with_stamps(self, stamps):
        """The same objects with images.

        Parameters
        ----------
        stamps : array_like, shape (n, n_bands, n_pix, n_pix)
            Nanomaggies a pixel, NaN where there is no image.

        Returns
        -------
        PhotometryBatch

        Raises
        ------
        ValueError
            If there is not one a row and band.
        """
        stamps = np.array(stamps, np.float32)
        check_shape("stamps", stamps.shape[:2], self.flux.shape, "fluxes")
        flags = with_no_data(self.flags, self.flux, stamps)
        return self.replace(stamps=stamps, flags=flags)

    @property
    def signal_to_noise(self):
        """Flux over its standard deviation, (n, n_bands); NaN where not observed."""
        return self.flux * np.sqrt(self.ivar)

    def detected(self, snr=3.0):
        """Where an object was detected, not merely observed.

        Parameters
        ----------
        snr : float
            Signal-to-noise that a detection takes.

        Returns
        -------
        `numpy.ndarray` of bool, shape (n, n_bands)
            False too where not observed: see ``observed``.
        """
        return self.observed & (self.flux > 0) & (self.signal_to_noise >= snr)

    def select(self, bands):
        """The same objects in these bands, in this order.

        Parameters
        ----------
        bands : iterable of str
            Those that the batch does not have become bands that were not observed.

        Returns
        -------
        PhotometryBatch

        Raises
        ------
        ValueError
            If none of them is in the batch, or one stands there twice.
        """
        bands = tuple(bands)
        if bands == self.bands:
            return self  # images are large
        if len(set(bands)) < len(bands) or not set(bands) & set(self.bands):
            raise ValueError(
                f"cannot select the bands {', '.join(bands) or '(none)'}: each once, "
                f"and at least one of {', '.join(self.bands)}"
            )
        place = [self.bands.index(b) if b in self.bands else -1 for b in bands]
        absent = np.array(place) < 0
        flux, ivar = self.flux[:, place], self.ivar[:, place]
        flux[:, absent], ivar[:, absent] = np.nan, 0
        stamps = None if self.stamps is None else self.stamps[:, place]
        if stamps is not None:
            stamps[:, absent] = np.nan
        return self.replace(
            bands=bands,
            flux=flux,
            ivar=ivar,
            aperture_flux=_some(self.aperture_flux, bands),
            aperture_ivar=_some(self.aperture_ivar, bands),
            flags=with_no_data(self.flags, flux, stamps),
            stamps=stamps,
        )

    @classmethod
    def from_arrays(
        cls,
        flux,
        ivar,
        *,
        survey,
        bands=None,
        aperture_flux=None,
        aperture_ivar=None,
        ebv=None,
        ids=None,
        flags=None,
        stamps=None,
    ):
        """Build a batch from arrays that already have the agreed meaning.

        Parameters
        ----------
        flux, ivar : array_like, shape (n, n_bands)
            Nanomaggies, and their inverse variance. Either of them not finite, or no
            positive inverse variance: not observed.
        survey : str or `~galspec.surveys.Survey`
        bands : sequence of str, optional
            Those of the survey when not given.
        aperture_flux, aperture_ivar : dict of str to array_like, (n, n_radii), optional
            By band; both or none of them.
        ebv : float or array_like, shape (n,), optional
            NaN where unknown, which is what it is when not given. Numbers that cannot
            be a reddening, below -0.1 or above 50, count as unknown.
        ids : dict of str to array_like, optional
            Identifier columns.
        flags : array_like of int, shape (n,), optional
            Bits known so far.
        stamps : array_like, shape (n, n_bands, n_pix, n_pix), optional
            Nanomaggies a pixel.

        Returns
        -------
        PhotometryBatch

        Raises
        ------
        TypeError
            If there are units.
        ValueError
            If shapes do not fit, or a band is none of the survey's.

        Examples
        --------
        >>> import numpy as np
        >>> from galspec import PhotometryBatch
        >>> batch = PhotometryBatch.from_arrays(
        ...     [[10.0, 12.0, np.nan], [1.0, -0.1, 3.0]], [[4.0, 4.0, 4.0]] * 2,
        ...     survey="ls-dr10", bands=("g", "r", "z"))
        >>> batch.observed
        array([[ True,  True, False],
               [ True,  True,  True]])
        >>> batch.detected()
        array([[ True,  True, False],
               [False, False,  True]])
        """
        survey = get_survey(survey)
        bands = survey.bands if bands is None else tuple(bands)
        check_bands(bands, survey)
        flux, ivar = measured(flux, ivar, "flux")
        n = len(flux)
        check_shape("flux", flux.shape, (n, len(bands)), f"bands {', '.join(bands)}")
        apertures = checked_apertures(
            aperture_flux or {}, aperture_ivar or {}, survey, bands, n
        )
        if stamps is not None:
            stamps = np.array(stamps, np.float32)
            check_shape("stamps", stamps.shape[:2], (n, len(bands)), "fluxes")
        ids = {name: np.asarray(column) for name, column in (ids or {}).items()}
        for name, column in ids.items():
            check_shape(f"identifier {name!r}", column.shape, (n,), "fluxes")
        known = np.zeros(n, np.int64) if flags is None else np.array(flags, np.int64)
        return cls(
            survey=survey,
            bands=bands,
            flux=flux,
            ivar=ivar,
            aperture_flux={band: pair[0] for band, pair in apertures.items()},
            aperture_ivar={band: pair[1] for band, pair in apertures.items()},
            ebv=checked_reddening(ebv, n),
            ids=ids,
            flags=with_no_data(known, flux, stamps),
            stamps=stamps,
        )

    @classmethod
    def gather(cls, table, *, survey, columns=None, ebv=None, dust_map=None, keep=()):
        """Gather the photometry of a table, with its units, into a batch.

        Parameters
        ----------
        table : `~astropy.table.Table`, `~astropy.table.QTable` or mapping
            With a column or more a band, as the survey declares them; names may be in
            upper or lower case. Units of the columns are heeded. A band without a
            column was not observed. Masked values, NaN, infinities, errors that are not
            positive, and the usual marks for missing values (-99, -999, -9999; 99 of
            magnitudes) are not observed either; a magnitude of 99 whose error is a
            limiting magnitude (1 sigma) was observed and not detected.
        survey : str or `~galspec.surveys.Survey`
            ``"ls-dr9"``, ``"ls-dr10"``, ``"sdss"``, ``"cosmos"``, or a declaration.
        columns : `~galspec.surveys.Columns`, optional
            Where the table calls them differently.
        ebv : float, array_like or `~astropy.units.Quantity`, optional
            E(B-V), which then takes precedence over what the table says.
        dust_map : str, path-like or callable, optional
            Where E(B-V) comes from for rows of which nothing else tells it, by their
            ``ra`` and ``dec``: see `galspec.milky_way_dust.milky_way_reddening`.
        keep : iterable of str
            Columns kept as identifiers, besides those that the survey declares.

        Returns
        -------
        PhotometryBatch
            One row a row of the table, in its order.

        Raises
        ------
        ValueError
            If there is no column for any band, one for errors is missing, a column
            holds no numbers, or shapes do not fit. The message names it.
        astropy.units.UnitConversionError
            If a column has a unit of something else.

        Examples
        --------
        >>> from galspec import PhotometryBatch
        >>> batch = PhotometryBatch.gather(
        ...     {"mag_g": [20.1, 21.0], "magerr_g": [0.02, 0.05],
        ...      "mag_r": [19.5, -99.0], "magerr_r": [0.02, -99.0]},
        ...     survey="cosmos", ebv=0.02)
        >>> batch.observed[:, [2, 4]]  # g and r
        array([[ True,  True],
               [ True, False]])
        """
        from galspec.photometry_table import arrays_of_table

        survey = get_survey(survey)
        if columns is not None:
            survey = dataclasses.replace(survey, columns=(columns,))
        return cls.from_arrays(
            survey=survey, **arrays_of_table(table, survey, ebv, dust_map, keep)
        )

    @classmethod
    def concatenate(cls, batches):
        """Join batches of one survey row by row.

        Parameters
        ----------
        batches : iterable of PhotometryBatch
            At least one.

        Returns
        -------
        PhotometryBatch
            Apertures that only some of them have are not observed in the others.

        Raises
        ------
        ValueError
            If there is none, surveys or bands differ, or only some have stamps.
        """
        from galspec.photometry_joining import join

        return join(list(batches))


def _some(columns, bands):
    return {band: columns[band] for band in bands if band in columns}
