"""Declarations of imaging surveys."""

import numpy as np
import pytest

from galspec.simulation import LS_DR9, LS_DR10, LS_NORTH, Band, ImagingSurvey


def test_bands_of_the_legacy_survey():
    assert tuple(LS_DR10.bands) == LS_DR10.catalogue.bands
    assert tuple(LS_DR9.bands) == LS_DR9.catalogue.bands == tuple(LS_NORTH.bands)
    assert LS_NORTH.bands["g"].filter == "BASS-g"
    np.testing.assert_allclose(LS_DR10.extinction[:2], [3.214, 2.165])


@pytest.mark.parametrize("survey", [LS_DR9, LS_DR10, LS_NORTH])
def test_filters_exist(survey):
    filters = pytest.importorskip("speclite.filters")
    for band in survey.bands.values():
        filters.load_filter(band.filter)


def test_conditions_scatter_about_those_declared():
    seeing, noise = LS_DR10.conditions(4000, np.random.default_rng(0))
    for column, band in enumerate(LS_DR10.bands.values()):
        depth = 22.5 - 2.5 * np.log10(5 * noise[:, column])
        np.testing.assert_allclose(np.median(depth), band.depth, atol=0.02)
        np.testing.assert_allclose(depth.std(), LS_DR10.depth_spread, rtol=0.05)
        np.testing.assert_allclose(np.median(seeing[:, column]), band.seeing, rtol=0.01)
    # The seeing of a telescope in space does not change.
    assert np.ptp(seeing[:, -1]) == 0
    assert np.ptp(seeing[:, 0]) > 0


def test_bands_that_the_catalogue_lacks():
    with pytest.raises(ValueError, match="bands Y are none of survey 'ls-dr10'"):
        ImagingSurvey("ls-dr10", {"Y": Band("decam2014-Y", 22.0, 1.0, 1e-5)})
