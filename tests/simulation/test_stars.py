"""Observed stars: seeds, parts, and a truth that the spectra keep."""

import numpy as np
import pytest

from galspec.constants import SPEED_OF_LIGHT
from galspec.flags import Flags
from galspec.simulation import DESI, EmpiricalStars, StarPrior, StarSimulator
from galspec.simulation.stars import LAMOST_STARS
from galspec.simulation.stellar_emulator import LABELS, LOG_WAVELENGTH
from galspec.transforms import RestFrame

PIXELS = 10**LOG_WAVELENGTH
#: A line far from the sky's, deep and as narrow as the templates are sharp.
LINE, FWHM = 5200.0, 1.0
QUIET = {"ebv": 0.0, "rotation": 0.0, "resolution": 0.0, "ends_early": 0.0}
CLEAR = StarPrior(snr=(500.0, 500.0), **QUIET)


class OneLine:
    """A flat spectrum with one line; stars differ in labels alone."""

    fwhm = FWHM
    limits = (4000.0, 8000.0)

    def draw(self, n, rng, split):
        labels = rng.uniform(0, 1, (n, len(LABELS)))
        profile = np.exp(-4 * np.log(2) * ((PIXELS - LINE) / FWHM) ** 2)
        spectra = np.tile(1 - 0.8 * profile, (n, 1))
        return labels, rng.integers(0, 10**6, n), spectra


def library():
    """Stars with two spectra each and labels of their own, some of them unknown."""
    star = np.arange(120) // 2
    labels = np.full((120, len(LABELS)), np.nan)
    labels[:, 0] = 4000 + star
    flux = np.ones((120, 300))
    return EmpiricalStars(
        star.astype(str), labels, np.linspace(3700, 9000, 300), flux, 2
    )


def part(batch, low, high):
    """Wavelength and flux within a range in angstrom; NaN where masked."""
    inside = (batch.wavelength > low) & (batch.wavelength < high)
    flux = np.where(batch.mask, np.nan, batch.flux)
    return batch.wavelength[inside], flux[:, inside]


def level(batch, low, high):
    """Median flux within a range, (n,); NaN of lost stretches."""
    return np.ma.median(np.ma.masked_invalid(part(batch, low, high)[1]), axis=1).filled(
        np.nan
    )


@pytest.fixture(scope="module")
def clear():
    """300 spectra with hardly any noise, in two chunks."""
    return StarSimulator(OneLine(), prior=CLEAR).draw(300, 1)


def test_equal_seeds_give_equal_spectra():
    simulator = StarSimulator(OneLine())
    (first, truth), (again, same) = (simulator.draw(20, 3) for _ in range(2))
    np.testing.assert_array_equal(first.flux, again.flux)
    np.testing.assert_array_equal(first.ivar, again.ivar)
    assert all((truth[name] == same[name]).all() for name in truth.colnames)
    other, _ = simulator.draw(20, 4)
    assert not np.array_equal(first.flux, other.flux)


def test_parts_of_a_split_show_different_stars():
    simulator = StarSimulator(library())
    seen = [
        set(simulator.draw(150, 1, split=part)[0].ids["object_id"])
        for part in ("train", "validation", "calibration", "test")
    ]
    assert sum(map(len, seen)) == len(set.union(*seen)) > 40


def test_labels_stay_with_their_spectra():
    batch, truth = StarSimulator(library()).draw(300, 2)
    star = batch.ids["object_id"].astype(int)
    np.testing.assert_array_equal(truth["object_id"], batch.ids["object_id"])
    np.testing.assert_array_equal(truth["teff"], 4000 + star)
    for name in ("logg", "feh", "cfe", "ch"):
        assert np.isnan(truth[name]).all()


def test_ch_is_the_sum(clear):
    truth = clear[1]
    np.testing.assert_allclose(truth["ch"], truth["feh"] + truth["cfe"])


def test_the_line_lies_where_the_velocity_brings_it(clear):
    batch, truth = clear
    wavelength, flux = part(batch, 5180, 5220)
    depth = 1 - flux / level(batch, 5180, 5220)[:, None]
    depth = np.where(depth > 0.03, depth, 0)
    whole = np.isfinite(flux).all(axis=1)
    shift = depth[whole] @ np.log(wavelength / LINE) / depth[whole].sum(axis=1)
    error = np.expm1(shift) * SPEED_OF_LIGHT - truth["velocity"][whole]
    assert whole.mean() > 0.9
    assert np.std(truth["velocity"]) == pytest.approx(120, rel=0.15)
    # a pixel has 69 km/s
    assert np.median(np.abs(error)) < 5
    assert abs(np.median(error)) < 2


