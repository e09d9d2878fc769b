"""The search with the estimator that it is made for, hardly trained."""

import astropy.units as u
import numpy as np
import pytest
from astropy.table import QTable

from galspec import CEMPParams
from galspec.catalog import cemp_search
from galspec.cli import main
from galspec.networks import ProjectionConfig
from galspec.simulation import write_lamost_fits
from galspec.training.fit_options import FitOptions

WAVELENGTH = 10 ** (3.5682 + 1e-4 * np.arange(3909))


def stars(n, seed):
    """Spectra whose G band deepens with [C/H]."""
    rng = np.random.default_rng(seed)
    feh, cfe = rng.uniform(-4, 0, n), rng.uniform(0, 2, n)
    band = np.exp(-0.5 * ((WAVELENGTH - 4300) / 10) ** 2)
    flux = 1 - 0.15 * (feh + cfe + 4.2)[:, None] * band
    labels = {
        "teff": rng.uniform(4500, 6500, n) * u.K,
        "logg": rng.uniform(1, 4, n) * u.dex,
        "feh": feh * u.dex,
        "cfe": cfe * u.dex,
        "ch": (feh + cfe) * u.dex,
    }
    return flux + rng.normal(0, 0.02, flux.shape), QTable(labels)


@pytest.fixture(scope="module")
def weights(tmp_path_factory):
    flux, labels = stars(120, 1)
    data = {"wavelength": WAVELENGTH * u.AA, "flux": flux, "redshift": np.zeros(120)}
    data["ivar"] = np.full(flux.shape, 0.02**-2)
    network = ProjectionConfig(width=8, depth=1, outputs=10)
    estimator = CEMPParams(network=network).fit(
        data, labels, balance="feh", options=FitOptions(epochs=2), progress_bar=False
    )
    path = tmp_path_factory.mktemp("weights") / "own.safetensors"
    estimator.save(path)
    return path


@pytest.fixture
def files(tmp_path):
    paths = []
    for number, flux in enumerate(stars(4, 2)[0]):
        header = {"OBSID": number, "Z": 1e-4, "RA": 10.0, "DEC": 10.0 + number}
        paths.append(tmp_path / f"{number}.fits")
        ivar = np.full(len(flux), 0.02**-2)
        write_lamost_fits(paths[-1], WAVELENGTH, flux, ivar, header)
    return [str(path) for path in paths]


def test_candidates_have_all_that_it_gives(weights, files):
    estimator = CEMPParams.pretrained(path=weights)
    options = {"estimator": estimator, "p_min": 0, "criterion": "aoki2007"}
    found = cemp_search(files, **options)
    assert len(found.candidates) == 4
    alone = estimator.predict(files, criterion="aoki2007")
    order = [int(obsid) for obsid in found.candidates["obsid"]]
    for name in ("teff", "feh_err", "cov_feh_ch", "a_c", "p_cemp", "metal_class"):
        ours, theirs = found.candidates[name], alone[name][order]
        assert ours.unit == theirs.unit
        assert ours.info.description == theirs.info.description
        np.testing.assert_array_equal(ours, theirs)
    np.testing.assert_array_equal(found.spectra["flags"], alone["flags"])


def test_own_weights_on_the_command_line(weights, files, tmp_path):
    out = tmp_path / "found.fits"
    words = [*files, "-o", str(out), "--weights", str(weights), "--p-min", "0"]
    assert main(["cemp-search", *words, "--pages", str(tmp_path / "pages")]) == 0
    assert len(QTable.read(out)) == len(list((tmp_path / "pages").iterdir())) == 4
