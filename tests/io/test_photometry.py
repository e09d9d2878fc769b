"""Photometry from files: sweeps, Tractor catalogues, Parquet; tables of surveys."""

import numpy as np
import pytest
from astropy.io import fits
from astropy.table import Table

from galspec import Flags, read_photometry
from galspec.photometric_features import dereddened_magnitudes, wei2025_features

N = 5


@pytest.fixture
def sweep(tmp_path):
    """Write a sweep, in capitals and with the units of the Legacy Surveys."""

    def write(name="sweep-000m005-010p000.fits", first=0, **more):
        rng = np.random.default_rng(2)
        columns = [
            fits.Column("RELEASE", "I", array=np.full(N, 9010)),
            fits.Column("BRICKID", "J", array=np.arange(N) // 2 + 330000),
            fits.Column("OBJID", "J", null=-7, array=np.arange(N) + first),
            fits.Column("TYPE", "3A", array=["PSF", "REX", "EXP", "DEV", "SER"]),
            fits.Column("RA", "D", "deg", array=np.linspace(0, 1, N)),
            fits.Column("DEC", "D", "deg", array=np.zeros(N)),
            fits.Column("EBV", "E", "mag", array=np.full(N, 0.03)),
            fits.Column("DCHISQ", "5E", array=np.ones((N, 5))),
        ]
        for band in ("G", "R", "Z", "W1", "W2"):
            flux, ivar = rng.uniform(1, 9, (2, N))
            columns += [
                fits.Column(f"FLUX_{band}", "E", "nanomaggies", array=flux),
                fits.Column(f"FLUX_IVAR_{band}", "E", "1/nanomaggies^2", array=ivar),
            ]
        columns += [fits.Column(name, "E", array=v) for name, v in more.items()]
        path = tmp_path / name
        fits.BinTableHDU.from_columns(columns).writeto(path)
        return path

    return write


@pytest.fixture
def extra(tmp_path):
    """Write an extra sweep, with aperture fluxes."""

    def write(name="sweep-000m005-010p000-ex.fits", first=0):
        rings = np.arange(N * 8.0).reshape(N, 8)
        columns = [
            fits.Column("RELEASE", "I", array=np.full(N, 9010)),
            fits.Column("BRICKID", "J", array=np.arange(N) // 2 + 330000),
            fits.Column("OBJID", "J", array=np.arange(N) + first),
            fits.Column("APFLUX_G", "8E", "nanomaggy", array=rings),
            fits.Column("APFLUX_IVAR_G", "8E", "nanomaggy^(-2)", array=rings + 1),
        ]
        path = tmp_path / name
        fits.BinTableHDU.from_columns(columns).writeto(path)
        return path

    return write


def test_a_sweep(sweep):
    path = sweep()
    batch = read_photometry(path, survey="ls-dr9")
    table = Table.read(path, unit_parse_strict="silent")
    np.testing.assert_array_equal(batch.flux[:, 2], table["FLUX_Z"])
    np.testing.assert_array_equal(batch.ivar[:, 4], table["FLUX_IVAR_W2"])
    assert batch.flux.dtype.isnative
    assert batch.observed.all()
    np.testing.assert_allclose(batch.ebv, 0.03, rtol=1e-6)
    assert batch.ids["type"].tolist() == ["PSF", "REX", "EXP", "DEV", "SER"]
    assert "file" not in batch.ids
    assert not read_photometry(path, survey="ls-dr10").observed[:, 2].any()


def test_an_extra_sweep_has_the_apertures(sweep, extra):
    batch = read_photometry(sweep(), survey="ls-dr9", extra=extra())
    np.testing.assert_array_equal(batch.aperture_flux["g"].ravel(), np.r_[0 : N * 8])
    np.testing.assert_array_equal(batch.aperture_ivar["g"][0], np.r_[1:9])


def test_an_extra_sweep_of_other_rows(sweep, extra):
    with pytest.raises(
        ValueError, match=r"other-ex.fits is not about the rows of .*fits"
    ):
        read_photometry(sweep(), survey="ls-dr9", extra=extra("other-ex.fits", 1))
    with pytest.raises(ValueError, match="1 tables and 2 extra"):
        read_photometry(sweep("b.fits"), survey="ls-dr9", extra=["a.fits", "b.fits"])


def test_many_files_in_their_order(sweep):
    paths = [sweep("b.fits"), sweep("a.fits.gz", first=100)]
    batch = read_photometry(paths, survey="ls-dr9")
    assert batch.ids["file"].tolist() == [str(p) for p in paths for _ in range(N)]
    assert batch.ids["objid"].tolist() == [*range(N), *range(100, 100 + N)]


def test_only_what_is_needed_is_read_and_nulls_are_masked(sweep):
    path = sweep(first=-7, Z_SPEC=np.arange(N))
    batch = read_photometry(path, survey="ls-dr9", keep=["z_spec"])
    assert batch.ids["z_spec"].tolist() == [0, 1, 2, 3, 4]
    assert batch.ids["objid"].tolist() == [-1, -6, -5, -4, -3]
    assert all(column.dtype.isnative for column in batch.ids.values())
    assert "dchisq" not in batch.ids


@pytest.mark.parametrize("ending", ["fits", "parquet", "ecsv", "csv"])
def test_the_same_table_in_any_format(tmp_path, ending):
    pytest.importorskip("pyarrow")
    table = Table({"id": [1, 2, 3], "name": ["a", "b", "c"]})
    table["mag_g"], table["magerr_g"] = [20.0, np.nan, 21.5], [0.1, 0.1, 0.2]
    path = tmp_path / f"table.{ending}"
    table.write(path, format={"csv": "ascii.csv", "ecsv": "ascii.ecsv"}.get(ending))
    batch = read_photometry(path, survey="cosmos", keep=["name"], ebv=0.02)
    np.testing.assert_allclose(batch.flux[:, 2], [10, np.nan, 10**0.4], rtol=1e-6)
    assert batch.ids["name"].tolist() == ["a", "b", "c"]
    assert batch.flags.tolist() == [0, Flags.NO_DATA, 0]


def test_a_table_without_any_band_is_told_by_all_its_columns(tmp_path):
    path = tmp_path / "other.fits"
    Table({"ra": [1.0], "dec": [2.0], "size": [3.0]}).write(path)
    with pytest.raises(ValueError, match=r"no column for any band.*ra, dec, size"):
        read_photometry(path, survey="ls-dr10")


def test_parquet_with_lists_and_missing_values(tmp_path):
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    rings = [[float(k) for k in range(8)], None, [1.0, None, *[2.0] * 6]]
    columns = {
        "FLUX_G": [1.0, 2.0, None],
        "FLUX_IVAR_G": [4.0, 4.0, 4.0],
        "APFLUX_G": rings,
        "APFLUX_IVAR_G": [[1.0] * 8] * 3,
        "TYPE": ["PSF", None, "REX"],
    }
    pq.write_table(pa.table(columns), tmp_path / "t.parquet")
    batch = read_photometry(tmp_path / "t.parquet", survey="ls-dr10")
    assert batch.observed[:, 0].tolist() == [True, True, False]
    ring = batch.aperture_flux["g"]
    assert ring[0].tolist() == list(range(8))
    assert np.isnan(ring[1]).all()
    np.testing.assert_array_equal(np.isnan(ring[2]), [False, True, *[False] * 6])
    assert batch.ids["type"].tolist() == ["PSF", "", "REX"]


def test_files_that_cannot_be_read_are_named(tmp_path, sweep):
    with pytest.raises(FileNotFoundError, match=r"none\.fits"):
        read_photometry(tmp_path / "none.fits", survey="ls-dr9")
    with pytest.raises(ValueError, match=r"t\.txt: its name must end in \.fits"):
        read_photometry(tmp_path / "t.txt", survey="ls-dr9")
    (tmp_path / "broken.fits").write_text("no table")
    with pytest.raises(OSError, match=r"cannot read .*broken\.fits"):
        read_photometry(tmp_path / "broken.fits", survey="ls-dr9")
    fits.PrimaryHDU(np.ones((2, 2))).writeto(tmp_path / "image.fits")
    with pytest.raises(OSError, match=r"image\.fits: there is no table"):
        read_photometry(tmp_path / "image.fits", survey="ls-dr9")
    with pytest.raises(ValueError, match="no tables to read"):
        read_photometry([], survey="ls-dr9")
    with pytest.raises(ValueError, match="no column for any band of 'sdss'"):
        read_photometry(sweep(), survey="sdss")


@pytest.mark.shared
@pytest.mark.parametrize("name", ["catalog_with_z", "catalog_without_z"])
def test_real_legacy_surveys(shared_data, name):
    path = shared_data / f"photoz/ls10_sample/{name}.fits"
    batch = read_photometry(path, survey="ls-dr10")
    table = Table.read(path)
    assert len(batch) == 50
    assert batch.observed.all()
    # the table tells the signal-to-noise of the fluxes as observed, with its sign
    for number, band in enumerate(batch.bands):
        np.testing.assert_allclose(
            batch.signal_to_noise[:, number], table[f"snr_{band.lower()}"], rtol=2e-5
        )
    # and the reddening in every band
    for band in batch.bands:
        seen = 10 ** (-0.4 * batch.survey.extinction[band] * batch.ebv)
        np.testing.assert_allclose(table[f"mw_transmission_{band.lower()}"], seen, 1e-6)
    assert not batch.detected().all()
    assert list(batch.aperture_flux) == list(batch.bands)
    features = wei2025_features(batch)
    assert features.shape == (50, 86)
    assert np.isfinite(features).all()
    # dereddened fluxes are in the table: magnitudes of the bright are their own
    value, _ = dereddened_magnitudes(batch)
    flux = np.asarray(table["dered_flux_r"], float)
    bright = flux > 1
    pogson = 22.5 - 2.5 * np.log10(flux[bright])
    np.testing.assert_allclose(value[bright, 1], pogson, atol=2e-3)


@pytest.mark.shared
def test_real_zcosmos(shared_data):
    path = shared_data / "photoz/zcosmos_bright.parquet"
    batch = read_photometry(path, survey="cosmos", keep=["z_spec", "secure"], ebv=0.018)
    assert len(batch) == 13_019
    assert batch.bands == ("u", "B", "g", "V", "r", "i", "z", "J", "K")
    seen = batch.observed.sum(axis=0)
    assert seen.tolist() == [
        *(12_853, 12_847, 12_841, 12_840, 12_820, 12_360, 12_775, 12_870, 12_855)
    ]
    value, error = dereddened_magnitudes(batch)
    np.testing.assert_array_equal(np.isfinite(value), batch.observed)
    # extinction by dust of 0.018 mag in E(B-V)
    table = Table.read(path)
    shift = value[:, 4] - np.asarray(table["mag_r"])
    assert np.nanmedian(shift) == pytest.approx(-2.285 * 0.018, abs=2e-3)
    bright = np.asarray(table["mag_r"]) < 23
    np.testing.assert_allclose(
        error[bright, 4], np.asarray(table["magerr_r"])[bright], rtol=0.02
    )
    assert batch.ids["secure"].dtype == bool


@pytest.mark.shared
def test_real_sdss(shared_data):
    folder = shared_data / "photoz"
    boss = read_photometry(folder / "boss_dr10.parquet", survey="sdss")
    assert len(boss) == 21_433
    assert boss.observed.all()
    # magnitudes of u are those of positive fluxes, most of them lost in noise
    assert boss.detected()[:, 0].mean() < 0.1
    assert np.isnan(boss.ebv).all()
    sdss = read_photometry(folder / "sdss_galex_2mass.parquet", survey="sdss")
    table = Table.read(folder / "sdss_galex_2mass.parquet")
    np.testing.assert_array_equal(sdss.flux[:, 2], table["model_flux_r"])
    np.testing.assert_allclose(sdss.ebv, table["ext_r"] / 2.751, rtol=1e-5)
    assert (sdss.flux[:, 0] <= 0).any()
    assert np.isfinite(dereddened_magnitudes(sdss)[0]).all()
