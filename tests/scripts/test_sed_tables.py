"""Tables of the card of SEDPredictor."""

import astropy.units as u
import numpy as np
import pytest
from astropy.nddata import StdDevUncertainty
from sed_real_tables import mean_bias, observed, pair_table
from sed_residuals import Measured, cell, coverage, flagged, inside, markdown
from sed_simulated_tables import by_heat, by_noise, coverage_table, draw, photometry
from specutils import Spectrum

from galspec.flags import Flags
from galspec.sed import WAVELENGTH
from galspec.simulation.sed_templates import SyntheticFlux
from galspec.simulation.stellar_layout import ENERGY


class Predictor:
    """Says what it is told, with an error of a tenth."""

    def __init__(self, flux, flags=None):
        self.flux = np.asarray(flux)
        self.flags = np.zeros(len(self.flux), int) if flags is None else flags

    def predict(self, batch, progress_bar=False):
        return Spectrum(
            flux=self.flux * u.one,
            spectral_axis=WAVELENGTH * u.AA,
            uncertainty=StdDevUncertainty(0.1 * self.flux),
            meta={"flags": self.flags},
        )


@pytest.fixture
def measured():
    """Four stars, 10 % too bright below 3000 angstrom, in two bins of Teff."""
    truth = np.tile(-np.log(WAVELENGTH / 5500), (4, 1))
    excess = np.where(WAVELENGTH < 3000, 0.2, 0.0)
    labels = {"log_sed": truth, "teff": np.array([5500, 5600, 6500, 9000.0])}
    return Measured(Predictor(np.exp(truth + excess)), None, labels)


def test_residuals_and_coverage_by_band(measured):
    low, high = (2500, 3000), (4000, 7000)
    np.testing.assert_allclose(measured.ratio[:, inside(low)], 0.2)
    assert cell(measured.ratio[:, inside(low)]) == "+0.2000, 0.0000, 0.2000"
    assert coverage(measured.ratio, measured.width, low) == 0
    assert coverage(measured.ratio, measured.width, high) == 1


def test_tables_have_a_row_for_each_sample(measured):
    samples = {20: measured, 40: measured}
    rows = by_noise(samples).splitlines()[2:]
    assert [row.split(" | ")[1] for row in rows] == ["4", "4"]
    rows = by_heat(samples).splitlines()[2:]
    assert [row.split(" | ")[2] for row in rows] == list("22110011")
    assert "| 20 | 0.0 | 100.0 | 100.0 | 100.0 |" in coverage_table(samples)
    bands = dict(
        line.strip("| ").split(" | ")[:2]
        for line in photometry(samples).splitlines()[2:]
    )
    assert bands["bessell-V"] == "-0.0, 0.0" or bands["bessell-V"] == "+0.0, 0.0"


def test_what_is_not_known_does_not_count():
    truth = np.zeros((1, 574))
    truth[0, WAVELENGTH < 3500] = np.nan
    found = Measured(Predictor(np.full((1, 574), 1.01)), None, {"log_sed": truth})
    assert np.isnan(found.ratio[0, 0])
    assert coverage(found.ratio, found.width, (3000, 4000)) == 1


def test_a_star_without_value_counts_as_flagged():
    flux = np.ones((3, 574))
    flux[2] = np.nan
    flags = np.array([0, int(Flags.OUT_OF_DOMAIN), int(Flags.NO_DATA)])
    spectrum = Predictor(flux, flags).predict(None)
    assert flagged(spectrum).tolist() == [False, True, True]


def test_the_mean_bias_has_the_error_of_the_scatter_between_stars():
    ratio = np.array([0.0, 0.02, 0.04, 0.06])[:, None] * np.ones(574)
    ratio[0, :300] = np.nan
    bias, error, rms = mean_bias(ratio, (7000, 10500))
    assert bias == pytest.approx(0.03)
    assert error == pytest.approx(np.std([0, 0.02, 0.04, 0.06], ddof=1) / 2)
    assert rms == pytest.approx(np.sqrt(np.mean([0, 4e-4, 16e-4, 36e-4])))
    assert np.isnan(mean_bias(ratio[:1], (7000, 10500))[1])


def test_pairs_are_summed_up_by_the_library_of_their_flux():
    found = [
        ("A", "calspec", np.full(574, 0.01)),
        ("B", "calspec", np.full(574, 0.03)),
        ("C", "ngsl", np.full(574, -0.01)),
    ]
    text = pair_table(found).splitlines()[2:]
    assert text[0].startswith("| A | calspec | +0.0100, 0.0100 |")
    assert text[3].startswith("| 2 stars | calspec | +0.0200 ± 0.0100, 0.0224 |")
    assert text[5].startswith("| 3 stars | both | +0.0100 ± 0.0115")


def test_libraries_are_at_rest_and_what_is_missing_is_masked():
    batch = observed(np.array([4000.0, 5000, 6000]), np.array([[2.0, 4, np.nan]]))
    assert batch.mask.tolist() == [[False, False, True]]
    assert batch.redshift.tolist() == [0]
    np.testing.assert_allclose(batch.flux[0, :2], [2 / 3, 4 / 3])


def test_tests_are_of_stars_within_the_temperatures_of_the_card():
    n = 60
    teff = np.linspace(4900, 9900, n)
    labels = np.stack([teff, 4 + 0 * teff, 0 * teff], axis=1)
    shape = (n, ENERGY.n_pixels)
    stars = SyntheticFlux(labels, np.zeros(shape, np.float32), np.zeros(shape))
    batch, truth = draw(stars, 40, 20, 1)
    assert len(batch) == len(truth) > 10
    assert np.all((truth["teff"] > 5000) & (truth["teff"] < 9750))
    np.testing.assert_allclose(truth["snr"], 20)


def test_a_table_is_markdown():
    assert markdown(["a", "b"], [[1, "x"]]) == "| a | b |\n| --- | --- |\n| 1 | x |"
