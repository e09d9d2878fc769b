"""The plugin contract as an executable suite."""

import inspect
import pathlib
import tempfile

import numpy as np

from galspec.flags import WITHOUT_VALUE, Flags
from galspec.targets import Target
from galspec.transforms import Recipe

__all__ = ["check_estimator", "run_checks"]

#: Largest difference that float32 arithmetic in another order may make, in errors.
TOLERANCE = 0.02
#: The same as a share of the valid range, for errors that can be 0.
ROUNDING = 1e-4
REDSHIFT = 0.05


def check_estimator(estimator, *, expected_failed_checks=None):
    """Check that an estimator keeps the contract of galspec.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator` or a subclass
        Trained; of a class, the default weights are loaded.
    expected_failed_checks : dict of str to str, optional
        Name of a check that is known to fail, and why.

    Raises
    ------
    AssertionError
        Names every check that failed unexpectedly, or passed unexpectedly.

    Examples
    --------
    >>> from galspec import GasMetallicity
    >>> from galspec.testing import check_estimator
    >>> check_estimator(GasMetallicity)
    """
    expected = expected_failed_checks or {}
    problems = []
    for name, error in run_checks(estimator):
        if error is not None and name not in expected:
            problems.append(f"{name}: {error}")
        elif error is None and name in expected:
            problems.append(f"{name} passes, though it was expected to fail")
    if problems:
        raise AssertionError("the contract is not kept:\n  " + "\n  ".join(problems))


def run_checks(estimator):
    """Run every check and report each.

    Parameters
    ----------
    estimator : `~galspec.SpectralEstimator` or a subclass
        As for `check_estimator`.

    Yields
    ------
    name : str
        Of the check.
    error : Exception or None
        None where it passed.
    """
    if inspect.isclass(estimator):
        estimator = estimator.pretrained()
    for check in CHECKS:
        try:
            check(estimator)
        except Exception as error:  # a report of all checks is wanted, not the first
            yield check.__name__.removeprefix("_"), error
        else:
            yield check.__name__.removeprefix("_"), None


def _spectra(n=6, seed=5):
    """Emission-line spectra with noise on a log grid, as a mapping with units."""
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


def _predict(estimator, data, **options):
    """The result as a table, whatever form the class gives it."""
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


def _columns(estimator):
    return [t.name + suffix for t in estimator.targets for suffix in ("", "_err")]


def _same(estimator, table, expected, rows=slice(None)):
    """The two tables agree to a small part of the error, NaN where NaN."""
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


def _declaration_is_complete(estimator):
    assert estimator.name, "it has no name"
    assert estimator.references, "it names no reference"
    assert isinstance(estimator.recipe, Recipe), "its recipe is no Recipe"
    assert estimator.targets, "it has no targets"
    assert all(isinstance(t, Target) for t in estimator.targets), "no Target"


def _constructor_takes_keywords_and_stores_them(estimator):
    parameters = inspect.signature(type(estimator)).parameters.values()
    for parameter in parameters:
        assert parameter.kind is parameter.KEYWORD_ONLY, (
            f"{parameter.name} is not keyword-only"
        )
        value = getattr(estimator, parameter.name)
        again = type(estimator)(**{parameter.name: value})
        assert getattr(again, parameter.name) is value, f"{parameter.name} is changed"


def _recipe_survives_json(estimator):
    import json

    config = json.loads(json.dumps(estimator.recipe.to_config()))
    assert Recipe.from_config(config) == estimator.recipe, f"{config} differs"


def _result_has_the_agreed_form(estimator):
    limits = ("_lo", "_hi") if estimator.intervals else ()
    table = _predict(estimator, _spectra(), interval=0.95 if limits else None)
    for target in estimator.targets:
        for suffix in ("", "_err", *limits):
            column = table[target.name + suffix]
            assert column.unit == target.unit, f"{target.name + suffix}: {column.unit}"
            wanted = (len(table), target.size)[: 1 + (target.size > 1)]
            assert column.shape == wanted, f"{target.name + suffix}: {column.shape}"
        error = table[target.name + "_err"].to_value(target.unit)
        # a formula gives no value outside of its range
        absent = _absent(table, target)
        assert np.all((error >= 0) | absent), f"{target.name}_err is negative"
        if limits:
            assert np.all((error > 0) | absent), f"{target.name}_err is 0"
    assert table["flags"].dtype.kind == "i", "flags are no integers"
    has_domain = estimator.network is None or "domain" in table.colnames
    assert has_domain, "there is no column domain"
    for key in ("estimator", "weights", "sha256", "recipe", "scale", "galspec"):
        assert key in table.meta, f"meta has no {key}"


def _absent(table, target):
    """Values that a flag excuses; a spectrum may lack a wavelength in all rows."""
    absent = np.isnan(table[target.name])
    if target.size > 1:
        flagged = (table["flags"] != 0)[:, None]
        return absent & (flagged | absent.all(axis=0))
    return absent & (table["flags"] != 0)


def _one_spectrum_gives_one_row(estimator):
    from specutils import Spectrum

    data = _spectra(1)
    spectrum = Spectrum(flux=data["flux"][0], spectral_axis=data["wavelength"])
    assert len(_predict(estimator, spectrum, redshift=REDSHIFT)) == 1


def _batch_equals_one_by_one(estimator):
    data = _spectra()
    whole = _predict(estimator, data)
    for row in range(len(whole)):
        alone = {
            k: v if k == "wavelength" else v[row : row + 1] for k, v in data.items()
        }
        _same(estimator, _predict(estimator, alone), whole, slice(row, row + 1))


