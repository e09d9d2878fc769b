"""Templates of whole galaxies: reading, line strengths, dust."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec.simulation.galaxy_templates import (
    EDGES,
    WAVELENGTH,
    GalaxyTemplates,
    attenuation,
    equivalent_width,
    rebinned,
)


def flat(n=1):
    return np.ones((n, len(WAVELENGTH)), dtype=np.float32)


def near(wavelength):
    return np.searchsorted(WAVELENGTH, wavelength)


@pytest.mark.parametrize("width", [5.0, 50.0, 300.0])
def test_equivalent_width_of_a_known_line(width):
    flux = flat()
    line = np.exp(-0.5 * ((WAVELENGTH - 6564.6) / 7.0) ** 2)
    flux += width * line / (line * np.diff(EDGES)).sum()
    np.testing.assert_allclose(equivalent_width(flux), width, rtol=0.03)


def test_kinds_follow_the_strength_of_the_line():
    flux = flat(3)
    flux[1, near(6564.6)] += 20 / np.diff(EDGES)[near(6564.6)]
    flux[2, near(6564.6)] += 200 / np.diff(EDGES)[near(6564.6)]
    templates = GalaxyTemplates.from_arrays(["a", "b", "c"], flux)
    assert list(templates.kinds) == ["passive", "star-forming", "starburst"]


def test_spectra_of_another_grid_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 10\).*4200"):
        GalaxyTemplates.from_arrays(["a", "b"], np.ones((2, 10)))


def test_what_is_known_is_kept():
    known = {"kinds": ["agn"], "groups": ["g"], "ebv": [0.2], "age": [3.0]}
    templates = GalaxyTemplates.from_arrays(["a"], flat(), **known)
    for name, value in known.items():
        assert list(getattr(templates, name)) == value


def test_rows_and_joins(toy_galaxies):
    first, rest = toy_galaxies[:20], toy_galaxies[20:]
    joined = GalaxyTemplates.concatenate([first, rest])
    np.testing.assert_array_equal(joined.flux, toy_galaxies.flux)
    assert list(toy_galaxies[[3]].names) == ["toy 3"]


@settings(deadline=None, max_examples=30)
@given(st.floats(0.01, 1.0))
def test_dust_dims_the_blue_more(ebv):
    template = GalaxyTemplates.from_arrays(["a"], flat())
    dusty = template.reddened([ebv])
    by_colour = dusty.flux[0, near([1500, 2500, 4000, 5500, 9000, 18000])]
    assert (np.diff(by_colour) > 0).all()
    assert (dusty.flux <= 1).all()
    assert dusty.groups[0] == template.groups[0]
    assert dusty.names[0] != template.names[0]
    np.testing.assert_allclose(dusty.ebv, ebv)
    # A_B - A_V is E(B-V), by what the letters mean.
    ratio = dusty.flux[0, near(5500)] / dusty.flux[0, near(4400)]
    np.testing.assert_allclose(2.5 * np.log10(ratio), ebv, rtol=0.06)


def test_steeper_curves_are_steeper():
    steep, plain = attenuation(-0.5), attenuation()
    assert steep[near(2000)] > plain[near(2000)]
    assert steep[near(9000)] < plain[near(9000)]


@settings(deadline=None, max_examples=30)
@given(st.integers(5, 60), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_rebinning_keeps_integrals(points, bins, seed):
    rng = np.random.default_rng(seed)
    x = np.cumsum(rng.uniform(0.1, 2.0, points))
    values = rng.uniform(0.0, 5.0, (2, points))
    edges = np.linspace(x[0] - 1, x[-1] + 1, bins + 1)
    means = rebinned(x, values, edges)
    np.testing.assert_allclose(
        means @ np.diff(edges), np.trapezoid(values, x), rtol=1e-9
    )


def test_an_empty_folder_is_told(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"_spec\.dat"):
        GalaxyTemplates.from_brown(tmp_path)


def test_files_are_read_in_order(tmp_path):
    for name, power in (("NGC_2", 1.0), ("NGC_1", -1.0)):
        table = np.stack([WAVELENGTH, (WAVELENGTH / 5500) ** power], axis=1)
        np.savetxt(tmp_path / f"{name}_spec.dat", table)
    templates = GalaxyTemplates.from_brown(tmp_path)
    assert list(templates.names) == ["NGC_1", "NGC_2"]
    middle = slice(5, -5)
    expected = (WAVELENGTH[middle] / 5500) ** -1.0
    np.testing.assert_allclose(templates.flux[0, middle], expected, rtol=1e-5)


@pytest.mark.shared
def test_atlas_of_brown(shared_data):
    atlas = GalaxyTemplates.from_brown(shared_data / "photoz" / "templates_brown2014")
    assert len(atlas) == 129
    kinds = dict(zip(atlas.names, atlas.kinds, strict=True))
    # An elliptical, a spiral, a blue compact dwarf.
    assert kinds["NGC_3379"] == "passive"
    assert kinds["NGC_0628"] == "star-forming"
    assert kinds["Mrk_0475"] == "starburst"
    assert np.isfinite(atlas.flux).all()
