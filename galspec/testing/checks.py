"""What every estimator has to keep: a function each, by which a report names it."""

import inspect
import pathlib
import tempfile

import numpy as np

from galspec.flags import WITHOUT_VALUE, Flags
from galspec.targets import Target
from galspec.testing.tables import REDSHIFT, assert_same, columns, predicted, spectra
from galspec.transforms import Recipe

__all__ = ["CHECKS"]


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
    table = predicted(estimator, spectra(), interval=0.95 if limits else None)
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

    data = spectra(1)
    spectrum = Spectrum(flux=data["flux"][0], spectral_axis=data["wavelength"])
    assert len(predicted(estimator, spectrum, redshift=REDSHIFT)) == 1


def _batch_equals_one_by_one(estimator):
    data = spectra()
    whole = predicted(estimator, data)
    for row in range(len(whole)):
        alone = {
            k: v if k == "wavelength" else v[row : row + 1] for k, v in data.items()
        }
        assert_same(estimator, predicted(estimator, alone), whole, slice(row, row + 1))


def _rows_keep_their_order(estimator):
    data = spectra()
    order = np.array([3, 0, 5, 1, 4, 2])
    mixed = {k: v if k == "wavelength" else v[order] for k, v in data.items()}
    assert_same(
        estimator,
        predicted(estimator, mixed, batch_size=4),
        predicted(estimator, data),
        order,
    )


def _units_do_not_matter(estimator):
    import astropy.units as u

    data = spectra()
    expected = predicted(estimator, data)
    axis = data["wavelength"]
    for unit in (u.nm, u.um):
        assert_same(
            estimator,
            predicted(estimator, {**data, "wavelength": axis.to(unit)}),
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
    assert_same(estimator, predicted(estimator, other), expected)


def _byte_order_does_not_matter(estimator):
    data = spectra()
    swapped = {k: v.astype(">f8") for k, v in data.items()}
    assert_same(estimator, predicted(estimator, swapped), predicted(estimator, data))


def _axis_order_does_not_matter(estimator):
    from specutils import Spectrum

    data = spectra()
    turned = Spectrum(
        flux=data["flux"].T[::-1],
        spectral_axis=data["wavelength"][::-1],
        spectral_axis_index=0,
    )
    plain = Spectrum(flux=data["flux"], spectral_axis=data["wavelength"])
    tables = [predicted(estimator, s, redshift=REDSHIFT) for s in (turned, plain)]
    assert_same(estimator, *tables)


def _bad_pixels_are_alike(estimator):
    """NaN, a mask and zero inverse variance must mean the same."""
    data = spectra()
    bad = np.zeros(data["flux"].shape, bool)
    bad[:, 1200:1230] = True
    nan, wild, zero = data["flux"].copy(), data["flux"].copy(), data["ivar"].copy()
    nan[bad], wild[bad], zero[bad] = np.nan, 1e4 * wild.unit, 0
    expected = predicted(estimator, {**data, "flux": nan})
    assert_same(
        estimator, predicted(estimator, {**data, "flux": wild, "mask": bad}), expected
    )
    assert_same(
        estimator, predicted(estimator, {**data, "flux": wild, "ivar": zero}), expected
    )


def _a_bad_row_is_flagged_and_costs_no_other(estimator):
    data = spectra()
    expected = predicted(estimator, data)
    for value in (np.nan, np.inf, 0.0):
        flux = data["flux"].copy()
        flux[2] = value * flux.unit
        table = predicted(estimator, {**data, "flux": flux})
        assert table["flags"][2] & int(WITHOUT_VALUE), (
            f"a row of {value} is not flagged"
        )
        for name in columns(estimator):
            assert np.isnan(table[name][2]).all(), (
                f"a row of {value} has the {name} of a guess"
            )
        others = np.arange(len(table)) != 2
        assert_same(estimator, table[others], expected, others)


def _too_little_coverage_is_flagged(estimator):
    data = spectra(1)
    short = {k: v if k == "redshift" else v[..., :50] for k, v in data.items()}
    flags = predicted(estimator, short)["flags"][0]
    assert flags & int(Flags.LOW_COVERAGE | Flags.NO_DATA), f"flags are {flags}"


def _empty_input_gives_an_empty_table(estimator):
    table = predicted(estimator, [])
    assert len(table) == 0, f"{len(table)} rows of nothing"
    missing = set(columns(estimator)) - set(table.colnames)
    assert not missing, f"columns {missing} are missing"


def _wrong_calls_raise(estimator):
    import astropy.units as u

    data = spectra()
    wrong = (
        ({**data, "wavelength": data["wavelength"].value * u.kg}, {}),
        (data, {"redshift": np.zeros(len(data["flux"]) + 1)}),
        (data, {"medium": "water"}),
        (data, {"interval": 1.5}),
    )
    for call, options in wrong:
        try:
            predicted(estimator, call, **options)
        except (ValueError, u.UnitConversionError):
            continue
        raise AssertionError(f"{options or 'a wavelength in kg'} raises nothing")


def _it_is_deterministic(estimator):
    data = spectra()
    first, second = predicted(estimator, data), predicted(estimator, data)
    for name in columns(estimator):
        same = np.array_equal(first[name], second[name], equal_nan=True)
        assert same, f"{name} differs"


def _saved_and_loaded_is_equal(estimator):
    if estimator.network is None:
        return  # there are no weights to save
    data = spectra()
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder) / "weights.safetensors"
        estimator.save(path)
        again = type(estimator).pretrained(path=path, device="cpu")
    assert_same(estimator, predicted(again, data), predicted(estimator, data))
    assert again.recipe == estimator.recipe, "the recipe differs"


#: In the order in which they run; each takes an estimator.
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
