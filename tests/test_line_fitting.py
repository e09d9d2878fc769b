import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from galspec import SpectrumBatch
from galspec.line_fitting import fit_lines
from galspec.line_windows import LINES
from galspec.simulation import LAMOST, GalaxyIngredients, GalaxyPrior, GalaxySimulator
from galspec.simulation import lines as simulated

AXIS = 10 ** np.arange(3.568, 3.959, 1e-4)
FLUXES = {
    "OII_3728": 90.0,
    "Hbeta": 40.0,
    "OIII_5007": 60.0,
    "Halpha": 120.0,
    "NII_6584": 30.0,
    "SII_6716": 25.0,
    "SII_6731": 18.0,
}


def galaxy(redshift=0.05, width=100.0, shift=0.0, fluxes=FLUXES, axis=AXIS):
    """Lines over the continuum and the absorption that young galaxies have."""
    rest = axis / (1 + redshift)
    spectrum = np.full(len(axis), 10.0)
    for centre, strength in ((4862.68, 3.5), (6564.61, 2.2)):
        spectrum -= 10 * strength * 0.6 * gauss(rest, centre, 4.0)
        spectrum -= 10 * strength * 0.4 * gauss(rest, centre, 14.0)
    spectrum -= 10 * 0.2 * gauss(rest, 5007.5, 2.5)
    for name, flux in fluxes.items():
        for centre, share in LINES[name]:
            sigma = centre * width / 299792.458
            at = centre * (1 + shift / 299792.458)
            spectrum += flux * share * gauss(rest, at, sigma) / (1 + redshift)
    return spectrum


def gauss(x, centre, sigma):
    return np.exp(-0.5 * ((x - centre) / sigma) ** 2) / (np.sqrt(2 * np.pi) * sigma)


def batch_of(spectra, redshift, snr=100.0, **more):
    spectra = np.atleast_2d(spectra)
    ivar = np.full_like(spectra, (snr / 10) ** 2)
    return SpectrumBatch.from_arrays(
        AXIS,
        spectra,
        ivar=ivar,
        redshift=np.broadcast_to(redshift, len(spectra)),
        **more,
    )


@pytest.mark.parametrize("redshift", [0.03, 0.12, 0.29])
@pytest.mark.parametrize(("width", "shift"), [(70, 0), (110, -40), (150, 60)])
def test_fluxes_of_a_made_galaxy_are_found_again(redshift, width, shift):
    table = fit_lines(batch_of(galaxy(redshift, width, shift), redshift))
    for name, flux in FLUXES.items():
        # broad lines and the absorption beneath them are hard to tell apart
        allowed = max(0.03 * flux, 1.5 * table[name + "_err"][0])
        assert table[name][0] == pytest.approx(flux, abs=allowed)
        assert table[name + "_err"][0] < 0.15 * flux
    assert table["width"][0] == pytest.approx(width, rel=0.04)
    assert table["shift"][0] == pytest.approx(shift, abs=8)


def test_the_fainter_lines_of_doublets_have_their_theoretical_ratios():
    table = fit_lines(batch_of(galaxy(), 0.05))
    assert table["OIII_5007"][0] / table["OIII_4959"][0] == pytest.approx(2.98)
    assert table["NII_6584"][0] / table["NII_6548"][0] == pytest.approx(3.05)


def test_errors_tell_the_scatter():
    rng = np.random.default_rng(3)
    spectra = galaxy() + rng.normal(0, 1, (300, len(AXIS)))
    table = fit_lines(batch_of(spectra, 0.05, snr=10))
    for name, flux in FLUXES.items():
        pull = (table[name] - flux) / table[name + "_err"]
        assert np.std(pull) == pytest.approx(1, abs=0.15)
        assert abs(np.mean(pull)) < 0.25


def test_the_auroral_line_is_measured_when_asked_for():
    rest, z = AXIS / 1.08, 0.08
    spectrum = galaxy(z)
    for sigma, share in ((4.0, 0.6), (14.0, 0.4)):
        spectrum -= 10 * 3.5 * share * gauss(rest, 4341.69, sigma)
    for centre, flux in ((4341.69, 18.0), (4364.44, 3.0)):
        spectrum += flux * gauss(rest, centre, centre * 100 / 299792.458) / (1 + z)
    batch = batch_of(spectrum, z)
    assert "OIII_4363" not in fit_lines(batch).colnames
    table = fit_lines(batch, auroral=True)
    assert table["Hgamma"][0] == pytest.approx(18, abs=0.5)
    assert table["OIII_4363"][0] == pytest.approx(3, abs=0.2)
    assert table["Hbeta"][0] == fit_lines(batch)["Hbeta"][0]


def test_noise_is_not_taken_for_lines():
    rng = np.random.default_rng(4)
    bare = galaxy(fluxes={}) + rng.normal(0, 1, (300, len(AXIS)))
    table = fit_lines(batch_of(bare, 0.05, snr=10))
    for name in LINES:
        assert abs(np.mean(table[name] / table[name + "_err"])) < 0.35
        assert np.mean(table[name] > 3 * table[name + "_err"]) < 0.03


