"""Magnitudes and features: against numbers worked out by hand, and never filled in."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import PhotometryBatch
from galspec.photometric_features import (
    WEI2025_FEATURES,
    dereddened_magnitudes,
    wei2025_features,
)
from galspec.surveys import SURVEYS, Survey

SURVEY = SURVEYS["ls-dr10"]
#: A bright galaxy without the Milky Way: total magnitudes, and how much fainter it is
#: in each aperture. So bright that asinh magnitudes are magnitudes.
TOTAL = {"g": 16.0, "r": 15.2, "i": 14.8, "z": 14.5, "W1": 14.1, "W2": 14.4}
FAINTER = {
    "g": [2.0, 1.5, 1.2, 0.8, 0.6, 0.3, 0.2, 0.1],
    "r": [1.9, 1.4, 1.1, 0.75, 0.55, 0.28, 0.18, 0.08],
    "i": [1.8, 1.3, 1.0, 0.7, 0.5, 0.26, 0.16, 0.06],
    "z": [1.7, 1.2, 0.9, 0.65, 0.45, 0.24, 0.14, 0.04],
    "W1": [1.0, 0.5, 0.25, 0.12, 0.05],
    "W2": [1.1, 0.56, 0.3, 0.15, 0.07],
}
EBV = 0.1
#: What its features are: R-W2 = 15.2 - 14.4 = 0.8, I-W1 = 14.8 - 14.1 = 0.7, ...,
#: W12-W22 = (14.1 + 0.5) - (14.4 + 0.56) = -0.36, R-R1 = -1.9, ..., MAG_G = 16.0, ...
EXPECTED = """
0.8 0.7 1.1 0.4 0.4 0.4 1.6 0.1 0.8 0.3 1.2 -0.36 -1.9 0.7 -2.0 0.8 16.0 1.9 -1.8 -0.35
14.8 14.5 0.32 -1.7 0.42 0.32 -0.4 15.2 0.54 0.32 0.42 0.93 0.82 0.82 0.9 -0.33 1.1 0.42
0.5 0.5 0.15 0.45 0.26 0.5 0.85 0.4 0.08 0.82 -1.0 0.5 0.35 0.5 -1.1 0.07 0.5 0.4 14.4
1.5 0.5 0.85 0.45 14.1 1.05 0.1 -0.3 1.1 0.21 0.35 0.9 0.35 0.4 0.1 0.1 0.2 0.9 -0.32
0.25 0.13 0.27 0.24 0.3 0.25 0.5 0.1 0.2 0.1
"""


def galaxy(bands=SURVEY.bands, **changes):
    """That galaxy as the survey would see it through the dust."""

    def seen(band, magnitude):
        return 10 ** (
            -0.4 * (np.asarray(magnitude) + SURVEY.extinction[band] * EBV - 22.5)
        )

    flux = np.array([[seen(band, TOTAL[band]) for band in bands]])
    rings = {b: seen(b, TOTAL[b] + np.array(FAINTER[b]))[None] for b in bands}
    arguments = {
        "survey": SURVEY,
        "bands": bands,
        "aperture_flux": rings,
        "aperture_ivar": {band: np.ones_like(ring) for band, ring in rings.items()},
        "ebv": EBV,
    }
    return PhotometryBatch.from_arrays(flux, np.ones_like(flux), **arguments | changes)


def test_features_of_the_source_by_hand():
    expected = np.array(EXPECTED.split(), float)
    assert len(WEI2025_FEATURES) == len(set(WEI2025_FEATURES)) == len(expected) == 86
    features = wei2025_features(galaxy())
    assert features.dtype == np.float32
    np.testing.assert_allclose(features, expected[None], rtol=0, atol=2e-4)


def test_features_are_in_the_order_of_the_source():
    first = (
        "R-W2",
        "I-W1",
        "R-W1",
        "I-W2",
        "Z-W1",
        "R-I",
        "G-W2",
        "Z-W2",
        "G-R",
        "I-Z",
    )
    assert WEI2025_FEATURES[:10] == first
    assert WEI2025_FEATURES[-3:] == ("Z6-Z7", "I4-I5", "ebv")


@pytest.mark.parametrize("missing", SURVEY.bands)
def test_a_missing_band_takes_its_features_with_it_and_no_other(missing):
    batch = galaxy(tuple(band for band in SURVEY.bands if band != missing))
    absent = np.isnan(wei2025_features(batch)[0])
    letters = missing.upper()
    for name, gone in zip(WEI2025_FEATURES, absent, strict=True):
        bands = [w.rstrip("12345678") if w[0] != "W" else w[:2] for w in parts(name)]
        assert gone == (letters in bands), name


def parts(name):
    return [] if name == "ebv" else name.removeprefix("MAG_").split("-")


def test_without_apertures_colours_of_total_fluxes_are_left():
    features = wei2025_features(galaxy(aperture_flux=None, aperture_ivar=None))[0]
    known = [n for n, v in zip(WEI2025_FEATURES, features, strict=True) if v == v]
    assert len(known) == 15 + 6 + 1
    assert not any(part[-1] in "345678" for name in known for part in parts(name))


def test_bands_that_a_survey_does_not_have():
    chosen = galaxy(("g", "r")).select(["r", "i"])
    value, error = dereddened_magnitudes(chosen)
    assert np.isnan([value[0, 1], error[0, 1]]).all()
    assert value[0, 0] == pytest.approx(15.2, abs=1e-4)
    known = np.isfinite(wei2025_features(chosen)[0])
    names = {n for n, k in zip(WEI2025_FEATURES, known, strict=True) if k}
    assert names == {"MAG_R", "R-R1", "R1-R2", "R3-R4", "R5-R6", "R7-R8", "ebv"}


def test_without_a_reddening_nothing_is_guessed():
    batch = galaxy(ebv=np.nan)
    assert np.isnan(dereddened_magnitudes(batch)[0]).all()
    assert np.isnan(wei2025_features(batch)).all()


def test_an_object_that_is_not_detected_has_a_magnitude():
    batch = PhotometryBatch.from_arrays(
        [[-0.1, np.nan]], [[100.0, 100.0]], survey="sdss", bands=("g", "r"), ebv=0
    )
    value, error = dereddened_magnitudes(batch)
    assert np.isfinite([value[0, 0], error[0, 0]]).all()
    assert np.isnan([value[0, 1], error[0, 1]]).all()


def test_other_apertures_are_not_taken_for_these():
    other = Survey("mine", ("g",), {"g": 3.2}, apertures={"g": (1.0, 2.0)})
    ring = {"g": np.ones((1, 2))}
    batch = PhotometryBatch.from_arrays(
        [[1.0]], [[1.0]], survey=other, aperture_flux=ring, aperture_ivar=ring
    )
    with pytest.raises(ValueError, match=r"apertures in g have radii \(1.0, 2.0\)"):
        wei2025_features(batch)


@settings(deadline=None, max_examples=50)
@given(st.floats(0, 3), st.floats(-5, 1000))
def test_dust_makes_no_difference_where_it_is_known(ebv, flux):
    through = 10 ** (
        -0.4 * ebv * np.array([SURVEY.extinction[b] for b in SURVEY.bands])
    )
    clean = np.full((1, 6), flux)
    batches = [
        PhotometryBatch.from_arrays(clean, np.ones((1, 6)), survey=SURVEY, ebv=0),
        PhotometryBatch.from_arrays(
            clean * through, through[None] ** -2, survey=SURVEY, ebv=ebv
        ),
    ]
    one, other = (dereddened_magnitudes(batch) for batch in batches)
    np.testing.assert_allclose(one, other, rtol=1e-5, atol=1e-4)


@settings(deadline=None, max_examples=50)
@given(st.permutations(range(4)))
def test_rows_do_not_know_of_each_other(order):
    rng = np.random.default_rng(5)
    batch = PhotometryBatch.from_arrays(
        rng.normal(3, 3, (4, 6)), np.ones((4, 6)), survey=SURVEY, ebv=rng.random(4)
    )
    np.testing.assert_array_equal(
        wei2025_features(batch[order]), wei2025_features(batch)[order]
    )