def _rows_keep_their_order(estimator):
    data = _spectra()
    order = np.array([3, 0, 5, 1, 4, 2])
    mixed = {k: v if k == "wavelength" else v[order] for k, v in data.items()}
    _same(
        estimator,
        _predict(estimator, mixed, batch_size=4),
        _predict(estimator, data),
        order,
    )


def _units_do_not_matter(estimator):
    import astropy.units as u

    data = _spectra()
    expected = _predict(estimator, data)
    axis = data["wavelength"]
    for unit in (u.nm, u.um):
        _same(
            estimator,
            _predict(estimator, {**data, "wavelength": axis.to(unit)}),
            expected,
        )
    # frequencies descend, and the flux is one per unit frequency
    to_jansky = u.spectral_density(axis)
    flux = data["flux"].to(u.Jy, to_jansky)
    factor = (flux / data["flux"]).to(u.Jy / data["flux"].unit)
    other = {
        "wavelength": axis.to(u.GHz, u.spectral()),
        "flux": flux,
        "ivar": data["ivar"] / factor**2,
        "redshift": data["redshift"],
    }
    _same(estimator, _predict(estimator, other), expected)


def _byte_order_does_not_matter(estimator):
    data = _spectra()
    swapped = {k: v.astype(">f8") for k, v in data.items()}
    _same(estimator, _predict(estimator, swapped), _predict(estimator, data))


def _axis_order_does_not_matter(estimator):
    from specutils import Spectrum

    data = _spectra()
    turned = Spectrum(
        flux=data["flux"].T[::-1],
        spectral_axis=data["wavelength"][::-1],
        spectral_axis_index=0,
    )
    plain = Spectrum(flux=data["flux"], spectral_axis=data["wavelength"])
    tables = [_predict(estimator, s, redshift=REDSHIFT) for s in (turned, plain)]
    _same(estimator, *tables)


def _bad_pixels_are_alike(estimator):
    """NaN, a mask and zero inverse variance must mean the same."""
    data = _spectra()
    bad = np.zeros(data["flux"].shape, bool)
    bad[:, 1200:1230] = True
    nan, wild, zero = data["flux"].copy(), data["flux"].copy(), data["ivar"].copy()
    nan[bad], wild[bad], zero[bad] = np.nan, 1e4 * wild.unit, 0
    expected = _predict(estimator, {**data, "flux": nan})
    _same(estimator, _predict(estimator, {**data, "flux": wild, "mask": bad}), expected)
    _same(
        estimator, _predict(estimator, {**data, "flux": wild, "ivar": zero}), expected
    )


def _a_bad_row_is_flagged_and_costs_no_other(estimator):
    data = _spectra()
    expected = _predict(estimator, data)
    for value in (np.nan, np.inf, 0.0):
        flux = data["flux"].copy()
        flux[2] = value * flux.unit
        table = _predict(estimator, {**data, "flux": flux})
        assert table["flags"][2] & int(WITHOUT_VALUE), (
            f"a row of {value} is not flagged"
        )
        for name in _columns(estimator):
            assert np.isnan(table[name][2]).all(), (
                f"a row of {value} has the {name} of a guess"
            )
        others = np.arange(len(table)) != 2
        _same(estimator, table[others], expected, others)


def _too_little_coverage_is_flagged(estimator):
    data = _spectra(1)
    short = {k: v if k == "redshift" else v[..., :50] for k, v in data.items()}
    flags = _predict(estimator, short)["flags"][0]
    assert flags & int(Flags.LOW_COVERAGE | Flags.NO_DATA), f"flags are {flags}"


def _empty_input_gives_an_empty_table(estimator):
    table = _predict(estimator, [])
    assert len(table) == 0, f"{len(table)} rows of nothing"
    missing = set(_columns(estimator)) - set(table.colnames)
    assert not missing, f"columns {missing} are missing"


def _wrong_calls_raise(estimator):
    import astropy.units as u

    data = _spectra()
    wrong = (
        ({**data, "wavelength": data["wavelength"].value * u.kg}, {}),
        (data, {"redshift": np.zeros(len(data["flux"]) + 1)}),
        (data, {"medium": "water"}),
        (data, {"interval": 1.5}),
    )
    for call, options in wrong:
        try:
            _predict(estimator, call, **options)
        except (ValueError, u.UnitConversionError):
            continue
        raise AssertionError(f"{options or 'a wavelength in kg'} raises nothing")


def _it_is_deterministic(estimator):
    data = _spectra()
    first, second = _predict(estimator, data), _predict(estimator, data)
    for name in _columns(estimator):
        same = np.array_equal(first[name], second[name], equal_nan=True)
        assert same, f"{name} differs"


def _saved_and_loaded_is_equal(estimator):
    if estimator.network is None:
        return  # there are no weights to save
    data = _spectra()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "weights.safetensors"
        estimator.save(path)
        again = type(estimator).pretrained(path=path, device="cpu")
    _same(estimator, _predict(again, data), _predict(estimator, data))
    assert again.recipe == estimator.recipe, "the recipe differs"


CHECKS = (
    _declaration_is_complete,
    _constructor_takes_keywords_and_stores_them,
    _recipe_survives_json,
    _result_has_the_agreed_form,
    _one_spectrum_gives_one_row,
    _batch_equals_one_by_one,
    _rows_keep_their_order,
    _units_do_not_matter,
    _byte_order_does_not_matter,
    _axis_order_does_not_matter,
    _bad_pixels_are_alike,
    _a_bad_row_is_flagged_and_costs_no_other,
    _too_little_coverage_is_flagged,
    _empty_input_gives_an_empty_table,
    _wrong_calls_raise,
    _it_is_deterministic,
    _saved_and_loaded_is_equal,
)
