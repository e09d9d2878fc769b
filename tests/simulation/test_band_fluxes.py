"""Band fluxes of templates: zero points, redshifts, interpolation."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.simulation.band_fluxes import BandFluxes, band_weights
from galspec.simulation.galaxy_templates import WAVELENGTH, GalaxyTemplates

speclite = pytest.importorskip("speclite.filters")

GRZ = {"g": "decam2014-g", "r": "decam2014-r", "W1": "wise2010-W1"}


@pytest.fixture(scope="module")
def table(toy_galaxies):
    return BandFluxes.of(toy_galaxies, GRZ, 1.0)


@pytest.mark.parametrize("redshift", [0.0, 0.35, 1.2])
def test_agrees_with_speclite(toy_galaxies, redshift):
    from astropy import units as u

    flux = toy_galaxies.flux[:3]
    unit = u.erg / u.s / u.cm**2 / u.AA
    seen = flux / (1 + redshift) * unit
    ours = flux @ band_weights(list(GRZ.values()), [redshift])[:, 0]
    for column, name in enumerate(GRZ.values()):
        band = speclite.load_filter(name)
        theirs = band.get_ab_maggies(seen, WAVELENGTH * (1 + redshift) * u.AA)
        np.testing.assert_allclose(ours[:, column], theirs, rtol=2e-3)


@settings(deadline=None, max_examples=30)
@given(st.floats(0.0, 1.0))
def test_flat_spectra_have_no_colour(redshift):
    flat = GalaxyTemplates.from_arrays(["flat"], WAVELENGTH[None] ** -2.0)
    fluxes = flat.flux @ band_weights(list(GRZ.values()), [redshift])[:, 0]
    np.testing.assert_allclose(fluxes / fluxes[:, :1], 1.0, rtol=3e-3)


def test_absolute_magnitude_in_r_is_zero(toy_galaxies):
    table = BandFluxes.of(toy_galaxies, {"r": "sdss2010-r"}, 0.1)
    first = table.at(np.arange(5), np.zeros(5))
    np.testing.assert_allclose(first, 1.0, rtol=1e-5)


def test_between_redshifts_of_the_table(toy_galaxies, table):
    redshift = np.array([0.1234, 0.5678, 0.9876])
    rows = np.array([0, 60, 119])
    rest = toy_galaxies.flux @ band_weights(["sdss2010-r"], [0.0])[:, 0]
    for row, z, fluxes in zip(rows, redshift, table.at(rows, redshift), strict=True):
        exact = toy_galaxies.flux[row] @ band_weights(list(GRZ.values()), [z])[:, 0]
        np.testing.assert_allclose(fluxes, exact / rest[row], rtol=3e-3)


def test_ultraviolet_colour_orders_the_toys(table):
    assert np.corrcoef(table.ultraviolet, np.arange(120))[0, 1] > 0.95


def test_filters_of_ones_own(toy_galaxies):
    from astropy import units as u

    mine = speclite.FilterResponse(
        wavelength=np.linspace(6000, 7000, 50) * u.AA,
        response=np.hanning(50),
        meta={"group_name": "mine", "band_name": "x"},
    )
    table = BandFluxes.of(toy_galaxies, {"x": mine}, 0.1)
    assert (table.at(np.arange(3), np.full(3, 0.05)) > 0).all()


def test_beyond_the_templates():
    with pytest.raises(ValueError, match=r"W3 at redshifts 0-0 needs.*900"):
        # The third band of WISE lies at 12 micron.
        band_weights(["wise2010-W2", "wise2010-W3"], [0.0])


@pytest.mark.shared
def test_observed_galaxies_have_colours_of_templates(shared_data):
    from astropy.table import Table

    pytest.importorskip("pyarrow")
    folder = shared_data / "photoz"
    real = Table.read(folder / "sdss_galex_2mass.parquet")[:400]
    filters = {band: f"sdss2010-{band}" for band in "ugriz"}
    atlas = GalaxyTemplates.from_brown(folder / "templates_brown2014")
    fluxes = BandFluxes.of(atlas, filters, 0.6)
    models = np.stack(
        [fluxes.at(np.full(400, k), np.array(real["z_spec"])) for k in range(129)]
    )
    flux = [real[f"model_flux_{b}"] * 10 ** (0.4 * real[f"ext_{b}"]) for b in "ugriz"]
    difference = -2.5 * np.log10(np.clip(np.array(flux).T, 1e-3, None) / models)
    difference -= difference.mean(axis=-1, keepdims=True)
    best = (difference**2).sum(axis=-1).argmin(axis=0)
    left = difference[best, np.arange(400)]
    assert np.abs(np.median(left, axis=0)).max() < 0.05
    scatter = 1.48 * np.median(np.abs(left - np.median(left, axis=0)), axis=0)
    assert (scatter < 0.05).all()
