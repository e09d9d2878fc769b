"""What a network sees of photometry."""

import numpy as np
import pytest

from galspec import PhotometryBatch
from galspec.photometric_features import dereddened_magnitudes, wei2025_features
from galspec.photometric_inputs import GROUPS, column_names, photometric_input

BANDS = ("g", "r", "z")


def batch(n=4, ebv=0.05, **more):
    rng = np.random.default_rng(1)
    flux = rng.uniform(1, 50, (n, 3))
    radii = 8
    apertures = {
        b: flux[:, [k]] * np.linspace(0.2, 1, radii) for k, b in enumerate("gr")
    }
    return PhotometryBatch.from_arrays(
        flux,
        np.full((n, 3), 30.0),
        survey="ls-dr10",
        bands=BANDS,
        ebv=ebv,
        aperture_flux=apertures,
        aperture_ivar={b: np.full((n, radii), 30.0) for b in apertures},
        **more,
    )


def columns(batch, *groups):
    return photometric_input(batch, groups)[:, 0]


def test_magnitudes_colours_and_errors():
    photometry = batch()
    value, error = dereddened_magnitudes(photometry)
    seen = columns(photometry, "magnitudes", "colours", "errors", "ebv")
    np.testing.assert_array_equal(seen[:, :3], value)
    np.testing.assert_allclose(seen[:, 3], value[:, 0] - value[:, 1], rtol=1e-5)
    np.testing.assert_allclose(seen[:, 4], value[:, 1] - value[:, 2], rtol=1e-5)
    np.testing.assert_allclose(seen[:, 5:8], np.log(error), rtol=1e-5)
    np.testing.assert_allclose(seen[:, 8], 0.05, rtol=1e-6)


def test_apertures_are_told_against_the_total_and_missing_ones_are_nan():
    seen = columns(batch(), "apertures")
    # bright objects, the same dust in both: -2.5 log10 of the share
    np.testing.assert_allclose(seen[:, 0], -2.5 * np.log10(0.2), atol=0.02)
    np.testing.assert_allclose(seen[:, 7], 0, atol=1e-6)
    assert seen.shape == (4, 24)
    assert np.isnan(seen[:, 16:]).all()


def test_dust_brightens_colours_as_the_survey_says():
    clean, dusty = (columns(batch(ebv=ebv), "colours") for ebv in (0.0, 0.1))
    extinction = batch().survey.extinction
    expected = 0.1 * (extinction["g"] - extinction["r"])
    np.testing.assert_allclose((clean - dusty)[:, 0], expected, atol=0.01)


def test_stamps_come_last_dereddened_or_not_at_all():
    stamps = np.random.default_rng(2).normal(size=(4, 3, 8, 8)).astype(np.float32)
    with_images = batch(stamps=stamps)
    assert columns(batch(), "magnitudes", "stamps").shape == (4, 3)
    seen = columns(with_images, "magnitudes", "stamps")[:, 3:].reshape(4, 3, 8, 8)
    factor = 10 ** (0.4 * 0.05 * with_images.survey.extinction["r"])
    np.testing.assert_allclose(seen[:, 1], stamps[:, 1] * factor, rtol=1e-5)


def test_the_features_of_the_source():
    photometry = batch()
    np.testing.assert_array_equal(
        columns(photometry, "wei2025"), wei2025_features(photometry)
    )


def test_unknown_reddening_leaves_nothing_but_the_apertures():
    seen = columns(batch(ebv=np.nan), "magnitudes", "colours", "errors")
    assert np.isnan(seen).all()


@pytest.mark.parametrize("groups", [("magnitude",), ("stamps", "ebv"), ("stamps",), ()])
def test_groups_that_make_no_sense(groups):
    with pytest.raises(ValueError, match=r"more of magnitudes, colours.*stamps"):
        photometric_input(batch(), groups)


def test_every_column_has_a_name_in_its_place():
    table = {"ebv": [0.0], "flux_g": [10.0], "flux_ivar_g": [4.0]}
    table |= {"flux_r": [40.0], "flux_ivar_r": [4.0]}
    batch = PhotometryBatch.gather(table, survey="ls-dr10")
    groups = tuple(name for name in GROUPS if name != "stamps")
    names = column_names(batch, groups)
    inputs = photometric_input(batch, groups)
    flat = [name for group in names.values() for name in group]
    assert len(flat) == inputs.shape[-1]
    value = dict(zip(flat, inputs[0, 0], strict=True))
    assert value["g-r"] == pytest.approx(value["g"] - value["r"], abs=1e-5)
    assert value["G-R"] == pytest.approx(value["g-r"], abs=1e-5)
    assert value["r"] == pytest.approx(22.5 - 2.5 * np.log10(40), abs=1e-3)
    assert value["err g"] > value["err r"]


def test_stamps_have_no_names_and_groups_must_be_known():
    batch = PhotometryBatch.from_arrays(
        [[1.0, 1.0]], [[1.0, 1.0]], survey="ls-dr10", bands=("g", "r")
    )
    assert column_names(batch, ("colours", "stamps")) == {
        "colours": ("g-r",),
        "stamps": (),
    }
    with pytest.raises(ValueError, match="they can be one or more of"):
        column_names(batch, ("luck",))
