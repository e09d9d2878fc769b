"""From tables with units to plain arrays: the way in of `PhotometryBatch.gather`.

`arrays_of_table` returns keyword arguments of `PhotometryBatch.from_arrays`.
"""

import numpy as np

from galspec.magnitudes import flux_of_asinh_magnitude, flux_of_magnitude
from galspec.photometry_checks import check_shape, checked_reddening
from galspec.photometry_columns import TableColumns
from galspec.survey import MAGNITUDES

__all__ = ["arrays_of_table", "columns_needed"]

#: A magnitude of 99 stands for no detection; its error is then a limiting magnitude,
#: as in the catalogue of Capak et al. (2007, ApJS 172, 99).
NO_DETECTION = 99.0
LIMITS = (10.0, 40.0)


def arrays_of_table(table, survey, ebv=None, dust_map=None, keep=()):
    """The arrays that a table holds, in nanomaggies.

    Parameters
    ----------
    table : `~astropy.table.Table` or mapping
    survey : `~galspec.surveys.Survey`
    ebv, dust_map, keep
        As for `PhotometryBatch.gather`.

    Returns
    -------
    dict
        Keyword arguments of `PhotometryBatch.from_arrays`.

    Raises
    ------
    ValueError
        If a column is missing or holds something else.
    """
    table, keep = TableColumns(table), _words(keep)
    layout = _layout(table, survey)
    known = _reddening(table, survey, ebv)
    if dust_map is not None:
        known = _with_map(known, table, dust_map)
    measured = [_band(table, survey, layout, band) for band in survey.bands]
    flux, ivar = (np.stack(part, axis=1) for part in zip(*measured, strict=True))
    apertures = _apertures(table, survey, layout)
    flux, ivar, known = _reddened(flux, ivar, known, survey, layout)
    return {
        "flux": flux,
        "ivar": ivar,
        "aperture_flux": {band: pair[0] for band, pair in apertures.items()},
        "aperture_ivar": {band: pair[1] for band, pair in apertures.items()},
        "ebv": known,
        "ids": _identifiers(table, survey, keep),
    }


def columns_needed(names, survey, keep=()):
    """Which columns of a table `arrays_of_table` would look at.

    Parameters
    ----------
    names : iterable of str
        Columns that there are.
    survey : `~galspec.surveys.Survey`
    keep : iterable of str
        Columns that are kept besides.

    Returns
    -------
    list of str
        Those among ``names``, in their order; all where none is of a band, so that an
        error can tell what there is.
    """
    names, fluxes = list(names), set()
    wanted = {"ra", "dec", *survey.identifiers, *_words(keep), *survey.ebv}
    patterns = [p for p in (survey.transmission, *survey.absorption) if p]
    for band in survey.bands:
        wanted.update(pattern.format(band=band) for pattern in patterns)
        for layout in survey.columns:
            fluxes.update(layout.names(band))
            for number in range(len(survey.apertures.get(band, ())) + 1):
                fluxes.update(layout.aperture_names(band, number))
    fluxes = {name.lower() for name in fluxes if name}
    if not any(name.lower() in fluxes for name in names):
        return names
    wanted = fluxes | {name.lower() for name in wanted}
    return [name for name in names if name.lower() in wanted]


def _words(keep):
    """A single name is a list of one, as everywhere."""
    return (keep,) if isinstance(keep, str) else tuple(keep)


def _layout(table, survey):
    """The layout that finds most bands, and of these the first with apertures."""

    def found(layout):
        bands = [b for b in survey.bands if table.has(layout.names(b)[0])]
        apertures = [b for b in bands if table.has(_first_aperture(layout, b))]
        return len(bands), len(apertures)

    best = max(survey.columns, key=found, default=None)
    if best is None or not found(best)[0]:
        tried = [
            layout.names(band) for layout in survey.columns for band in survey.bands
        ]
        words = dict.fromkeys(pair[0] for pair in tried if pair[0])
        raise ValueError(
            f"no column for any band of {survey.name!r}: looked for {', '.join(words)} "
            f"among {', '.join(table.names) or 'no columns'}; say columns= for others"
        )
    return best


def _first_aperture(layout, band):
    return layout.aperture_names(band, 1)[0]


def _band(table, survey, layout, band):
    """Flux and inverse variance of a band; NaN and 0 where it has no column."""
    value, error = layout.names(band)
    if not table.has(value):
        return np.full(len(table), np.nan), np.zeros(len(table))
    pair = _measured(table, survey, layout, band, value, error)
    for name, column in zip((value, error), pair, strict=True):
        check_shape(f"column {name!r}", column.shape, (len(table),), "a value a row")
    return pair