def test_the_redshift_is_the_velocity_as_far_as_it_is_known(clear):
    batch, truth = clear
    told = batch.redshift * SPEED_OF_LIGHT
    error = told - truth["velocity"]
    assert np.std(error) == pytest.approx(8, rel=0.15)
    assert abs(np.mean(error)) < 1.5
    at_rest = RestFrame()(batch)
    assert not np.any(at_rest.flags & int(Flags.REDSHIFT_MISSING))


@pytest.mark.parametrize("instrument", [LAMOST_STARS, DESI], ids=lambda i: i.name)
def test_lines_are_as_wide_as_the_instrument_makes_them(instrument):
    prior = StarPrior(snr=(500.0, 500.0), velocity=0.0, **QUIET)
    batch, _ = StarSimulator(OneLine(), instrument=instrument, prior=prior).draw(40, 5)
    wavelength, flux = part(batch, 5185, 5215)
    depth = np.nanmedian(1 - flux / level(batch, 5185, 5215)[:, None], axis=0)
    velocity = np.log(wavelength / LINE) * SPEED_OF_LIGHT
    # from area over height: not spoiled by the wings
    step = np.median(np.diff(velocity))
    width = depth.sum() * step / depth.max() / np.sqrt(2 * np.pi)
    assert width == pytest.approx(instrument.dispersion(5000.0), rel=0.12)


def test_signal_to_noise_is_that_of_the_truth():
    prior = StarPrior(snr=(10.0, 100.0), **QUIET)
    batch, truth = StarSimulator(OneLine(), prior=prior).draw(150, 6)
    told = level(batch.replace(flux=batch.flux * np.sqrt(batch.ivar)), 5600, 6900)
    np.testing.assert_allclose(np.nanmedian(told / truth["snr_r"]), 1, atol=0.05)
    # by the scatter of pixels two apart, between sky lines
    _, flux = part(batch, 6400, 6800)
    noise = 1.4826 * np.nanmedian(np.abs(flux[:, 2:] - flux[:, :-2]), axis=1)
    ratio = np.sqrt(2) * np.nanmedian(flux, axis=1) / noise / truth["snr_r"]
    ratio, snr = ratio[np.isfinite(ratio)], truth["snr_r"][np.isfinite(ratio)]
    assert len(ratio) > 140
    assert 0.9 < np.median(ratio) < 1.6
    assert truth["snr_r"].min() >= 10
    assert truth["snr_r"].max() <= 100
    assert abs(np.corrcoef(np.log(ratio), np.log(snr))[0, 1]) < 0.3


def test_nothing_is_known_beyond_the_templates(clear):
    batch, truth = clear
    rest = batch.wavelength / (
        1 + np.asarray(truth["velocity"])[:, None] / SPEED_OF_LIGHT
    )
    outside = (rest < 4000) | (rest > 8000)
    assert np.all(batch.ivar[outside] == 0)
    assert np.all(batch.mask[outside])
    assert np.mean(batch.ivar[~outside] > 0) > 0.97


@pytest.mark.parametrize("share", [0.0, 0.5, 1.0])
def test_some_spectra_end_early(share):
    prior = StarPrior(velocity=0.0, ends_early=share)
    batch, _ = StarSimulator(OneLine(), prior=prior).draw(200, 7)
    ends = np.array([batch.wavelength[~mask].max() for mask in batch.mask])
    early = ends < 7601
    assert early.mean() == pytest.approx(share, abs=0.1)
    assert np.all(ends[early] > 4500) or share == 0
    if share == 1:
        assert ends.std() > 500


def test_dust_reddens_as_told():
    import astropy.units as u
    from dust_extinction.parameter_averages import G23

    prior = StarPrior(snr=(500.0, 500.0), **QUIET | {"ebv": 0.5})
    batch, truth = StarSimulator(OneLine(), prior=prior).draw(200, 8)
    blue, red = (level(batch, start, start + 100) for start in (4500, 7000))
    colour = -2.5 * np.log10(blue / red)
    known = np.isfinite(colour)
    curve = 3.1 * G23(Rv=3.1)(np.array([4550, 7050]) * u.AA)
    slope, offset = np.polyfit(truth["ebv"][known], colour[known], 1)
    assert slope == pytest.approx(curve[0] - curve[1], rel=0.05)
    assert offset == pytest.approx(0, abs=0.05)


def test_units_are_arbitrary(clear):
    levels = level(clear[0], 5400, 5500)
    assert 3 < np.nanmin(levels) < 30
    assert 3000 < np.nanmax(levels) < 30000
