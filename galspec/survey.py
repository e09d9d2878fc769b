"""How an imaging survey is declared: what its tables hold, what its bands are like."""

import dataclasses

__all__ = ["Columns", "Survey"]

#: What `Columns.error` may be.
ERRORS = ("ivar", "sigma")
#: Units of `Columns.unit` that are magnitudes; any other is a unit of flux density.
MAGNITUDES = ("mag", "asinh mag")
#: Fields of `Survey` whose keys are bands.
BY_BAND = (
    "extinction",
    "softening",
    "apertures",
    "absorption_per_ebv",
    "image_scales",
    "image_offsets",
)


@dataclasses.dataclass(frozen=True)
class Columns:
    """How a table names what it holds of each band.

    Parameters
    ----------
    value, error : str or dict of str to str
        Names of the columns with fluxes or magnitudes, and with their errors:
        ``{band}`` stands for the name of a band. Upper and lower case are alike. Or
        band to name, where no pattern does.
    unit : str
        Unit of ``value`` where the column has none of its own: one of flux density for
        `astropy.units`, such as ``"nmgy"`` (nanomaggies) or ``"uJy"``; ``"mag"`` for AB
        magnitudes; ``"asinh mag"`` for those of Lupton, Gunn & Szalay (1999) with the
        softening of the survey.
    error_is : {'ivar', 'sigma'}
        Inverse variances or standard deviations; those of magnitudes are the latter.
    apertures, aperture_errors : str or dict of str to str, optional
        Likewise for aperture fluxes: a column of arrays with a value a radius, or, with
        ``{aperture}`` for the number of the radius from 1, a column each.
    dereddened : tuple of str
        Which of ``"value"`` and ``"error"`` are corrected for the Milky Way already.
        They are turned back where E(B-V) is known; elsewhere it counts as 0.

    Raises
    ------
    ValueError
        If a name, a unit or a word is none of these.
    """

    value: str | dict
    error: str | dict
    unit: str = "nmgy"
    error_is: str = ""
    apertures: str | dict | None = None
    aperture_errors: str | dict | None = None
    dereddened: tuple = ()

    def __post_init__(self):
        magnitudes = self.unit in MAGNITUDES
        if not self.error_is:
            object.__setattr__(self, "error_is", ERRORS[magnitudes])
        if self.error_is not in ERRORS or (magnitudes and self.error_is != "sigma"):
            raise ValueError(
                f"error_is is {self.error_is!r} for values in {self.unit!r}: it can be "
                "'sigma', and 'ivar' for fluxes"
            )
        if (self.apertures is None) != (self.aperture_errors is None):
            raise ValueError("apertures and aperture_errors go together: give both")
        if not set(self.dereddened) <= {"value", "error"}:
            raise ValueError(
                f"dereddened is {self.dereddened}: it can hold 'value' and 'error'"
            )
        for pattern in (self.value, self.error):
            if isinstance(pattern, str) and "{band}" not in pattern:
                raise ValueError(f"the name {pattern!r} has no '{{band}}' in it")

    def names(self, band):
        """Columns with the value and the error of a band.

        Parameters
        ----------
        band : str

        Returns
        -------
        value, error : str or None
            None where a dict does not name the band.
        """
        return _name(self.value, band), _name(self.error, band)

    def aperture_names(self, band, number=0):
        """Columns with aperture fluxes of a band and with their errors.

        Parameters
        ----------
        band : str
        number : int
            Of the radius, from 1, where each has a column.

        Returns
        -------
        value, error : str or None
        """
        return tuple(
            _name(pattern, band, number)
            for pattern in (self.apertures, self.aperture_errors)
        )


@dataclasses.dataclass(frozen=True)
class Survey:
    """An imaging survey: what its tables hold, and what its bands are like.

    Parameters
    ----------
    name : str
    bands : tuple of str
        In the order of the columns of a `~galspec.PhotometryBatch`.
    extinction : dict of str to float
        Extinction in magnitudes per E(B-V) of Schlegel, Finkbeiner & Davis (1998).
    columns : tuple of Columns
        Layouts that its tables have; the first that finds most bands is used.
    softening : dict of str to float
        That of asinh magnitudes, nanomaggies; 0.05 where a band is not named.
    apertures : dict of str to tuple of float
        Radii of the aperture fluxes, arcseconds.
    ebv : tuple of str
        Columns that may hold E(B-V).
    transmission : str, optional
        Columns with the fraction of the light that the Milky Way lets pass.
    absorption : tuple of str
        Columns with the extinction in magnitudes, which is ``absorption_per_ebv``
        (band to number) times E(B-V).
    absorption_per_ebv : dict of str to float
    identifiers : tuple of str
        Columns that are kept in the result.
    pixel_scale : float
        Arcseconds a pixel of its image stamps.
    image_scales : dict of str to float
        Arcseconds a pixel of its images, where it is not that of the stamps: their
        values are fluxes in a pixel of this size, to whatever they were resampled.
    image_offsets : dict of str to float
        AB magnitude of what is 0 mag in its images, where these are not on the AB
        system.

    Raises
    ------
    ValueError
        If a band has no extinction, or something speaks of a band that is none.
    """

    name: str
    bands: tuple
    extinction: dict
    columns: tuple = ()
    softening: dict = dataclasses.field(default_factory=dict)
    apertures: dict = dataclasses.field(default_factory=dict)
    ebv: tuple = ("ebv", "e_bv", "e(b-v)")
    transmission: str | None = None
    absorption: tuple = ()
    absorption_per_ebv: dict = dataclasses.field(default_factory=dict)
    identifiers: tuple = ("id", "object_id", "ra", "dec")
    pixel_scale: float = 0.262
    image_scales: dict = dataclasses.field(default_factory=dict)
    image_offsets: dict = dataclasses.field(default_factory=dict)

    def __post_init__(self):
        missing = [band for band in self.bands if band not in self.extinction]
        if missing:
            raise ValueError(
                f"survey {self.name!r} has no extinction for the bands {missing}"
            )
        for field in BY_BAND:
            unknown = sorted(set(getattr(self, field)) - set(self.bands))
            if unknown:
                raise ValueError(
                    f"{field} of survey {self.name!r} names {unknown}; its bands are "
                    f"{', '.join(self.bands)}"
                )

    def softening_of(self, band):
        """Softening of the asinh magnitudes of a band.

        Parameters
        ----------
        band : str

        Returns
        -------
        float
            Nanomaggies.
        """
        return self.softening.get(band, 0.05)


def _name(pattern, band, number=0):
    if pattern is None or isinstance(pattern, dict):
        return (pattern or {}).get(band)
    return pattern.format(band=band, aperture=number)
