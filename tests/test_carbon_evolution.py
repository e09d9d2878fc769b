"""Carbon of giants before they mixed, against published corrections."""

import numpy as np
import pytest
from astropy.table import Table
from hypothesis import given
from hypothesis import strategies as st

from galspec.carbon_evolution import natal_carbon

ABUNDANCES = st.floats(-1, 4)
IRON = st.floats(-5.5, -1.5)


@given(st.floats(3.0, 5.0), IRON, ABUNDANCES)
def test_dwarfs_and_subgiants_have_what_they_had(logg, feh, cfe):
    assert natal_carbon(logg, feh, cfe)[0] == pytest.approx(cfe, abs=0.01)


@given(st.floats(0, 5), IRON, ABUNDANCES)
def test_giants_have_lost_carbon_never_gained(logg, feh, cfe):
    natal, _ = natal_carbon(logg, feh, cfe)
    assert cfe <= natal <= cfe + 0.8


@given(st.floats(0.2, 4.5), IRON, ABUNDANCES)
def test_errors_follow_from_those_of_the_labels(logg, feh, cfe):
    step = 1e-4
    _, by_carbon = natal_carbon(logg, feh, cfe, cfe_err=1.0)
    _, by_logg = natal_carbon(logg, feh, cfe, logg_err=1.0)
    carbon = [natal_carbon(logg, feh, cfe + d)[0] for d in (-step, step)]
    gravity = [natal_carbon(logg + d, feh, cfe)[0] for d in (-step, step)]
    assert by_carbon == pytest.approx(abs(np.diff(carbon, axis=0)[0]) / 2e-4, abs=0.05)
    assert by_logg == pytest.approx(abs(np.diff(gravity, axis=0)[0]) / 2e-4, abs=0.05)


def test_nothing_is_said_of_stars_of_more_iron():
    natal, error = natal_carbon(1.0, [-1.4, -1.6], 0.0, cfe_err=0.1)
    assert np.isnan(natal[0])
    assert np.isnan(error[0])
    assert np.isfinite([natal[1], error[1]]).all()


@pytest.mark.shared
def test_published_corrections_are_met(shared_data):
    stars = Table.read(shared_data / "stars" / "abundances" / "placco2014.csv")
    logg, feh, cfe, published = (
        np.ma.filled(np.ma.asarray(stars[name], float), np.nan)
        for name in ("logg", "[Fe/H]", "[C/Fe]", "[C/Fe]f")
    )
    rest = natal_carbon(logg, feh, cfe)[0] - published
    assert np.nanstd(rest) < 0.03
    assert np.nanmax(np.abs(rest)) < 0.15