def _measured(table, survey, layout, band, value, error):
    """Columns with values and errors in nanomaggies."""
    table.require(error, f"the errors of {value!r}")
    if layout.unit in MAGNITUDES:
        values, errors = table.magnitudes(value), table.magnitudes(error)
        if layout.unit == "asinh mag":
            softening = survey.softening_of(band)
            return flux_of_asinh_magnitude(values, _positive(errors), softening)
        return _with_limits(values, errors)
    values = table.fluxes(value, layout.unit)
    unit = table.unit(value) or layout.unit
    if layout.error_is == "ivar":
        return values, table.fluxes(error, unit, power=-2)
    return values, _positive(table.fluxes(error, unit)) ** -2.0


def _positive(errors):
    with np.errstate(invalid="ignore"):
        return np.where(errors > 0, errors, np.nan)


def _with_limits(values, errors):
    """Fluxes of magnitudes; zero, and known how well, where one is a limit."""
    with np.errstate(invalid="ignore"):
        limit = (values == NO_DETECTION) & (errors > LIMITS[0]) & (errors < LIMITS[1])
        unusable = ~limit & ((np.abs(values) >= 90) | ~(errors > 0))
    sigma = flux_of_magnitude(np.where(limit, errors, np.nan), 1)[0]
    flux, ivar = flux_of_magnitude(np.where(unusable, np.nan, values), errors)
    return np.where(limit, 0, flux), np.where(limit, sigma**-2.0, ivar)


def _apertures(table, survey, layout):
    """Aperture fluxes and their inverse variances, of the bands that have columns."""
    pairs = {}
    for band, radii in survey.apertures.items():
        many = layout.aperture_names(band, 1) != layout.aperture_names(band, 2)
        numbers = range(1, len(radii) + 1) if many else (0,)
        names = [layout.aperture_names(band, number) for number in numbers]
        if not all(table.has(value) for value, _ in names):
            continue
        measured = [_measured(table, survey, layout, band, *pair) for pair in names]
        flux, ivar = zip(*measured, strict=True)
        stack = np.column_stack if many else np.concatenate
        pairs[band] = stack(flux), stack(ivar)
    return pairs


def _reddening(table, survey, ebv):
    """E(B-V) as given, or as columns tell it; NaN where nothing does."""
    if ebv is not None:
        unit = getattr(ebv, "unit", None)
        ebv = np.ma.filled(
            np.ma.asarray(ebv if unit is None else ebv.value, float), np.nan
        )
        return checked_reddening(ebv, len(table))
    for name in survey.ebv:
        if table.has(name):
            return table.magnitudes(name)
    if survey.transmission is not None:
        found = _per_ebv(table, survey.transmission, survey.extinction, _magnitudes_of)
        if found is not None:
            return found
    for pattern in survey.absorption:
        found = _per_ebv(
            table, pattern, survey.absorption_per_ebv, lambda values: values
        )
        if found is not None:
            return found
    return np.full(len(table), np.nan)


def _per_ebv(table, pattern, coefficients, to_magnitudes):
    """E(B-V) from the extinction in the band that tells it best of those known."""
    best = np.full(len(table), np.nan)
    seen = False
    for band in sorted(coefficients, key=coefficients.get, reverse=True):
        if table.has(name := pattern.format(band=band)):
            values = to_magnitudes(table.magnitudes(name)) / coefficients[band]
            best, seen = np.where(np.isfinite(best), best, values), True
    return best if seen else None


def _magnitudes_of(transmission):
    with np.errstate(divide="ignore", invalid="ignore"):
        return -2.5 * np.log10(np.where(transmission > 0, transmission, np.nan))


def _with_map(ebv, table, dust_map):
    from galspec.milky_way_dust import milky_way_reddening

    unknown = ~np.isfinite(ebv)
    if unknown.any():
        position = [table.angles(name)[unknown] for name in ("ra", "dec")]
        ebv[unknown] = milky_way_reddening(*position, dust_map=dust_map)
    return ebv


def _reddened(flux, ivar, ebv, survey, layout):
    """Fluxes as observed, where a table has them without the Milky Way.

    Where the reddening is not known, they stay as they are, and it is 0.
    """
    if not layout.dereddened:
        return flux, ivar, ebv
    known = np.isfinite(ebv)
    ebv = np.where(known, ebv, 0)
    extinction = np.array([survey.extinction[band] for band in survey.bands])
    transmission = 10 ** (-0.4 * ebv[:, None] * extinction)
    if "value" in layout.dereddened:
        flux = flux * transmission
        if layout.unit in MAGNITUDES:  # whose errors became those of the same fluxes
            ivar = ivar / transmission**2
    if "error" in layout.dereddened and layout.unit not in MAGNITUDES:
        ivar = ivar / transmission**2
    return flux, ivar, ebv


def _identifiers(table, survey, keep):
    """Columns that the survey declares, where there are, and all asked for."""
    for name in keep:
        table.require(name, "keep=")
    names = dict.fromkeys(
        name.lower() for name in (*survey.identifiers, *keep) if table.has(name)
    )
    return {name: table.identifier(name) for name in names}
