"""Radial velocities of stars that consist of a few lines."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.constants import SPEED_OF_LIGHT
from galspec.flags import Flags
from galspec.velocity import VelocityTemplates, radial_velocity
from galspec.weights import WeightsError

OBSERVED = 10 ** (3.57 + 1e-4 * np.arange(3900))
RICH, POOR = 0, 1


def star(wavelength, kind):
    """A slope with Gaussian lines, each kind its own."""
    rng = np.random.default_rng(kind)
    centres = rng.uniform(3700, 6800, 150 if kind == RICH else 40)
    depths = rng.uniform(0.05, 0.5, len(centres))
    flux = np.ones_like(wavelength)
    for centre, depth in zip(centres, depths, strict=True):
        flux -= depth * np.exp(-0.5 * ((wavelength / centre - 1) / 3e-4) ** 2)
    return np.clip(flux, 0.1, None) * (wavelength / 5000) ** 2


@pytest.fixture(scope="module")
def templates():
    wavelength = np.arange(3780, 6730, 0.5)
    flux = np.stack([star(wavelength, kind) for kind in (RICH, POOR)])
    return VelocityTemplates.from_batch(SpectrumBatch.from_arrays(wavelength, flux))


def observed(velocities, snr=30, kind=RICH, seed=0):
    flux = np.stack(
        [star(OBSERVED / (1 + v / SPEED_OF_LIGHT), kind) for v in velocities]
    )
    noise = flux / snr
    flux = flux + np.random.default_rng(seed).normal(0, noise)
    return SpectrumBatch.from_arrays(OBSERVED, flux, ivar=noise**-2.0)


@pytest.mark.parametrize(("kind", "snr"), [(RICH, 3), (POOR, 10)])
def test_velocities_are_recovered_within_their_errors(templates, kind, snr):
    true = np.linspace(-950, 950, 60)
    velocity, error, height = radial_velocity(observed(true, snr, kind), templates)
    pull = (velocity - true) / error
    assert np.abs(pull).max() < 5
    assert 0.5 < pull.std() < 1.4
    assert error.max() < 15
    assert (height > 0.5).all()


@settings(max_examples=30, deadline=None)
@given(velocity=st.floats(-980, 980))
def test_a_spectrum_without_noise_has_the_velocity_of_its_shift(templates, velocity):
    found, error, height = radial_velocity(observed([velocity], 1e5), templates)
    assert abs(found[0] - velocity) < 3
    assert height[0] > 0.97
    assert error[0] < 5


def test_errors_grow_with_noise(templates):
    errors = [
        radial_velocity(observed(np.zeros(20), snr), templates)[1].mean()
        for snr in (3, 10, 30)
    ]
    assert errors[0] > 1.5 * errors[1] > 1.5 * errors[2]


@pytest.mark.parametrize("factor", [1e-17, 1e5])
def test_units_do_not_matter(templates, factor):
    batch = observed([120.0, -300.0])
    scaled = SpectrumBatch.from_arrays(
        OBSERVED, batch.flux * factor, ivar=batch.ivar / np.float64(factor) ** 2
    )
    for first, second in zip(
        radial_velocity(batch, templates),
        radial_velocity(scaled, templates),
        strict=True,
    ):
        np.testing.assert_allclose(first, second, rtol=1e-3)


@pytest.mark.parametrize(
    "part", [slice(0, 1200), slice(1200, 3900), slice(None, None, 5)]
)
def test_masked_pixels_do_not_matter(templates, part):
    batch = observed([-400.0, 0.0, 333.0])
    flux = batch.flux.copy()
    flux[:, part] = 1e6
    mask = np.zeros(flux.shape, bool)
    mask[:, part] = True
    batch = SpectrumBatch.from_arrays(OBSERVED, flux, ivar=batch.ivar, mask=mask)
    velocity, error, _ = radial_velocity(batch, templates)
    assert (np.abs(velocity - [-400, 0, 333]) < 5 * error).all()
    assert (error < 20).all()


def test_a_spectrum_that_ends_early_is_measured(templates):
    batch = observed([250.0])
    blue = OBSERVED < 5100
    batch = SpectrumBatch.from_arrays(
        OBSERVED[blue], batch.flux[:, blue], ivar=batch.ivar[:, blue]
    )
    velocity, error, _ = radial_velocity(batch, templates)
    assert abs(velocity[0] - 250) < 5 * error[0] < 50


def test_a_redshift_that_is_stated_is_not_looked_at(templates):
    batch = observed([100.0])
    np.testing.assert_array_equal(
        radial_velocity(batch, templates),
        radial_velocity(batch.replace(redshift=np.array([0.3])), templates),
    )


def test_rows_without_data_or_lines_have_no_velocity(templates):
    flux = np.ones((4, len(OBSERVED)))
    flux[1], flux[2] = 0, np.nan
    flux[3] = star(OBSERVED, RICH)
    flags = np.array([0, 0, 0, int(Flags.UNREADABLE)])
    batch = SpectrumBatch.from_arrays(OBSERVED, flux, flags=flags)
    for values in radial_velocity(batch, templates):
        assert np.isnan(values).all()


def test_each_row_is_measured_alone(templates):
    batch = observed(np.linspace(-300, 300, 150))
    together = radial_velocity(batch, templates)
    alone = radial_velocity(batch[140:141], templates)
    for values, value in zip(together, alone, strict=True):
        assert values[140] == pytest.approx(value[0], rel=1e-3)


def test_no_spectra_have_no_velocities(templates):
    assert [len(x) for x in radial_velocity(observed([0.0])[:0], templates)] == [0] * 3


def test_templates_are_kept_in_a_file(templates, tmp_path):
    path = tmp_path / "own.safetensors"
    VelocityTemplates(templates.spectra, "# toys").save(path)
    again = VelocityTemplates.load(path=path)
    np.testing.assert_array_equal(again.spectra, templates.spectra)
    assert again.card == "# toys"


def test_other_weights_are_no_templates():
    from galspec.weights import resolve

    with pytest.raises(WeightsError, match="templates"):
        VelocityTemplates.load(path=resolve("gas-metallicity", offline=True))


def test_templates_on_another_grid_are_refused():
    with pytest.raises(ValueError, match=r"\(2, 100\)"):
        VelocityTemplates(np.ones((2, 100), np.float32))
