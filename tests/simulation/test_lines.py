"""Line ratios, diagnostics and dust of the simulator."""

import numpy as np
import pytest

from galspec.simulation.line_vectors import LineVectors, complete, strong_line_abundance
from galspec.simulation.lines import (
    LINES,
    case_b,
    column,
    direct_abundance,
    group_attenuation,
    o3n2_abundance,
    spectral_class,
)


def fluxes_of(o3, n2):
    fluxes = case_b(1)
    fluxes[:, column("OIII_5007")] = 10**o3
    fluxes[:, column("NII_6584")] = 10**n2 * fluxes[:, column("Halpha")]
    return fluxes


def test_o3n2_abundance_of_pettini_and_pagel():
    # O3N2 = 0.2 - (-0.6) = 0.8 gives 8.73 - 0.256.
    assert o3n2_abundance(fluxes_of(0.2, -0.6))[0] == pytest.approx(8.474)


@pytest.mark.parametrize(
    ("o3", "n2", "kind"),
    [
        (0.0, -0.6, "star-forming"),
        (0.5, -1.2, "star-forming"),
        (0.0, -0.2, "composite"),
        (0.9, 0.0, "agn"),
        (-0.5, 0.6, "agn"),
    ],
)
def test_class_follows_the_bpt_borders(o3, n2, kind):
    assert spectral_class(fluxes_of(o3, n2)) == kind


def test_dust_leaves_neighbouring_ratios_alone():
    k = group_attenuation()
    assert k[column("OIII_5007")] == k[column("Hbeta")]
    assert k[column("NII_6584")] == k[column("Halpha")]
    # Cardelli et al. 1989, R_V = 3.1: 3.61 at H-beta, 2.53 at H-alpha.
    assert k[column("Hbeta")] - k[column("Halpha")] == pytest.approx(1.07, abs=0.01)
    assert k[column("OII_3726")] > k[column("Hbeta")]


def test_labels_join_pg16_and_pp04_without_a_step():
    log_n2 = np.linspace(-2.2, -0.9, 1301)
    fluxes = np.concatenate([fluxes_of(0.45, n2) for n2 in log_n2])
    # [O II] rises with [N II], as in H II regions: Pilyugin & Grebel 2016, figure 2.
    fluxes[:, column("OII_3729")] = 10 ** (0.75 + 0.4 * log_n2)
    fluxes[:, column("OIII_4959")] = fluxes[:, column("OIII_5007")] / 2.98
    fluxes[:, column("NII_6548")] = fluxes[:, column("NII_6584")] / 3.05
    label, metal_poor = strong_line_abundance(fluxes), direct_abundance(fluxes)
    to_beta = log_n2 + np.log10(2.863 * (1 + 1 / 3.05))
    low, high = to_beta < -0.90, to_beta > -0.65
    np.testing.assert_allclose(label[low], metal_poor[low])
    np.testing.assert_allclose(label[high], o3n2_abundance(fluxes)[high])
    assert metal_poor[low].min() < 7.8
    assert np.abs(np.diff(label)).max() < 0.003


def test_completed_vectors_keep_what_was_given_and_atomic_ratios():
    rng = np.random.default_rng(0)
    given = {
        "OII": np.array([2.0, 3.0]),
        "OIII_5007": np.array([1.0, 4.0]),
        "NII_6584": np.array([0.9, 0.1]),
        "SII": np.array([0.8, 0.2]),
    }
    fluxes = complete(given, rng)
    assert fluxes.shape == (2, len(LINES))
    assert (fluxes >= 0).all()
    pair = fluxes[:, column("OII_3726")] + fluxes[:, column("OII_3729")]
    np.testing.assert_allclose(pair, given["OII"])
    np.testing.assert_allclose(fluxes[:, column("OIII_5007")], given["OIII_5007"])
    np.testing.assert_allclose(
        fluxes[:, column("OIII_4959")] * 2.98, given["OIII_5007"]
    )
    np.testing.assert_allclose(fluxes[:, column("Hbeta")], 1.0)


def test_weak_lines_change_without_a_step_at_the_borders_of_classes():
    """What a source does not give must not tell its class."""
    o3 = np.linspace(-0.6, 0.9, 400)
    given = {
        "OII": np.full(400, 2.0),
        "OIII_5007": 10**o3,
        "NII_6584": np.full(400, 0.45 * 2.863),
        "SII": np.ones(400),
    }
    many = [complete(given, np.random.default_rng(seed)) for seed in range(300)]
    assert set(spectral_class(many[0])) == {"star-forming", "composite", "agn"}
    for name in ("OI_6300", "HeII_4686"):
        mean = np.mean([fluxes[:, column(name)] for fluxes in many], axis=0)
        smooth = np.convolve(mean, np.full(15, 1 / 15), mode="valid")
        assert np.abs(np.diff(smooth)).max() < 0.03 * np.ptp(smooth)


def test_scattered_vectors_lie_around_the_object():
    fluxes = np.repeat(fluxes_of(-0.3, -0.6), 4000, axis=0)
    vectors = LineVectors.from_fluxes(np.arange(4000), fluxes, "one")
    o3, n2 = vectors.scattered(0.06, np.random.default_rng(1)).log_ratios()
    for ratio, true in ((o3, -0.3), (n2, -0.6)):
        assert ratio.mean() == pytest.approx(true, abs=0.005)
        assert ratio.std() == pytest.approx(0.06, rel=0.05)
    assert abs(np.corrcoef(o3, n2)[0, 1]) < 0.05


def test_retired_gas_stays_retired():
    fluxes = np.repeat(fluxes_of(0.3, 0.2), 20, axis=0)
    vectors = LineVectors.from_fluxes(np.arange(20), fluxes, "old", kind="retired")
    assert set(vectors.scattered(0.3, np.random.default_rng(1)).kind) == {"retired"}