@settings(deadline=None, max_examples=10)
@given(st.floats(1e-3, 1e3))
def test_brighter_spectra_have_brighter_lines(factor):
    plain = fit_lines(batch_of(galaxy(), 0.05))
    ivar = np.full((1, len(AXIS)), 100 / factor**2)
    scaled = SpectrumBatch.from_arrays(
        AXIS, [galaxy() * factor], ivar=ivar, redshift=[0.05]
    )
    scaled = fit_lines(scaled)
    for name in LINES:
        assert scaled[name][0] == pytest.approx(plain[name][0] * factor, rel=1e-3)
        error = plain[name + "_err"][0] * factor
        assert scaled[name + "_err"][0] == pytest.approx(error, rel=1e-3)


def test_a_spectrum_gives_the_same_alone_and_among_others():
    redshift = np.array([0.02, 0.11, 0.2])
    spectra = [galaxy(z, w) for z, w in zip(redshift, (80, 120, 160), strict=True)]
    batch = batch_of(spectra, redshift)
    together = fit_lines(batch)
    own_axes = fit_lines(
        batch.replace(wavelength=np.broadcast_to(AXIS, batch.flux.shape))
    )
    for row in range(3):
        alone = fit_lines(batch[row])
        for name in together.colnames:
            assert alone[name][0] == pytest.approx(together[name][row], rel=1e-6)
            assert own_axes[name][row] == pytest.approx(together[name][row], rel=1e-6)


def test_what_was_not_measured_is_unknown():
    batch = batch_of([galaxy(), galaxy(), galaxy(0.5)], [np.nan, 0.05, 0.5])
    table = fit_lines(batch)
    assert np.isnan([table[name][0] for name in table.colnames]).all()
    assert np.isfinite([table[name][1] for name in table.colnames]).all()
    assert np.isnan(table["Halpha"][2])
    assert table["OIII_5007"][2] == pytest.approx(FLUXES["OIII_5007"], rel=0.03)


def test_a_line_under_the_mask_is_unknown_unless_its_fellow_is_seen():
    rest = AXIS / 1.05
    hidden = abs(rest - 4862.68) < 12
    table = fit_lines(batch_of(galaxy(), 0.05, mask=hidden[None]))
    assert np.isnan(table["Hbeta"][0])
    assert np.isfinite(table["OIII_5007"][0])


def test_cosmic_rays_beside_the_lines_do_no_harm():
    spectrum = galaxy()
    spectrum[np.searchsorted(AXIS, 1.05 * np.array([4905.0, 6640.0]))] += 500
    table = fit_lines(batch_of(spectrum, 0.05))
    for name in ("Hbeta", "Halpha", "NII_6584"):
        assert table[name][0] == pytest.approx(FLUXES[name], rel=0.02)


def test_no_spectra_give_no_rows():
    empty = SpectrumBatch.from_arrays(AXIS, np.empty((0, len(AXIS))))
    assert len(fit_lines(empty)) == 0


def test_wavelengths_and_ratios_are_those_of_the_simulator():
    known = np.array(list(simulated.LINES.values()))
    for parts in LINES.values():
        for centre, _ in parts:
            assert np.min(abs(known - centre)) == 0


@pytest.mark.shared
def test_ratios_of_simulated_galaxies(shared_data):
    ingredients = GalaxyIngredients.load(shared_data / "galaxies" / "simulation")
    simulator = GalaxySimulator(
        ingredients, prior=GalaxyPrior(kinds={"star-forming": 1.0})
    )
    continuum, emission, truth = simulator.model(256, 11, split="test")
    ivar = np.ones_like(continuum) * (100 / np.median(continuum, axis=1))[:, None] ** 2
    batch = SpectrumBatch.from_arrays(
        LAMOST.wavelength,
        continuum + emission,
        ivar=ivar,
        redshift=np.asarray(truth["redshift"]),
    )
    table = fit_lines(batch)
    strong = np.asarray(truth["log_ew_ha"]) > 1.2
    o3 = np.log10(table["OIII_5007"] / table["Hbeta"]) - truth["log_o3"]
    n2 = np.log10(table["NII_6584"] / table["Halpha"]) - truth["log_n2"]
    for error in (o3[strong], n2[strong]):
        assert abs(np.median(error)) < 0.01
        assert np.percentile(abs(error), 68) < 0.03


@pytest.mark.shared
def test_fluxes_that_the_sdss_measured(shared_data):
    from galspec import read_spectra
    from galspec.io import read_sdss_lines

    folder = shared_data / "galaxies" / "real_spectra" / "sdss"
    # star-forming galaxies: the SDSS does not correct for stellar absorption
    paths = [folder / f"spec-0266-51630-{n}.fits" for n in ("0168", "0215")]
    paths += [folder / "spec-0268-51633-0251.fits"]
    table = fit_lines(read_spectra(paths))
    names = {"Halpha": "H_alpha", "NII_6584": "[N_II] 6583", "SII_6731": "[S_II] 6730"}
    for row, path in enumerate(paths):
        theirs = read_sdss_lines(path)
        for ours, name in names.items():
            flux = theirs["flux"].value[list(theirs["line"]).index(name)]
            assert table[ours][row] == pytest.approx(flux, rel=0.1)
