"""Photometry and stamps of simulated emission-line galaxies."""

import dataclasses

import numpy as np
import pytest

from galspec.simulation import (
    LS_DR9,
    LS_DR10,
    ELGPrior,
    ELGSimulator,
    ImagingSurvey,
    Selection,
    SimulatedSource,
)
from galspec.stamps import aperture_fluxes
from galspec.training.splits import split_by_object

pytest.importorskip("speclite")


@pytest.fixture(scope="module")
def simulator(toy_galaxies):
    return ELGSimulator(toy_galaxies)


@pytest.fixture(scope="module")
def drawn(simulator):
    return simulator.draw(3000, 1, stamps=False)


def magnitude(flux):
    return 22.5 - 2.5 * np.log10(flux)


def test_what_is_drawn(drawn):
    batch, truth = drawn
    assert batch.bands == ("g", "r", "i", "z", "W1", "W2")
    assert len(batch) == len(truth) == 3000
    assert batch.stamps is None
    assert batch.observed.all()
    assert len(set(truth["object_id"])) == 3000
    np.testing.assert_array_equal(batch.ids["object_id"], truth["object_id"])
    assert {"star-forming", "starburst", "agn"} >= set(truth["type"])
    assert not truth.has_masked_values
    # Nearly all bright galaxies are detected in r, and not all faint ones in W2.
    assert batch.detected()[truth["mag_r"] < 21, 1].all()
    assert not batch.detected()[:, 5].all()


def test_same_seed_same_galaxies(simulator, drawn):
    again, truth = simulator.draw(3000, 1, stamps=False)
    np.testing.assert_array_equal(again.flux, drawn[0].flux)
    for name in truth.colnames:
        np.testing.assert_array_equal(truth[name], drawn[1][name])
    other = simulator.draw(100, 2, stamps=False)[1]
    assert not np.isin(other["z"], truth["z"]).any()


def test_stamps_show_the_same_galaxies(simulator, drawn):
    batch, truth = simulator.draw(40, 1)
    without = simulator.draw(40, 1, stamps=False)[1]
    for name in truth.colnames:
        np.testing.assert_array_equal(truth[name], without[name])
    assert batch.stamps.shape == (40, 6, 64, 64)
    assert np.isfinite(batch.stamps).all()
    bright = truth["mag_r"] < 18
    middle = batch.stamps[bright][:, 1, 28:36, 28:36].sum(axis=(1, 2))
    corner = batch.stamps[bright][:, 1, :8, :8].sum(axis=(1, 2))
    assert (middle > 3 * corner).all()


def test_apertures_are_those_of_the_stamps(simulator):
    pytest.importorskip("photutils")
    batch, _ = simulator.draw(20, 3)
    again = aperture_fluxes(batch.stamps, survey=batch.survey, bands=batch.bands)
    for name in "griz":
        measured = batch.aperture_flux[name]
        error = 1 / np.sqrt(batch.aperture_ivar[name])
        difference = np.abs(again[name] - measured)
        assert (difference < 0.2 * error + 3e-3 * np.abs(measured)).all()


def test_errors_are_honest(drawn):
    batch, truth = drawn
    for column, name in enumerate(batch.bands):
        pull = (batch.flux[:, column] - truth[f"flux_{name}"]) * np.sqrt(
            batch.ivar[:, column]
        )
        assert abs(pull.mean()) < 0.08
        assert abs(pull.std() - 1) < 0.06


def test_apertures_hold_a_growing_share(drawn):
    batch, truth = drawn
    bright = truth["mag_r"] < 19
    for name, fluxes in batch.aperture_flux.items():
        share = fluxes[bright] / truth[f"flux_{name}"][bright, None]
        assert (np.diff(np.median(share, axis=0)) > 0).all()
        assert 0.7 < np.median(share[:, -1]) < 1.02


def test_magnitudes_luminosities_and_distances(drawn):
    from galspec.simulation.elg_prior import distance_modulus

    truth = drawn[1]
    modulus = distance_modulus(np.asarray(truth["z"]))
    # What remains is the K correction, none nearby.
    correction = truth["mag_r"] - modulus - truth["absolute_r"]
    near = truth["z"] < 0.03
    assert near.sum() > 20
    assert np.abs(correction[near]).max() < 0.1
    assert np.ptp(correction) < 5
    dimmed = magnitude(truth["flux_r"]) - 2.165 * truth["ebv_true"] - truth["mag_r"]
    # SDSS and DECam are not quite the same in r.
    assert abs(np.median(dimmed)) < 0.15


def test_dust_of_the_milky_way_dims_the_blue_more(toy_galaxies):
    def truth(ebv):
        prior = ELGPrior(ebv=(ebv, 0.0))
        return ELGSimulator(toy_galaxies, prior=prior).draw(300, 5, stamps=False)

    (clear, before), (dusty, after) = truth(1e-6), truth(0.3)
    np.testing.assert_array_equal(before["z"], after["z"])
    dimming = [
        np.median(magnitude(after[f"flux_{name}"]) - magnitude(before[f"flux_{name}"]))
        for name in clear.bands
    ]
    assert (np.diff(dimming) < 0).all()
    np.testing.assert_allclose(dimming, 0.3 * LS_DR10.extinction, rtol=0.1, atol=0.01)
    np.testing.assert_allclose(dusty.ebv, 0.3)


