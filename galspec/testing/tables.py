"""Spectra that checks are made with, and comparison of the tables that come out."""

import numpy as np

__all__ = ["REDSHIFT", "assert_same", "columns", "predicted", "spectra"]

#: Largest difference that float32 arithmetic in another order may make, in errors.
TOLERANCE = 0.02
#: The same as a share of the valid range, for errors that can be 0.
ROUNDING = 1e-4
#: Of the spectra.
REDSHIFT = 0.05


def spectra(n=6, seed=5):
    """Emission-line spectra with noise on a log grid.

    Parameters
    ----------
    n, seed : int

    Returns
    -------
    dict of str to array
        ``wavelength``, ``flux`` and ``ivar`` with units, and ``redshift``.
    """
    import astropy.units as u

    rng = np.random.default_rng(seed)
    wavelength = 10 ** (3.569 + 1e-4 * np.arange(3900))
    flux = np.array([(wavelength / 6000) ** slope for slope in rng.uniform(-2, 1, n)])
    for rest in (3728.5, 4862.7, 4960.3, 5008.2, 6549.9, 6564.6, 6585.3, 6725.0):
        profile = np.exp(-0.5 * ((wavelength / rest / (1 + REDSHIFT) - 1) * 1300) ** 2)
        flux += rng.uniform(0.2, 3, (n, 1)) * profile
    flux += rng.normal(0, 0.05, flux.shape)
    unit = u.Unit("1e-17 erg / (s cm2 AA)")
    return {
        "wavelength": wavelength * u.AA,
        "flux": flux * unit,
        "ivar": np.full(flux.shape, 400.0) / unit**2,
        "redshift": np.full(n, REDSHIFT),
    }


def predicted(estimator, data, **options):
    """The result as a table, whatever form the class gives it.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
    data, **options
        As its ``predict`` takes them.

    Returns
    -------
    `~astropy.table.QTable`
    """
    return _as_table(estimator, estimator.predict(data, **options))


def _as_table(estimator, result):
    """The rows of a `~specutils.Spectrum`: flux, its error and arrays of its meta."""
    from astropy.table import QTable
    from specutils import Spectrum

    if not isinstance(result, Spectrum):
        return result
    (target,) = estimator.targets
    one = result.flux.ndim == 1
    error = result.uncertainty.quantity
    rows = {target.name: result.flux, target.name + "_err": error}
    rows |= {k: v for k, v in result.meta.items() if not isinstance(v, str)}
    meta = {k: v for k, v in result.meta.items() if isinstance(v, str)}
    return QTable({k: v[None] if one else v for k, v in rows.items()}, meta=meta)


def columns(estimator):
    """Names of the values and errors in a result.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`

    Returns
    -------
    list of str
    """
    return [t.name + suffix for t in estimator.targets for suffix in ("", "_err")]


def assert_same(estimator, table, expected, rows=slice(None)):
    """Two tables agree to a small part of the error, NaN where NaN.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator`
        Whose values they hold.
    table, expected : `~astropy.table.QTable`
    rows : slice or array_like
        Of the expected table, which the other one has.

    Raises
    ------
    AssertionError
        If they do not.
    """
    assert len(table) == len(expected[rows]), (
        f"{len(table)} rows where {len(expected[rows])} were expected"
    )
    for target in estimator.targets:
        error = expected[target.name + "_err"][rows].to_value(target.unit)
        allowed = TOLERANCE * error + ROUNDING * (target.valid[1] - target.valid[0])
        for name in (target.name, target.name + "_err"):
            ours = table[name].to_value(target.unit)
            theirs = expected[name][rows].to_value(target.unit)
            close = np.abs(ours - theirs) < allowed
            alike = close | (np.isnan(ours) & np.isnan(theirs))
            row = np.unravel_index(np.argmin(alike), alike.shape)
            place = ", ".join(map(str, row))
            assert alike.all(), f"{name} of row {place}: {ours[row]}, not {theirs[row]}"
