"""Line ratios, diagnostics and dust of the simulator."""

import numpy as np
import pytest

from galspec.simulation.line_vectors import blended_abundance, complete
from galspec.simulation.lines import (
    LINES,
    case_b,
    column,
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
    # Cardelli et al. 1989: k(H-beta) - k(H-alpha) is 1.1-1.2 for R_V = 3.1.
    assert 1.0 < k[column("Hbeta")] - k[column("Halpha")] < 1.25
    assert k[column("OII_3726")] > k[column("Hbeta")]


@pytest.mark.parametrize("grid_oh", [7.2, 7.6, 8.0])
def test_metal_poor_labels_are_those_of_the_models(grid_oh):
    fluxes = fluxes_of(0.5, -1.5)
    assert blended_abundance(fluxes, np.array([grid_oh]))[0] == pytest.approx(grid_oh)


@pytest.mark.parametrize("grid_oh", [8.4, 8.7])
def test_other_labels_are_o3n2(grid_oh):
    fluxes = fluxes_of(0.2, -1.0)
    label = blended_abundance(fluxes, np.array([grid_oh]))
    np.testing.assert_allclose(label, o3n2_abundance(fluxes))


def test_labels_have_no_step():
    oh = np.linspace(7.9, 8.5, 601)
    fluxes = np.repeat(fluxes_of(0.5, -1.2), len(oh), axis=0)
    assert np.abs(np.diff(blended_abundance(fluxes, oh))).max() < 0.003


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
