"""Templates of stars: emulated, computed, observed; none in two parts of a split."""

import numpy as np
import pytest

from galspec.simulation import EmpiricalStars, EmulatedStars, SyntheticStars
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH
from galspec.simulation.stellar_emulator_fit import read_grid

PARTS = ("train", "validation", "calibration", "test")
PIXELS = 10**LOG_WAVELENGTH
SRAT = LABELS.index("srat")


@pytest.fixture(scope="module")
def synthetic(star_grid):
    return SyntheticStars(*read_grid(star_grid))


@pytest.fixture(scope="module")
def empirical():
    """A library of 80 spectra of 40 stars, of which two labels are known."""
    wavelength = np.linspace(4000, 7000, 500)
    labels = np.full((80, len(LABELS)), np.nan)
    star = np.arange(80) // 2
    labels[:, 0], labels[:, 2] = 5000 + star, -star / 20
    flux = 1 + star[:, None] + (wavelength - 5000) / 5000
    return EmpiricalStars(
        np.char.add("HD", star.astype(str)), labels, wavelength, flux, fwhm=2.5
    )


@pytest.mark.parametrize("kind", ["synthetic", "empirical"])
def test_no_star_is_in_two_parts(kind, request):
    templates = request.getfixturevalue(kind)
    seen = {}
    for part in PARTS:
        _, ids, spectra = templates.draw(300, np.random.default_rng(1), part)
        assert spectra.shape == (300, len(PIXELS))
        seen[part] = set(ids.tolist())
    everything = set.union(*seen.values())
    assert sum(map(len, seen.values())) == len(everything)
    number = 110 if kind == "synthetic" else 40
    assert len(everything) > 0.9 * number


@pytest.mark.parametrize("kind", ["synthetic", "empirical"])
def test_without_a_split_all_stars_are_drawn(kind, request):
    templates = request.getfixturevalue(kind)
    _, ids, _ = templates.draw(500, np.random.default_rng(1))
    number = 110 if kind == "synthetic" else 40
    assert len(set(ids.tolist())) > 0.9 * number


def test_equal_random_numbers_give_equal_stars(synthetic, empirical, toy_emulator):
    for templates in (synthetic, empirical, EmulatedStars(toy_emulator)):
        first, second, other = (
            templates.draw(5, np.random.default_rng(seed), "train")
            for seed in (1, 1, 2)
        )
        for ours, theirs in zip(first, second, strict=True):
            np.testing.assert_array_equal(ours, theirs)
        assert not np.array_equal(first[2], other[2])


def test_computed_stars_keep_their_labels_and_spectra(synthetic):
    labels, ids, spectra = synthetic.draw(20, np.random.default_rng(3), "test")
    np.testing.assert_array_equal(labels, synthetic.labels[ids])
    row = ids[0]
    expected = (1 - synthetic.depth[row]) * np.exp(synthetic.log_continuum[row])
    np.testing.assert_allclose(spectra[0], expected)
    assert synthetic.limits == pytest.approx((PIXELS[0], PIXELS[-1]))


def test_observed_stars_keep_what_is_not_known(empirical):
    labels, ids, spectra = empirical.draw(30, np.random.default_rng(3), "train")
    star = np.array([int(name[2:]) for name in ids])
    np.testing.assert_array_equal(labels[:, 0], 5000 + star)
    unknown = [i for i in range(len(LABELS)) if i not in (0, 2)]
    assert np.isnan(labels[:, unknown]).all()
    inside = (PIXELS > 4000) & (PIXELS < 7000)
    expected = 1 + star[:, None] + (PIXELS[inside] - 5000) / 5000
    np.testing.assert_allclose(spectra[:, inside], expected, rtol=1e-5)
    assert empirical.limits == (4000, 7000)


def test_a_library_beyond_the_simulator_is_used_within_it(empirical):
    wide = EmpiricalStars(
        empirical.names,
        empirical.labels,
        np.linspace(3000, 10000, 500),
        empirical.flux,
        1,
    )
    assert wide.limits == pytest.approx((PIXELS[0], PIXELS[-1]))


def test_emulated_stars_lie_about_those_of_the_grid(toy_emulator):
    templates = EmulatedStars(toy_emulator)
    labels, ids, _ = templates.draw(400, np.random.default_rng(4))
    known = toy_emulator.labels
    assert len(np.unique(ids)) == 400
    assert np.all(labels >= known.min(axis=0))
    assert np.all(labels <= known.max(axis=0))
    np.testing.assert_allclose(labels.mean(axis=0), known.mean(axis=0), rtol=0.2)
    # the s-process is there or is not
    share = np.mean(known[:, SRAT] == 0)
    assert np.mean(labels[:, SRAT] == 0) == pytest.approx(share, abs=0.1)
    # but where the range of the grid ends, none has the label of another
    assert np.isin(labels[:, 0], known[:, 0]).mean() < 0.1


def test_emulated_stars_have_the_spectra_of_their_labels(toy_emulator):
    templates = EmulatedStars(toy_emulator, scatter=0.0)
    labels, _, spectra = templates.draw(5, np.random.default_rng(5))
    assert all(row in toy_emulator.labels.tolist() for row in labels.tolist())
    normalised, continuum = toy_emulator(labels)
    np.testing.assert_allclose(spectra, normalised * continuum, rtol=1e-6)