def test_colours_do_not_depend_on_luminosity(toy_galaxies):
    # One template, one redshift: magnitudes differ, colours do not.
    part = Selection("one", 1.0, (16.0, 20.0), (0.3, 0.305))
    prior = ELGPrior(selections=(part,), ebv=(1e-6, 0.0), agn=0.0)
    simulator = ELGSimulator(toy_galaxies[[51]], prior=prior)
    truth = simulator.draw(400, 1, stamps=False)[1]
    colour = magnitude(truth["flux_g"]) - magnitude(truth["flux_z"])
    assert np.ptp(truth["absolute_r"]) > 3
    assert colour.std() < 0.03
    assert abs(np.corrcoef(colour, truth["absolute_r"])[0, 1]) < 0.2


def without_noise(toy_galaxies, **prior):
    """Simulate near and far galaxies, both bands seen through one atmosphere."""
    bands = {
        name: dataclasses.replace(
            LS_DR10.bands[name], seeing=1.2, depth=32.0, poisson=0.0
        )
        for name in "gr"
    }
    survey = ImagingSurvey("ls-dr10", bands, seeing_spread=0.0, calibration=0.0)
    near = Selection("near", 0.7, (15.0, 16.0), (0.02, 0.05))
    far = Selection("far", 0.3, (20.0, 21.0), (0.8, 1.2))
    prior = ELGPrior(selections=(near, far), ebv=(1e-6, 0.0), **prior)
    return ELGSimulator(toy_galaxies, survey=survey, prior=prior)


@pytest.fixture(scope="module")
def sharp(toy_galaxies):
    return without_noise(toy_galaxies)


def gradient(batch, rows=slice(None)):
    """Return how much redder g - r is within 1 arcsec than within 5."""
    colour = magnitude(batch.aperture_flux["g"]) - magnitude(batch.aperture_flux["r"])
    return (colour[:, 2] - colour[:, 6])[rows]


def test_centres_are_redder(sharp):
    batch, truth = sharp.draw(3000, 1, stamps=False)
    near = truth["selection"] == "near"
    change, truth = gradient(batch, near), truth[near]
    apart = truth["bulge_ur"] - truth["disc_ur"]
    # These toys have half of the g - r that galaxies of their u - r have.
    assert 0.005 < np.median(change) < 0.05
    assert np.corrcoef(change, apart)[0, 1] > 0.4
    assert np.median(change[apart < -0.1]) < 0 < np.median(change[apart > 0.1])
    assert (truth["bulge_half_light"] <= truth["disc_half_light"]).all()
    # Neither bulges alone nor discs alone change their colour.
    pure = np.abs(truth["bulge_share"] - 0.5) > 0.48
    assert pure.sum() > 20
    assert np.abs(change[pure]).mean() < 0.3 * np.abs(change[~pure]).mean()


def test_images_and_catalogues_have_one_gradient(sharp):
    seen, truth = sharp.draw(100, 1)
    without, _ = sharp.draw(100, 1, stamps=False)
    # Light of the largest ones leaves the frame and comes back on the other side.
    small = truth["half_light"] < 3.0
    assert small.sum() > 30
    changes = gradient(seen, small), gradient(without, small)
    np.testing.assert_allclose(*changes, atol=0.015)
    assert np.corrcoef(*changes)[0, 1] > 0.95
    for band in "gr":
        np.testing.assert_allclose(
            seen.aperture_flux[band][small, 2:],
            without.aperture_flux[band][small, 2:],
            rtol=0.04,
        )


def test_gradients_do_not_change_totals(sharp, toy_galaxies):
    flat, same = without_noise(toy_galaxies, gradient=0.0).draw(3000, 1, stamps=False)
    steep, truth = sharp.draw(3000, 1, stamps=False)
    np.testing.assert_array_equal(truth["z"], same["z"])
    np.testing.assert_array_equal(truth["mag_r"], same["mag_r"])
    near = truth["selection"] == "near"
    colours = [
        magnitude(table["flux_g"][near]) - magnitude(table["flux_r"][near])
        for table in (truth, same)
    ]
    for share in (16, 50, 84):
        assert abs(np.subtract(*(np.percentile(c, share) for c in colours))) < 0.04
    # Templates of one colour: what is left is how they differ otherwise.
    left = np.median(gradient(flat, near))
    assert abs(left) < 0.2 * np.median(gradient(steep, near))


def test_clumpy_galaxies_have_no_gradient(sharp):
    batch, truth = sharp.draw(3000, 1, stamps=False)
    far, clumpy = truth["selection"] == "far", np.asarray(truth["clumpy"])
    assert 0.25 < clumpy[far].mean() < 0.45
    assert not clumpy[~far].any()
    change = np.abs(gradient(batch))
    assert change[clumpy].max() < 1e-3
    assert np.median(change[far & ~clumpy]) > 3e-3


def test_parts_share_no_template(toy_galaxies, simulator):
    part = dict(
        zip(toy_galaxies.names, split_by_object(toy_galaxies.groups), strict=True)
    )
    for split in ("train", "test"):
        truth = simulator.draw(300, 1, split=split, stamps=False)[1]
        for name in ("template", "second"):
            assert {part[template] for template in truth[name]} == {split}


def test_epochs_for_a_fit(simulator):
    source = SimulatedSource([simulator], "z", epoch_size=8, held_out=4)
    [(batch, labels)] = source.epoch(0)
    assert batch.stamps.shape == (8, 6, 64, 64)
    assert labels.shape == (8, 1)
    assert len(source.calibration()[0][0]) == 8


def test_other_surveys(toy_galaxies):
    batch, _ = ELGSimulator(toy_galaxies, survey=LS_DR9).draw(20, 1)
    assert batch.bands == ("g", "r", "z", "W1", "W2")
    assert batch.stamps.shape == (20, 5, 64, 64)


def test_wrong_calls(simulator):
    with pytest.raises(ValueError, match="n is 0"):
        simulator.draw(0, 1)
    with pytest.raises(ValueError, match="no split 'all'"):
        simulator.draw(1, 1, split="all")
