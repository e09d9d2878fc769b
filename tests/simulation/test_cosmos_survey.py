"""The COSMOS field: filters from files, bands without apertures, zero points."""

import dataclasses

import numpy as np
import pytest

from galspec.simulation import ZCOSMOS, ELGSimulator, cosmos_survey

pytest.importorskip("speclite")

SUBARU = {"B": 4460, "g": 4780, "V": 5480, "r": 6290, "i": 7680, "z": 9040}
CENTRES = {f"capak_subaru_suprimecam_{band}": c for band, c in SUBARU.items()}
CENTRES |= {"capak_cfht_megaprime_sagem_u": 3800, "capak_cfht_wircam_Ks": 21500}
#: The toy galaxies are all forming stars.
PRIOR = dataclasses.replace(ZCOSMOS, passive=0.0)


@pytest.fixture
def survey(tmp_path):
    """Filters as kcorrect writes them, bells around the true centres."""
    for name, centre in CENTRES.items():
        wavelength = np.arange(centre * 0.8, centre * 1.2, 10.0)
        response = np.exp(-0.5 * ((wavelength / centre - 1) / 0.06) ** 2)
        pairs = zip(wavelength, response, strict=True)
        rows = [f"| {angstrom:.1f} | {share:.6f} |" for angstrom, share in pairs]
        text = "\n".join(["# a comment", "| lambda | pass |", *rows])
        (tmp_path / f"{name}.dat").write_text(text + "\n")
    return cosmos_survey(tmp_path)


def test_galaxies_of_zcosmos(survey, toy_galaxies):
    assert set(survey.bands) < set(survey.catalogue.bands)
    simulator = ELGSimulator(toy_galaxies, survey=survey, prior=PRIOR)
    batch, truth = simulator.draw(500, 1, stamps=False)
    assert batch.bands == tuple(survey.bands)
    assert batch.aperture_flux == {}
    assert set(truth["selection"]) == {"zcosmos"}
    pull = (batch.flux[:, 4] - truth["flux_r"]) * np.sqrt(batch.ivar[:, 4])
    assert abs(pull.std() - 1) < 0.15
    images, _ = simulator.draw(3, 1)
    assert images.stamps.shape == (3, 8, 64, 64)


def test_zero_points_are_those_of_the_catalogue(survey, toy_galaxies):
    bands = survey.bands.items()
    right = {name: dataclasses.replace(band, offset=0.0) for name, band in bands}
    both = [
        ELGSimulator(toy_galaxies, survey=each, prior=PRIOR).draw(50, 1, stamps=False)
        for each in (survey, dataclasses.replace(survey, bands=right))
    ]
    for name, band in bands:
        ratio = both[0][1][f"flux_{name}"] / both[1][1][f"flux_{name}"]
        np.testing.assert_allclose(-2.5 * np.log10(ratio), band.offset, atol=1e-6)


def test_missing_files_are_named(tmp_path):
    with pytest.raises(FileNotFoundError, match="capak_subaru_suprimecam_B"):
        cosmos_survey(tmp_path)
